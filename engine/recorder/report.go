package recorder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// reporter is a call.Server that tells the gate's sink what becomes of every
// call.
type reporter struct {
	call.Server
	gate *Gate
}

// Call makes the call between the two events that say so, with an event for
// every status of a job.
func (r *reporter) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	f := followed{reporter: r, req: &req, number: r.gate.calls.Add(1), status: status}
	started := time.Now()
	r.gate.sink.Emit(event.CallStarted{Call: f.number, Fn: req.Fn, Item: req.Item})
	answer, err := r.Server.Call(ctx, req, f.hear)
	ended := event.CallEnded{
		Call: f.number, Fn: req.Fn, Item: req.Item, Outcome: event.OutcomeOK, Attempts: answer.Attempts,
		Elapsed: time.Since(started).Seconds(),
	}
	if known := function(ctx, r.Server, req.Fn); known != nil {
		ended.Changing = known.Changing
	}
	if err != nil {
		ended.Outcome, ended.Error = event.OutcomeFailed, fault.JSON(err)
		if fault.KindOf(err) == fault.Unknown {
			ended.Outcome = event.OutcomeUnknown
		}
	}
	r.gate.sink.Emit(ended)
	if left, ok := errors.AsType[*call.LeftError](err); ok {
		r.gate.sink.Emit(event.Log{
			Level: event.Warn, Message: fmt.Sprintf("%s goes on at the server (token %s)", About(ctx, r.Server, req), left.Job.Token),
		})
	}
	return answer, err
}

// function returns what the server says of the function, nil when it does not
// know it. The server was asked before: the answer is at hand.
func function(ctx context.Context, server call.Server, name string) *call.Function {
	functions, err := server.Functions(ctx)
	if err != nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(functions, name, func(f call.Function, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return nil
	}
	return &functions[i]
}

// followed is one call on its way.
type followed struct {
	*reporter
	req     *call.Request
	number  uint64
	status  func(call.Status)
	running bool // it is a job
	about   string
}

// hear reports one status of a job, and passes every status on.
func (f *followed) hear(s call.Status) {
	if !f.running && s.Code == call.Running {
		f.running, f.about = true, label(context.Background(), f.Server, *f.req)
	}
	if f.running {
		f.gate.sink.Emit(event.JobProgress{
			Call: f.number, Fn: f.req.Fn, Label: f.about, Version: s.Version, Status: s.Code, Percent: s.Percent,
			Text: s.Text, Log: s.Lines(), Elapsed: s.Elapsed.Seconds(),
		})
	}
	if f.status != nil {
		f.status(s)
	}
}

// About names a call for people: "VerifyStore 1". The server was asked for its
// functions before.
func About(ctx context.Context, server call.Server, req call.Request) string {
	return strings.TrimSpace(req.Fn + " " + label(ctx, server, req))
}

// label says what a call is about: the key that the playbook gives, else its
// first argument in the order of the declaration, unless that is secret or the
// instance.
func label(ctx context.Context, server call.Server, req call.Request) string {
	known := function(ctx, server, req.Fn)
	if req.Key != "" || known == nil {
		return req.Key
	}
	for _, p := range known.Params {
		for _, a := range req.Args {
			if a.Name != p.Name || a.Name == call.InstanceArg || p.Type.Kind == decl.KindSecret {
				continue
			}
			switch a.Value.(type) {
			case string, float64, bool:
				return fmt.Sprint(a.Value)
			}
		}
	}
	return ""
}
