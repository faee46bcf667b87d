package harden

import (
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

func (l *library) stringFuncs() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"byte":    l.bytes,
		"char":    l.char,
		"find":    l.find,
		"format":  l.format,
		"gmatch":  l.gmatch,
		"gsub":    l.gsub,
		"len":     l.length,
		"lower":   l.lower,
		"match":   l.match,
		"rep":     l.repeated,
		"reverse": l.reverse,
		"sub":     l.sub,
		"upper":   l.upper,
	}
}

// slice turns two positions into offsets of a text of that size.
func slice(size, first, last int) (from, to int) {
	if first < 0 {
		first += size + 1
	}
	if last < 0 {
		last += size + 1
	}
	from, to = max(first, 1)-1, min(last, size)
	return from, max(from, to)
}

func (l *library) sub(L *lua.LState) int {
	text := l.string(L, 1)
	from, to := slice(len(text), l.int(L, 2), l.optInt(L, 3, -1))
	if from >= len(text) {
		text = ""
	} else {
		text = text[from:to]
	}
	L.Push(lua.LString(text))
	return 1
}

func (l *library) bytes(L *lua.LState) int {
	text := l.string(L, 1)
	first := l.optInt(L, 2, 1)
	from, to := slice(len(text), first, l.optInt(L, 3, first))
	if from >= len(text) || from == to {
		return 0
	}
	if to == from+1 {
		L.Push(lua.LNumber(text[from]))
		return 1
	}
	return l.pushMany(L, to-from, func(i int) lua.LValue { return lua.LNumber(text[from+i]) })
}

// pushMany pushes n values. The registry grows once for all of them.
func (l *library) pushMany(L *lua.LState, n int, at func(i int) lua.LValue) int {
	if n > maxValues {
		l.raise(L, fault.Limit, "more than %d values at once", maxValues)
	}
	base := L.GetTop()
	if n > 0 {
		L.SetTop(base + n)
	}
	for i := range n {
		L.Replace(base+i+1, at(i))
	}
	return n
}

func (l *library) char(L *lua.LState) int {
	text := make([]byte, L.GetTop())
	for i := range text {
		n := l.int(L, i+1)
		if n < 0 || n > 255 {
			l.badArg(L, i+1, "a byte from 0 to 255 expected, got %d", n)
		}
		text[i] = byte(n)
	}
	L.Push(lua.LString(text))
	return 1
}

func (l *library) length(L *lua.LState) int {
	L.Push(lua.LNumber(len(l.string(L, 1))))
	return 1
}

func (l *library) reverse(L *lua.LState) int {
	text := l.string(L, 1)
	out := make([]byte, len(text))
	for i := range len(text) {
		out[len(text)-1-i] = text[i]
	}
	L.Push(lua.LString(out))
	return 1
}

// lower and upper change letters of all scripts in UTF-8 text, and those of
// ASCII in other text.
func (l *library) lower(L *lua.LState) int {
	return l.mapped(L, strings.ToLower, 'A', 'Z')
}

func (l *library) upper(L *lua.LState) int {
	return l.mapped(L, strings.ToUpper, 'a', 'z')
}

func (l *library) mapped(L *lua.LState, change func(string) string, first, last byte) int {
	text := l.string(L, 1)
	if utf8.ValidString(text) {
		text = change(text)
	} else {
		out := []byte(text)
		for i, c := range out {
			if c >= first && c <= last {
				out[i] = c ^ 0x20
			}
		}
		text = string(out)
	}
	if len(text) > l.MaxString {
		l.tooLong(L)
	}
	L.Push(lua.LString(text))
	return 1
}

// repeated takes a separator, as later versions of Lua do.
func (l *library) repeated(L *lua.LState) int {
	text, n, sep := l.string(L, 1), l.int(L, 2), l.optString(L, 3, "")
	if n <= 0 {
		L.Push(lua.LString(""))
		return 1
	}
	if one := len(text) + len(sep); one > 0 && n > l.MaxString/one {
		l.tooLong(L)
	}
	if sep == "" {
		L.Push(lua.LString(strings.Repeat(text, n)))
	} else {
		L.Push(lua.LString(strings.Repeat(text+sep, n-1) + text))
	}
	return 1
}
