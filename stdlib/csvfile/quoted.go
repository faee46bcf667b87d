package csvfile

import (
	"bytes"
	"fmt"
)

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
		return nil, s.tooLong()
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
			return 0, false, s.tooLong()
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

func (s *splitter) tooLong() error { return s.errorf(0, "the row is longer than %d bytes", MaxRow) }
