package command

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"moonpost/engine/call"
	"moonpost/engine/display"
	"moonpost/engine/fault"
)

type functionsOptions struct {
	program *program

	server serverFlags
	output outputFlags
	talk   talkFlags
}

func functionsCommand(p *program) *command {
	o := &functionsOptions{program: p}
	return newCommand(cli.Command{
		Name:      "functions",
		Usage:     "Lists what the connected server offers.",
		ArgsUsage: "[PATTERN]",
		Description: `PATTERN is a part of the name, or the whole name with * for any text; case does
not matter. Arguments in brackets may be left out. A table has the columns name,
does and params; with --columns also about, changing, destructive and
long_running.`,
		UsageText: `moonpost functions store --target https://mail.example.com --user admin
			moonpost functions 'Get*' --sandbox --output json`,
		Flags: slices.Concat(o.server.flags(), o.output.flags(), o.talk.flags(p)),
	}, o.run)
}

func (o *functionsOptions) run(ctx context.Context, args arguments) error {
	pattern := ""
	switch operands := args.all(); len(operands) {
	case 0:
	case 1:
		pattern = operands[0]
	default:
		return misuse("functions", "there is one pattern at most", "for example: moonpost functions '*User*'")
	}
	talk, err := o.talk.open(o.program, "functions")
	if err != nil {
		return err
	}
	defer talk.close()
	server, err := o.server.connect(o.program, "functions", talk.sink)
	if err != nil {
		return err
	}
	defer server.close()
	ended := supervise(ctx, o.program.interruption(server.brake, talk), func(ctx context.Context) ([]call.Function, error) {
		to, err := server.open(ctx)
		if err != nil {
			return nil, err
		}
		return to.Functions(ctx)
	})
	if err := ended.failure("functions"); err != nil {
		return err
	}
	talk.close()
	format := o.output.resolved(talk.terminal)
	chosen := []offered{}
	for _, f := range ended.value {
		if f.Matches(pattern) {
			chosen = append(chosen, describeFunction(f, format))
		}
	}
	if len(chosen) == 0 && pattern != "" && !o.talk.quiet {
		names := make([]string, len(ended.value))
		for i, f := range ended.value {
			names[i] = f.Name
		}
		remark := "no function matches " + pattern
		if hint := fault.DidYouMean(strings.Trim(pattern, "*"), names); hint != "" {
			remark += "; " + hint
		}
		fmt.Fprintln(o.program.stderr, remark)
	}
	text, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	columns := o.output.columns
	if columns == nil && format == display.Table {
		columns = []string{"name", "does", "params"} // with more of them names would be cut at 80 columns
	}
	return talk.print(text, format, columns)
}

// offered is one row of the list.
type offered struct {
	Name        string `json:"name"`
	Does        string `json:"does,omitempty"` // in tables: changing, destructive and long_running in words
	Params      any    `json:"params"`         // text in tables, a list of param in JSON
	Changing    bool   `json:"changing"`
	Destructive bool   `json:"destructive"`
	LongRunning string `json:"long_running"`
	About       string `json:"about"`
}

type param struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Required bool   `json:"required"`
	Default  string `json:"default,omitempty"`
	About    string `json:"about,omitempty"`
}

func describeFunction(f call.Function, format display.Format) offered {
	row := offered{
		Name: f.Name, Changing: f.Changing, Destructive: f.Destructive, LongRunning: f.LongRunning, About: f.Doc,
	}
	if format == display.JSON {
		params := make([]param, len(f.Params))
		for i, p := range f.Params {
			params[i] = param{Name: p.Name, Type: p.Type.String(), Required: !p.Optional, Default: p.Default, About: p.Doc}
		}
		row.Params = params
		return row
	}
	row.Does = "reads"
	switch {
	case f.Destructive:
		row.Does = "destroys"
	case f.Changing:
		row.Does = "changes"
	}
	if f.LongRunning == "yes" || f.LongRunning == "likely" {
		row.Does += ", job"
	}
	names := make([]string, len(f.Params))
	for i, p := range f.Params {
		names[i] = p.Name
		if p.Optional {
			names[i] = "[" + p.Name + "]"
		}
	}
	row.Params = strings.Join(names, " ")
	return row
}
