package stdlib

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"moonpost/engine/columns"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

func splitText(c *luavm.Call) error {
	separator, limit := c.String(1), int64(-1)
	if separator == "" {
		return &fault.Error{
			Kind: fault.Invalid, Op: "text.split", Message: "the separator is empty",
			Hint: "for the characters of a text use text.sub(text, i, i)",
		}
	}
	if c.Has(2) {
		if limit = c.Int(2); limit < 1 {
			return &fault.Error{Kind: fault.Invalid, Op: "text.split", Message: fmt.Sprintf("limit is %d, want 1 or more", limit)}
		}
	}
	return c.Return(strings.SplitN(c.String(0), separator, int(min(limit, 1<<30))))
}

// characters returns the characters from first to last, which are positions as
// those of string.sub.
func characters(text string, first, last int64) string {
	if first < 0 || last < 0 {
		count := int64(utf8.RuneCountInString(text))
		if first < 0 {
			first = max(first+count+1, 1)
		}
		if last < 0 {
			last += count + 1
		}
	}
	first = max(first, 1)
	if last < first {
		return ""
	}
	from, to, at := len(text), len(text), int64(0)
	for i := range text {
		if at++; at == first {
			from = i
		}
		if at == last+1 {
			to = i
			break
		}
	}
	return text[from:to]
}

// longestName bounds the work of nearest, which grows with the square of it.
const longestName = 1000

func nearestText(c *luavm.Call) error {
	name, list := c.String(0), c.Table(1)
	if len(name) > longestName {
		return &fault.Error{Kind: fault.Invalid, Op: "text.nearest", Message: fmt.Sprintf("the name has %d bytes, want %d at most", len(name), longestName)}
	}
	var names []string
	for i := range list.Len() {
		if candidate, _ := list.Index(i + 1).(string); len(candidate) <= longestName {
			names = append(names, candidate)
		}
	}
	if meant := fault.Nearest(name, names); meant != "" {
		return c.Return(meant)
	}
	return c.Return(nil)
}

// widest bounds what a call makes of a short text.
const widest = 10_000

func checkWidth(op string, width int64) error {
	if width < 1 || width > widest {
		return &fault.Error{Kind: fault.Invalid, Op: op, Message: fmt.Sprintf("width is %d, want 1 to %d", width, widest)}
	}
	return nil
}

// wrap breaks text into lines of at most width columns.
func wrap(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		at := 0
		for i, word := range strings.Fields(line) {
			wide := columns.Width(word)
			switch {
			case i == 0:
			case at+1+wide > width:
				b.WriteByte('\n')
				at = 0
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += wide
		}
		if strings.HasSuffix(line, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// fromBase64 reads all the ways in which Base64 is written.
func fromBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("\r", "", "\n", "", "-", "+", "_", "/").Replace(text)
	return base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
}
