package harden

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

const (
	specials    = "^$*+?.([%-" // bytes that make a pattern of a text
	maxKept     = 256          // compiled patterns that a state keeps
	maxKeptSize = 128          // bytes of the text of one
)

// pattern returns argument n compiled.
func (l *library) pattern(L *lua.LState, n int) *pattern {
	text := l.string(L, n)
	if p := l.texts[text]; p != nil {
		return p
	}
	p, err := compile(text)
	if err != nil {
		l.badPattern(L, err)
	}
	if len(text) <= maxKeptSize {
		if len(l.texts) >= maxKept {
			clear(l.texts)
		}
		l.texts[text] = p
	}
	return p
}

func (l *library) badPattern(L *lua.LState, err error) { l.raise(L, fault.Script, "%s", err) }

// matcher returns a matcher for p and text; release takes it back. One that a
// raised error has kept from being released is garbage.
func (l *library) matcher(L *lua.LState, p *pattern, text string) *matcher {
	var m *matcher
	if n := len(l.idle); n > 0 {
		m, l.idle = l.idle[n-1], l.idle[:n-1]
	} else {
		m = new(matcher)
	}
	m.begin(L, p, text)
	return m
}

func (l *library) release(m *matcher) {
	m.text, m.state = "", nil
	l.idle = append(l.idle, m)
}

// settle raises why m gave up, if it did.
func (l *library) settle(L *lua.LState, m *matcher) {
	switch m.halted {
	case toStop:
		l.stop(L)
	case tooManySteps:
		e := &fault.Error{
			Kind: fault.Limit, Err: errTooManySteps,
			Hint: "repetitions next to one another that match the same characters try all ways to share them",
		}
		l.Raise(L, e)
	}
}

// start turns an optional position, argument n, into an offset from 0.
func (l *library) start(L *lua.LState, n int, text string) int {
	i := l.optInt(L, n, 1)
	if i < 0 {
		i += len(text) + 1
	}
	return min(max(i-1, 0), len(text))
}

// push pushes capture n; without captures the first one is the whole match.
func (m *matcher) push(L *lua.LState, n, start, end int) {
	L.Push(m.capture(n, start, end))
}

func (m *matcher) capture(n, start, end int) lua.LValue {
	switch {
	case len(m.captures) == 0:
		return lua.LString(m.text[start:end])
	case m.captures[n]:
		return lua.LNumber(m.starts[n] + 1)
	}
	return lua.LString(m.text[m.starts[n]:m.ends[n]])
}

// pushAll pushes all captures, or the whole match when there are none.
func (m *matcher) pushAll(L *lua.LState, start, end int) int {
	n := max(1, len(m.captures))
	for i := range n {
		m.push(L, i, start, end)
	}
	return n
}

func (l *library) find(L *lua.LState) int {
	text, what := l.string(L, 1), l.string(L, 2)
	init := l.start(L, 3, text)
	if lua.LVAsBool(L.Get(4)) || !strings.ContainsAny(what, specials) {
		i := strings.Index(text[init:], what)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(init + i + 1))
		L.Push(lua.LNumber(init + i + len(what)))
		return 2
	}
	m := l.matcher(L, l.pattern(L, 2), text)
	defer l.release(m)
	start, end := m.find(init)
	if end < 0 {
		l.settle(L, m)
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(start + 1))
	L.Push(lua.LNumber(end))
	if len(m.captures) == 0 {
		return 2
	}
	return 2 + m.pushAll(L, start, end)
}

func (l *library) match(L *lua.LState) int {
	text := l.string(L, 1)
	m := l.matcher(L, l.pattern(L, 2), text)
	defer l.release(m)
	start, end := m.find(l.start(L, 3, text))
	if end < 0 {
		l.settle(L, m)
		L.Push(lua.LNil)
		return 1
	}
	return m.pushAll(L, start, end)
}

func (l *library) gmatch(L *lua.LState) int {
	text, p := l.string(L, 1), l.pattern(L, 2)
	at, m := 0, new(matcher)
	L.Push(value.NewFunction("string.gmatch", func(L *lua.LState) int {
		if at > len(text) {
			L.Push(lua.LNil)
			return 1
		}
		m.begin(L, p, text)
		start, end := m.find(at)
		if end < 0 {
			l.settle(L, m)
			at = len(text) + 1
			L.Push(lua.LNil)
			return 1
		}
		at = end
		if start == end {
			at++
		}
		if p.anchored {
			at = len(text) + 1
		}
		return m.pushAll(L, start, end)
	}))
	return 1
}

func (l *library) gsub(L *lua.LState) int {
	text, p := l.string(L, 1), l.pattern(L, 2)
	replace := l.replacer(L, 3)
	most := l.optInt(L, 4, len(text)+1)
	m := l.matcher(L, p, text)
	defer l.release(m)
	var out []byte
	n, kept, at := 0, 0, 0 // kept: end of what is in out
	for n < most && at <= len(text) {
		start, end := m.find(at)
		if end < 0 {
			l.settle(L, m)
			break
		}
		n++
		out = append(out, text[kept:start]...)
		out = replace(out, m, start, end)
		if len(out) > l.MaxString {
			l.tooLong(L)
		}
		kept, at = end, end
		if start == end {
			at++
		}
		if p.anchored {
			break
		}
	}
	if n == 0 {
		L.Push(lua.LString(text))
	} else {
		if len(out)+len(text)-kept > l.MaxString {
			l.tooLong(L)
		}
		L.Push(lua.LString(append(out, text[kept:]...)))
	}
	L.Push(lua.LNumber(n))
	return 2
}

// replacer returns what appends the replacement of one match to out.
func (l *library) replacer(L *lua.LState, n int) func(out []byte, m *matcher, start, end int) []byte {
	switch v := L.Get(n).(type) {
	case lua.LString, lua.LNumber:
		text := l.string(L, n)
		if strings.IndexByte(text, '%') < 0 {
			return func(out []byte, _ *matcher, _, _ int) []byte { return append(out, text...) }
		}
		return func(out []byte, m *matcher, start, end int) []byte {
			return l.expand(L, out, text, m, start, end)
		}
	case *lua.LTable:
		return func(out []byte, m *matcher, start, end int) []byte {
			return l.replaced(L, out, L.GetTable(v, m.capture(0, start, end)), m.text[start:end])
		}
	case *lua.LFunction:
		return func(out []byte, m *matcher, start, end int) []byte {
			L.Push(v)
			L.Call(m.pushAll(L, start, end), 1)
			result := L.Get(-1)
			L.Pop(1)
			return l.replaced(L, out, result, m.text[start:end])
		}
	}
	l.badType(L, n, "string, table or function")
	return nil
}

// replaced appends v, or the match itself when v is nil or false.
func (l *library) replaced(L *lua.LState, out []byte, v lua.LValue, match string) []byte {
	switch {
	case lua.LVIsFalse(v):
		return append(out, match...)
	case !lua.LVCanConvToString(v):
		l.raise(L, fault.Script, "invalid replacement value (a %s)", value.TypeName(v))
	}
	return append(out, lua.LVAsString(v)...)
}

// expand appends a replacement text: %0 is the match, %1 to %9 its captures, %
// before anything else is taken away.
func (l *library) expand(L *lua.LState, out []byte, text string, m *matcher, start, end int) []byte {
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 || i+1 == len(text) {
			return append(out, text...)
		}
		out = append(out, text[:i]...)
		switch c := text[i+1]; {
		case c == '0':
			out = append(out, m.text[start:end]...)
		case c >= '1' && c <= '9':
			n := int(c - '1')
			if n >= max(1, len(m.captures)) {
				l.badPattern(L, errCapture)
			}
			out = append(out, lua.LVAsString(m.capture(n, start, end))...)
		default:
			out = append(out, c)
		}
		text = text[i+2:]
	}
}
