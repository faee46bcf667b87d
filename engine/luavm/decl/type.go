// Package decl declares what playbooks can call: modules, functions,
// parameters, results, shapes. A declaration is a plain value without a virtual
// machine behind it; argument checks, manual, editor stubs, completion, help,
// static check and the test of its example are projections of it. Functions of
// the server, read from its metadata, are declared with the same types.
package decl

import "strings"

// Kind is the basic kind of a type.
type Kind uint8

// The kinds.
const (
	KindAny      Kind = iota
	KindString        // text; a number is refused
	KindNumber        // number, or a string of digits
	KindInteger       // whole number, or a string of digits
	KindBool          // true or false
	KindTable         // any table
	KindList          // table with elements 1..n of Elem
	KindMap           // table from text to Elem
	KindRecord        // table with Fields; others are refused with "did you mean"
	KindFunction      // Lua function with parameters Fields
	KindEnum          // one of Values
	KindSecret        // secret, or text that becomes one
	KindObject        // handle of an Object by Name: "job", "task"
	KindUnion         // one of Options
	KindDuration      // seconds as a number, or text like "90s", "1h30m", "7d", "2w"; see ParseDuration
	KindNull          // json.null
)

// Type is the type of a parameter, a result or a field.
type Type struct {
	Kind    Kind
	Name    string   // of a record or an object; of anything else a short name for the manual
	Elem    *Type    // of a list or map
	Fields  []Param  // of a record; parameters of a function
	Results []Param  // of a function
	Values  []string // of an enum
	Options []Type   // of a union
}

// The types without parts.
var (
	Any      = Type{Kind: KindAny}
	String   = Type{Kind: KindString}
	Number   = Type{Kind: KindNumber}
	Integer  = Type{Kind: KindInteger}
	Bool     = Type{Kind: KindBool}
	Table    = Type{Kind: KindTable}
	Function = Type{Kind: KindFunction}
	Secret   = Type{Kind: KindSecret}
	Duration = Type{Kind: KindDuration}
	Null     = Type{Kind: KindNull}
)

// List is a table with elements 1 to n of type elem.
func List(elem Type) Type { return Type{Kind: KindList, Elem: &elem} }

// Map is a table from text to elem.
func Map(elem Type) Type { return Type{Kind: KindMap, Elem: &elem} }

// Record is a table with exactly these fields; optional ones may be absent.
func Record(name string, fields ...Param) Type {
	return Type{Kind: KindRecord, Name: name, Fields: fields}
}

// Callback is a Lua function that is called with these parameters.
func Callback(params ...Param) Type { return Type{Kind: KindFunction, Fields: params} }

// Enum is one of these texts.
func Enum(values ...string) Type { return Type{Kind: KindEnum, Values: values} }

// Handle is an instance of the object of that name.
func Handle(name string) Type { return Type{Kind: KindObject, Name: name} }

// Union is a value of one of these types; the first that fits is taken.
func Union(options ...Type) Type { return Type{Kind: KindUnion, Options: options} }

// String returns the type as the manual writes it: "string", "list of number",
// "\"a\" or \"b\"".
func (t Type) String() string {
	switch t.Kind {
	case KindString:
		return "string"
	case KindNumber:
		return "number"
	case KindInteger:
		return "integer"
	case KindBool:
		return "boolean"
	case KindTable:
		return "table"
	case KindList:
		return "list of " + t.Elem.String()
	case KindMap:
		return "table of " + t.Elem.String()
	case KindRecord, KindObject:
		return t.Name
	case KindFunction:
		return "function"
	case KindEnum:
		return join(t.Values, func(v string) string { return `"` + v + `"` })
	case KindSecret:
		return "secret"
	case KindDuration:
		return "duration"
	case KindNull:
		return "json.null"
	case KindUnion:
		return join(t.Options, Type.String)
	}
	return "any"
}

func join[T any](parts []T, text func(T) string) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = text(p)
	}
	return strings.Join(texts, " or ")
}
