package command

import (
	"strings"

	"moonpost/engine"
	"moonpost/engine/api"
	"moonpost/engine/manual"
	"moonpost/engine/sandbox"
	"moonpost/examples"
	"moonpost/scripts"
)

// manual returns the manual of this program.
func (o *docOptions) manual() (*manual.Manual, error) {
	live, err := o.live()
	if err != nil {
		return nil, err
	}
	return manual.New(manual.Sources{
		Modules:   engine.Modules,
		Functions: api.Known,
		Playbooks: shippedPlaybooks,
		Commands:  func() []manual.Command { return declarations(o.program.commands) },
		Switches:  sandboxSwitches,
		Faults:    sandboxFaults,
		Variables: func() []manual.Named { return variables },
		Live:      live,
	}), nil
}

// declarations returns commands as plain data.
func declarations(commands []*command) []manual.Command {
	all := make([]manual.Command, len(commands))
	for i, c := range commands {
		all[i] = manual.Command{Name: c.Name, Operands: c.ArgsUsage, About: c.Usage}
		for paragraph := range strings.SplitSeq(c.Description, "\n\n") {
			if text := strings.Join(strings.Fields(paragraph), " "); text != "" {
				all[i].Description = append(all[i].Description, text)
			}
		}
		for example := range strings.Lines(c.UsageText) {
			all[i].Examples = append(all[i].Examples, strings.TrimSpace(example))
		}
		for _, f := range c.flags() {
			placeholder, sentence := f.told()
			all[i].Flags = append(all[i].Flags, manual.FlagDecl{
				Spellings: f.spellings(), Placeholder: placeholder, About: sentence, Group: f.category(), Repeatable: f.repeatable(),
			})
		}
	}
	return all
}

// shippedPlaybooks returns the playbooks inside the program.
func shippedPlaybooks() []manual.Playbook {
	var all []manual.Playbook
	add := func(name string, text []byte, example bool) {
		declared, err := engine.Describe(name, text)
		if err != nil {
			panic(err) // they are part of the program, and tested
		}
		all = append(all, manual.Playbook{Name: name, Declared: declared, Source: string(text), Example: example})
	}
	for _, s := range scripts.All() {
		add(s.Name, s.Source, false)
	}
	for _, e := range examples.All() {
		add(e.Name, e.Source, true)
	}
	return all
}

func sandboxSwitches() []manual.Switch {
	var all []manual.Switch
	for _, b := range sandbox.Behaviours() {
		all = append(all, manual.Switch{Named: manual.Named{Name: b.Name, About: b.Doc}, Values: b.Values})
	}
	return all
}

func sandboxFaults() []manual.Named {
	var all []manual.Named
	for _, k := range sandbox.FaultKinds() {
		all = append(all, manual.Named{Name: k.Name, About: k.Doc})
	}
	return all
}
