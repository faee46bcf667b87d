package value

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// Encode writes v as JSON; it needs the lock. A table with elements 1..n is an
// array, so is an empty one that came from an array; any other table is an
// object. What JSON cannot say, or would say differently, is refused with its
// path: functions and handles, numbers that are not finite or of 2^53 and more,
// tables with holes, with both elements and fields, or inside themselves. Errors
// are of kind invalid.
func Encode(v lua.LValue, opts decl.EncodeOptions) ([]byte, error) {
	e := encoder{opts: opts, out: make([]byte, 0, 128)}
	if bad := e.value(v, 0); bad != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "json", Message: bad.Error()}
	}
	return e.out, nil
}

type encoder struct {
	opts decl.EncodeOptions
	out  []byte
	open []*lua.LTable
}

func (e *encoder) value(v lua.LValue, depth int) *mismatch {
	switch v := v.(type) {
	case *lua.LNilType:
		e.out = append(e.out, "null"...)
		return nil
	case lua.LBool:
		e.out = strconv.AppendBool(e.out, bool(v))
		return nil
	case lua.LString:
		return e.text(string(v))
	case lua.LNumber:
		return e.number(float64(v))
	case *lua.LTable:
		return e.table(v, depth+1)
	case *lua.LUserData:
		switch held := v.Value.(type) {
		case decl.JSONNull:
			e.out = append(e.out, "null"...)
			return nil
		case secret.Secret:
			if e.opts.Secret != nil {
				*e.opts.Secret = true
			}
			if e.opts.Reveal {
				return e.text(held.Reveal())
			}
			return e.text(secret.Mask)
		case *Raised:
			e.out = append(e.out, fault.JSON(held)...)
			return nil
		}
	}
	return &mismatch{problem: "a " + TypeName(v) + " has no JSON"}
}

func (e *encoder) text(s string) *mismatch {
	out, err := jsontext.AppendQuote(e.out, s)
	if err != nil {
		return &mismatch{problem: fmt.Sprintf("the text %q is not UTF-8", clip(s))}
	}
	e.out = out
	return nil
}

func (e *encoder) number(f float64) *mismatch {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return &mismatch{problem: "the number is not finite"}
	case f >= maxExact || f <= -maxExact:
		return &mismatch{problem: fmt.Sprintf("the number %.0f is not exact: numbers of 2^53 and more must be texts", f)}
	case f == math.Trunc(f):
		e.out = strconv.AppendInt(e.out, int64(f), 10)
	default:
		e.out = jsontext.AppendFloat(e.out, f, 64)
	}
	return nil
}

func (e *encoder) table(t *lua.LTable, depth int) *mismatch {
	if slices.Contains(e.open, t) {
		return &mismatch{problem: "the table is inside itself"}
	}
	if depth > maxDepth {
		return &mismatch{problem: fmt.Sprintf("nested more than %d deep", maxDepth)}
	}
	e.open = append(e.open, t)
	defer func() { e.open = e.open[:len(e.open)-1] }()
	first, _ := t.Next(lua.LNil)
	if first == lua.LNil {
		if isArray(t) {
			e.out = append(e.out, "[]"...)
		} else {
			e.out = append(e.out, "{}"...)
		}
		return nil
	}
	if _, text := first.(lua.LString); text {
		return e.object(t, depth)
	}
	return e.array(t, depth)
}

func (e *encoder) array(t *lua.LTable, depth int) *mismatch {
	n := t.MaxN()
	if key, _ := t.Next(lua.LNumber(n)); key != lua.LNil || n == 0 {
		if n == 0 {
			key, _ = t.Next(lua.LNil)
		}
		return &mismatch{problem: fmt.Sprintf("the table has elements and the key %s: neither an array nor an object", keyName(key))}
	}
	e.out = append(e.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			e.out = append(e.out, ',')
		}
		e.newline(depth)
		v := t.RawGetInt(i)
		if v == lua.LNil {
			return (&mismatch{problem: "the array has a hole here: use json.null"}).in(i)
		}
		if bad := e.value(v, depth); bad != nil {
			return bad.in(i)
		}
	}
	e.newline(depth - 1)
	e.out = append(e.out, ']')
	return nil
}

func (e *encoder) object(t *lua.LTable, depth int) *mismatch {
	var names []string
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		name, ok := k.(lua.LString)
		if !ok {
			return &mismatch{problem: fmt.Sprintf("the table has the key %s beside its fields", keyName(k))}
		}
		names = append(names, string(name))
	}
	if e.opts.Sorted {
		slices.Sort(names)
	}
	e.out = append(e.out, '{')
	for i, name := range names {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.newline(depth)
		if bad := e.text(name); bad != nil {
			return bad.in(name)
		}
		e.out = append(e.out, ':')
		if e.opts.Indent != "" {
			e.out = append(e.out, ' ')
		}
		if bad := e.value(t.RawGetString(name), depth); bad != nil {
			return bad.in(name)
		}
	}
	e.newline(depth - 1)
	e.out = append(e.out, '}')
	return nil
}

func (e *encoder) newline(depth int) {
	if e.opts.Indent == "" {
		return
	}
	e.out = append(e.out, '\n')
	for range depth {
		e.out = append(e.out, e.opts.Indent...)
	}
}

func keyName(k lua.LValue) string {
	if n, ok := k.(lua.LNumber); ok {
		return "[" + n.String() + "]"
	}
	if s, ok := k.(lua.LString); ok {
		return strconv.Quote(clip(string(s)))
	}
	return "of type " + TypeName(k)
}

func clip(s string) string { return fault.Clip(s, 40) }
