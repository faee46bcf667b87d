package luavm

import (
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/value"
)

// module is a module as one state knows it. What a playbook holds is an empty
// table in front of fields, so that it cannot write to it.
type module struct {
	state   *State
	decl    decl.Module
	shown   *lua.LTable
	fields  *lua.LTable
	values  map[string]*decl.Func // what makes the fields that are made at first use
	pending map[string]chan struct{}
	bodies  map[string]*lua.LFunction // of functions that are written in Lua
}

// declare makes m known: as a global, or to require.
func (s *State) declare(m decl.Module) error {
	if s.modules[m.Name] != nil {
		return fmt.Errorf("module %s is declared twice", m.Name)
	}
	if err := checkView(m); err != nil {
		return err
	}
	if m.Source != nil && (m.Global || m.Callable != nil || m.Missing != nil || len(m.Values) > 0) {
		return fmt.Errorf("module %s is written in Lua: it has functions only, and is required", m.Name)
	}
	for _, o := range m.Objects {
		if !s.objects.Declare(o) {
			return fmt.Errorf("module %s: object %s is declared twice", m.Name, o.Name)
		}
	}
	made := s.newModule(m)
	s.modules[m.Name] = made
	if m.Global {
		s.lua.SetGlobal(m.Name, made.table())
	}
	return nil
}

func (s *State) newModule(m decl.Module) *module {
	return &module{state: s, decl: m, pending: map[string]chan struct{}{}}
}

// table returns the module's table, made at the first call.
func (m *module) table() *lua.LTable {
	if m.shown != nil {
		return m.shown
	}
	s, d := m.state, m.decl
	m.fields = s.lua.CreateTable(0, len(d.Funcs)+len(d.Values))
	for i := range d.Funcs {
		f := &d.Funcs[i]
		m.fields.RawSetString(f.Name, m.function(f))
	}
	m.values = map[string]*decl.Func{}
	var view lua.LValue
	if d.View != nil {
		view = luar.New(s.lua, d.View)
	}
	for _, v := range d.Values {
		if v.Of == nil {
			m.fields.RawSetString(v.Name, s.lua.GetField(view, v.Name))
			continue
		}
		m.values[v.Name] = &decl.Func{Name: v.Name, Call: func(c *decl.Call) error { return returned(c)(v.Of(c)) }}
	}
	m.fields.Metatable = s.metatable(map[string]lua.LGFunction{"__index": m.index})

	m.shown = s.lua.CreateTable(0, 0)
	methods := map[string]lua.LGFunction{
		"__newindex": func(L *lua.LState) int {
			value.Raise(L, &fault.Error{Kind: fault.Script, Op: d.Name, Message: "a module cannot be changed"})
			return 0
		},
		"__tostring": func(L *lua.LState) int { L.Push(lua.LString("module: " + d.Name)); return 1 },
	}
	if d.Callable != nil {
		methods["__call"] = func(L *lua.LState) int { return s.invoke(L, d.Name, d.Callable, nil, 2) }
	}
	front := s.metatable(methods)
	front.RawSetString("__index", m.fields)
	m.shown.Metatable = front
	return m.shown
}

// function returns the Lua function of f, which notices being called with a
// colon when its arguments are wrong.
func (m *module) function(f *decl.Func) *lua.LFunction {
	op := m.decl.Name + "." + f.Name
	call := func(L *lua.LState) int { return m.state.invoke(L, op, f, nil, 1) }
	if body := m.bodies[f.Name]; body != nil {
		call = m.written(op, f, body)
	}
	return value.NewFunction(op, func(L *lua.LState) int {
		if L.Get(1) == m.shown && !f.Iterator {
			if _, err := m.state.env.Args(op, f.Params, L, 1, nil); err != nil {
				value.Raise(L, &fault.Error{
					Kind: fault.Invalid, Op: op, Message: "called with a colon",
					Hint: "call it with a dot: " + op + "(…)",
				})
			}
		}
		return call(L)
	})
}

func returned(c *decl.Call) func(any, error) error {
	return func(v any, err error) error {
		if err != nil {
			return err
		}
		return c.Return(v)
	}
}

// metatable returns a metatable that a playbook cannot get at.
func (s *State) metatable(methods map[string]lua.LGFunction) *lua.LTable {
	mt := s.lua.CreateTable(0, len(methods)+2)
	mt.RawSetString("__metatable", lua.LFalse)
	for event, fn := range methods {
		mt.RawSetString(event, s.lua.NewFunction(fn))
	}
	return mt
}

// index is asked for a field that is not there yet.
func (m *module) index(L *lua.LState) int {
	key, ok := L.Get(2).(lua.LString)
	if !ok {
		return 0
	}
	name := string(key)
	make, ok := m.values[name]
	if !ok && m.decl.Missing != nil {
		make, ok = &decl.Func{Name: name, Call: func(c *decl.Call) error { return returned(c)(m.decl.Missing(c, name)) }}, true
	}
	if !ok {
		value.Raise(L, m.unknown(name))
	}
	return m.once(L, name, make)
}

// once makes a field and keeps it. Another task that asks meanwhile waits.
func (m *module) once(L *lua.LState, name string, f *decl.Func) int {
	t := m.state.tasks.Current()
	for {
		if v := m.fields.RawGetString(name); v != lua.LNil {
			L.Push(v)
			return 1
		}
		waiting, ok := m.pending[name]
		if !ok {
			break
		}
		if err := t.Await(waiting); err != nil {
			value.Raise(L, err)
		}
	}
	done := make(chan struct{})
	m.pending[name] = done
	defer func() {
		delete(m.pending, name)
		close(done)
	}()
	n := m.state.invoke(L, m.decl.Name+"."+name, f, nil, L.GetTop()+1)
	if n > 0 {
		m.fields.RawSetString(name, L.Get(-n))
	}
	return n
}

func (m *module) unknown(name string) error {
	var names []string
	for _, f := range m.decl.Funcs {
		names = append(names, f.Name)
	}
	for _, v := range m.decl.Values {
		names = append(names, v.Name)
	}
	return &fault.Error{
		Kind: fault.Script, Op: m.decl.Name, Message: fmt.Sprintf("%s has no field %q", m.decl.Name, fault.Clip(name, 100)),
		Hint: fault.DidYouMean(name, names),
	}
}

// checkView refuses a view through which Lua could reach more than plain
// values: the reflection behind it makes maps and pointers writable.
func checkView(m decl.Module) error {
	if m.View == nil {
		return nil
	}
	view := reflect.TypeOf(m.View)
	if view.Kind() != reflect.Struct {
		return fmt.Errorf("view of module %s is a %s, want a struct", m.Name, view.Kind())
	}
	tagged := map[string]bool{}
	for f := range view.Fields() {
		switch f.Type.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
			tagged[f.Tag.Get("luar")] = true
		default:
			return fmt.Errorf("view of module %s: field %s is a %s, want a plain value", m.Name, f.Name, f.Type.Kind())
		}
	}
	for _, v := range m.Values {
		if v.Of == nil && !tagged[v.Name] {
			return fmt.Errorf("view of module %s has no field tagged %q", m.Name, v.Name)
		}
	}
	return nil
}
