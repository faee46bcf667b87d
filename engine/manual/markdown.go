package manual

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"moonpost/engine/fault"
)

// book is the manual as pages that refer to each other.
type book struct {
	pages []page
	at    map[Kind]map[string]place
}

// page is one file: a leading entry and what is explained below it.
type page struct {
	path  string // from the folder of the manual, with slashes
	lead  Entry
	below []Entry
}

// place is where an entry is explained.
type place struct{ path, anchor string }

// reference returns the link from a page to the entry, "" when it has no page.
func (b *book) reference(from string, kind Kind, name string) string {
	to, ok := b.at[kind][name]
	if !ok {
		return ""
	}
	link := relative(from, to.path)
	if from == to.path {
		link = ""
	}
	if to.anchor != "" {
		link += "#" + to.anchor
	}
	return link
}

// relative returns the way from one page to another.
func relative(from, to string) string {
	if path.Dir(from) == path.Dir(to) {
		return path.Base(to)
	}
	return strings.Repeat("../", strings.Count(from, "/")) + to
}

// render returns the text of a page.
func (b *book) render(p page) string {
	m := &markdown{book: b, path: p.path}
	m.line(marker)
	m.entry(1, p.lead)
	for _, e := range p.below {
		m.entry(2, e)
	}
	if p.path != indexPage {
		m.line("")
		m.line("---")
		m.line("")
		m.line("[The manual](" + relative(p.path, indexPage) + ")")
	}
	return m.text.String()
}

// markdown writes one page.
type markdown struct {
	book *book
	path string
	self Entry
	text strings.Builder
}

func (m *markdown) line(text string) {
	m.text.WriteString(strings.TrimRight(text, " "))
	m.text.WriteByte('\n')
}

// block writes a paragraph with an empty line before it.
func (m *markdown) block(text string) {
	m.line("")
	m.line(text)
}

func (m *markdown) entry(level int, e Entry) {
	m.self = e
	if at, ok := m.book.at[e.Kind][e.Name]; ok && at.anchor != "" {
		m.block(`<a id="` + at.anchor + `"></a>`)
	}
	m.block(strings.Repeat("#", level) + " " + escape(e.Name))
	if len(e.Usage) > 0 {
		m.code(e.language(), strings.Join(e.Usage, "\n"))
	}
	for _, text := range append([]string{e.About}, e.Details...) {
		if text != "" {
			m.block(m.linked(text))
		}
	}
	m.params(e.paramsTitle(), e.Params)
	m.params("returns", e.Returns)
	m.params("fields", e.Fields)
	if len(e.Facts) > 0 {
		m.title("to know")
		m.line("")
		for _, f := range e.Facts {
			m.line("- " + escape(f.Name) + ": " + m.linked(f.Text))
		}
	}
	for _, g := range e.Groups {
		m.group(g)
	}
	for _, s := range e.Examples {
		m.title(s.heading())
		m.code(s.Language, strings.TrimRight(s.Text, "\n"))
	}
}

// language is that of the usage of e.
func (e Entry) language() string {
	switch e.Kind {
	case CommandKind, Flag, Script:
		return "sh"
	}
	return "lua"
}

func (m *markdown) title(text string) { m.block("**" + escape(text) + "**") }

func (m *markdown) code(language, text string) {
	m.block("```" + language)
	m.line(fault.Visible(text))
	m.line("```")
}

func (m *markdown) params(title string, list []Param) {
	if len(list) > 0 {
		m.title(title)
		m.line("")
		m.paramList("", list)
	}
}

func (m *markdown) paramList(indent string, list []Param) {
	for _, p := range list {
		name := p.Name
		if p.Variadic {
			name += " …"
		}
		text := indent + "- " + span(name) + " " + m.linked(p.Described())
		if p.About != "" {
			text += ": " + m.linked(p.About)
		}
		m.line(text)
		if len(p.Values) > 0 {
			values := make([]string, len(p.Values))
			for i, v := range p.Values {
				values[i] = span(v)
			}
			m.line(indent + "  - one of " + strings.Join(values, ", "))
		}
		if len(p.Params) > 0 {
			m.line(indent + "  - called with:")
			m.paramList(indent+"    ", p.Params)
		}
		fields := indent + "  "
		if len(p.Params) > 0 && len(p.Fields) > 0 {
			m.line(fields + "- " + orTable)
			fields += "  "
		}
		m.paramList(fields, p.Fields)
	}
}

// group writes references: those to functions of the server as a table with
// their editions.
func (m *markdown) group(g Group) {
	if len(g.Items) == 0 {
		return
	}
	m.title(g.Title)
	m.line("")
	byEdition := g.Items[0].Kind == ServerFunction && g.Items[0].Editions != nil
	if byEdition {
		m.line("| function | Server | SPE | |")
		m.line("|---|---|---|---|")
	}
	for _, i := range g.Items {
		name := span(i.shown())
		if link := m.book.reference(m.path, i.Kind, i.Name); link != "" {
			name = "[" + name + "](" + link + ")"
		}
		if byEdition {
			m.line("| " + name + " | " + i.in("server") + " | " + i.in("spe") + " | " + m.linked(i.About) + " |")
		} else {
			m.line("- " + name + ": " + m.linked(i.About))
		}
	}
}

// in is the cell of a table that tells whether an edition has the function.
func (i Item) in(edition string) string {
	for _, e := range i.Editions {
		if e == edition {
			return "yes"
		}
	}
	return ""
}

// span is text as code within a line.
func span(text string) string {
	text = strings.Join(strings.Fields(fault.Visible(text)), " ")
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

var special = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("[\\\\`*\\[\\]<>|~$]|\\b_|_\\b|^[-+#]") })

// escape writes text so that Markdown shows it as it is.
func escape(text string) string {
	text = strings.Join(strings.Fields(fault.Visible(text)), " ")
	return special().ReplaceAllStringFunc(text, func(s string) string { return `\` + s })
}

var token = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`--[a-z][a-z-]+|[A-Za-z_][A-Za-z0-9_]*(?:[.:][A-Za-z_][A-Za-z0-9_]*)*`)
})

// linked is text in which names that have a page lead there.
func (m *markdown) linked(text string) string {
	var b strings.Builder
	last := 0
	for _, at := range token().FindAllStringIndex(text, -1) {
		name := text[at[0]:at[1]]
		link := m.mentioned(name, text[:at[0]])
		if link == "" {
			continue
		}
		b.WriteString(escapePart(text[last:at[0]]))
		b.WriteString("[" + escape(name) + "](" + link + ")")
		last = at[1]
	}
	b.WriteString(escapePart(text[last:]))
	return strings.TrimSpace(b.String())
}

// escapePart is escape for a part of a line, whose blanks at the ends count.
func escapePart(text string) string {
	out := escape(text)
	if out == "" {
		return text[:min(1, len(text))]
	}
	if strings.HasPrefix(text, " ") {
		out = " " + out
	}
	if strings.HasSuffix(text, " ") {
		out += " "
	}
	return out
}

// mentioned returns the link for a name within a text: that of a member of a
// module, a function of the server, a flag or a variable, or of a kind of error
// after "kind".
func (m *markdown) mentioned(name, before string) string {
	if name == m.self.Name {
		return ""
	}
	if strings.HasSuffix(before, "kind ") {
		return m.book.reference(m.path, ErrorKind, name)
	}
	kinds := []Kind{ServerFunction, Flag, Variable}
	if strings.ContainsAny(name, ".:") {
		kinds = []Kind{Function, Method, Value}
	}
	for _, kind := range kinds {
		if link := m.book.reference(m.path, kind, name); link != "" {
			return link
		}
	}
	return ""
}

// fileName is a name as that of a page.
func fileName(folder, name string) string { return path.Join(folder, strings.Trim(name, "_")+".md") }
