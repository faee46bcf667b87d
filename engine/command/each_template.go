package command

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"moonpost/stdlib/csvfile"
)

// luaText writes text as a Lua string.
func luaText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f || r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\%03d`, text[0])
		default:
			b.WriteRune(r)
		}
		text = text[size:]
	}
	b.WriteByte('"')
	return b.String()
}

// templatePart is a piece of a template: text, or the name of a column.
type templatePart struct {
	text   string
	column bool
}

// parseTemplate takes "{given}.{family}@example.com" apart. {{ and }} are
// braces.
func parseTemplate(text string) ([]templatePart, error) {
	var parts []templatePart
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, templatePart{text: plain.String()})
			plain.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '{' && c != '}' {
			plain.WriteByte(c)
			continue
		}
		if i+1 < len(text) && text[i+1] == c {
			plain.WriteByte(c)
			i++
			continue
		}
		end := strings.IndexAny(text[i+1:], "{}")
		if c == '}' || end < 0 || text[i+1+end] == '{' || end == 0 {
			return nil, fmt.Errorf("%s is no template: its braces do not make {column}", csvfile.Shown(text))
		}
		flush()
		parts = append(parts, templatePart{text: text[i+1 : i+1+end], column: true})
		i += end + 1
	}
	flush()
	return parts, nil
}
