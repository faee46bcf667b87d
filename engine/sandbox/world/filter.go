package world

import (
	"maps"
	"slices"
	"strings"
)

// filter is a filter for names: texts separated by commas, in which * stands
// for anything. Of the real one only * is known.
type filter []string

func newFilter(text string) filter {
	f := filter{}
	for part := range strings.SplitSeq(text, ",") {
		f = append(f, fold(strings.TrimSpace(part)))
	}
	return f
}

// matches reports whether a name passes; letters do not differ by case.
func (f filter) matches(name string) bool {
	return slices.ContainsFunc(f, func(pattern string) bool { return wildcard(pattern, fold(name)) })
}

// wildcard reports whether a text is what a pattern with * says.
func wildcard(pattern, text string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	for ok && strings.Contains(rest, "*") {
		var part string
		part, rest, _ = strings.Cut(rest, "*")
		_, text, ok = strings.Cut(text, part)
	}
	return ok && strings.HasSuffix(text, rest)
}

// matching returns the archives of the instances that a filter lets pass, by
// id.
func (c *Call) matching(arg string) []*archive {
	f := newFilter(c.Text(arg))
	var found []*archive
	for _, id := range slices.Sorted(maps.Keys(c.Archives)) {
		if f.matches(id) {
			found = append(found, c.Archives[id])
		}
	}
	return found
}

// chosen returns the instances that a call changes. An id that is not there is
// refused; that a pattern finds none is not. wild tells whether there is a
// pattern.
func (c *Call) chosen(arg string) (found []*archive, wild bool, err error) {
	for _, name := range newFilter(c.Text(arg)) {
		if strings.Contains(name, "*") {
			wild = true
		} else if c.Archives[name] == nil {
			return nil, false, noInstance(name)
		}
	}
	return c.matching(arg), wild, nil
}

func noInstance(id string) *Problem {
	return problem("The instance '%s' does not exist.", "Die Instanz '%s' ist nicht vorhanden.", id)
}
