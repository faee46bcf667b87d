package manual

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"moonpost/engine/catalogue"
)

// indexPage is where to start.
const indexPage = "index.md"

// marker is the first line of every page, by which our pages are known.
const marker = "<!-- moonpost doc wrote this page: changes to it are lost -->"

// Page is one page of the manual as Markdown.
type Page struct {
	Path string // from the folder of the manual, with slashes
	Text string
}

// Pages returns the whole manual as Markdown, the page to start with first.
func (m *Manual) Pages() []Page {
	b := m.bind()
	pages := make([]Page, len(b.pages))
	for i, p := range b.pages {
		pages[i] = Page{p.path, b.render(p)}
	}
	return pages
}

// within says which kinds the page of a topic explains.
var within = map[string][]Kind{
	"playbooks": {Script, Example}, "errors": {ErrorKind}, "exit-codes": {ExitCode}, "events": {EventKind},
	"commands": {CommandKind, Flag}, "values": {Rule}, "sandbox": {Fault, Behaviour}, "environment": {Variable},
}

// bind puts every entry on a page.
func (m *Manual) bind() *book {
	b := &book{at: map[Kind]map[string]place{}}
	b.add(page{path: indexPage, lead: m.Overview()})
	for _, topic := range m.sections[0].entries() {
		topic = topic.filled()
		p := page{path: fileName("", topic.Name), lead: topic}
		for _, kind := range within[topic.Name] {
			p.below = append(p.below, m.of(kind)...)
		}
		b.add(p)
		switch topic.Name {
		case "modules":
			b.modules(m.sections[1].entries())
		case "functions":
			b.functions(m.of(ServerFunction))
		}
	}
	slices.SortFunc(b.pages[1:], func(x, y page) int { return strings.Compare(x.path, y.path) })
	return b
}

// modules adds a page for each module, with its members.
func (b *book) modules(entries []Entry) {
	var p page
	for i, e := range entries {
		if e.Kind == Module {
			name := e.Name
			if name == globals {
				name = "globals"
			}
			p = page{path: fileName("modules", name), lead: e}
		} else {
			p.below = append(p.below, e)
		}
		if i == len(entries)-1 || entries[i+1].Kind == Module {
			b.add(p)
		}
	}
}

// functions adds a page for each area of the server.
func (b *book) functions(entries []Entry) {
	for _, area := range catalogue.Areas() {
		lead := Entry{Kind: Topic, Name: area.Title}
		g := Group{Title: "functions"}
		p := page{path: fileName("functions", area.Name)}
		for _, e := range entries {
			if catalogue.AreaOf(e.Name).Name == area.Name {
				g.Items = append(g.Items, e.item())
				p.below = append(p.below, e)
			}
		}
		lead.Groups = []Group{g}
		p.lead = lead
		b.add(p)
	}
}

var unfit = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^A-Za-z0-9._:-]+`) })

// add notes where the entries of p are. Names that are the same on one page are
// told apart by their kind.
func (b *book) add(p page) {
	taken := map[string]bool{}
	note := func(e Entry, anchor string) {
		if b.at[e.Kind] == nil {
			b.at[e.Kind] = map[string]place{}
		}
		if _, there := b.at[e.Kind][e.Name]; !there {
			b.at[e.Kind][e.Name] = place{p.path, anchor}
		}
	}
	note(p.lead, "")
	for _, e := range p.below {
		anchor := strings.TrimLeft(unfit().ReplaceAllString(e.Name, "-"), "-")
		if taken[strings.ToLower(anchor)] {
			anchor = unfit().ReplaceAllString(string(e.Kind), "-") + "-" + anchor
		}
		taken[strings.ToLower(anchor)] = true
		note(e, anchor)
	}
	b.pages = append(b.pages, p)
}
