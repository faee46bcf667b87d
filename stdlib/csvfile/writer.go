package csvfile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Style says how a file is to be written. The zero value gives what every
// reader takes: commas, UTF-8 without mark, no live formulas.
type Style struct {
	Delimiter string // one of , ; tab |; "" is the comma
	BOM       bool   // begin with a UTF-8 mark: Excel then reads UTF-8
	Raw       bool   // leave text that a spreadsheet takes for a formula as it is
}

// Cell is one value of a row. Text comes from people and is guarded unless the
// style is raw; a number is written as it is.
type Cell struct {
	Text   string
	Number bool
}

// Writer writes rows. It is not safe for concurrent use.
type Writer struct {
	out       *bufio.Writer
	style     Style
	delimiter byte
	rows      int
}

// NewWriter returns a writer to w. Rows are there after Flush.
func NewWriter(w io.Writer, style Style) (*Writer, error) {
	writer := &Writer{out: bufio.NewWriterSize(w, 64<<10), style: style, delimiter: ','}
	if style.Delimiter != "" {
		if len(style.Delimiter) != 1 || !strings.Contains(delimiters, style.Delimiter) {
			return nil, invalid(`delimiter = %q is none of ",", ";", "\t" and "|"`, style.Delimiter)
		}
		writer.delimiter = style.Delimiter[0]
	}
	return writer, nil
}

// Row writes one row. Its line ends with \n; fields keep the line ends they
// have.
func (w *Writer) Row(cells ...Cell) error {
	w.rows++
	if w.rows == 1 && w.style.BOM {
		_, _ = w.out.WriteString("\uFEFF")
	}
	for i, cell := range cells {
		text := cell.Text
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return invalid("row %d, column %d: %s is no text", w.rows, i+1, Shown(text))
		}
		if !cell.Number && !w.style.Raw {
			text = guard(text)
		}
		if i > 0 {
			_ = w.out.WriteByte(w.delimiter)
		}
		if !needsQuotes(text) && (text != "" || len(cells) > 1) {
			_, _ = w.out.WriteString(text)
			continue
		}
		_ = w.out.WriteByte('"')
		_, _ = w.out.WriteString(strings.ReplaceAll(text, `"`, `""`))
		_ = w.out.WriteByte('"')
	}
	if err := w.out.WriteByte('\n'); err != nil {
		return fmt.Errorf("write row %d: %w", w.rows, err)
	}
	return nil
}

// Flush writes what is held back.
func (w *Writer) Flush() error { return w.out.Flush() }

// needsQuotes reports whether a field means something else without quotes, to
// any reader: all delimiters count, so that none but the right one can be found
// in the file.
func needsQuotes(text string) bool {
	return strings.ContainsAny(text, "\"\r\n"+delimiters) ||
		strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") ||
		strings.HasPrefix(text, "\uFEFF") || strings.HasPrefix(text, "sep=") || strings.HasPrefix(text, "#")
}

// The characters that begin a formula for Excel, LibreOffice or Google Sheets,
// in their full-width forms too, which some input methods and fonts make equal.
var formula = []rune{'=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'}

// guard makes text that a spreadsheet would take for a formula text to it, by an
// apostrophe before it. A program that opens the file with another delimiter
// cuts fields elsewhere, quotes or not, so a formula behind any delimiter or
// line end inside the text counts as well. Text that is a number stays.
func guard(text string) string {
	if isNumber(text) {
		return text
	}
	var b strings.Builder
	kept := 0
	start := true
	for i, r := range text {
		if start && slices.Contains(formula, r) {
			b.WriteString(text[kept:i])
			b.WriteByte('\'')
			kept = i
		}
		start = r == '"' && start || r == '\n' || r == '\r' || r < utf8.RuneSelf && strings.ContainsRune(delimiters, r)
	}
	if kept == 0 && b.Len() == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}

// isNumber reports whether text is a number with sign, point or comma.
func isNumber(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 {
		return false
	}
	points := 0
	for i, c := range []byte(digits) {
		switch {
		case '0' <= c && c <= '9':
		case (c == '.' || c == ',') && i > 0 && i < len(digits)-1:
			points++
		default:
			return false
		}
	}
	return digits != "" && points <= 1
}
