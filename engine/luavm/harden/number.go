package harden

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// numberText is how the interpreter itself writes a number, faster for whole
// ones.
func numberText(n lua.LNumber) string {
	if i := int64(n); float64(i) == float64(n) {
		return strconv.FormatInt(i, 10)
	}
	return n.String()
}

const space = " \t\n\v\f\r"

// parseNumber reads a number as Lua writes one: decimal, or hexadecimal after
// 0x; space around it and a sign are allowed. The interpreter's own reading
// takes a leading 0 for octal and knows no 1e1.
func parseNumber(text string) (float64, bool) {
	text = strings.Trim(text, space)
	digits, negative := sign(text)
	if len(digits) > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') {
		return parseDigits(digits[2:], 16, negative)
	}
	for _, c := range []byte(digits) {
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			return 0, false // ParseFloat takes "inf", "nan" and "_"
		}
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

func sign(text string) (digits string, negative bool) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

// parseDigits reads digits of a base from 2 to 36.
func parseDigits(text string, base int, negative bool) (float64, bool) {
	if text == "" {
		return 0, false
	}
	var f float64
	for _, c := range []byte(text) {
		var d int
		switch {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c >= 'a' && c <= 'z':
			d = int(c-'a') + 10
		case c >= 'A' && c <= 'Z':
			d = int(c-'A') + 10
		default:
			return 0, false
		}
		if d >= base {
			return 0, false
		}
		f = f*float64(base) + float64(d)
	}
	if negative {
		f = -f
	}
	return f, true
}

func (l *library) tonumber(L *lua.LState) int {
	v := l.any(L, 1)
	base := l.optInt(L, 2, 10)
	if base == 10 {
		switch v := v.(type) {
		case lua.LNumber:
			L.Push(v)
			return 1
		case lua.LString:
			if f, ok := parseNumber(string(v)); ok {
				L.Push(lua.LNumber(f))
				return 1
			}
		}
		L.Push(lua.LNil)
		return 1
	}
	if base < 2 || base > 36 {
		l.badArg(L, 2, "base out of range")
	}
	digits, negative := sign(strings.Trim(l.string(L, 1), space))
	if base == 16 && len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X") {
		digits = digits[2:]
	}
	f, ok := parseDigits(digits, base, negative)
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(f))
	return 1
}
