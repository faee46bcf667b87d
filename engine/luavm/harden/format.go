package harden

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

// verb is one % of a format.
type verb struct {
	letter           byte
	minus, plus      bool
	space, zero, alt bool
	width, precision int // -1: not given
	spec             string
}

const maxBuffer = 64 << 10 // bytes that format keeps for the next call

// format knows the verbs of Lua 5.1 and nothing else. Width and precision of %s
// count characters.
func (l *library) format(L *lua.LState) int {
	format := l.string(L, 1)
	out := l.buffer[:0]
	l.buffer = nil // __tostring may call format too
	arg := 1
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		out = append(out, format[:i]...)
		format = format[i+1:]
		if strings.HasPrefix(format, "%") {
			out, format = append(out, '%'), format[1:]
			continue
		}
		v, rest := l.verb(L, format)
		format = rest
		if arg++; arg > L.GetTop() {
			l.badArg(L, arg, "no value for %%%s", v.spec)
		}
		out = l.formatted(L, out, v, arg)
		if len(out) > l.MaxString {
			l.tooLong(L)
		}
	}
	if len(out)+len(format) > l.MaxString {
		l.tooLong(L)
	}
	out = append(out, format...)
	L.Push(lua.LString(out))
	if cap(out) <= maxBuffer {
		l.buffer = out
	}
	return 1
}

// verb reads a verb after its %.
func (l *library) verb(L *lua.LState, format string) (verb, string) {
	v := verb{width: -1, precision: -1}
	i := 0
flags:
	for ; i < len(format); i++ {
		switch format[i] {
		case '-':
			v.minus = true
		case '+':
			v.plus = true
		case ' ':
			v.space = true
		case '0':
			v.zero = true
		case '#':
			v.alt = true
		default:
			break flags
		}
	}
	number := func() int {
		n, start := 0, i
		for ; i < len(format) && format[i] >= '0' && format[i] <= '9'; i++ {
			n = min(n*10+int(format[i]-'0'), 1000)
		}
		if n > 99 {
			l.raise(L, fault.Script, "invalid format: width or precision of %%%s is more than 99", format[:i])
		}
		if start == i {
			return -1
		}
		return n
	}
	v.width = number()
	if i < len(format) && format[i] == '.' {
		i++
		v.precision = max(0, number())
	}
	if i == len(format) {
		l.raise(L, fault.Script, "invalid format: it ends within %%%s", format)
	}
	v.letter, v.spec = format[i], format[:i+1]
	if !strings.ContainsRune("diuoxXceEfgGqs", rune(v.letter)) || v.letter == 'q' && len(v.spec) > 1 {
		_, size := utf8.DecodeRuneInString(format[i:])
		l.raise(L, fault.Script, "invalid format: there is no %%%s", format[:i+size])
	}
	return v, format[i+1:]
}

func (l *library) formatted(L *lua.LState, out []byte, v verb, arg int) []byte {
	switch v.letter {
	case 's':
		text := l.text(L, L.Get(arg))
		if v.precision >= 0 {
			text = cut(text, v.precision)
		}
		return pad(out, text, v)
	case 'q':
		return quote(out, l.string(L, arg))
	case 'c':
		return pad(out, string([]byte{byte(l.int(L, arg))}), v)
	case 'e', 'E', 'f', 'g', 'G':
		return v.float(out, l.number(L, arg))
	}
	f := math.Trunc(l.number(L, arg))
	if !(f >= -1<<63 && f < 1<<64) {
		l.badArg(L, arg, "number has no integer representation")
	}
	return v.integer(out, f)
}

// integer writes a whole number; negative ones are two's complement in %u, %o
// and %x.
func (v verb) integer(out []byte, f float64) []byte {
	signed := v.letter == 'd' || v.letter == 'i'
	if v.spec == "d" && f < 1<<63 {
		return strconv.AppendInt(out, int64(f), 10)
	}
	letter := v.letter
	if letter == 'i' || letter == 'u' {
		letter = 'd'
	}
	if signed && f < 1<<63 {
		return fmt.Appendf(out, v.goFormat(letter), int64(f))
	}
	n := uint64(f)
	if f < 0 {
		n = uint64(int64(f))
	}
	v.alt = v.alt && n != 0
	return fmt.Appendf(out, v.goFormat(letter), n)
}

func (v verb) float(out []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		text := strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+"))
		if v.plus && f > 0 {
			text = "+" + text
		}
		if v.letter < 'a' {
			text = strings.ToUpper(text)
		}
		return pad(out, text, v)
	}
	if v.precision < 0 {
		v.precision = 6
		if len(v.spec) == 1 {
			return strconv.AppendFloat(out, f, v.letter, 6, 64)
		}
	}
	if v.precision == 0 && (v.letter == 'g' || v.letter == 'G') {
		v.precision = 1
	}
	return fmt.Appendf(out, v.goFormat(v.letter), f)
}

// goFormat returns the verb as package fmt writes it.
func (v verb) goFormat(letter byte) string {
	text := []byte{'%'}
	for _, flag := range []struct {
		set bool
		c   byte
	}{{v.minus, '-'}, {v.plus, '+'}, {v.space, ' '}, {v.zero && !v.minus, '0'}, {v.alt, '#'}} {
		if flag.set {
			text = append(text, flag.c)
		}
	}
	if v.width >= 0 {
		text = strconv.AppendInt(text, int64(v.width), 10)
	}
	if v.precision >= 0 {
		text = append(text, '.')
		text = strconv.AppendInt(text, int64(v.precision), 10)
	}
	return string(append(text, letter))
}

// cut returns the first n characters of text.
func cut(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

func pad(out []byte, text string, v verb) []byte {
	var blanks []byte
	if v.width > 0 {
		blanks = bytes.Repeat([]byte{' '}, max(0, v.width-utf8.RuneCountInString(text)))
	}
	if v.minus {
		return append(append(out, text...), blanks...)
	}
	return append(append(out, blanks...), text...)
}

// quote writes text so that Lua reads it back: what is no printable UTF-8 as
// decimal escapes.
func quote(out []byte, text string) []byte {
	out = append(out, '"')
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\n':
			out = append(out, '\\', '\n')
		case r < ' ' || r == 0x7f || r == utf8.RuneError && size == 1:
			out = fmt.Appendf(out, `\%03d`, text[0])
		default:
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	return append(out, '"')
}
