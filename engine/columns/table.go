package columns

import (
	"slices"
	"strings"
)

// Table is a table of texts, each on one line.
type Table struct {
	Columns []Column
	Rows    [][]string // with a text for every column

	Width    int  // columns of the terminal that it has to fit; 0: not limited
	ASCII    bool // draw with ASCII characters only
	Border   bool // lines around cells; otherwise two blanks between columns
	Headless bool // leave out titles and the line below them
}

// Column says how one column looks.
type Column struct {
	Title string
	Right bool // aligned to the right
	Whole bool // not cut to make room: half a number is a wrong number
	Most  int  // the widest that it gets; 0: not limited
}

// leastCut is the narrowest that a column is made so that others fit.
const leastCut = 10

// String returns the table as lines without blanks at their ends; "" when it
// has no columns. Wide texts are cut to one width where there is no room. Where
// that is not enough, the last columns are left out, and an ellipsis behind the
// titles says so.
func (t Table) String() string {
	if len(t.Columns) == 0 {
		return ""
	}
	l := layout{Table: t, look: t.look()}
	l.fit()
	l.draw()
	return l.out.String()
}

// Size returns how many columns and lines the table would take if its width
// were not limited.
func (t Table) Size() (width, lines int) {
	for _, w := range t.natural() {
		width += w + 3
	}
	return width + 1, len(t.Rows) + 4
}

// natural returns how wide the columns would like to be.
func (t Table) natural() []int {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		if !t.Headless {
			widths[i] = Width(c.Title)
		}
		for _, row := range t.Rows {
			widths[i] = max(widths[i], Width(row[i]))
		}
		if c.Most > 0 {
			widths[i] = min(widths[i], c.Most)
		}
	}
	return widths
}

// look is what a table is drawn with: the texts before, between and after the
// cells of a row, and of the rules above, below the titles, and at the end.
type look struct {
	cells [3]string
	rules [3][3]string
	rule  string
}

func (t Table) look() look {
	switch {
	case t.Border && t.ASCII:
		plus := [3]string{"+-", "-+-", "-+"}
		return look{cells: [3]string{"| ", " | ", " |"}, rules: [3][3]string{plus, plus, plus}, rule: "-"}
	case t.Border:
		return look{
			cells: [3]string{"│ ", " │ ", " │"}, rule: "─",
			rules: [3][3]string{{"┌─", "─┬─", "─┐"}, {"├─", "─┼─", "─┤"}, {"└─", "─┴─", "─┘"}},
		}
	}
	none := look{cells: [3]string{"", "  ", ""}, rule: "─"}
	none.rules[1] = none.cells
	if t.ASCII {
		none.rule = "-"
	}
	return none
}

// layout is a table while it is drawn.
type layout struct {
	Table
	look   look
	widths []int
	out    strings.Builder
}

// fit settles the widths of the columns that are shown, and leaves the others
// out.
func (l *layout) fit() {
	natural := l.natural()
	if l.Width <= 0 {
		l.widths = natural
		return
	}
	around, gap := Width(l.look.cells[0])+Width(l.look.cells[2]), Width(l.look.cells[1])
	shown, room := slices.Clone(natural), l.Width-around
	at := func(column, most int) int { // the width of a column then
		if l.Columns[column].Whole {
			return shown[column]
		}
		return min(shown[column], most)
	}
	left := func(most int) int { // the room that is left then
		n := room + gap
		for column := range shown {
			n -= at(column, most) + gap
		}
		return n
	}
	for len(shown) > 1 && left(leastCut) < 0 {
		shown, room = shown[:len(shown)-1], l.Width-around-gap-Width(Ellipsis(l.ASCII))
	}
	most := l.Width
	for most > leastCut && left(most) < 0 {
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
	l.widths = shown
}

func (l *layout) draw() {
	rules := make([]string, len(l.widths))
	for i, width := range l.widths {
		rules[i] = strings.Repeat(l.look.rule, width)
	}
	titles := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		titles[i] = c.Title
	}
	mark := ""
	if len(l.widths) < len(l.Columns) { // there are columns that are not shown
		used := Width(l.look.cells[0] + strings.Join(rules, l.look.cells[1]) + l.look.cells[2])
		mark = Cut("  "+Ellipsis(l.ASCII), l.Width-used, l.ASCII)
	}
	if l.Border {
		l.rule(l.look.rules[0], rules)
	}
	if !l.Headless {
		l.row(titles, mark)
		l.rule(l.look.rules[1], rules)
		mark = ""
	}
	for _, row := range l.Rows {
		l.row(row, mark)
		mark = ""
	}
	if l.Border {
		l.rule(l.look.rules[2], rules)
	}
}

func (l *layout) rule(look [3]string, rules []string) {
	l.out.WriteString(look[0] + strings.Join(rules, look[1]) + look[2] + "\n")
}

// row writes one line. Blanks are written when something follows them.
func (l *layout) row(texts []string, behind string) {
	held := 0
	write := func(text string) {
		bare := strings.TrimRight(text, " ")
		if bare != "" {
			for range held {
				l.out.WriteByte(' ')
			}
			l.out.WriteString(bare)
			held = 0
		}
		held += len(text) - len(bare)
	}
	write(l.look.cells[0])
	for i, width := range l.widths {
		if i > 0 {
			write(l.look.cells[1])
		}
		text, wide := texts[i], Width(texts[i])
		if wide > width {
			text = Cut(text, width, l.ASCII)
			wide = Width(text)
		}
		if l.Columns[i].Right {
			held += width - wide
		}
		write(text)
		if !l.Columns[i].Right {
			held += width - wide
		}
	}
	write(l.look.cells[2])
	write(behind)
	l.out.WriteByte('\n')
}
