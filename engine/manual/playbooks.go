package manual

import (
	"strings"

	"moonpost/engine/luavm/decl"
)

// Playbook is one that comes with the program.
type Playbook struct {
	Name     string
	Declared decl.Playbook
	Source   string
	Example  bool // an example to read and copy; otherwise it is run by its name
}

// playbooks makes the entries of playbooks and examples.
func playbooks(all []Playbook) []Entry {
	var entries []Entry
	for _, p := range all {
		e := Entry{Kind: Script, Name: p.Name, About: p.about()}
		for _, in := range p.Declared.Inputs {
			e.Params = append(e.Params, input(in))
		}
		if p.Example {
			e.Kind = Example
			e.spelled = []string{p.Name + ".lua"}
			e.Examples = []Sample{{Language: "lua", Text: p.Source, Title: "source"}}
		} else {
			e.Usage = []string{"moonpost run " + p.Name}
			if len(p.Declared.Inputs) > 0 {
				e.Usage[0] += " [input=value …]"
			}
			if columns := p.Declared.Columns; len(columns) > 0 {
				e.Facts = append(e.Facts, Fact{"a table shows", strings.Join(columns, ", ") + "; JSON and CSV have all columns"})
			}
			if len(p.Declared.Examples) > 0 {
				e.Examples = []Sample{{Language: "sh", Text: strings.Join(p.Declared.Examples, "\n")}}
			}
		}
		entries = append(entries, e)
	}
	return entries
}

// about returns what the playbook says of itself: in its declaration, or in the
// comment that it begins with.
func (p Playbook) about() string {
	if p.Declared.About != "" {
		return p.Declared.About
	}
	var lines []string
	for line := range strings.Lines(p.Source) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !ok {
			break
		}
		lines = append(lines, strings.TrimSpace(text))
	}
	return strings.Join(lines, " ")
}

// input lays out one input of a playbook.
func input(in decl.Input) Param {
	p := Param{Name: in.Name, Type: string(in.Type), About: in.About, Optional: !in.Required, Default: in.DefaultText(), Values: in.Values}
	if in.Required {
		p.Remark = "required"
	}
	return p
}
