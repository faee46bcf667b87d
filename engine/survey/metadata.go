package survey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"moonpost/engine/catalogue"
)

// Metadata is what the server's list of functions is like beside the catalogue.
type Metadata struct {
	Functions      int      `json:"functions"` // how many there are
	NotInCatalogue []string `json:"not_in_catalogue"`
	Missing        []string `json:"missing"`   // of the catalogue's functions for this edition
	Arguments      []string `json:"arguments"` // differences
	ExtraKeys      []string `json:"extra_keys"`
	Types          []string `json:"types"` // as they are spelled
	Sorted         bool     `json:"sorted"`
	IncludeIndexes []string `json:"include_indexes"` // whether it may be left out, by function
}

type listedFunction struct {
	Name string           `json:"name"`
	Args []listedArgument `json:"args"`
}

type listedArgument struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Nullable *bool  `json:"nullable"`
}

// compare compares the metadata that the questions brought with the catalogue.
func (p *prober) compare(edition catalogue.Edition) Metadata {
	m := Metadata{NotInCatalogue: []string{}, Missing: []string{}, Arguments: []string{}, ExtraKeys: []string{}, Types: []string{}, IncludeIndexes: []string{}}
	text := bytes.TrimPrefix(p.metadata, []byte("\xef\xbb\xbf"))
	var list []listedFunction
	if json.Unmarshal(text, &list) != nil {
		return m
	}
	m.Functions = len(list)
	m.Sorted = slices.IsSortedFunc(list, func(a, b listedFunction) int { return compareText(a.Name, b.Name) })
	m.ExtraKeys = p.extraKeys(text)
	there, types := map[string]bool{}, map[string]bool{}
	for _, f := range list {
		there[f.Name] = true
		for _, a := range f.Args {
			types[p.mask.name(a.Type)] = true
			if a.Name == "includeIndexes" {
				m.IncludeIndexes = append(m.IncludeIndexes, p.mask.name(f.Name)+": "+nullable(a.Nullable))
			}
		}
		known, ok := catalogue.Find(f.Name)
		if !ok || !known.In(edition) {
			m.NotInCatalogue = append(m.NotInCatalogue, p.signature(f))
			continue
		}
		m.Arguments = append(m.Arguments, p.argumentsOf(f, known.ArgsIn(edition))...)
	}
	m.Types = slices.Sorted(maps.Keys(types))
	for _, f := range catalogue.All() {
		if f.In(edition) && !there[f.Name] {
			m.Missing = append(m.Missing, f.Name)
		}
	}
	return m
}

// signature returns a function with its arguments: "Name(a string, b number?)".
func (p *prober) signature(f listedFunction) string {
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = p.mask.name(a.Name) + " " + p.mask.name(a.Type)
		if a.Nullable != nil && *a.Nullable {
			args[i] += "?"
		}
	}
	return p.mask.name(f.Name) + "(" + strings.Join(args, ", ") + ")"
}

// argumentsOf says where the arguments of a function are not the catalogue's.
func (p *prober) argumentsOf(f listedFunction, known []catalogue.Arg) []string {
	var says []string
	name := p.mask.name(f.Name)
	differ := func(arg, got, want string) {
		if got != want {
			says = append(says, fmt.Sprintf("%s: %s is %s, the catalogue says %s", name, arg, got, want))
		}
	}
	for _, a := range f.Args {
		i := slices.IndexFunc(known, func(k catalogue.Arg) bool { return k.Name == a.Name })
		if i < 0 {
			says = append(says, fmt.Sprintf("%s: has %s %s, %s", name, p.mask.name(a.Name), p.mask.name(a.Type), nullable(a.Nullable)))
			continue
		}
		differ(known[i].Name, strings.ToLower(p.mask.name(a.Type)), known[i].Type)
		if a.Nullable != nil {
			differ(known[i].Name, nullable(a.Nullable), nullable(&known[i].Optional))
		}
	}
	for _, k := range known {
		if !slices.ContainsFunc(f.Args, func(a listedArgument) bool { return a.Name == k.Name }) {
			says = append(says, name+": lacks "+k.Name)
		}
	}
	return says
}

// extraKeys returns the keys beside those that every client reads.
func (p *prober) extraKeys(text []byte) []string {
	var list []map[string]json.RawMessage
	_ = json.Unmarshal(text, &list) // it was decoded before
	found := map[string]bool{}
	for _, f := range list {
		for key := range f {
			if key != "name" && key != "args" {
				found[p.mask.name(key)] = true
			}
		}
		var args []map[string]json.RawMessage
		if json.Unmarshal(f["args"], &args) != nil {
			continue
		}
		for _, a := range args {
			for key := range a {
				if key != "name" && key != "type" && key != "nullable" {
					found["args[]."+p.mask.name(key)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func nullable(b *bool) string {
	switch {
	case b == nil:
		return "unsaid"
	case *b:
		return "optional"
	}
	return "required"
}
