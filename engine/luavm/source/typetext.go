package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// plainTypes are the types that have a name and no parts.
var plainTypes = map[string]decl.Type{
	"any": decl.Any, "string": decl.String, "number": decl.Number, "integer": decl.Integer, "boolean": decl.Bool,
	"table": decl.Table, "function": decl.Function, "secret": decl.Secret, "duration": decl.Duration, "null": decl.Null,
}

// maxTypeDepth bounds how deep types stand inside one another.
const maxTypeDepth = 10

// typeReader reads a type as annotations write it:
//
//	string            one of plainTypes, or a record that a class names
//	string[]          a list
//	table<string, T>  a map
//	"a"|"b"           an enum
//	T|U               a union
//	fun(a: T, b?: U): V
//
// Round brackets keep parts together.
type typeReader struct {
	rest    string
	records map[string]decl.Type
	depth   int
}

// readType reads a type at the beginning of text and returns what stands behind
// it.
func readType(text string, records map[string]decl.Type) (decl.Type, string, error) {
	r := &typeReader{rest: text, records: records}
	t, err := r.union()
	return t, r.rest, err
}

// union reads one type or several with | between them. All texts in it are one
// enum, which stands where the first of them does.
func (r *typeReader) union() (decl.Type, error) {
	if r.depth++; r.depth > maxTypeDepth {
		return decl.Type{}, fmt.Errorf("more than %d types inside one another", maxTypeDepth)
	}
	defer func() { r.depth-- }()
	var options []decl.Type
	enum := -1
	for {
		t, err := r.list()
		if err != nil {
			return decl.Type{}, err
		}
		switch {
		case t.Kind != decl.KindEnum:
			options = append(options, t)
		case enum < 0:
			enum = len(options)
			options = append(options, t)
		default:
			options[enum].Values = append(options[enum].Values, t.Values...)
		}
		if !r.skip("|") {
			break
		}
	}
	if len(options) == 1 {
		return options[0], nil
	}
	return decl.Union(options...), nil
}

// list reads a type and the [] behind it.
func (r *typeReader) list() (decl.Type, error) {
	t, err := r.one()
	for err == nil && r.skip("[]") {
		if t.Kind == decl.KindList {
			return t, fmt.Errorf("a list of lists; name the inner one with a class")
		}
		t = decl.List(t)
	}
	return t, err
}

func (r *typeReader) one() (decl.Type, error) {
	switch {
	case r.skip("("):
		t, err := r.union()
		if err != nil {
			return t, err
		}
		return t, r.want(")")
	case r.skip(`"`):
		value, rest, closed := strings.Cut(r.rest, `"`)
		if !closed {
			return decl.Type{}, fmt.Errorf("a text without its second quote")
		}
		r.rest = rest
		return decl.Enum(value), nil
	case r.skip("fun("):
		return r.function()
	case r.skip("table<string,"):
		elem, err := r.union()
		if err != nil {
			return elem, err
		}
		return decl.Map(elem), r.want(">")
	}
	name := r.name()
	if t, ok := plainTypes[name]; ok {
		return t, nil
	}
	if t, ok := r.records[name]; ok {
		return t, nil
	}
	if name == "" {
		return decl.Type{}, fmt.Errorf("want a type, got %q", fault.Clip(r.rest, 30))
	}
	known := slices.Concat(slices.Sorted(maps.Keys(plainTypes)), slices.Sorted(maps.Keys(r.records)))
	return decl.Type{}, fmt.Errorf("there is no type %s%s (a class stands above its use)", name, mean(name, known))
}

// function reads the parameters and results of a function, behind its (.
func (r *typeReader) function() (decl.Type, error) {
	fn := decl.Callback()
	for !r.skip(")") {
		if len(fn.Fields) > 0 {
			if err := r.want(","); err != nil {
				return fn, err
			}
		}
		p := decl.Param{Name: r.name()}
		if p.Name == "" {
			return fn, fmt.Errorf("want the name of a parameter, got %q", fault.Clip(r.rest, 30))
		}
		p.Optional = r.skip("?")
		if err := r.want(":"); err != nil {
			return fn, err
		}
		var err error
		if p.Type, err = r.union(); err != nil {
			return fn, err
		}
		fn.Fields = append(fn.Fields, p)
	}
	if r.skip(":") {
		result, err := r.union()
		if err != nil {
			return fn, err
		}
		fn.Results = []decl.Param{{Name: "result", Type: result}}
	}
	return fn, nil
}

// skip reads a mark, if it is what comes next but for blanks. Blanks before what
// is no mark stay: behind a type they end it.
func (r *typeReader) skip(mark string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(r.rest, " "), mark)
	if ok {
		r.rest = rest
	}
	return ok
}

func (r *typeReader) want(mark string) error {
	if r.skip(mark) {
		return nil
	}
	return fmt.Errorf("want %q, got %q", mark, fault.Clip(r.rest, 30))
}

// name reads a name; "" when there is none.
func (r *typeReader) name() string {
	text := strings.TrimLeft(r.rest, " ")
	n := 0
	for n < len(text) && isNameByte(text[n], n) {
		n++
	}
	if n > 0 {
		r.rest = text[n:]
	}
	return text[:n]
}

func isNameByte(c byte, i int) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9'
}
