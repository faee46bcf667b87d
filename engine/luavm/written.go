package luavm

import (
	"fmt"
	"maps"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/source"
	"moonpost/engine/luavm/task"
	"moonpost/engine/luavm/value"
	"moonpost/engine/secret"
)

// ReadModule returns the declaration of a module whose text is Lua: what package
// source reads off its comments. The text runs when a playbook requires it.
func ReadModule(name, file string, text []byte) (Module, error) {
	return source.Module(name, file, text)
}

// setBehind takes the globals for the code of the standard library: a playbook
// that sets one of its own does not change what they are there.
func (s *State) setBehind() {
	s.behind = s.lua.CreateTable(0, 64)
	s.lua.G.Global.ForEach(func(name, v lua.LValue) { s.behind.RawSet(name, v) })
	s.behind.RawSetString("_G", s.behind)
	raise := s.behind.RawGetString("error").(*lua.LFunction)
	s.behind.RawSetString("error", value.NewFunction("error", func(L *lua.LState) int {
		if table, ok := L.Get(1).(*lua.LTable); ok {
			s.raise(L, value.Composed(L, table))
		}
		return raise.GFunction(L)
	}))
}

// loadWritten runs the code of a module that is written in Lua and returns the
// module's table.
func (s *State) loadWritten(t *task.Task, L *lua.LState, m *module) (lua.LValue, error) {
	chunk, err := source.Parse(value.Stdlib+m.decl.Source.File, m.decl.Source.Text)
	if err != nil {
		return nil, err
	}
	fn := s.lua.NewFunctionFromProto(chunk.Proto())
	fn.Env = s.behind
	v, err := s.runModule(t, L, fn, m.decl.Name)
	if err != nil {
		return nil, err
	}
	made, _ := v.(*lua.LTable)
	m.bodies, err = bodies(m.decl, made)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Internal, Op: "require " + m.decl.Name, Err: err}
	}
	return m.table(), nil
}

// bodies returns the functions of a module as its code made them.
func bodies(d decl.Module, made *lua.LTable) (map[string]*lua.LFunction, error) {
	if made == nil {
		return nil, fmt.Errorf("%s returns no table", d.Source.File)
	}
	found := map[string]*lua.LFunction{}
	made.ForEach(func(name, v lua.LValue) {
		fn, _ := v.(*lua.LFunction)
		found[name.String()] = fn
	})
	for _, f := range d.Funcs {
		if found[f.Name] == nil || found[f.Name].IsG {
			return nil, fmt.Errorf("%s has no function %s", d.Source.File, f.Name)
		}
	}
	if len(found) != len(d.Funcs) {
		return nil, fmt.Errorf("%s has fields that no comment declares: %v", d.Source.File, slices.Sorted(maps.Keys(found)))
	}
	return found, nil
}

// written returns the Lua function that checks its arguments and calls body with
// them: numbers and secrets as the declaration has them, all else as it was
// given.
func (m *module) written(op string, f *decl.Func, body *lua.LFunction) lua.LGFunction {
	return func(L *lua.LState) int {
		s := m.state
		args, err := s.env.Args(op, f.Params, L, 1, nil)
		if err != nil {
			s.raise(L, err)
		}
		given := L.GetTop()
		L.Push(body)
		for i, arg := range args {
			switch arg.(type) {
			case float64, int64, time.Duration, secret.Secret:
				L.Push(s.env.ToLua(arg))
			default:
				L.Push(L.Get(1 + i))
			}
		}
		L.Call(len(args), lua.MultRet)
		return L.GetTop() - given
	}
}
