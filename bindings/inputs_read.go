package bindings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// Given is one input as it was given to a command.
type Given struct {
	Name   string
	Value  any    // text of k=v or of a file; decoded JSON; secret.Secret
	Origin string // where it comes from, for messages: OriginArgument, "users.json"
}

// OriginArgument is the origin of what stood in clear on the command line, where
// secrets are refused.
const OriginArgument = "argument"

const originDefault = "default"

// ReadInputs makes the values of the inputs that p declares. Of two values for
// one input the later one counts. A file that is given lies in currentDir, one
// that is a default in playbookDir. readSecret is asked for a required secret
// that was not given.
//
// Its errors are of kind usage and name everything that is wrong at once.
func ReadInputs(p decl.Playbook, given []Given, playbookDir, currentDir string, readSecret func(name string) (secret.Secret, error)) (Inputs, error) {
	in := Inputs{declared: p.Inputs, values: map[string]any{}}
	byName := map[string]Given{}
	var wrong []*fault.Error
	for _, g := range given {
		if !slices.Contains(in.names(), g.Name) {
			wrong = append(wrong, undeclared(fault.Usage, g.Name, in.names()))
		}
		byName[g.Name] = g
	}
	var missing []decl.Input
	for _, d := range p.Inputs {
		g, ok := byName[d.Name]
		r := inputReader{input: d, given: g, dir: currentDir}
		var value any
		var err *fault.Error
		switch {
		case ok:
			value, err = r.read(g.Value)
		case d.Default != nil:
			r.dir, r.given.Origin = playbookDir, originDefault
			value, err = r.read(d.Default)
		case !d.Required:
		case d.Type == decl.InputSecret:
			value, err = r.ask(readSecret)
		default:
			missing = append(missing, d)
		}
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		in.values[d.Name] = value
	}
	if len(missing) > 0 {
		wrong = append(wrong, missingInputs(missing))
	}
	return in, joined(wrong)
}

// missingInputs is the error for all required inputs that were not given.
func missingInputs(missing []decl.Input) *fault.Error {
	names, hints := make([]string, len(missing)), make([]string, len(missing))
	for i, d := range missing {
		names[i] = d.Name
		hints[i] = d.Name + "=" + placeholder(d)
	}
	noun := "input"
	if len(missing) > 1 {
		noun = "inputs"
	}
	return &fault.Error{
		Kind: fault.Usage, Message: fmt.Sprintf("%s %s must be given", noun, strings.Join(names, ", ")),
		Hint: "add to the command: " + strings.Join(hints, " "),
	}
}

// placeholder says what stands after name= for an input.
func placeholder(d decl.Input) string {
	switch d.Type {
	case decl.InputEnum:
		return strings.Join(d.Values, "|")
	case decl.InputList:
		return "TEXT,TEXT"
	case decl.InputBoolean:
		return "true|false"
	}
	return strings.ToUpper(string(cmp.Or(d.Type, decl.InputString)))
}

// joined makes one error of all that is wrong.
func joined(wrong []*fault.Error) error {
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return wrong[0]
	}
	all := &fault.Error{Kind: fault.Usage, Message: fmt.Sprintf("%d inputs are wrong", len(wrong))}
	for i, e := range wrong {
		if i > 0 {
			all.Details += "\n"
		}
		all.Details += e.Text()
		all.Hint = cmp.Or(all.Hint, e.Hint)
	}
	return all
}
