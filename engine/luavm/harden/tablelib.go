package harden

import (
	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

func (l *library) tableFuncs() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"concat": l.concat,
		"getn":   l.getn,
		"insert": l.insert,
		"maxn":   l.maxn,
		"remove": l.remove,
		"sort":   l.sort,
	}
}

// index returns element i of t without metamethods.
func index(t *lua.LTable, i int) lua.LValue {
	if i >= 1 && i < MaxIndex {
		return t.RawGetInt(i)
	}
	return t.RawGet(lua.LNumber(i))
}

func (l *library) concat(L *lua.LState) int {
	t, sep := l.tableArg(L, 1), l.optString(L, 2, "")
	first := l.optInt(L, 3, 1)
	last := l.optInt(L, 4, -1)
	if L.Get(4) == lua.LNil {
		last = t.Len()
	}
	texts := func(each func(text string)) {
		for i := first; i <= last; i++ {
			if i > first {
				each(sep)
			}
			switch v := index(t, i).(type) {
			case lua.LString:
				each(string(v))
			case lua.LNumber:
				each(numberText(v))
			default:
				l.raise(L, fault.Script, "invalid value (%s) at index %d in table for concat", value.TypeName(v), i)
			}
		}
	}
	size := 0
	texts(func(text string) {
		if size += len(text); size > l.MaxString {
			l.tooLong(L)
		}
	})
	out := make([]byte, 0, size)
	texts(func(text string) { out = append(out, text...) })
	L.Push(lua.LString(out))
	return 1
}

func (l *library) getn(L *lua.LState) int {
	L.Push(lua.LNumber(l.tableArg(L, 1).Len()))
	return 1
}

func (l *library) maxn(L *lua.LState) int {
	most := lua.LNumber(0)
	l.tableArg(L, 1).ForEach(func(key, _ lua.LValue) {
		if n, ok := key.(lua.LNumber); ok && n > most {
			most = n
		}
	})
	L.Push(most)
	return 1
}

func (l *library) insert(L *lua.LState) int {
	t := l.changeable(L, 1)
	n := t.Len()
	switch L.GetTop() {
	case 2:
		l.room(L, n+1)
		t.Append(L.Get(2))
		return 0
	case 3:
	default:
		l.raise(L, fault.Script, "wrong number of arguments to table.insert: table, position and value")
	}
	at, v := l.int(L, 2), L.Get(3)
	switch {
	case at < 1:
		l.badArg(L, 2, "position out of bounds")
	case at > n:
		l.room(L, at)
		if at-n > maxGap {
			l.badArg(L, 2, "position %d is more than %d behind the end", at, maxGap)
		}
		t.RawSetInt(at, v)
	default:
		l.room(L, n+1)
		t.Insert(at, v)
	}
	return 0
}

// room refuses an element that would not be in the table's array.
func (l *library) room(L *lua.LState, i int) {
	if i >= MaxIndex {
		l.raise(L, fault.Limit, "a list has at most %d elements", MaxIndex-1)
	}
}

func (l *library) remove(L *lua.LState) int {
	t := l.changeable(L, 1)
	n := t.Len()
	at := l.optInt(L, 2, n)
	if at < 1 || at > n {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(t.Remove(at))
	return 1
}

func (l *library) unpack(L *lua.LState) int {
	t := l.tableArg(L, 1)
	first := l.optInt(L, 2, 1)
	last := l.optInt(L, 3, -1)
	if L.Get(3) == lua.LNil {
		last = t.Len()
	}
	if last < first {
		return 0
	}
	return l.pushMany(L, last-first+1, func(i int) lua.LValue { return index(t, first+i) })
}
