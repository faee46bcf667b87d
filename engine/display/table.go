package display

import (
	"fmt"
	"slices"
	"strings"

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
		width = max(width, cells(cell(f.name)))
	}
	var b strings.Builder
	for _, f := range o {
		value := strings.ReplaceAll(lines(f.value), "\n", "\n"+strings.Repeat(" ", width+2))
		b.WriteString(strings.TrimRight(pad(cell(f.name), width)+"  "+value, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// grid is a table of rows under their names.
func (s style) grid(rows []object) string {
	names := fields(rows)
	if len(names) == 0 {
		return ""
	}
	header := make([]string, len(names))
	widths := make([]int, len(names))
	numeric := make([]bool, len(names)) // aligned to the right
	for column, name := range names {
		header[column] = cell(name)
		widths[column] = cells(header[column])
		numeric[column] = true
	}
	texts := make([][]string, len(rows))
	for i, row := range rows {
		texts[i] = make([]string, len(names))
		for column, name := range names {
			v, _ := row.get(name)
			_, isNumber := v.(number)
			numeric[column] = numeric[column] && (isNumber || v == nil)
			texts[i][column] = cell(v)
			widths[column] = max(widths[column], cells(texts[i][column]))
		}
	}
	rule, more := "─", s.ellipsis()
	if s.ascii {
		rule = "-"
	}
	widths = s.fit(widths, numeric, cells(more))

	var b strings.Builder
	write := func(parts []string, behind string) {
		for column, width := range widths {
			text := s.cut(parts[column], width)
			if numeric[column] {
				text = strings.Repeat(" ", width-cells(text)) + text
			}
			parts[column] = pad(text, width)
		}
		b.WriteString(strings.TrimRight(strings.Join(parts[:len(widths)], gap)+behind, " "))
		b.WriteByte('\n')
	}
	rules := make([]string, len(widths))
	for column, width := range widths {
		rules[column] = strings.Repeat(rule, width)
	}
	behind := ""
	if len(widths) < len(names) { // there are columns that are not shown
		behind = s.cut(gap+more, s.width-cells(strings.Join(rules, gap)))
	}
	write(header, behind)
	write(rules, "")
	for _, row := range texts {
		write(row, "")
	}
	return b.String()
}

// Between columns, and the narrowest that a column is made to fit.
const (
	gap         = "  "
	columnLeast = 10
)

// fit returns the widths of the columns that fit. Wide texts are cut to one
// width, numbers never; where that is not enough, the last columns are left out
// and there is room for a mark of that many cells behind the others.
func (s style) fit(widths []int, numeric []bool, mark int) []int {
	if s.width <= 0 {
		return widths
	}
	shown, room := slices.Clone(widths), s.width
	at := func(column, most int) int { // the width of a column then
		if numeric[column] {
			return shown[column]
		}
		return min(shown[column], most)
	}
	left := func(most int) int { // the room that is left then
		n := room + len(gap)
		for column := range shown {
			n -= at(column, most) + len(gap)
		}
		return n
	}
	for len(shown) > 1 && left(columnLeast) < 0 {
		shown, room = shown[:len(shown)-1], s.width-len(gap)-mark
	}
	most := s.width
	for most > columnLeast && left(most) < 0 {
		most--
	}
	over := max(left(most), 0)
	for column, width := range shown {
		shown[column] = at(column, most)
		if shown[column] < width && over > 0 { // what division left over
			shown[column]++
			over--
		}
	}
	if len(shown) == 1 {
		shown[0] = min(shown[0], max(room, 1))
	}
	return shown
}

// cell returns v on one line.
func cell(v any) string {
	text := strings.ReplaceAll(lines(v), "\n", `\n`)
	return strings.ReplaceAll(text, "\t", `\t`)
}

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
