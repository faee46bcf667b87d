package manual

import (
	"slices"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm/decl"
)

// Live is what one server said of its functions.
type Live struct {
	Target    string // host and port
	Functions []call.Function
}

// edition returns the edition that the server is of.
func (l *Live) edition() catalogue.Edition {
	if len(l.Functions) == 0 {
		return catalogue.Server
	}
	return catalogue.Edition(l.Functions[0].Edition)
}

// facts says where the server differs from what is known of a function.
func (l *Live) facts(name string, forms map[catalogue.Edition]call.Function) []Fact {
	if l == nil {
		return nil
	}
	known, expected := forms[l.edition()]
	i := slices.IndexFunc(l.Functions, func(f call.Function) bool { return f.Name == name })
	switch {
	case i < 0 && !expected:
		return nil
	case i < 0:
		return []Fact{{l.Target, "does not offer it"}}
	case !expected:
		return []Fact{{l.Target, "offers it, though it is not known in its edition; it takes " + listed(l.Functions[i].Params)}}
	}
	if parts := differences(known.Params, l.Functions[i].Params); len(parts) > 0 {
		return []Fact{{l.Target, strings.Join(parts, "; ")}}
	}
	return []Fact{{l.Target, "offers it as described"}}
}

// differences says in which arguments live is not as known.
func differences(known, live []decl.Param) []string {
	var parts []string
	find := func(list []decl.Param, name string) (decl.Param, bool) {
		i := slices.IndexFunc(list, func(p decl.Param) bool { return p.Name == name })
		if i < 0 {
			return decl.Param{}, false
		}
		return list[i], true
	}
	for _, k := range known {
		got, ok := find(live, k.Name)
		switch {
		case !ok:
			parts = append(parts, "has no argument "+k.Name)
			continue
		case got.Default != "" && k.Default == "" && k.Optional:
			parts = append(parts, "requires "+k.Name+", for which "+got.Default+" is sent when it is left out")
		case k.Optional && !got.Optional:
			parts = append(parts, "requires "+k.Name)
		case !k.Optional && got.Optional:
			parts = append(parts, k.Name+" may be left out")
		}
		if want, got := k.Type.String(), got.Type.String(); want != got {
			parts = append(parts, k.Name+" is "+got)
		}
	}
	for _, p := range live {
		if _, ok := find(known, p.Name); !ok {
			parts = append(parts, "takes "+listed([]decl.Param{p})+" besides")
		}
	}
	return parts
}

// listed names parameters with their types.
func listed(params []decl.Param) string {
	texts := make([]string, len(params))
	for i, p := range params {
		texts[i] = p.Name + " (" + p.Type.String()
		if p.Optional {
			texts[i] += ", optional"
		}
		texts[i] += ")"
	}
	if len(texts) == 0 {
		return "no arguments"
	}
	return strings.Join(texts, ", ")
}

// additions makes the entries of functions that only the server has.
func (l *Live) additions() []Entry {
	if l == nil {
		return nil
	}
	var entries []Entry
	for _, f := range l.Functions {
		if _, known := catalogue.Find(f.Name); known {
			continue
		}
		class := catalogue.Class(f.Class).Info()
		entries = append(entries, Entry{
			Kind: ServerFunction, Name: f.Name, About: f.Doc, Usage: []string{calling(f.Name, len(f.Params))}, Editions: []string{f.Edition},
			Effect: f.Effect.String(),
			Server: &Server{Class: f.Class, Changing: f.Changing, Destructive: f.Destructive, LongRunning: f.LongRunning}, Params: params(f.Params),
			Facts: []Fact{
				{l.Target, "offers it; the catalogue does not have it"}, {"effect", class.Does}, {"after a lost answer", class.Doubt},
			},
		})
	}
	return entries
}

// summary lists the functions in which the server differs.
func (l *Live) summary(entries []Entry) (Group, bool) {
	g := Group{Title: "where " + l.Target + " differs"}
	for _, e := range entries {
		for _, f := range e.Facts {
			if f.Name == l.Target && f.Text != "offers it as described" {
				g.Items = append(g.Items, Item{Name: e.Name, About: f.Text, Kind: ServerFunction})
			}
		}
	}
	return g, len(g.Items) > 0
}
