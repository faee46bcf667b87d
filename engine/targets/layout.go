package targets

import (
	"bytes"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// layout is where things stand in the text of a file that the decoder took.
type layout struct {
	sections map[string]*section
	odd      []int // offsets of keys that the decoder takes although their case is wrong
}

// section is the text of one target.
type section struct {
	start, end int             // its lines; see newLayout
	header     int             // offset of its name
	last       int             // end of the last line that holds its header or a value
	values     map[string]span // by key, what stands behind the equals sign
	elsewhere  bool            // parts of it do not stand below [target.NAME]
}

type span struct {
	line       int // offset of the line that it begins on
	key        int // offset of the key
	start, end int // of the value
	after      int // begin of the next line
}

// newLayout finds the sections. To a section belong its header and its values,
// and the comments that stand directly above, between and directly below them,
// without an empty line.
func newLayout(text []byte) layout {
	l := layout{sections: map[string]*section{}}
	comments := map[int]int{} // begin of a line that is a comment, to the begin of the next
	p := unstable.Parser{KeepComments: true}
	p.Reset(text)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind == unstable.Comment {
			from, to := lines(text, e.Raw)
			if len(bytes.TrimSpace(text[from:e.Raw.Offset])) == 0 {
				comments[from] = to
			}
			continue
		}
		names, key := path(e)
		l.look(table, names, e.Kind, int(key.Offset))
		from, to := lines(text, key)
		if e.Kind != unstable.KeyValue {
			table = names
			if len(names) > 1 && names[0] == "target" {
				s := l.section(names[1], int(key.Offset))
				s.start, s.last, s.elsewhere = from, to, s.elsewhere || len(names) != 2 || s.last > 0
			}
			continue
		}
		whole := append(table[:len(table):len(table)], names...)
		if len(whole) < 2 || whole[0] != "target" {
			continue
		}
		s := l.section(whole[1], int(key.Offset))
		if len(table) != 2 || len(whole) != 3 {
			s.elsewhere = true
			continue
		}
		value := e.Value().Raw
		_, to = lines(text, e.Raw)
		s.values[whole[2]] = span{
			line: from, key: int(key.Offset), start: int(value.Offset), end: int(value.Offset + value.Length), after: to,
		}
		s.last = to
	}
	for _, s := range l.sections {
		for before := s.start; ; s.start = before {
			before = bytes.LastIndexByte(text[:max(before-1, 0)], '\n') + 1
			if _, ok := comments[before]; !ok || before == s.start {
				break
			}
		}
		s.end = s.last
		for after, ok := comments[s.end]; ok; after, ok = comments[s.end] {
			s.end = after
		}
	}
	return l
}

// look takes note of a key that is not written as it should be. Those of
// inline tables are not looked at.
func (l *layout) look(table, names []string, kind unstable.Kind, offset int) {
	if kind == unstable.KeyValue {
		names = append(table[:len(table):len(table)], names...)
	}
	if names[0] != "target" || len(names) > 2 && !slices.Contains(keys, names[2]) {
		l.odd = append(l.odd, offset)
	}
}

// section returns the section of a target; header is where it is first spoken of.
func (l layout) section(name string, header int) *section {
	s := l.sections[name]
	if s == nil {
		s = &section{header: header, values: map[string]span{}}
		l.sections[name] = s
	}
	return s
}

// place returns where a key of a target stands, or where the target begins.
func (l layout) place(name, key string) int {
	s := l.sections[name]
	if s == nil {
		return 0
	}
	if v, ok := s.values[key]; ok {
		return v.key
	}
	return s.header
}

// path returns the parts of the key of an expression and the range that they
// take.
func path(e *unstable.Node) (names []string, raw unstable.Range) {
	for k := e.Key(); k.Next(); {
		n := k.Node()
		if names == nil {
			raw = n.Raw
		}
		raw.Length = n.Raw.Offset + n.Raw.Length - raw.Offset
		names = append(names, string(n.Data))
	}
	return names, raw
}

// lines returns the lines that a range stands on: the begin of the first and
// the begin of the one after the last.
func lines(text []byte, r unstable.Range) (from, to int) {
	from = bytes.LastIndexByte(text[:r.Offset], '\n') + 1
	to = int(r.Offset + r.Length)
	if i := bytes.IndexByte(text[to:], '\n'); i >= 0 {
		return from, to + i + 1
	}
	return from, len(text)
}
