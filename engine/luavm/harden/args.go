package harden

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

// raise raises an error of that kind and does not return.
func (l *library) raise(L *lua.LState, kind fault.Kind, format string, args ...any) {
	l.Raise(L, &fault.Error{Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// badArg raises that argument n of the running function is wrong.
func (l *library) badArg(L *lua.LState, n int, format string, args ...any) {
	name := "?"
	if at, ok := L.GetStack(0); ok {
		if fn, err := L.GetInfo("f", at, lua.LNil); err == nil {
			text, _ := value.Text(fn)
			name = strings.TrimPrefix(text, "function: ")
		}
	}
	l.raise(L, fault.Script, "bad argument #%d to %s (%s)", n, name, fmt.Sprintf(format, args...))
}

func (l *library) badType(L *lua.LState, n int, want string) {
	got := value.TypeName(L.Get(n))
	if n <= L.GetTop() && L.Get(n) == lua.LNil {
		got = "nil"
	}
	l.badArg(L, n, "%s expected, got %s", want, got)
}

// tooLong raises that a text would be larger than one may be.
func (l *library) tooLong(L *lua.LState) {
	l.raise(L, fault.Limit, "a text of more than %d MiB", l.MaxString>>20)
}

// any returns argument n, which must be given; it may be nil.
func (l *library) any(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		l.badArg(L, n, "value expected")
	}
	return L.Get(n)
}

// string returns argument n, a string or a number.
func (l *library) string(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return numberText(v)
	}
	l.badType(L, n, "string")
	return ""
}

func (l *library) optString(L *lua.LState, n int, otherwise string) string {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return l.string(L, n)
}

// number returns argument n, a number or a string that is one.
func (l *library) number(L *lua.LState, n int) float64 {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		if f, ok := parseNumber(string(v)); ok {
			return f
		}
	}
	l.badType(L, n, "number")
	return 0
}

// most is the largest whole number below which all others are exact.
const most = 1 << 53

// int returns argument n without its fraction; beyond 2^53 it stops there.
func (l *library) int(L *lua.LState, n int) int {
	v, ok := L.Get(n).(lua.LNumber)
	if !ok {
		v = lua.LNumber(l.number(L, n))
	}
	return l.whole(L, n, v)
}

func (l *library) whole(L *lua.LState, n int, v lua.LNumber) int {
	if v >= -most && v <= most {
		return int(v)
	}
	if math.IsNaN(float64(v)) {
		l.badArg(L, n, "number expected, got NaN")
	}
	return int(min(max(v, -most), most))
}

func (l *library) optInt(L *lua.LState, n, otherwise int) int {
	switch v := L.Get(n).(type) {
	case *lua.LNilType:
		return otherwise
	case lua.LNumber:
		return l.whole(L, n, v)
	}
	return l.int(L, n)
}

func (l *library) function(L *lua.LState, n int) *lua.LFunction {
	fn, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		l.badType(L, n, "function")
	}
	return fn
}

func (l *library) tableArg(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		l.badType(L, n, "table")
	}
	return t
}

// changeable returns argument n, a table that is not frozen.
func (l *library) changeable(L *lua.LState, n int) *lua.LTable {
	t := l.tableArg(L, n)
	if t.Metatable != lua.LNil && l.frozen[t] != nil {
		l.badArg(L, n, "this table cannot be changed")
	}
	return t
}

// shown returns argument n, a table, or what a frozen one shows.
func (l *library) shown(L *lua.LState, n int) *lua.LTable {
	t := l.tableArg(L, n)
	if t.Metatable != lua.LNil {
		if fields := l.frozen[t]; fields != nil {
			return fields
		}
	}
	return t
}
