package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"moonpost/bindings"
	"moonpost/engine"
	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// eachFlags make of one call a call for each row of a CSV file.
type eachFlags struct {
	file        string
	failed      string
	delimiter   string
	encoding    string
	concurrency int
	rate        float64
}

const aboutEach = "many calls"

func (f *eachFlags) flags() []cli.Flag {
	return []cli.Flag{
		textFlag(&f.file, aboutEach, "each", "`FILE.csv` one call for each row, where {column} stands for its value; - is standard input"),
		textFlag(&f.failed, aboutEach, "failed", "`FILE.csv` gets the rows of --each that failed, FILE.unknown.csv those of unknown outcome; failed.csv"),
		textFlag(&f.delimiter, aboutEach, "delimiter", "`C` what separates the fields of --each; found in the file"),
		textFlag(&f.encoding, aboutEach, "encoding", "`NAME` how the text of --each is written, as cp1252; found in the file"),
		parsedFlag(&f.concurrency, aboutEach, "concurrency", "`N` rows of --each at a time; 8", count),
		parsedFlag(&f.rate, aboutEach, "rate", "`N/s` calls of --each per second at most", perSecond),
	}
}

// check refuses what has no effect without --each.
func (f *eachFlags) check() error {
	if f.file != "" {
		return nil
	}
	for flag, given := range map[string]bool{
		"--failed": f.failed != "", "--delimiter": f.delimiter != "", "--encoding": f.encoding != "",
		"--concurrency": f.concurrency != 0, "--rate": f.rate != 0,
	} {
		if given {
			return misuse("call", flag+" needs --each FILE.csv", "")
		}
	}
	return nil
}

// runEach calls fn once for each row of the file. The calls are made by a
// playbook, so that they are counted, stopped and reported like those of any
// other.
func (o *callOptions) runEach(ctx context.Context, fn string, operands []string) error {
	rows, err := o.each.read(ctx, o.program)
	if err != nil {
		return err
	}
	defer rows.close()
	files := &reader{dir: o.program.Dir, stdin: o.program.Stdin, spent: o.each.file == "-"}
	playbook, err := rows.playbook(fn, operands, files)
	if err != nil {
		return err
	}
	leftover, err := newLeftover(o.program, o.each.failed, fn, rows)
	if err != nil {
		return err
	}
	talk, err := o.talk.open(o.program, "call")
	if err != nil {
		return err
	}
	defer talk.close()
	server, err := o.server.connect(o.program, "call", talk.sink)
	if err != nil {
		return err
	}
	defer server.close()
	server.rate, server.readOnly = o.each.rate, o.readOnly

	ended := supervise(ctx, o.program.interruption(server.brake, talk), func(ctx context.Context) (engine.Report, error) {
		to, err := server.open(ctx)
		if err != nil {
			return engine.Report{}, err
		}
		if err := playbook.suits(ctx, to, o.readOnly); err != nil {
			return engine.Report{}, err
		}
		if err := leftover.hold(); err != nil {
			return engine.Report{}, err
		}
		return engine.Run(ctx, engine.Config{
			File: "call --each", Source: playbook.text(o.each), Dir: o.program.Dir, CurrentDir: o.program.Dir,
			Inputs: append(playbook.given, bindings.Given{Name: rowsInput, Value: rows.path, Origin: "--each"}),
			Target: server.shown(), Open: func(context.Context) (call.Server, error) { return to, nil }, Dial: server.dial,
			Sink: event.Fan(leftover, talk.sink), Secrets: o.program.secrets,
			Log: func(text string) { talk.sink.Emit(event.Log{Level: event.Debug, Message: text}) }, Now: o.program.Now,
			ReadSecret: func(name string) (secret.Secret, error) { return secret.Secret{}, fmt.Errorf("no value for %s", name) },
		}), nil
	})
	talk.close()
	if err := ended.failure("call"); err != nil && !ended.left {
		return err // before the first row
	}
	lost := leftover.write()
	if ended.left {
		return errors.Join(ended.failure("call"), lost)
	}
	report := ended.value
	code := fault.Worst(report.Code, fault.KindOf(lost).ExitCode())
	if report.Result == nil {
		return &endedError{code, cmp.Or(lost, report.Err)}
	}
	if err := talk.print(leftover.result(report.Result), o.output.resolved(talk.terminal), o.output.columns); err != nil {
		return &endedError{fault.Worst(code, fault.KindOf(err).ExitCode()), errors.Join(report.Err, err)}
	}
	return &endedError{code, cmp.Or(lost, report.Err)}
}
