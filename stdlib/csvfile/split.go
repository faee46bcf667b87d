package csvfile

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// splitter cuts UTF-8 text into rows of fields. A field may stand in quotes,
// with every quote inside doubled; then it may hold delimiters and line ends,
// which are kept as they are. A quote inside an unquoted field is an ordinary
// character, as it is for Excel and Python.
//
// It is not encoding/csv because that has no limits, loses CRLF inside quotes
// and cannot tell where an unclosed quote began; it is also some 1.3 times as
// fast (BenchmarkSplit).
type splitter struct {
	src       io.Reader
	delimiter byte
	comment   byte // 0 for none
	trim      bool
	careful   bool // count lone quotes
	lone      int  // quotes inside fields that are not quoted

	buf  []byte // buf[from:to] is read and not yet split
	from int
	to   int
	eof  bool
	err  error // sticky

	next    int // number of the line that starts at from
	line    int // number of the line where the current row starts
	fields  []string
	scratch []byte
	ends    []int // ends of the fields in scratch
}

const chunk = 128 << 10

func newSplitter(src io.Reader, opts Options) (splitter, error) {
	s := splitter{src: src, delimiter: ',', trim: opts.Trim, next: 1}
	for _, given := range []struct {
		option, value string
		to            *byte
	}{{"delimiter", opts.Delimiter, &s.delimiter}, {"comment", opts.Comment, &s.comment}} {
		switch {
		case given.value == "":
		case len(given.value) != 1 || given.value[0] >= utf8.RuneSelf || strings.Contains("\"\r\n\x00", given.value):
			return s, invalid("%s = %q is no single ASCII character that can serve as one", given.option, given.value)
		default:
			*given.to = given.value[0]
		}
	}
	if s.comment == s.delimiter {
		return s, invalid("comment and delimiter are both %q", opts.Comment)
	}
	return s, nil
}

// positionError is what is wrong at a place of the text.
type positionError struct {
	line, column  int // from 1; column 0: the whole row
	message, hint string
	unclosed      bool // more text might have made it right
}

func (e *positionError) Error() string { return fmt.Sprintf("%d:%d: %s", e.line, e.column, e.message) }

func (s *splitter) errorf(column int, format string, args ...any) error {
	return &positionError{line: s.line, column: column, message: fmt.Sprintf(format, args...)}
}

// unread returns what is in memory already.
func (s *splitter) unread() []byte { return s.buf[s.from:s.to] }

// fill reads more text behind what is unread; at the end it sets eof.
func (s *splitter) fill() error {
	if s.from > 0 {
		s.to = copy(s.buf, s.buf[s.from:s.to])
		s.from = 0
	}
	if len(s.buf)-s.to < chunk/2 {
		s.buf = slices.Grow(s.buf[:s.to], chunk)
		s.buf = s.buf[:cap(s.buf)]
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.to:])
		s.to += n
		switch {
		case err == io.EOF:
			s.eof = true
			return nil
		case err != nil:
			return err
		case n > 0:
			return nil
		}
	}
	return io.ErrNoProgress
}

// takeSeparatorLine takes the line "sep=;" away, which Excel writes and reads
// above the header, and returns its character.
func (s *splitter) takeSeparatorLine() string {
	rest, ok := bytes.CutPrefix(s.unread(), []byte("sep="))
	if !ok || len(rest) < 2 || !strings.Contains(delimiters, string(rest[0])) {
		return ""
	}
	end := bytes.IndexByte(rest[:min(3, len(rest))], '\n')
	if end < 0 || strings.Trim(string(rest[1:end]), "\r") != "" {
		return ""
	}
	s.from += len("sep=") + end + 1
	s.next++
	return string(rest[0])
}

// row returns the fields of the next row, in a slice that the next call uses
// again, or io.EOF.
func (s *splitter) row() ([]string, error) {
	if s.err == nil {
		row, err := s.read()
		if err == nil {
			return row, nil
		}
		s.err = err
	}
	return nil, s.err
}

func (s *splitter) read() ([]string, error) {
	for {
		text, size, err := s.wholeLine()
		if err != nil {
			return nil, err
		}
		s.line = s.next
		switch {
		case size == 0:
			return nil, io.EOF
		case len(text) == 0, text[0] == s.comment && s.comment != 0:
			s.from += size
			s.next++
			continue
		}
		if len(text) > MaxRow || bytes.IndexByte(text, '\r') >= 0 || !s.plainRow(text) {
			return s.quotedRow()
		}
		s.from += size
		s.next++
		return s.fields, s.finish(len(text))
	}
}

// wholeLine returns the line that is next, without its end, and its size with
// it; size 0 at the end of the text. A line longer than a row may be is given
// as far as it was read.
func (s *splitter) wholeLine() (text []byte, size int, err error) {
	for {
		unread := s.unread()
		if end := bytes.IndexByte(unread, '\n'); end >= 0 {
			text, size = unread[:end], end+1
			break
		}
		if s.eof || len(unread) > MaxRow {
			text, size = unread, len(unread)
			break
		}
		if err := s.fill(); err != nil {
			return nil, 0, err
		}
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	return text, size, nil
}

// plainRow splits a row that is one line without doubled quotes, as most rows
// are, and reports whether text is one.
func (s *splitter) plainRow(text []byte) bool {
	if (s.trim || s.careful) && bytes.IndexByte(text, '"') >= 0 {
		return false
	}
	row, rest := s.fields[:0], string(text)
	for len(row) < MaxColumns {
		var at int
		if len(rest) > 0 && rest[0] == '"' {
			rest = rest[1:]
			at = strings.IndexByte(rest, '"')
			if at < 0 || at+1 < len(rest) && rest[at+1] != s.delimiter {
				return false
			}
			row = append(row, rest[:at])
			if at++; at == len(rest) {
				s.fields = row
				return true
			}
		} else {
			at = strings.IndexByte(rest, s.delimiter)
			if at < 0 {
				s.fields = append(row, rest)
				return true
			}
			row = append(row, rest[:at])
		}
		rest = rest[at+1:]
	}
	return false
}

// finish checks the size of the fields of a row of that size, and trims.
func (s *splitter) finish(size int) error {
	if size > MaxField {
		for i, field := range s.fields {
			if len(field) > MaxField {
				return s.errorf(0, "field %d is longer than %d bytes", i+1, MaxField)
			}
		}
	}
	if s.trim {
		for i, field := range s.fields {
			s.fields[i] = strings.TrimSpace(field)
		}
	}
	return nil
}

// quotedRow splits the row that starts at from and has quotes somewhere.
func (s *splitter) quotedRow() ([]string, error) {
	q := quoted{s: s, line: s.next}
	s.scratch, s.ends = s.scratch[:0], s.ends[:0]
	for {
		last, err := q.field()
		if err != nil {
			return nil, err
		}
		s.ends = append(s.ends, len(s.scratch))
		if last {
			break
		}
		if len(s.ends) == MaxColumns {
			return nil, s.errorf(0, "the row has more than %d columns", MaxColumns)
		}
	}
	if q.at > MaxRow+1 {
		return nil, s.errorf(0, "the row is longer than %d bytes", MaxRow)
	}
	row, text, start := s.fields[:0], string(s.scratch), 0
	for _, end := range s.ends {
		row = append(row, text[start:end])
		start = end
	}
	s.fields = row
	s.from += q.at
	s.next = q.line + 1
	return row, s.finish(len(text))
}

// quoted walks over one row. Its offsets count from the start of the row, so
// they stay right when more text is read.
type quoted struct {
	s     *splitter
	at    int // next byte
	line  int // its line
	start int // where that line starts
}

// peek returns the byte at at; ok is false at the end of the text.
func (q *quoted) peek() (c byte, ok bool, err error) {
	if i := q.s.from + q.at; i < q.s.to {
		return q.s.buf[i], true, nil
	}
	return q.more()
}

// more is peek where what was read is used up.
func (q *quoted) more() (c byte, ok bool, err error) {
	s := q.s
	for s.from+q.at >= s.to {
		if s.eof {
			return 0, false, nil
		}
		if q.at > MaxRow {
			return 0, false, s.errorf(0, "the row is longer than %d bytes", MaxRow)
		}
		if err := s.fill(); err != nil {
			return 0, false, err
		}
	}
	return s.buf[s.from+q.at], true, nil
}

const doubled = `a quote inside a quoted field is written twice: ""`

func (q *quoted) fail(at int, message, hint string) *positionError {
	line := q.s.unread()[q.start:]
	return &positionError{line: q.line, column: column(line, at-q.start), message: message, hint: hint}
}

// field appends the next field to scratch and takes the delimiter or line end
// behind it; last says that the row is over.
func (q *quoted) field() (last bool, err error) {
	if q.s.trim {
		if err := q.skipBlanks(); err != nil {
			return false, err
		}
	}
	c, ok, err := q.peek()
	if err == nil && ok && c == '"' {
		q.at++
		if err = q.text(); err == nil && q.s.trim {
			err = q.skipBlanks()
		}
	} else if err == nil {
		err = q.plain()
	}
	if err != nil {
		return false, err
	}
	return q.end()
}

// plain appends a field without quotes.
func (q *quoted) plain() error {
	for {
		if _, ok, err := q.peek(); err != nil || !ok {
			return err
		}
		rest := q.s.unread()[q.at:]
		for i, c := range rest {
			switch c {
			case q.s.delimiter, '\n', '\r':
				q.s.scratch = append(q.s.scratch, rest[:i]...)
				q.at += i
				return nil
			case '"':
				q.s.lone++
			}
		}
		q.s.scratch = append(q.s.scratch, rest...)
		q.at += len(rest)
	}
}

// skipBlanks skips blanks around the quotes of a field that is trimmed.
func (q *quoted) skipBlanks() error {
	for {
		c, ok, err := q.peek()
		if err != nil || !ok || c != ' ' && c != '\t' || c == q.s.delimiter {
			return err
		}
		q.at++
	}
}

// text appends what stands in quotes, up to behind the closing one.
func (q *quoted) text() error {
	open := *q
	open.at--
	for {
		ok := q.at <= MaxRow
		if ok {
			var err error
			if _, ok, err = q.peek(); err != nil {
				return err
			}
		}
		if !ok {
			err := open.fail(open.at, "the quote that opens here is never closed", doubled)
			err.unclosed = true
			return err
		}
		rest := q.s.unread()[q.at:]
		n := bytes.IndexByte(rest, '"')
		piece := rest
		if n >= 0 {
			piece = rest[:n]
		}
		q.s.scratch = append(q.s.scratch, piece...)
		if at := bytes.LastIndexByte(piece, '\n'); at >= 0 {
			q.line += bytes.Count(piece, []byte{'\n'})
			q.start = q.at + at + 1
		}
		q.at += len(piece)
		if n < 0 {
			continue
		}
		q.at++
		c, ok, err := q.peek()
		if err != nil {
			return err
		}
		if !ok || c != '"' {
			return nil
		}
		q.s.scratch = append(q.s.scratch, '"')
		q.at++
	}
}

// end takes the delimiter or line end behind a field.
func (q *quoted) end() (last bool, err error) {
	c, ok, err := q.peek()
	switch {
	case err != nil || !ok:
		return true, err
	case c == q.s.delimiter:
		q.at++
		return false, nil
	case c == '\n':
		q.at++
		return true, nil
	case c == '\r':
		q.at++
		next, more, err := q.peek()
		if err != nil || !more {
			return true, err
		}
		if next == '\n' {
			q.at++
			return true, nil
		}
		return false, q.fail(q.at-1, "a carriage return alone, outside quotes", "")
	}
	return false, q.fail(q.at, fmt.Sprintf("text after a closing quote: %q", c), doubled)
}

// column returns the number of the character at byte at of line, from 1.
func column(line []byte, at int) int {
	return utf8.RuneCount(line[:min(at, len(line))]) + 1
}
