package luavm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/value"
)

// openLibraries opens Lua's own libraries.
func (s *State) openLibraries() error {
	L := s.lua
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenTable, lua.OpenString, lua.OpenMath, lua.OpenCoroutine} {
		L.Push(L.NewFunction(open))
		L.Call(0, 0)
	}
	for _, name := range []string{
		"dofile", "loadfile", "load", "loadstring", "module", "newproxy", "_printregs", "collectgarbage", "getfenv", "setfenv",
	} {
		L.SetGlobal(name, lua.LNil)
	}
	L.SetGlobal("print", value.NewFunction("print", func(L *lua.LState) int {
		var parts []string
		for i := 1; i <= L.GetTop(); i++ {
			parts = append(parts, L.ToStringMeta(L.Get(i)).String())
		}
		if s.opts.Print != nil {
			s.opts.Print(strings.Join(parts, "\t") + "\n")
		}
		return 0
	}))
	L.SetGlobal("require", value.NewFunction("require", func(L *lua.LState) int {
		v, err := s.require(L, L.CheckString(1))
		if err != nil {
			value.Raise(L, err)
		}
		L.Push(v)
		return 1
	}))
	for _, name := range []string{"pcall", "xpcall"} {
		inner := L.GetGlobal(name).(*lua.LFunction).GFunction
		L.SetGlobal(name, value.NewFunction(name, func(L *lua.LState) int {
			n := inner(L)
			L.G.CurrentThread = L
			if err := s.tasks.Current().Sticky(); err != nil {
				value.Raise(L, err)
			}
			return n
		}))
	}
	co := L.GetGlobal("coroutine").(*lua.LTable)
	for _, name := range []string{"create", "wrap"} {
		inner := co.RawGetString(name).(*lua.LFunction).GFunction
		co.RawSetString(name, value.NewFunction("coroutine."+name, func(L *lua.LState) int {
			ctx := L.RemoveContext()
			n := inner(L)
			L.SetContext(ctx)
			switch made := L.Get(-1).(type) {
			case *lua.LState:
				s.tasks.Attach(made)
			case *lua.LFunction:
				s.tasks.Attach(made.Upvalues[0].Value().(*lua.LState))
			}
			return n
		}))
	}
	return nil
}
