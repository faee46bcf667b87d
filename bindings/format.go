package bindings

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// message makes the text of a log call: a single argument as it is, several
// as a format and what it takes.
func message(c *luavm.Call) (string, error) {
	if c.Len() < 2 {
		return show(c, c.Arg(0)), nil
	}
	format, ok := c.Arg(0).(string)
	if !ok {
		return "", badFormat("the first of several arguments is the format, want text")
	}
	f := formatter{c: c, args: c.Args(1)}
	for {
		before, rest, found := strings.Cut(format, "%")
		f.out.WriteString(before)
		if !found {
			return f.out.String(), nil
		}
		used, err := f.directive(rest)
		if err != nil {
			return "", err
		}
		format = rest[used:]
	}
}

// formatter fills a format as string.format of Lua does. Only the directives of
// Lua exist, and no value reaches the verbs of fmt but text and numbers.
type formatter struct {
	c    *luavm.Call
	args []any
	used int
	out  strings.Builder
}

// directive writes the directive that begins after the percent sign and returns
// its length.
func (f *formatter) directive(text string) (int, error) {
	i := 0
	for i < len(text) && strings.IndexByte("-+ #0123456789.", text[i]) >= 0 {
		i++
	}
	if i == len(text) {
		return 0, badFormat("the format ends inside a directive: %%%s", text)
	}
	flags, verb := text[:i], text[i]
	if width, precision, _ := strings.Cut(strings.TrimLeft(flags, "-+ #0"), "."); len(width) > 2 || len(precision) > 2 ||
		strings.ContainsAny(width+precision, "-+ #.") {
		return 0, badFormat("want flags, a width of two digits and a precision of two digits before the letter: %%%s%c", flags, verb)
	}
	if verb == '%' && flags == "" {
		f.out.WriteByte('%')
		return i + 1, nil
	}
	var value any
	if f.used++; f.used <= len(f.args) { // a missing one is nil: trailing nils are not passed on
		value = f.args[f.used-1]
	}
	switch verb {
	case 's', 'q':
		fmt.Fprintf(&f.out, "%"+flags+string(verb), show(f.c, value))
	case 'd', 'i', 'c', 'x', 'X', 'o', 'u':
		n, err := f.number(verb, value)
		if err != nil {
			return 0, err
		}
		if verb == 'i' || verb == 'u' {
			verb = 'd'
		}
		if n != math.Trunc(n) || math.Abs(n) >= 1<<63 {
			return 0, badFormat("argument %d is %v, want a whole number for %%%c", f.used+1, value, text[i])
		}
		fmt.Fprintf(&f.out, "%"+flags+string(verb), int64(n))
	case 'e', 'E', 'f', 'F', 'g', 'G':
		n, err := f.number(verb, value)
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(&f.out, "%"+flags+string(verb), n)
	default:
		return 0, badFormat("%%%s%c is no directive; want one of %%s %%d %%f %%g %%e %%x %%o %%c %%q %%%%", flags, verb)
	}
	return i + 1, nil
}

func (f *formatter) number(verb byte, value any) (float64, error) {
	switch v := value.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case string:
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return n, nil
		}
	}
	return 0, badFormat("argument %d is %s, want a number for %%%c", f.used+1, show(f.c, value), verb)
}

func badFormat(format string, args ...any) error {
	return &fault.Error{Kind: fault.Script, Op: "log", Message: fmt.Sprintf(format, args...)}
}

// show returns a value as people read it.
func show(c *luavm.Call, value any) string {
	switch v := value.(type) {
	case nil:
		return "nil"
	case bool:
		return strconv.FormatBool(v)
	case error:
		return v.Error()
	case luavm.Fn:
		return "function"
	case luavm.Tab:
		text, err := c.EncodeJSON(v, luavm.EncodeOptions{})
		if err != nil { // a cycle, a function inside: no reason not to log
			return "table"
		}
		return string(text)
	case luavm.JSONNull:
		return "null"
	case fmt.Stringer: // a secret, a handle that has a text
		return v.String()
	}
	if text, ok := plainText(value); ok {
		return text
	}
	return "handle"
}

// plainText returns the text of a text or a number.
func plainText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatInt(int64(v), 10), true
		}
		return strconv.FormatFloat(v, 'g', 14, 64), true // as tostring of Lua does
	}
	return "", false
}
