package value

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/decl"
)

// Tab is a Lua table as bindings see it. Metatables are not asked, but for the
// fields of a module.
type Tab struct {
	table *lua.LTable
	env   *Env
	typ   *decl.Type // what the declaration says of it; its parts convert like arguments
}

var _ decl.Tab = (*Tab)(nil)

// NewTable returns an empty table with room for n elements and m fields.
func (e *Env) NewTable(n, m int) *Tab { return &Tab{table: newTable(n, m), env: e} }

// Get returns the field key, nil when there is none.
func (t *Tab) Get(key string) any {
	v := t.table.RawGetString(key)
	if front, ok := t.table.Metatable.(*lua.LTable); ok && v == lua.LNil && front.RawGetString("__metatable") == lua.LFalse {
		if fields, ok := front.RawGetString("__index").(*lua.LTable); ok {
			v = fields.RawGetString(key)
		}
	}
	return t.field(key, v)
}

func (t *Tab) field(key string, v lua.LValue) any {
	if t.typ == nil || v == lua.LNil {
		return t.env.ToGo(v)
	}
	switch t.typ.Kind {
	case decl.KindRecord:
		i := slices.IndexFunc(t.typ.Fields, func(f decl.Param) bool { return f.Name == key })
		if i >= 0 {
			return t.part(&t.typ.Fields[i].Type, v)
		}
	case decl.KindMap:
		return t.part(t.typ.Elem, v)
	}
	return t.env.ToGo(v)
}

// Index returns element i, from 1.
func (t *Tab) Index(i int) any {
	v := t.table.RawGetInt(i)
	if t.typ != nil && t.typ.Kind == decl.KindList && v != lua.LNil {
		return t.part(t.typ.Elem, v)
	}
	return t.env.ToGo(v)
}

// part converts a part that was checked with the argument; a playbook that
// changed it since then gets it as it is now.
func (t *Tab) part(typ *decl.Type, v lua.LValue) any {
	got, err := t.env.convert(typ, v)
	if err != nil {
		return t.env.ToGo(v)
	}
	return got
}

// Len returns the number of elements 1..n.
func (t *Tab) Len() int { return t.table.Len() }

// Set sets the field key; nil removes it.
func (t *Tab) Set(key string, value any) { t.table.RawSetString(key, t.env.ToLua(value)) }

// Append adds an element; nil is left out.
func (t *Tab) Append(value any) { t.table.Append(t.env.ToLua(value)) }

// SetArray makes the table an array for JSON even when it is empty.
func (t *Tab) SetArray() { markArray(t.table) }

// Each calls fn for every element, then for every field in the order in which
// the fields were first set, until fn returns false.
func (t *Tab) Each(fn func(key, value any) bool) {
	n := lua.LNumber(t.table.Len())
	for k, v := t.table.Next(lua.LNil); k != lua.LNil; k, v = t.table.Next(k) {
		key, val := t.env.ToGo(k), any(nil)
		switch k := k.(type) {
		case lua.LString:
			val = t.field(string(k), v)
		case lua.LNumber:
			if k >= 1 && k <= n && k == lua.LNumber(int(k)) {
				key, val = int64(k), t.Index(int(k))
				break
			}
			val = t.env.ToGo(v)
		default:
			val = t.env.ToGo(v)
		}
		if !fn(key, val) {
			return
		}
	}
}

// SetShape makes reading a field that is absent an error made by s.Missing.
func (t *Tab) SetShape(s *decl.Shape) {
	mt, ok := s.Meta.(*lua.LTable)
	if !ok {
		mt = locked(map[string]lua.LGFunction{
			"__index": func(L *lua.LState) int {
				name, ok := L.Get(2).(lua.LString)
				if !ok {
					return 0
				}
				if err := s.Missing(string(name)); err != nil {
					Raise(L, err)
				}
				return 0
			},
		})
		s.Meta = mt
	}
	t.table.Metatable = mt
}

// Fn is a Lua function as bindings see it.
type Fn struct {
	function *lua.LFunction
	env      *Env
}

var _ decl.Fn = (*Fn)(nil)

// Call runs the function on the running task.
func (f *Fn) Call(args ...any) ([]any, error) {
	given := make([]lua.LValue, len(args))
	for i, arg := range args {
		given[i] = f.env.ToLua(arg)
	}
	values, err := f.env.Call(f.function, given)
	if err != nil {
		return nil, err
	}
	return f.env.ToGoAll(values), nil
}

// Function returns the Lua function.
func (f *Fn) Function() *lua.LFunction { return f.function }

// ToGoAll converts a list of values.
func (e *Env) ToGoAll(values []lua.LValue) []any {
	if len(values) == 0 {
		return nil
	}
	converted := make([]any, len(values))
	for i, v := range values {
		converted[i] = e.ToGo(v)
	}
	return converted
}
