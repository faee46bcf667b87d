package fault

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns text fit for a terminal: what would move the cursor, change
// colours, reorder or hide other text is written as an escape (\x1b, \u202e), and
// so are bytes that are no UTF-8. Line ends and tabs stay; \r\n becomes \n.
func Visible(text string) string {
	first := strings.IndexFunc(text, hidden)
	if first < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\r' && strings.HasPrefix(text[i:], "\r\n"):
		case r == '\r':
			b.WriteString(`\r`)
		case !hidden(r):
			b.WriteRune(r)
		case r <= 0xFF:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// hidden reports whether r acts on a terminal instead of showing. Soft hyphens
// and the joiners of Indic scripts and emoji do no harm.
func hidden(r rune) bool {
	if ' ' <= r && r <= '~' {
		return false
	}
	switch r {
	case '\n', '\t', '\u00ad', '\u200c', '\u200d':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf)
}
