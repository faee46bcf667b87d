// Package columns measures text in the columns of a terminal and lays out
// tables. Start at Table; the functions are for who writes lines of his own.
//
// It promises that what it returns never depends on the environment, that
// characters are never cut in half, and that a line is never wider than asked
// as long as there is room for one column. Text of others goes through Line
// first.
package columns

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"moonpost/engine/fault"
)

// measure counts wide East-Asian characters as two and what is ambiguous as
// one, whatever the environment says.
var measure = &runewidth.Condition{StrictEmojiNeutral: true}

// Width returns how many columns text takes.
func Width(text string) int { return measure.StringWidth(text) }

// Pad fills text up with blanks at its end.
func Pad(text string, width int) string {
	return text + blanks(width-Width(text))
}

// PadLeft fills text up with blanks before it.
func PadLeft(text string, width int) string {
	return blanks(width-Width(text)) + text
}

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// Cut shortens text to width columns, with an ellipsis at its end where it did
// and there is room for one.
func Cut(text string, width int, ascii bool) string {
	ellipsis := Ellipsis(ascii)
	if width <= Width(ellipsis) {
		ellipsis = ""
	}
	return measure.Truncate(text, max(width, 0), ellipsis)
}

// Shorten shortens a name to width columns. Its end stays, which tells one name
// from another, and of its beginning what there is room for.
func Shorten(name string, width int, ascii bool) string {
	if Width(name) <= width {
		return name
	}
	head := ""
	if width >= 16 {
		head = measure.Truncate(name, width/3, "")
	}
	head += Ellipsis(ascii)
	return measure.TruncateLeft(name, Width(name)-(width-Width(head)), head)
}

// Ellipsis stands for what was cut.
func Ellipsis(ascii bool) string {
	if ascii {
		return "..."
	}
	return "…"
}

// Line returns text on one line and fit for a terminal: line ends, tabs and what
// else acts on a terminal are written as escapes.
func Line(text string) string { return escapes.Replace(fault.Visible(text)) }

var escapes = strings.NewReplacer("\n", `\n`, "\t", `\t`)
