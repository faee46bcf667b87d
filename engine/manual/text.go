package manual

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// TextOptions say how entries are written for a person.
type TextOptions struct {
	Width int  // columns; below 40 it counts as 40
	Bold  bool // names and headings are bold, as terminals show it
}

// WriteText writes entries one after another. Text is broken at the width; what
// is there to be copied is not.
func WriteText(w io.Writer, entries []Entry, o TextOptions) {
	t := &textWriter{w: w, width: max(o.Width, 40), bold: o.Bold}
	for i, e := range entries {
		if i > 0 {
			fmt.Fprintf(w, "\n%s\n\n", strings.Repeat("-", t.width))
		}
		t.entry(e)
	}
}

// WriteHits writes what was found, one line or more for each entry.
func WriteHits(w io.Writer, entries []Entry, o TextOptions) {
	t := &textWriter{w: w, width: max(o.Width, 40), bold: o.Bold}
	items := make([]Item, len(entries))
	for i, e := range entries {
		items[i] = Item{Name: e.Name, About: "(" + string(e.Kind) + ") " + e.Summary()}
	}
	t.items(items)
}

type textWriter struct {
	w     io.Writer
	width int
	bold  bool
}

func (t *textWriter) entry(e Entry) {
	kind := string(e.Kind)
	if e.Module != "" && e.Module != globals {
		kind += " of " + e.Module
	}
	name := t.strong(e.Name)
	fmt.Fprintf(t.w, "%s  (%s)\n", name, fault.Visible(kind))
	if len(e.Usage) > 0 {
		fmt.Fprintln(t.w)
		for _, line := range e.Usage {
			t.line(2, line)
		}
	}
	for _, text := range append([]string{e.About}, e.Details...) {
		if text != "" {
			fmt.Fprintln(t.w)
			t.paragraph(0, text)
		}
	}
	t.params(e.paramsTitle(), e.Params)
	t.params("returns", e.Returns)
	t.params("fields", e.Fields)
	t.facts(e.Facts)
	for _, g := range e.Groups {
		if len(g.Items) > 0 {
			t.heading(g.Title)
			t.items(g.Items)
		}
	}
	t.samples(e.Examples)
}

// paramsTitle is the heading of what e takes.
func (e Entry) paramsTitle() string {
	switch e.Kind {
	case ServerFunction:
		return "arguments"
	case Script, Example:
		return "inputs"
	}
	return "takes"
}

func (t *textWriter) heading(text string) { fmt.Fprintf(t.w, "\n%s\n", t.strong(text+":")) }

func (t *textWriter) strong(text string) string {
	text = fault.Visible(text)
	if t.bold && text != "" {
		return "\x1b[1m" + text + "\x1b[0m"
	}
	return text
}

// line writes a line as it is.
func (t *textWriter) line(indent int, text string) {
	fmt.Fprintln(t.w, strings.TrimRight(strings.Repeat(" ", indent)+fault.Visible(text), " "))
}

// paragraph writes text in lines that fit.
func (t *textWriter) paragraph(indent int, text string) {
	for _, line := range wrap(text, t.width-indent) {
		t.line(indent, line)
	}
}

func (t *textWriter) params(title string, list []Param) {
	if len(list) == 0 {
		return
	}
	t.heading(title)
	t.paramList(2, list)
}

func (t *textWriter) paramList(indent int, list []Param) {
	for _, p := range list {
		name := p.Name
		if p.Variadic {
			name += " …"
		}
		lines := wrap(p.Described(), t.width-indent-utf8.RuneCountInString(name)-2)
		fmt.Fprintf(t.w, "%s%s  %s\n", strings.Repeat(" ", indent), t.strong(name), fault.Visible(lines[0]))
		for _, line := range lines[1:] {
			t.line(indent+utf8.RuneCountInString(name)+2, line)
		}
		if p.About != "" {
			t.paragraph(indent+4, p.About)
		}
		if len(p.Values) > 0 {
			t.paragraph(indent+4, "one of: "+strings.Join(p.Values, ", "))
		}
		if len(p.Params) > 0 {
			t.paragraph(indent+4, "called with:")
			t.paramList(indent+6, p.Params)
		}
		if len(p.Params) > 0 && len(p.Fields) > 0 {
			t.paragraph(indent+4, orTable)
		}
		t.paramList(indent+4, p.Fields)
	}
}

// orTable stands between the two forms of what may be a function or a table.
const orTable = "or a table with:"

// Described returns the type of a parameter and whether it must be given, as
// "string, optional, default 8".
func (p Param) Described() string {
	parts := []string{p.Type}
	if p.Optional && !p.Variadic && p.Default == "" {
		parts = append(parts, "optional")
	}
	if p.Default != "" {
		parts = append(parts, "default "+p.Default)
	}
	if p.Remark != "" {
		parts = append(parts, p.Remark)
	}
	return strings.Join(parts, ", ")
}

// facts writes names and texts in two columns.
func (t *textWriter) facts(facts []Fact) {
	if len(facts) == 0 {
		return
	}
	fmt.Fprintln(t.w)
	width := 0
	for _, f := range facts {
		if n := utf8.RuneCountInString(f.Name); n <= factWidth {
			width = max(width, n)
		}
	}
	for _, f := range facts {
		t.columns(0, width, f.Name, f.Text)
	}
}

// The widest left columns; what is longer has its line alone.
const (
	factWidth = 20
	itemWidth = 30
)

func (t *textWriter) items(items []Item) {
	width := 0
	most := min(itemWidth, t.width/3)
	for _, i := range items {
		if n := utf8.RuneCountInString(i.shown()); n <= most {
			width = max(width, n)
		}
	}
	for _, i := range items {
		about := i.About
		if len(i.Editions) == 1 {
			about += " " + editionName(catalogue.Edition(i.Editions[0])) + " only."
		}
		t.columns(2, width, i.shown(), about)
	}
}

func (i Item) shown() string {
	if i.Usage != "" {
		return i.Usage
	}
	return i.Name
}

// columns writes a name and, from width on, a text.
func (t *textWriter) columns(indent, width int, name, text string) {
	blank := strings.Repeat(" ", indent)
	lines := wrap(text, t.width-indent-width-2)
	if n := utf8.RuneCountInString(name); n > width {
		fmt.Fprintf(t.w, "%s%s\n", blank, t.strong(name))
	} else {
		row := blank + t.strong(name) + strings.Repeat(" ", width-n) + "  " + fault.Visible(lines[0])
		fmt.Fprintln(t.w, strings.TrimRight(row, " "))
		lines = lines[1:]
	}
	for _, line := range lines {
		t.line(indent+width+2, line)
	}
}

func (t *textWriter) samples(samples []Sample) {
	for _, s := range samples {
		t.heading(s.heading())
		for line := range strings.Lines(s.Text) {
			t.line(2, strings.TrimRight(line, "\r\n"))
		}
	}
}

// heading is what stands over a sample.
func (s Sample) heading() string {
	switch {
	case s.Title != "":
		return s.Title
	case s.Language == "sh":
		return "on the command line"
	}
	return "in a playbook"
}

// wrap breaks text between words into lines of at most width characters; a word
// that is longer has its line alone.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
