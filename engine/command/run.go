package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"moonpost/bindings"
	"moonpost/engine"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/monitor"
	"moonpost/engine/secret"
)

type runOptions struct {
	program *program

	list        bool
	format      string
	inputs      string
	concurrency int
	rate        float64
	server      serverFlags
	readOnly    bool
	output      outputFlags
	talk        talkFlags
}

func runCommand(p *program) *command {
	o := &runOptions{program: p}
	c := newCommand(cli.Command{
		Name:      "run",
		Usage:     "Runs a playbook.",
		ArgsUsage: "PLAYBOOK [k=v …] [-- ARGUMENT …]",
		Description: `PLAYBOOK is a file, or the name of a shipped playbook. Inputs that it declares
are given as k=v, k=@FILE (a file's content), k=@- (standard input) or k:=JSON.
What stands after -- reaches the playbook in the table arg. Its inputs are shown
by: moonpost run PLAYBOOK --help`,
		UsageText: `moonpost run provision_users.lua --target https://mail.example.com --user admin users=new.csv
			moonpost run verify-stores --sandbox
			moonpost run verify-stores --target https://mail.example.com --user admin --format nagios
			moonpost run --list`,
		Flags: slices.Concat(
			[]cli.Flag{
				switchFlag(&o.list, aboutPlaybook, "list", "list the shipped playbooks"),
				textFlag(&o.inputs, aboutPlaybook, "inputs", "`FILE` a JSON object of inputs; k=v wins over it"),
				parsedFlag(&o.concurrency, aboutPlaybook, "concurrency", "`N` items of task.map at a time, whatever the playbook asks for", count),
				parsedFlag(&o.rate, aboutPlaybook, "rate", "`N/s` calls per second at most", perSecond),
			},
			o.server.flags(), []cli.Flag{readOnlyFlag(&o.readOnly)}, o.output.flags(), []cli.Flag{formatFlag(&o.format), o.talk.eventsFlag()}, o.talk.flags(p)),
	}, o.run)
	c.describe = o.describe
	return c
}

func (o *runOptions) run(ctx context.Context, args arguments) error {
	switch {
	case o.list:
		return o.printList(args)
	case o.format != "":
		return o.check(ctx, args)
	}
	run, err := o.perform(ctx, args)
	if run.talk == nil {
		return err
	}
	run.talk.close()
	report := run.report
	if report.Result != nil {
		run.talk.options.Preferred = report.Columns
		if err := run.talk.print(report.Result, o.output.resolved(run.talk.terminal), o.output.columns); err != nil {
			return &endedError{fault.Worst(report.Code, fault.KindOf(err).ExitCode()), errors.Join(report.Err, err)}
		}
	}
	if found := report.Verdict; found != nil && report.Err == nil && !(o.talk.quiet && found.State == monitor.OK) {
		fmt.Fprintf(o.program.stderr, "%s: %s\n", found.State, fault.Visible(found.Text))
	}
	if err == nil && report.Code != fault.ExitOK {
		err = &endedError{code: report.Code}
	}
	return err
}

// ran is a playbook that was run, or could not be.
type ran struct {
	talk             *talk // nil: nothing was begun
	report           engine.Report
	target, instance string // shown to people
}

// perform runs the playbook that the operands name. Its error is what ended
// the run, or what kept it from beginning.
func (o *runOptions) perform(ctx context.Context, args arguments) (run ran, err error) {
	if len(args.operands) == 0 {
		return run, misuse("run", "no playbook is named", "give a file, or a name of: moonpost run --list")
	}
	book, err := o.program.playbook(args.operands[0])
	if err != nil {
		return run, err
	}
	given, err := o.given(args.operands[1:])
	if err != nil {
		return run, err
	}
	talk, err := o.talk.open(o.program, "run")
	if err != nil {
		return run, err
	}
	defer func() {
		if run.talk == nil {
			talk.close()
		}
	}()
	server, err := o.server.connect(o.program, "run", talk.sink)
	if err != nil {
		return run, err
	}
	defer server.close()
	server.rate, server.concurrency, server.readOnly = o.rate, o.concurrency, o.readOnly
	run.target, run.instance = server.shown(), server.instance()

	var stopped error // at the prompt for a secret
	readSecret := func(name string) (secret.Secret, error) {
		s, err := book.readSecret(o.program, name)
		if fault.KindOf(err) == fault.Cancelled {
			stopped = err
		}
		return s, err
	}
	ended := supervise(ctx, o.program.interruption(server.brake, talk), func(ctx context.Context) (engine.Report, error) {
		return engine.Run(ctx, engine.Config{
			File: book.name, Source: book.text, Dir: book.dir, Args: args.rest,
			Inputs: given, CurrentDir: o.program.Dir, ReadSecret: readSecret,
			Target: run.target, Instance: run.instance, Open: server.open, Dial: server.dial,
			Values:      book.values(o.program, run.target, run.instance, o.server.sandbox),
			Concurrency: o.concurrency, Sink: talk.sink, Secrets: o.program.secrets,
			Width: talk.options.Width, ASCII: talk.options.ASCII,
			Log: func(text string) { talk.sink.Emit(event.Log{Level: event.Debug, Message: text}) }, Now: o.program.Now,
		}), nil
	})
	if err := cmp.Or(ended.failure("run"), stopped); err != nil {
		return run, err
	}
	run.talk, run.report = talk, ended.value
	if err := run.report.Err; err != nil {
		return run, &endedError{run.report.Code, err}
	}
	return run, nil
}

// given returns the inputs of --inputs and after them, because the later value
// counts, those of the command line.
func (o *runOptions) given(operands []string) ([]bindings.Given, error) {
	files := &reader{dir: o.program.Dir, stdin: o.program.Stdin}
	assigned, err := assignments("run", operands, files)
	if err != nil {
		return nil, err
	}
	var given []bindings.Given
	if o.inputs != "" {
		if given, err = inputsFile(o.inputs, files); err != nil {
			return nil, err
		}
	}
	for _, a := range assigned {
		g := bindings.Given{Name: a.name, Value: a.text, Origin: bindings.OriginArgument}
		if a.file != "" {
			g.Origin = "@" + a.file
		}
		if a.json != nil {
			if g.Value, err = decoded(a.json); err != nil {
				return nil, misuse("run", a.name+": "+err.Error(), "")
			}
		}
		given = append(given, g)
	}
	return given, nil
}

// inputsFile reads a JSON object of inputs.
func inputsFile(name string, files *reader) ([]bindings.Given, error) {
	text, err := files.read(name)
	if err != nil {
		return nil, misuse("run", "--inputs: "+err.Error(), "")
	}
	value, err := oneJSON([]byte(text))
	if err != nil {
		return nil, misuse("run", fmt.Sprintf("--inputs %s: %v", name, err), "")
	}
	object, err := decoded(value)
	if err != nil {
		return nil, misuse("run", fmt.Sprintf("--inputs %s: %v", name, err), "")
	}
	fields, ok := object.(map[string]any)
	if !ok {
		return nil, misuse("run", fmt.Sprintf("--inputs %s: want a JSON object", name), `{"users": "new.csv"}`)
	}
	var given []bindings.Given
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		given = append(given, bindings.Given{Name: field, Value: fields[field], Origin: name})
	}
	return given, nil
}
