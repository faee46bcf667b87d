package harden

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/value"
)

// stockMath are the functions of the interpreter that are taken as they are.
var stockMath = []string{
	"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp", "ldexp",
	"log", "log10", "max", "min", "mod", "modf", "pow", "rad", "sin", "sinh", "sqrt", "tan", "tanh",
}

func (l *library) mathTable(stock func(library, name string) lua.LGFunction) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	for _, name := range stockMath {
		t.RawSetString(name, value.NewFunction("math."+name, stock("math", name)))
	}
	t.RawSetString("random", value.NewFunction("math.random", l.randomNumber))
	t.RawSetString("pi", lua.LNumber(math.Pi))
	t.RawSetString("huge", lua.LNumber(math.Inf(1)))
	return t
}

func (l *library) randomNumber(L *lua.LState) int {
	first, last := 1, 0
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(l.random.Float64()))
		return 1
	case 1:
		last = l.int(L, 1)
	default:
		first, last = l.int(L, 1), l.int(L, 2)
	}
	if last < first {
		l.badArg(L, L.GetTop(), "interval is empty")
	}
	L.Push(lua.LNumber(first + int(l.random.Uint64N(uint64(last-first)+1))))
	return 1
}
