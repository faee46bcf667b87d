package harden

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

func (l *library) baseFuncs() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"assert":       l.assert,
		"error":        l.error,
		"getmetatable": l.getmetatable,
		"ipairs":       l.ipairs(),
		"next":         l.nextField,
		"pairs":        l.pairs,
		"pcall":        l.pcall,
		"print":        l.print,
		"rawequal":     l.rawequal,
		"rawget":       l.rawget,
		"rawset":       l.rawset,
		"require":      l.require,
		"select":       l.selectArgs,
		"setmetatable": l.setmetatable,
		"tonumber":     l.tonumber,
		"tostring":     l.tostring,
		"type":         l.typeName,
		"unpack":       l.unpack,
		"xpcall":       l.xpcall,
	}
}

// assert raises its second argument as it is, so that
// assert(api.try(…)) keeps the fields of the error.
func (l *library) assert(L *lua.LState) int {
	if lua.LVAsBool(l.any(L, 1)) {
		return L.GetTop()
	}
	switch message := L.Get(2).(type) {
	case *lua.LNilType:
		L.Error(lua.LString("assertion failed!"), 1)
	case lua.LString, lua.LNumber:
		L.Error(lua.LString(lua.LVAsString(message)), 1)
	default:
		L.Error(message, 0)
	}
	return 0
}

func (l *library) error(L *lua.LState) int {
	level := max(0, l.optInt(L, 2, 1))
	at, ok := L.GetStack(level)
	if ok {
		_, _ = L.GetInfo("S", at, lua.LNil)
	}
	if at.Source == "" {
		level = 0 // called by Go, as in pcall(error, "x"): there is no place to name
	}
	if level > 1 {
		level++ // the interpreter counts this function too, but not for level 1
	}
	L.Error(L.Get(1), level)
	return 0
}

func (l *library) typeName(L *lua.LState) int {
	L.Push(lua.LString(l.any(L, 1).Type().String()))
	return 1
}

func (l *library) rawequal(L *lua.LState) int {
	L.Push(lua.LBool(l.any(L, 1) == l.any(L, 2)))
	return 1
}

func (l *library) rawget(L *lua.LState) int {
	L.Push(l.shown(L, 1).RawGet(l.any(L, 2)))
	return 1
}

func (l *library) rawset(L *lua.LState) int {
	L.RawSet(l.changeable(L, 1), l.any(L, 2), l.any(L, 3))
	L.SetTop(1)
	return 1
}

func (l *library) getmetatable(L *lua.LState) int {
	switch v := l.any(L, 1).(type) {
	case *lua.LUserData: // belongs to the host
		L.Push(lua.LFalse)
	default:
		L.Push(L.GetMetatable(v))
	}
	return 1
}

// setmetatable is for tables only: other types share one metatable.
func (l *library) setmetatable(L *lua.LState) int {
	t := l.tableArg(L, 1)
	meta := l.any(L, 2)
	if _, ok := meta.(*lua.LTable); !ok && meta != lua.LNil {
		l.badType(L, 2, "nil or table")
	}
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		l.raise(L, fault.Script, "cannot change a protected metatable")
	}
	t.Metatable = meta
	L.SetTop(1)
	return 1
}

func (l *library) selectArgs(L *lua.LState) int {
	top := L.GetTop()
	if v, ok := L.Get(1).(lua.LString); ok && v == "#" {
		L.Push(lua.LNumber(top - 1))
		return 1
	}
	n := l.int(L, 1)
	if n < 0 {
		n += top
	}
	if n < 1 {
		l.badArg(L, 1, "index out of range")
	}
	return max(0, top-n)
}

func (l *library) nextField(L *lua.LState) int {
	key, v := l.shown(L, 1).Next(L.Get(2))
	L.Push(key)
	if key == lua.LNil {
		return 1
	}
	L.Push(v)
	return 2
}

func (l *library) pairs(L *lua.LState) int {
	t := l.tableArg(L, 1)
	L.Push(l.next)
	L.Push(t)
	L.Push(lua.LNil)
	return 3
}

func (l *library) ipairs() lua.LGFunction {
	step := value.NewFunction("ipairs", func(L *lua.LState) int {
		t, i := l.tableArg(L, 1), l.int(L, 2)+1
		v := t.RawGetInt(i)
		if v == lua.LNil {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(i))
		L.Push(v)
		return 2
	})
	return func(L *lua.LState) int {
		t := l.tableArg(L, 1)
		L.Push(step)
		L.Push(t)
		L.Push(lua.LNumber(0))
		return 3
	}
}

func (l *library) tostring(L *lua.LState) int {
	L.Push(lua.LString(l.text(L, l.any(L, 1))))
	return 1
}

// text is what tostring gives. It shows no addresses: a table without
// __tostring is "table".
func (l *library) text(L *lua.LState, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return numberText(v)
	case lua.LBool, *lua.LNilType:
		return v.String()
	}
	if text, ok := value.Text(v); ok {
		return text
	}
	if fn, ok := L.GetMetaField(v, "__tostring").(*lua.LFunction); ok {
		L.Push(fn)
		L.Push(v)
		L.Call(1, 1)
		text := L.Get(-1)
		L.Pop(1)
		if !lua.LVCanConvToString(text) {
			l.raise(L, fault.Script, "__tostring must return a string, got %s", value.TypeName(text))
		}
		return lua.LVAsString(text)
	}
	return v.Type().String()
}

func (l *library) print(L *lua.LState) int {
	var line strings.Builder
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			line.WriteByte('\t')
		}
		text := l.text(L, L.Get(i))
		if line.Len()+len(text) > l.MaxString {
			l.tooLong(L)
		}
		line.WriteString(text)
	}
	line.WriteByte('\n')
	if l.Print != nil {
		l.Print(line.String())
	}
	return 0
}
