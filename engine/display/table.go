package display

import (
	"fmt"
	"strings"

	"moonpost/engine/columns"
	"moonpost/engine/fault"
)

// tableOf returns v for people.
func tableOf(v any, s style) string {
	switch v := v.(type) {
	case nil:
		return ""
	case object:
		return pairs(v)
	case []any:
		if rows, ok := objects(v); ok {
			return s.grid(rows)
		}
		var b strings.Builder
		for _, element := range v {
			b.WriteString(cell(element))
			b.WriteByte('\n')
		}
		return b.String()
	}
	return lines(v) + "\n"
}

// pairs returns an object as one line for each field. Values are not cut; those
// of several lines keep them.
func pairs(o object) string {
	width := 0
	for _, f := range o {
		width = max(width, columns.Width(cell(f.name)))
	}
	var b strings.Builder
	for _, f := range o {
		value := strings.ReplaceAll(lines(f.value), "\n", "\n"+strings.Repeat(" ", width+2))
		b.WriteString(strings.TrimRight(columns.Pad(cell(f.name), width)+"  "+value, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// grid is a table of rows under their names.
func (s style) grid(rows []object) string {
	names := fields(rows)
	t := columns.Table{Width: s.width, ASCII: s.ascii, Columns: make([]columns.Column, len(names)), Rows: make([][]string, len(rows))}
	for i, name := range names {
		t.Columns[i] = columns.Column{Title: cell(name), Right: true, Whole: true}
	}
	for i, row := range rows {
		t.Rows[i] = make([]string, len(names))
		for at, name := range names {
			v, _ := row.get(name)
			if _, isNumber := v.(number); !isNumber && v != nil {
				t.Columns[at].Right, t.Columns[at].Whole = false, false
			}
			t.Rows[i][at] = cell(v)
		}
	}
	return t.String()
}

// cell returns v on one line.
func cell(v any) string { return columns.Line(lines(v)) }

// lines returns v as text for people.
func lines(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return fault.Visible(v)
	case []any:
		if texts, ok := scalars(v); ok {
			return fault.Visible(strings.Join(texts, ", "))
		}
	}
	return string(appendJSON(nil, v, ""))
}

// scalars returns the texts of a list that has nothing in it but texts, numbers
// and truth values.
func scalars(list []any) ([]string, bool) {
	texts := make([]string, len(list))
	for i, v := range list {
		switch v := v.(type) {
		case string:
			texts[i] = v
		case number, bool:
			texts[i] = fmt.Sprint(v)
		default:
			return nil, false
		}
	}
	return texts, true
}
