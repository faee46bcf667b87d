package manual

import (
	"slices"
	"strings"
)

// Command is the declaration of a command of the program.
type Command struct {
	Name        string // "run", "targets add"
	Operands    string
	About       string   // a sentence
	Description []string // paragraphs
	Examples    []string
	Flags       []FlagDecl
}

// FlagDecl is the declaration of a flag.
type FlagDecl struct {
	Spellings   []string // "--output", "-o"
	Placeholder string   // of its value; "" for a switch
	About       string
	Group       string // that it is shown in
	Repeatable  bool
}

// commands makes the entries of commands, and after them those of their flags.
func commands(all []Command) []Entry {
	var entries, flags []Entry
	for _, c := range all {
		e := Entry{
			Kind: CommandKind, Name: c.Name, About: c.About, Details: c.Description,
			Usage:   []string{strings.TrimSpace("moonpost " + c.Name + " [flags] " + c.Operands)},
			spelled: []string{"moonpost " + c.Name},
		}
		if len(c.Examples) > 0 {
			e.Examples = []Sample{{Language: "sh", Text: strings.Join(c.Examples, "\n")}}
		}
		for _, f := range c.Flags {
			i := slices.IndexFunc(e.Groups, func(g Group) bool { return g.Title == f.Group })
			if i < 0 {
				i = len(e.Groups)
				e.Groups = append(e.Groups, Group{Title: f.Group})
			}
			e.Groups[i].Items = append(e.Groups[i].Items, Item{Name: f.Spellings[0], Usage: f.usage(), About: f.About, Kind: Flag})
			flags = addFlag(flags, f, c.Name)
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(flags, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range flags {
		entries = append(entries, settled(f))
	}
	return entries
}

// addFlag notes that a command takes a flag, and what it says of it there.
func addFlag(flags []Entry, f FlagDecl, command string) []Entry {
	i := slices.IndexFunc(flags, func(e Entry) bool { return e.Name == f.Spellings[0] })
	if i < 0 {
		flags = append(flags, Entry{
			Kind: Flag, Name: f.Spellings[0], About: f.About, Usage: []string{f.usage()},
			spelled: append(slices.Clone(f.Spellings[1:]), strings.TrimLeft(f.Spellings[0], "-")),
		})
		i = len(flags) - 1
	}
	e := &flags[i]
	at := slices.IndexFunc(e.Facts, func(fact Fact) bool { return fact.Text == f.About })
	if at < 0 {
		e.Facts = append(e.Facts, Fact{Name: command, Text: f.About})
	} else {
		e.Facts[at].Name += ", " + command
	}
	return flags
}

// settled returns the entry of a flag: commands that say the same of it as the
// entry itself are only listed.
func settled(e Entry) Entry {
	e.Facts[0] = Fact{"commands", e.Facts[0].Name}
	return e
}

// usage writes the flag as help does: "-o, --output FORMAT".
func (f FlagDecl) usage() string {
	text := strings.Join(slices.Concat(f.Spellings[1:], f.Spellings[:1]), ", ")
	if f.Placeholder != "" {
		text += " " + f.Placeholder
	}
	return text
}
