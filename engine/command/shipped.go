package command

import (
	"encoding/json"
	"reflect"

	"moonpost/engine"
	"moonpost/engine/display"
	"moonpost/engine/luavm/decl"
	"moonpost/scripts"
)

// listed is one row of the list of shipped playbooks.
type listed struct {
	Name   string        `json:"name"`
	About  string        `json:"about"`
	Inputs []listedInput `json:"inputs,omitempty"` // in JSON only
}

type listedInput struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Required bool     `json:"required"`
	Default  any      `json:"default,omitempty"`
	Values   []string `json:"values,omitempty"`
	About    string   `json:"about,omitempty"`
}

// printList prints the shipped playbooks. Nothing runs, so whatever says what
// and where has no effect.
func (o *runOptions) printList(args arguments) error {
	used := *o
	used.program, used.list, used.output, used.talk = nil, false, outputFlags{}, talkFlags{}
	if len(args.all()) > 0 || !reflect.ValueOf(used).IsZero() {
		return misuse("run", "--list takes --output and --columns alone", "about one playbook: moonpost run NAME --help")
	}
	talk, err := o.talk.open(o.program, "run")
	if err != nil {
		return err
	}
	talk.close()
	format := o.output.resolved(talk.terminal)
	rows := []listed{}
	for _, s := range scripts.All() {
		declared, err := engine.Describe(s.Name, s.Source)
		if err != nil {
			return err
		}
		row := listed{Name: s.Name, About: declared.About}
		if format == display.JSON {
			row.Inputs = listedInputs(declared)
		}
		rows = append(rows, row)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return talk.print(text, format, o.output.columns)
}

func listedInputs(p decl.Playbook) []listedInput {
	inputs := make([]listedInput, len(p.Inputs))
	for i, in := range p.Inputs {
		inputs[i] = listedInput{
			Name: in.Name, Type: string(in.Type), Required: in.Required, Default: in.Default, Values: in.Values, About: in.About,
		}
	}
	return inputs
}
