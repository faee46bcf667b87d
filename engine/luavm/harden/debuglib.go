package harden

import (
	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/value"
)

func (l *library) debugFuncs() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{"traceback": l.traceback}
}

// traceback returns the message, if it is a text, and the lines of the playbook
// that led here. Anything else than a text is returned as it is, so that
// xpcall(f, debug.traceback) keeps errors whole.
func (l *library) traceback(L *lua.LState) int {
	n, th := 1, L
	if given, ok := L.Get(1).(*lua.LState); ok {
		n, th = 2, given
	}
	var text string
	switch message := L.Get(n).(type) {
	case *lua.LNilType:
	case lua.LString, lua.LNumber:
		text = lua.LVAsString(message) + "\n"
	default:
		L.Push(message)
		return 1
	}
	L.Push(lua.LString(text + "stack traceback:\n" + value.Trace(th)))
	return 1
}
