package display

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A JSON value keeps what packages made for Go types lose: the order of keys
// and the text of numbers. It is nil, a bool, a string, a number, an object or
// a []any.
type (
	number string
	object []field
	field  struct {
		name  string
		value any
	}
)

// get returns the field called name, the last one of several.
func (o object) get(name string) (any, bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			return o[i].value, true
		}
	}
	return nil, false
}

func parse(text []byte) (any, error) {
	if len(text) == 0 {
		return nil, nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := value(d)
	if err == nil {
		_, err = d.ReadToken()
	}
	switch {
	case err == nil:
		return nil, errors.New("the result is no JSON: there is more than one value")
	case err != io.EOF:
		return nil, fmt.Errorf("the result is no JSON: %w", err)
	}
	return v, nil
}

func value(d *jsontext.Decoder) (any, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return token.String(), nil
	case '0':
		return number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	case '[':
		list := []any{}
		for d.PeekKind() != ']' {
			v, err := value(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.ReadToken()
		return list, err
	case '{':
		o := object{}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			f := field{name: name.String()}
			if f.value, err = value(d); err != nil {
				return nil, err
			}
			o = append(o, f)
		}
		_, err = d.ReadToken()
		return o, err
	}
	return nil, nil
}

// appendJSON appends v as JSON: on one line when indent is "", else with a line
// for each element, of which indent is the beginning. Characters that act on
// terminals are escaped.
func appendJSON(b []byte, v any, indent string) []byte {
	inner, colon := "", ":"
	if indent != "" {
		inner, colon = indent+"  ", ": "
	}
	switch v := v.(type) {
	case bool:
		return fmt.Append(b, v)
	case number:
		return append(b, v...)
	case string:
		return appendText(b, v)
	case []any:
		b = append(b, '[')
		for i, element := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(append(b, inner...), element, inner)
		}
		if len(v) > 0 {
			b = append(b, indent...)
		}
		return append(b, ']')
	case object:
		b = append(b, '{')
		for i, f := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(append(b, inner...), f.name), colon...)
			b = appendJSON(b, f.value, inner)
		}
		if len(v) > 0 {
			b = append(b, indent...)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// appendText appends text as a JSON string.
func appendText(b []byte, text string) []byte {
	start := len(b)
	b, _ = jsontext.AppendQuote(b, text) // reports only text that is no UTF-8, which becomes U+FFFD
	if !bytes.ContainsFunc(b[start:], acts) {
		return b
	}
	quoted := string(b[start:])
	b = b[:start]
	for _, r := range quoted {
		switch {
		case !acts(r):
			b = utf8.AppendRune(b, r)
		case r > 0xFFFF:
			b = fmt.Appendf(b, `\u%04x\u%04x`, 0xD800+(r-0x10000)>>10, 0xDC00+(r-0x10000)&0x3FF)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}

// acts reports whether r, in JSON, does something to a terminal.
func acts(r rune) bool {
	return r >= 0x7F && unicode.In(r, unicode.Cc, unicode.Cf) && !strings.ContainsRune("\u00ad\u200c\u200d", r)
}
