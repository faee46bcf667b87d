// Package engine is one run of a playbook, from source to report: it reads the
// declaration, checks the inputs, wires interpreter, modules, gate and server
// together, runs the chunk and says how it ended. Start at Run. It opens
// nothing before the playbook asks for it and prints nothing: what happens goes
// to the Sink, the result into the Report.
package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"moonpost/bindings"
	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/source"
	"moonpost/engine/monitor"
	"moonpost/engine/recorder"
	"moonpost/engine/secret"
	"moonpost/stdlib"
)

// Config is what one run needs. File, Source and Dir are required.
type Config struct {
	File   string // name of the playbook as people see it
	Source []byte
	Dir    string   // the playbook's folder: modules, file defaults and relative paths
	Args   []string // arguments after --, the global arg

	Inputs     []bindings.Given
	CurrentDir string // given file inputs are relative to it
	// ReadSecret asks for a secret input that was not given.
	ReadSecret func(name string) (secret.Secret, error)

	Target   string // shown to people; "" when none was named
	Instance string // that calls go to which name none, "" without one
	// Open connects to the target; it is asked once, at the first use of api.
	Open func(context.Context) (call.Server, error)
	// Dial connects to another server: api.target{…}.
	Dial func(context.Context, bindings.Target) (call.Server, error)

	Values      bindings.Values // keeps what the playbook keeps between runs
	Concurrency int             // ceiling of task.map; 0: none
	Sink        event.Sink
	Width       int  // columns of the terminal that standard output is; 0: it is none
	ASCII       bool // draw with ASCII characters only
	Secrets     *secret.Redactor
	Log         func(string) // stacks of internal errors
	Now         func() time.Time
}

// Report says how a run ended.
type Report struct {
	Run     string // id of the run; "" when nothing ran
	State   State
	Code    int            // exit code
	Result  []byte         // JSON of what the chunk returned, or else of the verdict; nil for nothing
	Columns []string       // of the result that a table shows, as the playbook declares; nil for all
	Verdict *monitor.Check // what run.finish said; nil when it was not called
	Err     error          // what ended the run, nil when it came to its end
	Counts  event.Counts
	Elapsed time.Duration
}

// State is how a run ended, in one word.
type State string

// The states.
const (
	OK          State = "ok"
	Failed      State = "failed"
	ItemsFailed State = "items_failed" // it came to its end, and items failed
	Unknown     State = "unknown"      // it came to its end, and outcomes are unknown
	Findings    State = "findings"     // it came to its end, and its verdict is not ok
	Interrupted State = "interrupted"
)

// Describe returns the declaration of a playbook without running it.
func Describe(file string, text []byte) (decl.Playbook, error) {
	chunk, err := source.Parse(file, text)
	if err != nil {
		return decl.Playbook{}, err
	}
	return chunk.Playbook(), nil
}

// Run runs a playbook to its end. It always returns a report; errors before the
// first instruction (syntax, inputs) leave Report.Run empty.
func Run(ctx context.Context, cfg Config) Report {
	started := cfg.Now()
	chunk, err := source.Parse(cfg.File, cfg.Source)
	if err != nil {
		return refused(err)
	}
	inputs, err := bindings.ReadInputs(chunk.Playbook(), cfg.Inputs, cfg.Dir, cfg.CurrentDir, cfg.ReadSecret)
	if err != nil {
		return refused(err)
	}

	for _, hidden := range inputs.Secrets() {
		cfg.Secrets.Add(hidden)
	}
	id := newID(started)
	tally := event.NewTally(cfg.Sink)
	open, dial := gated(recorder.New(tally), cfg)
	modules, err := newModules(cfg.Dir)
	if err != nil {
		return refused(err)
	}
	defer modules.close()
	var found *monitor.Check
	var said []byte
	state, err := luavm.New(luavm.Options{
		Modules: slices.Concat(stdlib.Globals(),
			bindings.Modules(bindings.Host{
				Server: open, Dial: dial, Sink: tally, Secrets: cfg.Secrets, Inputs: inputs,
				Concurrency: cfg.Concurrency, Values: cfg.Values,
				Finish: func(verdict monitor.Check, json []byte) { found, said = &verdict, json },
				Run:    bindings.Run{ID: id, Target: cfg.Target, Instance: cfg.Instance, Playbook: cfg.File, Started: float64(started.Unix())},
			}),
		),
		Library: stdlib.Library(stdlib.Host{
			Dir: cfg.Dir, Inputs: inputs.Files(), Sink: tally, Secrets: cfg.Secrets, Now: cfg.Now,
			Screen: stdlib.Screen{Width: cfg.Width, ASCII: cfg.ASCII},
		}),
		Require: modules.find,
		Print:   func(text string) { tally.Emit(event.Printed{Text: text}) },
		Warn:    func(line event.Log) { tally.Emit(line) },
		Log:     cfg.Log,
	})
	if err != nil {
		return refused(err)
	}
	defer state.Close()

	tally.Emit(event.RunStarted{Run: id, Playbook: cfg.File, Target: cfg.Target})
	result, err := state.Run(ctx, chunk, cfg.Args)
	if result.JSON == nil && err == nil {
		result.JSON = said
	}
	report := Report{Run: id, Result: result.JSON, Columns: chunk.Playbook().Columns, Verdict: found, Err: err, Counts: tally.Counts(), Elapsed: cfg.Now().Sub(started)}
	report.Code, report.State = verdict(ctx, err, report.Counts, found != nil && found.State != monitor.OK)
	ended := event.RunEnded{
		Run: id, State: string(report.State), Code: report.Code, Counts: report.Counts, Elapsed: report.Elapsed.Seconds(),
	}
	if err != nil {
		ended.Error = fault.JSON(err)
	}
	tally.Emit(ended)
	return report
}

// refused is the report of a run that never began.
func refused(err error) Report {
	return Report{State: Failed, Code: fault.KindOf(err).ExitCode(), Err: err}
}

// verdict weighs the error that ended the run against what was counted on the
// way: an unknown outcome counts even when the playbook caught it. findings says
// that the playbook's own verdict is not ok.
func verdict(ctx context.Context, err error, counts event.Counts, findings bool) (int, State) {
	kind := fault.KindOf(err)
	if kind == fault.Cancelled && ctx.Err() == nil {
		kind = fault.Script // the playbook cancelled something itself and let the error through
	}
	codes := []int{kind.ExitCode()}
	var signal interface{ ExitCode() int }
	if kind == fault.Cancelled && errors.As(context.Cause(ctx), &signal) {
		codes = []int{signal.ExitCode()}
	}
	if counts.Unknown > 0 {
		codes = append(codes, fault.ExitUnknown)
	}
	if counts.Failed > 0 {
		codes = append(codes, fault.ExitItems)
	}
	if findings {
		codes = append(codes, fault.Findings.ExitCode())
	}
	code := fault.Worst(codes...)
	switch {
	case kind == fault.Cancelled:
		return code, Interrupted
	case err != nil:
		return code, Failed
	case counts.Unknown > 0:
		return code, Unknown
	case findings:
		return code, Findings
	case counts.Failed > 0:
		return code, ItemsFailed
	}
	return code, OK
}

// gated returns open and dial with the gate before the servers that they give.
func gated(gate *recorder.Gate, cfg Config) (
	open func(context.Context) (call.Server, error), dial func(context.Context, bindings.Target) (call.Server, error),
) {
	before := func(server call.Server, err error) (call.Server, error) {
		if err != nil {
			return nil, err
		}
		return gate.Before(server), nil
	}
	if cfg.Open != nil {
		open = func(ctx context.Context) (call.Server, error) { return before(cfg.Open(ctx)) }
	}
	if cfg.Dial != nil {
		dial = func(ctx context.Context, t bindings.Target) (call.Server, error) { return before(cfg.Dial(ctx, t)) }
	}
	return open, dial
}
