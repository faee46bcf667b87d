package harden

import (
	"errors"
	"fmt"
	"slices"
)

// pattern is a compiled pattern: items that match one after another. It never
// changes.
type pattern struct {
	anchored bool // begins with ^
	items    []item
	captures []bool // by capture: whether it takes a position
}

type item struct {
	op   op
	set  *set // of opSet and opFrontier
	a, b byte // of opByte; first and last byte of opBalance
	n    int  // of opOpen, opClose, opPosition, opBack: number of the capture, from 0
	rep  byte // 0, '*', '+', '-' or '?', of opAny, opByte and opSet
}

type op uint8

const (
	opAny op = iota
	opByte
	opSet
	opOpen
	opClose
	opPosition
	opBack
	opBalance
	opFrontier
	opEnd // end of the text
)

// Limits of a pattern. The matcher recurses once for every repetition.
const (
	maxRepetitions = 200
	maxPattern     = 64 << 10 // bytes
	maxCaptures    = 32
)

// set is a set of bytes.
type set [256]bool

// class returns the bytes of a class letter; not reports an upper-case one.
func class(letter byte) (has func(byte) bool, not, ok bool) {
	not = letter >= 'A' && letter <= 'Z'
	if not {
		letter += 'a' - 'A'
	}
	lower := func(c byte) bool { return c >= 'a' && c <= 'z' }
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	graph := func(c byte) bool { return c > ' ' && c < 0x7f }
	switch letter {
	case 'a':
		has = func(c byte) bool { return lower(c) || upper(c) }
	case 'c':
		has = func(c byte) bool { return c < ' ' || c == 0x7f }
	case 'd':
		has = digit
	case 'g':
		has = graph
	case 'l':
		has = lower
	case 'p':
		has = func(c byte) bool { return graph(c) && !lower(c) && !upper(c) && !digit(c) }
	case 's':
		has = func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
	case 'u':
		has = upper
	case 'w':
		has = func(c byte) bool { return lower(c) || upper(c) || digit(c) }
	case 'x':
		has = func(c byte) bool { return digit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
	case 'z':
		has = func(c byte) bool { return c == 0 }
	default:
		return nil, false, false
	}
	return has, not, true
}

// classes holds the sets of all class letters.
var classes = func() (sets [256]*set) {
	for letter := range 256 {
		has, not, ok := class(byte(letter))
		if !ok {
			continue
		}
		s := new(set)
		for c := range s {
			s[c] = has(byte(c)) != not
		}
		sets[letter] = s
	}
	return sets
}()

var errCapture = errors.New("invalid capture index")

// compiler reads a pattern.
type compiler struct {
	text string
	at   int
	pattern
	open        []int // captures that are not closed
	repetitions int
}

// compile reads a pattern of Lua 5.1, with %f and %g of later versions.
func compile(text string) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("pattern too complex: more than %d bytes", maxPattern)
	}
	c := &compiler{text: text}
	if text != "" && text[0] == '^' {
		c.anchored, c.at = true, 1
	}
	for c.at < len(text) {
		it, err := c.item()
		if err != nil {
			return nil, err
		}
		c.items = append(c.items, it)
	}
	if len(c.open) > 0 {
		return nil, errors.New("unfinished capture")
	}
	return &c.pattern, nil
}

func (c *compiler) item() (item, error) {
	ch := c.text[c.at]
	switch {
	case ch == '(':
		return c.capture()
	case ch == ')':
		if len(c.open) == 0 {
			return item{}, errors.New("invalid pattern capture")
		}
		n := c.open[len(c.open)-1]
		c.open = c.open[:len(c.open)-1]
		c.at++
		return item{op: opClose, n: n}, nil
	case ch == '$' && c.at+1 == len(c.text):
		c.at++
		return item{op: opEnd}, nil
	case ch == '%' && c.at+1 < len(c.text):
		switch next := c.text[c.at+1]; {
		case next == 'b':
			return c.balance()
		case next == 'f':
			return c.frontier()
		case next >= '0' && next <= '9':
			return c.back(int(next) - '1')
		}
	}
	it, err := c.single()
	if err != nil || c.at == len(c.text) {
		return it, err
	}
	switch rep := c.text[c.at]; rep {
	case '*', '+', '-', '?':
		c.at++
		it.rep = rep
		if c.repetitions++; c.repetitions > maxRepetitions {
			return item{}, fmt.Errorf("pattern too complex: more than %d repetitions", maxRepetitions)
		}
	}
	return it, nil
}

func (c *compiler) capture() (item, error) {
	n := len(c.captures)
	if n == maxCaptures {
		return item{}, errors.New("too many captures")
	}
	c.at++
	if c.at < len(c.text) && c.text[c.at] == ')' {
		c.at++
		c.captures = append(c.captures, true)
		return item{op: opPosition, n: n}, nil
	}
	c.captures = append(c.captures, false)
	c.open = append(c.open, n)
	return item{op: opOpen, n: n}, nil
}

func (c *compiler) balance() (item, error) {
	if c.at+3 >= len(c.text) {
		return item{}, errors.New("malformed pattern (missing arguments to '%b')")
	}
	it := item{op: opBalance, a: c.text[c.at+2], b: c.text[c.at+3]}
	c.at += 4
	return it, nil
}

func (c *compiler) frontier() (item, error) {
	c.at += 2
	if c.at >= len(c.text) || c.text[c.at] != '[' {
		return item{}, errors.New("missing '[' after '%f' in pattern")
	}
	s, err := c.bracket()
	return item{op: opFrontier, set: s}, err
}

func (c *compiler) back(n int) (item, error) {
	if n < 0 || n >= len(c.captures) || c.captures[n] || slices.Contains(c.open, n) {
		return item{}, errCapture // not there, a position, or not closed
	}
	c.at += 2
	return item{op: opBack, n: n}, nil
}

// single reads what matches one byte.
func (c *compiler) single() (item, error) {
	ch := c.text[c.at]
	c.at++
	switch ch {
	case '.':
		return item{op: opAny}, nil
	case '[':
		c.at--
		s, err := c.bracket()
		return item{op: opSet, set: s}, err
	case '%':
		if c.at == len(c.text) {
			return item{}, errors.New("malformed pattern (ends with '%')")
		}
		letter := c.text[c.at]
		c.at++
		if s := classes[letter]; s != nil {
			return item{op: opSet, set: s}, nil
		}
		return item{op: opByte, a: letter}, nil
	}
	return item{op: opByte, a: ch}, nil
}

// bracket reads a set in brackets. A ] that stands first is a member.
func (c *compiler) bracket() (*set, error) {
	missing := errors.New("malformed pattern (missing ']')")
	s := new(set)
	c.at++
	not := c.at < len(c.text) && c.text[c.at] == '^'
	if not {
		c.at++
	}
	for first := true; ; first = false {
		if c.at >= len(c.text) {
			return nil, missing
		}
		ch := c.text[c.at]
		c.at++
		switch {
		case ch == ']' && !first:
			if not {
				for i := range s {
					s[i] = !s[i]
				}
			}
			return s, nil
		case ch == '%':
			if c.at >= len(c.text) {
				return nil, missing
			}
			letter := c.text[c.at]
			c.at++
			if members := classes[letter]; members != nil {
				for i, has := range members {
					s[i] = s[i] || has
				}
			} else {
				s[letter] = true
			}
		case c.at+1 < len(c.text) && c.text[c.at] == '-' && c.text[c.at+1] != ']':
			for i := int(ch); i <= int(c.text[c.at+1]); i++ {
				s[i] = true
			}
			c.at += 2
		default:
			s[ch] = true
		}
	}
}
