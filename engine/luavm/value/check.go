package value

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// Args checks the arguments of L from index first on against params and appends
// what they become to dst, trailing nils left out. The error is of kind invalid
// and names the argument.
func (e *Env) Args(op string, params []decl.Param, L *lua.LState, first int, dst []any) ([]any, error) {
	given := L.GetTop() - first + 1
	for given > 0 && L.Get(first+given-1) == lua.LNil {
		given--
	}
	for i := range max(given, len(params)) {
		var p *decl.Param
		switch {
		case i < len(params):
			p = &params[i]
		case len(params) > 0 && params[len(params)-1].Variadic:
			p = &params[len(params)-1]
		default:
			return dst, tooMany(op, len(params), given)
		}
		v := lua.LNil
		if i < given {
			v = L.Get(first + i)
		}
		if v == lua.LNil {
			if !p.Optional && !p.Variadic && p.Type.Kind != decl.KindAny {
				return dst, e.badArgument(op, params, i, &mismatch{problem: "missing, want " + wanted(&p.Type)})
			}
			if i < given {
				dst = append(dst, nil)
			}
			continue
		}
		got, bad := e.convert(&p.Type, v)
		if bad != nil {
			return dst, e.badArgument(op, params, i, bad)
		}
		dst = append(dst, got)
	}
	return dst, nil
}

func (e *Env) badArgument(op string, params []decl.Param, i int, bad *mismatch) error {
	name := params[min(i, len(params)-1)].Name
	if i >= len(params)-1 && params[len(params)-1].Variadic {
		name = fmt.Sprintf("%s[%d]", name, i-len(params)+2)
	}
	return &fault.Error{
		Kind: fault.Invalid, Op: op, Hint: bad.hint,
		Message: fmt.Sprintf("argument %s%s: %s", name, bad.where(), bad.problem),
	}
}

func tooMany(op string, want, got int) error {
	message := fmt.Sprintf("want at most %d arguments, got %d", want, got)
	switch want {
	case 0:
		message = fmt.Sprintf("want no arguments, got %d", got)
	case 1:
		message = fmt.Sprintf("want at most 1 argument, got %d", got)
	}
	return &fault.Error{Kind: fault.Invalid, Op: op, Message: message}
}

func want(t *decl.Type, v lua.LValue) *mismatch {
	return &mismatch{problem: fmt.Sprintf("want %s, got %s", wanted(t), TypeName(v))}
}

// wanted names a type for people. The name of a record says nothing to those
// who did not write the table that it stands for.
func wanted(t *decl.Type) string {
	if t.Kind != decl.KindRecord {
		return t.String()
	}
	var required []string
	for _, f := range t.Fields {
		if !f.Optional {
			required = append(required, f.Name+" = …")
		}
	}
	if required == nil {
		return "a table"
	}
	return "a table like { " + strings.Join(required, ", ") + " }"
}

// convert checks v against t and returns what bindings see.
func (e *Env) convert(t *decl.Type, v lua.LValue) (any, *mismatch) {
	switch t.Kind {
	case decl.KindAny:
		return e.ToGo(v), nil
	case decl.KindString:
		if s, ok := v.(lua.LString); ok {
			return string(s), nil
		}
	case decl.KindBool:
		if b, ok := v.(lua.LBool); ok {
			return bool(b), nil
		}
	case decl.KindNumber:
		return convertNumber(t, v)
	case decl.KindInteger:
		return convertInteger(t, v)
	case decl.KindDuration:
		return convertDuration(t, v)
	case decl.KindEnum:
		if s, ok := v.(lua.LString); ok {
			if slices.Contains(t.Values, string(s)) {
				return string(s), nil
			}
			return nil, &mismatch{
				problem: fmt.Sprintf("want %s, got %q", t, clip(string(s))),
				hint:    fault.DidYouMean(string(s), t.Values),
			}
		}
	case decl.KindSecret:
		if s, ok := Secret(v); ok {
			return s, nil
		}
		if s, ok := v.(lua.LString); ok {
			return secret.New(string(s)), nil
		}
	case decl.KindNull:
		if v == lua.LValue(Null) {
			return decl.JSONNull{}, nil
		}
	case decl.KindFunction:
		if f, ok := v.(*lua.LFunction); ok {
			return &Fn{function: f, env: e}, nil
		}
	case decl.KindObject:
		if u, ok := v.(*lua.LUserData); ok {
			if h, ok := u.Value.(*handle); ok && h.object.Name == t.Name {
				return h.value, nil
			}
		}
	case decl.KindTable, decl.KindList, decl.KindMap, decl.KindRecord:
		if table, ok := v.(*lua.LTable); ok {
			if bad := e.checkTable(t, table); bad != nil {
				return nil, bad
			}
			return &Tab{table: table, env: e, typ: t}, nil
		}
	case decl.KindUnion:
		return e.convertUnion(t, v)
	}
	return nil, want(t, v)
}

// checkTable checks the parts of a table. They convert when they are asked for:
// most are asked once or never.
func (e *Env) checkTable(t *decl.Type, table *lua.LTable) *mismatch {
	switch t.Kind {
	case decl.KindList:
		n := table.MaxN()
		last := lua.LValue(lua.LNumber(n))
		if n == 0 {
			last = lua.LNil // behind 0 the interpreter's Next leaves out the first key
		}
		if key, _ := table.Next(last); key != lua.LNil {
			return &mismatch{problem: fmt.Sprintf("want %s, got a table with the key %s", t, keyName(key))}
		}
		for i := 1; i <= n; i++ {
			v := table.RawGetInt(i)
			if v == lua.LNil {
				return (&mismatch{problem: "missing, want " + t.Elem.String()}).in(i)
			}
			if bad := e.checkPart(t.Elem, v); bad != nil {
				return bad.in(i)
			}
		}
	case decl.KindMap:
		for k, v := table.Next(lua.LNil); k != lua.LNil; k, v = table.Next(k) {
			name, ok := k.(lua.LString)
			if !ok {
				return &mismatch{problem: fmt.Sprintf("want %s, got the key %s", t, keyName(k))}
			}
			if bad := e.checkPart(t.Elem, v); bad != nil {
				return bad.in(string(name))
			}
		}
	case decl.KindRecord:
		return e.checkRecord(t, table)
	}
	return nil
}

func (e *Env) checkRecord(t *decl.Type, table *lua.LTable) *mismatch {
	for k := range keys(table) {
		name, ok := k.(lua.LString)
		if !ok {
			return &mismatch{problem: fmt.Sprintf("want %s, got the key %s", t, keyName(k))}
		}
		if !slices.ContainsFunc(t.Fields, func(f decl.Param) bool { return f.Name == string(name) }) {
			var names []string
			for _, f := range t.Fields {
				names = append(names, f.Name)
			}
			hint := fault.DidYouMean(string(name), names)
			if hint == "" {
				hint = "its fields are " + strings.Join(names, ", ")
			}
			return &mismatch{problem: fmt.Sprintf("unknown field %q", clip(string(name))), hint: hint}
		}
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		v := table.RawGetString(f.Name)
		if v == lua.LNil {
			if !f.Optional {
				return (&mismatch{problem: "missing, want " + f.Type.String()}).in(f.Name)
			}
			continue
		}
		if bad := e.checkPart(&f.Type, v); bad != nil {
			return bad.in(f.Name)
		}
	}
	return nil
}

func (e *Env) checkPart(t *decl.Type, v lua.LValue) *mismatch {
	if t.Kind == decl.KindAny {
		return nil
	}
	_, bad := e.convert(t, v)
	return bad
}

func keys(t *lua.LTable) func(yield func(lua.LValue) bool) {
	return func(yield func(lua.LValue) bool) {
		for k, _ := t.Next(lua.LNil); k != lua.LNil && yield(k); k, _ = t.Next(k) {
		}
	}
}

// convertUnion takes the first type that fits. When none does and one of them
// is a table as v is, what is wrong inside it says more than a list of types.
func (e *Env) convertUnion(t *decl.Type, v lua.LValue) (any, *mismatch) {
	var inside *mismatch
	for i := range t.Options {
		got, bad := e.convert(&t.Options[i], v)
		if bad == nil {
			return got, nil
		}
		if len(bad.path) > 0 || bad.hint != "" {
			inside = bad
		}
	}
	if inside != nil {
		return nil, inside
	}
	return nil, want(t, v)
}
