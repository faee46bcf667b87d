// Package answer writes the JSON text of the simulated server's answers: with a
// byte order mark, indented by two blanks, lines ending in CRLF, keys in the
// order given. Start at Status, the envelope of every answer; results are built
// from Object, List and plain Go values.
package answer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Object is a JSON object whose keys keep their order.
type Object []Field

// Field is one key of an Object. Value is nil, a bool, string, int, int64,
// float64, json.Number, Object, List or []string.
type Field struct {
	Key   string
	Value any
}

// List is a JSON array.
type List []any

// Obj makes an object of keys and values in turn: Obj("id", 7, "name", "a").
func Obj(pairs ...any) Object { return make(Object, 0, len(pairs)/2).Add(pairs...) }

// Add appends keys and values in turn.
func (o Object) Add(pairs ...any) Object {
	for i := 0; i < len(pairs); i += 2 {
		o = append(o, Field{pairs[i].(string), pairs[i+1]})
	}
	return o
}

// Get returns the value of a key; nil when the object does not have it.
func (o Object) Get(key string) any {
	for _, f := range o {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// Has reports whether the object has a key.
func (o Object) Has(key string) bool {
	return slices.ContainsFunc(o, func(f Field) bool { return f.Key == key })
}

// Text returns the string of a key; "" when it is absent or no string.
func (o Object) Text(key string) string {
	s, _ := o.Get(key).(string)
	return s
}

// With returns a copy of the object with key set to value, in its old place or
// at the end.
func (o Object) With(key string, value any) Object {
	out := append(make(Object, 0, len(o)+1), o...)
	for i := range out {
		if out[i].Key == key {
			out[i].Value = value
			return out
		}
	}
	return append(out, Field{key, value})
}

// Without returns a copy of the object that lacks the keys.
func (o Object) Without(keys ...string) Object {
	out := make(Object, 0, len(o))
next:
	for _, f := range o {
		for _, k := range keys {
			if f.Key == k {
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}

// OrNull returns nil for an empty text, which the server writes as null.
func OrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// appendValue appends v, whose first line starts at the given depth.
func appendValue(dst []byte, v any, depth int) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendString(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	case json.Number:
		return append(dst, v...)
	case []string:
		return appendItems(dst, '[', ']', len(v), depth, func(dst []byte, i int) []byte {
			return appendString(dst, v[i])
		})
	case List:
		return appendItems(dst, '[', ']', len(v), depth, func(dst []byte, i int) []byte {
			return appendValue(dst, v[i], depth+1)
		})
	case Object:
		return appendItems(dst, '{', '}', len(v), depth, func(dst []byte, i int) []byte {
			dst = appendString(dst, v[i].Key)
			dst = append(dst, ": "...)
			return appendValue(dst, v[i].Value, depth+1)
		})
	}
	panic(fmt.Sprintf("answer: no JSON form for %T", v)) // a handler's bug, found by its test
}

func appendItems(dst []byte, open, end byte, n, depth int, item func([]byte, int) []byte) []byte {
	dst = append(dst, open)
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLine(dst, depth+1)
		dst = item(dst, i)
	}
	if n > 0 {
		dst = appendLine(dst, depth)
	}
	return append(dst, end)
}

func appendLine(dst []byte, depth int) []byte {
	dst = append(dst, "\r\n"...)
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}

// appendString appends s, which is UTF-8, in quotes. Letters beyond ASCII stay
// as they are.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\r':
			dst = append(dst, `\r`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
