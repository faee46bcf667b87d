// Package manual explains moonpost from its own declarations: what stands in it
// is declared elsewhere, once, and is shown here as pages for a terminal, as
// Markdown and as data for other programs. Start at New, then at Manual.Find.
//
// It promises that everything declared has an entry, that an entry is made only
// when somebody asks for it or for the whole, and that nothing is asked of a
// server.
package manual

import (
	"slices"
	"strings"
	"sync"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm/decl"
)

// Sources are the declarations that a manual is made of. Functions are asked
// when their part of the manual is.
type Sources struct {
	Modules   func() []decl.Module
	Functions func(catalogue.Edition) []call.Function
	Playbooks func() []Playbook
	Commands  func() []Command
	Switches  func() []Switch // what the sandbox can be told about itself
	Faults    func() []Named  // what can go wrong in the sandbox
	Variables func() []Named  // of the environment
	Live      *Live           // nil: no server is known
}

// Named is something with a name and a sentence.
type Named struct{ Name, About string }

// Switch is a named choice; the first value is the usual one.
type Switch struct {
	Named
	Values []string
}

// Manual finds entries.
type Manual struct {
	sources  Sources
	sections []section
}

// section is a part of the manual whose entries are made at first use.
type section struct {
	entries func() []Entry
	// member reports whether an entry with that name could be here; nil: any.
	member func(name string) bool
}

// New returns the manual of what is declared.
func New(s Sources) *Manual {
	m := &Manual{sources: s}
	qualified := func(name string) bool { return strings.ContainsAny(name, ".:") }
	plain := func(name string) bool { return !qualified(name) }
	for _, part := range []struct {
		entries func() []Entry
		member  func(string) bool
	}{
		{m.topics, plain},
		{func() []Entry { return modules(s.Modules()) }, nil},
		{m.functions, plain},
		{func() []Entry { return playbooks(s.Playbooks()) }, func(name string) bool { return plain(name) || strings.HasSuffix(name, ".lua") }},
		{faultEntries, plain},
		{exitCodes, plain},
		{events, plain},
		{func() []Entry { return commands(s.Commands()) }, plain},
		{func() []Entry { return rules() }, plain},
		{func() []Entry { return sandboxEntries(s.Switches(), s.Faults()) }, plain},
		{func() []Entry { return named(Variable, s.Variables()) }, plain},
	} {
		m.sections = append(m.sections, section{sync.OnceValue(part.entries), part.member})
	}
	return m
}

// Entries returns the whole manual.
func (m *Manual) Entries() []Entry {
	all := m.all()
	for i, e := range all {
		all[i] = e.filled()
	}
	return all
}

func (m *Manual) all() []Entry {
	var all []Entry
	for _, s := range m.sections {
		all = append(all, s.entries()...)
	}
	return all
}

// Find returns the entries of that name, as "csv", "csv.rows", "CreateUser",
// "unknown" or "4"; a kind may stand before it: "command run". Case counts only
// where several names differ in nothing else.
func (m *Manual) Find(name string) []Entry {
	if kind, rest, ok := strings.Cut(name, " "); ok {
		if found := m.find(strings.TrimSpace(rest), kindNamed(kind)); len(found) > 0 && kindNamed(kind) != "" {
			return found
		}
	}
	return m.find(name, "")
}

func (m *Manual) find(name string, kind Kind) []Entry {
	name = strings.TrimSuffix(strings.TrimSpace(name), "()")
	same := func(n string) bool { return n == name }
	alike := func(n string) bool { return strings.EqualFold(n, name) }
	var tiers [3][]Entry // by its name, by its name in another case, by another name
	for _, s := range m.sections {
		if s.member != nil && !s.member(name) {
			continue
		}
		for _, e := range s.entries() {
			switch {
			case kind != "" && e.Kind != kind:
			case same(e.Name):
				tiers[0] = append(tiers[0], e)
			case alike(e.Name):
				tiers[1] = append(tiers[1], e)
			case slices.ContainsFunc(e.spelled, alike):
				tiers[2] = append(tiers[2], e)
			}
		}
	}
	for _, found := range tiers {
		if len(found) > 0 {
			for i, e := range found {
				found[i] = e.filled()
			}
			return found
		}
	}
	return nil
}

// Search returns the entries that have all words in their name or their text:
// first those with the first word in the name.
func (m *Manual) Search(words string) []Entry {
	wanted := strings.Fields(strings.ToLower(words))
	var inName, inText []Entry
	if len(wanted) == 0 {
		return nil
	}
	for _, e := range m.all() {
		text := e.text()
		if slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if strings.Contains(strings.ToLower(e.Name), wanted[0]) {
			inName = append(inName, e)
		} else {
			inText = append(inText, e)
		}
	}
	return append(inName, inText...)
}

// Names returns the names of all entries, each once.
func (m *Manual) Names() []string {
	var names []string
	for _, e := range m.all() {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
