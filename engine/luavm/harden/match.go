package harden

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// matcher matches one pattern against one text. A step is one look at a byte of
// the text; after chunk of them it asks whether it may go on.
type matcher struct {
	*pattern
	text   string
	starts [maxCaptures]int
	ends   [maxCaptures]int
	steps  int         // left until the next question; below 0 the match is given up
	left   int         // of the budget, after steps
	state  *lua.LState // the playbook may have to stop; nil: it need not
	halted halt
}

// halt says why a match was given up.
type halt uint8

const (
	goesOn halt = iota
	tooManySteps
	toStop
)

const (
	chunk = 1 << 16
	// A match may take minSteps and stepsPerByte for each byte of the text:
	// enough for every pattern that is linear in it, and about a second.
	minSteps     = 10_000_000
	stepsPerByte = 32
)

// begin makes m ready for a match of p against text.
func (m *matcher) begin(L *lua.LState, p *pattern, text string) {
	m.pattern, m.text, m.state = p, text, L
	m.steps, m.left, m.halted = chunk, minSteps+stepsPerByte*len(text)-chunk, goesOn
}

// refill grants the next steps. It reports false when the match is given up.
func (m *matcher) refill() bool {
	switch {
	case m.halted != goesOn:
	case m.state != nil && interrupted(m.state):
		m.halted = toStop
	case m.left <= 0:
		m.halted = tooManySteps
	default:
		m.left -= chunk - m.steps
		m.steps = chunk
		return true
	}
	m.steps = -1
	return false
}

// find returns where the first match at or after init begins and ends, and -1
// when there is none or the match is given up.
func (m *matcher) find(init int) (start, end int) {
	if m.anchored {
		return init, m.match(0, init)
	}
	var first *item
	if len(m.items) > 0 && m.items[0].op == opByte && (m.items[0].rep == 0 || m.items[0].rep == '+') {
		first = &m.items[0]
	}
	for at := init; at <= len(m.text); at++ {
		if first != nil { // jump to where a match can begin
			i := strings.IndexByte(m.text[at:], first.a)
			if i < 0 {
				return 0, -1
			}
			m.steps -= i / 16
			at += i
		}
		if end := m.match(0, at); end >= 0 {
			return at, end
		}
		if m.halted != goesOn {
			return 0, -1
		}
	}
	return 0, -1
}

// match matches the items from i on at position at. It returns where the match
// ends, -1 when there is none.
//
// A capture is set on the way and need not be taken back: an item that reads it
// stands behind those that set it, and every way there sets it again.
func (m *matcher) match(i, at int) int {
	for ; i < len(m.items); i++ {
		if m.steps--; m.steps < 0 && !m.refill() {
			return -1
		}
		it := &m.items[i]
		switch it.op {
		case opOpen:
			m.starts[it.n] = at
		case opClose:
			m.ends[it.n] = at
		case opPosition:
			m.starts[it.n] = at
		case opEnd:
			if at != len(m.text) {
				return -1
			}
		case opFrontier:
			var before, here byte
			if at > 0 {
				before = m.text[at-1]
			}
			if at < len(m.text) {
				here = m.text[at]
			}
			if it.set[before] || !it.set[here] {
				return -1
			}
		case opBack:
			part := m.text[m.starts[it.n]:m.ends[it.n]]
			if !strings.HasPrefix(m.text[at:], part) {
				return -1
			}
			m.steps -= len(part) / 16
			at += len(part)
		case opBalance:
			if at = m.balanced(it, at); at < 0 {
				return -1
			}
		default:
			switch it.rep {
			case 0:
				if at >= len(m.text) || !it.takes(m.text[at]) {
					return -1
				}
				at++
			case '?':
				if at < len(m.text) && it.takes(m.text[at]) {
					if end := m.match(i+1, at+1); end >= 0 || m.halted != goesOn {
						return end
					}
				}
			case '-':
				return m.shortest(i, at)
			default:
				return m.longest(i, at)
			}
		}
	}
	return at
}

func (it *item) takes(c byte) bool {
	switch it.op {
	case opByte:
		return c == it.a
	case opSet:
		return it.set[c]
	}
	return true
}

// run returns how many bytes from at on it takes.
func (m *matcher) run(it *item, at int) int {
	end := at
	switch it.op {
	case opAny:
		end = len(m.text)
	case opByte:
		for end < len(m.text) && m.text[end] == it.a {
			end++
		}
	default:
		for set := it.set; end < len(m.text) && set[m.text[end]]; {
			end++
		}
	}
	return end - at
}

// longest matches an item that repeats * or + and then the rest, with as many
// repetitions as possible.
func (m *matcher) longest(i, at int) int {
	it := &m.items[i]
	least := at
	if it.rep == '+' {
		least++
	}
	end := at + m.run(it, at)
	m.steps -= (end - at) / 4
	if i+1 == len(m.items) {
		if end < least {
			return -1
		}
		return end
	}
	next := &m.items[i+1]
	only := next.op == opByte && (next.rep == 0 || next.rep == '+') // the rest begins with one byte
	for ; end >= least; end-- {
		if only { // jump to where it can begin
			last := strings.LastIndexByte(m.text[least:min(end+1, len(m.text))], next.a)
			m.steps -= (end - least - last) / 4
			if last < 0 {
				return -1
			}
			end = least + last
		}
		if got := m.match(i+1, end); got >= 0 || m.halted != goesOn {
			return got
		}
	}
	return -1
}

// shortest matches an item that repeats - and then the rest, with as few
// repetitions as possible.
func (m *matcher) shortest(i, at int) int {
	it := &m.items[i]
	for {
		if got := m.match(i+1, at); got >= 0 || m.halted != goesOn {
			return got
		}
		if m.steps--; m.steps < 0 && !m.refill() {
			return -1
		}
		if at >= len(m.text) || !it.takes(m.text[at]) {
			return -1
		}
		at++
	}
}

// balanced returns where a text ends that begins with it.a at at and ends with
// the it.b that balances it, -1 when there is none.
func (m *matcher) balanced(it *item, at int) int {
	if at >= len(m.text) || m.text[at] != it.a {
		return -1
	}
	depth := 1
	for i := at + 1; i < len(m.text); i++ {
		switch m.text[i] {
		case it.b:
			if depth--; depth == 0 {
				m.steps -= i - at
				return i + 1
			}
		case it.a:
			depth++
		}
	}
	m.steps -= len(m.text) - at
	return -1
}
