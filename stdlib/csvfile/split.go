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

// column returns the number of the character at byte at of line, from 1.
func column(line []byte, at int) int {
	return utf8.RuneCount(line[:min(at, len(line))]) + 1
}
