package command

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"strings"

	"moonpost/engine"
	"moonpost/engine/fault"
	"moonpost/engine/monitor"
)

// check runs the playbook as a check of a monitoring system: whatever becomes
// of it, the document of the system is written and the exit code is the
// system's.
func (o *runOptions) check(ctx context.Context, args arguments) error {
	switch {
	case o.output.format != "" || o.output.columns != nil:
		return misuse("run", "--output and --columns have no effect with --format", "")
	case o.talk.events == "-":
		return misuse("run", "--format and --events - contradict each other: both write to standard output", "")
	}
	format, _ := monitor.Find(o.format)
	o.talk.apart = true
	if !o.program.verbose {
		o.talk.quiet = true
		if format.Alone {
			o.program.stderr = newStream(io.Discard, o.program.secrets)
		}
	}
	run, err := o.perform(ctx, args)
	if run.talk != nil {
		run.talk.close()
	}
	found := verdictOf(run.report, err)
	if found.Name == "" {
		found.Name = checkName(args.operands, run.target, run.instance)
	}
	if _, err := o.program.stdout.Write(format.Document(found)); err != nil {
		return err
	}
	return &endedError{format.ExitCode(found.State), err}
}

// verdictOf returns what a run found out: what its playbook said, unless it
// failed or knows less than it says.
func verdictOf(report engine.Report, err error) monitor.Check {
	if err != nil {
		return monitor.Failed("", err.Error(), fault.KindOf(err) == fault.Unreachable)
	}
	found := monitor.Check{State: monitor.OK, Text: "the playbook ran to its end"}
	if report.Verdict != nil {
		found = *report.Verdict
	}
	switch {
	case report.Counts.Unknown > 0 && found.State != monitor.Critical:
		found.State = monitor.Unknown
		found.Text += "; the outcome of a call is unknown"
	case report.Verdict == nil && report.Counts.Failed > 0:
		found.State, found.Text = monitor.Warning, "items failed"
	}
	return found
}

// checkName names the check of a playbook at a target, for systems that know
// checks by their name.
func checkName(operands []string, target, instance string) string {
	name := "moonpost"
	if len(operands) > 0 {
		name = strings.TrimSuffix(path.Base(filepath.ToSlash(operands[0])), ".lua")
	}
	return strings.Join(strings.Fields(name+" "+target+" "+instance), " ")
}
