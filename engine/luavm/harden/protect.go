package harden

import (
	"errors"

	lua "github.com/yuin/gopher-lua"
)

// callsOverflow is the panic of the interpreter for too many calls within
// calls; in Lua it is an ordinary error.
const callsOverflow = "lua callstack overflow"

func (l *library) pcall(L *lua.LState) int {
	l.any(L, 1)
	return l.caught(L, l.Protect(L, L.GetTop()-1, nil))
}

// xpcall passes further arguments on, as later versions of Lua do.
func (l *library) xpcall(L *lua.LState) int {
	l.any(L, 1)
	handler := l.function(L, 2)
	L.Remove(2)
	return l.caught(L, l.Protect(L, L.GetTop()-1, handler))
}

// caught returns what pcall does after the call ended with err. It lets through
// what nothing may catch.
func (l *library) caught(L *lua.LState, err error) int {
	// An error that left a coroutine by way of Go does not set it back.
	L.G.CurrentThread = L
	if sticky := l.sticky(); sticky != nil {
		if raised, ok := err.(*lua.ApiError); ok && carries(raised.Object, sticky) {
			L.Error(raised.Object, 0) // as it is: to trace it anew at every level would take long
		}
		l.Raise(L, sticky)
	}
	if err == nil {
		L.Insert(lua.LTrue, 1)
		return L.GetTop()
	}
	var object lua.LValue = lua.LString(err.Error())
	if raised, ok := err.(*lua.ApiError); ok {
		object = raised.Object
		switch {
		case raised.Type != lua.ApiErrorPanic:
		case object.String() == callsOverflow:
			object = lua.LString("stack overflow")
		default:
			l.Raise(L, l.Panicked(object.String(), []byte(raised.StackTrace)))
		}
	}
	L.Push(lua.LFalse)
	L.Push(object)
	return 2
}

// sticky returns the error that nothing may catch.
func (l *library) sticky() error {
	if l.Sticky == nil {
		return nil
	}
	return l.Sticky()
}

// carries reports whether object is the Lua value of err.
func carries(object lua.LValue, err error) bool {
	data, ok := object.(*lua.LUserData)
	if !ok {
		return false
	}
	raised, ok := data.Value.(error)
	return ok && errors.Is(raised, err)
}

// check raises the error that nothing may catch, if there is one.
func (l *library) check(L *lua.LState) {
	if err := l.sticky(); err != nil {
		l.Raise(L, err)
	}
}

// interrupted reports whether the playbook is to stop. Long loops in Go ask.
func interrupted(L *lua.LState) bool {
	ctx := L.Context()
	return ctx != nil && ctx.Err() != nil
}

// stop raises why the playbook is to stop.
func (l *library) stop(L *lua.LState) {
	l.check(L)
	L.RaiseError("%s", L.Context().Err())
}
