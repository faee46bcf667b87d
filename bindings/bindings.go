// Package bindings holds the Lua modules that bind a playbook to its run: api,
// task, log, playbook, inputs, run and state. Start at Modules; each module is one
// literal in the file of its name.
//
// The package sees the server as one interface, call.Server, and knows neither
// HTTP nor the interpreter. It promises that declaring has no side effects
// (Modules(Host{}) works), that nothing is opened before a playbook asks for
// it, and that every item is reported once to the sink; calls are
// reported by the gate that the server is given with.
package bindings

import (
	"context"
	"sync/atomic"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/luavm"
	"moonpost/engine/monitor"
	"moonpost/engine/secret"
)

// Host is what the modules need from the run they belong to.
type Host struct {
	// Server opens the run's target; it is asked at the first use of api and
	// again only when it failed. Its error without a target is of kind usage.
	Server func(ctx context.Context) (call.Server, error)
	// Dial opens another server for api.target.
	Dial func(ctx context.Context, t Target) (call.Server, error)

	Sink    event.Sink       // nil: event.Discard
	Secrets *secret.Redactor // gets the passwords of other targets
	Run     Run
	// Finish takes the verdict of run.finish, and its JSON; it is called once at
	// most, with the interpreter lock. nil: nobody wants it.
	Finish      func(verdict monitor.Check, said []byte)
	Inputs      Inputs
	Values      Values // of the module state; nil: the run has no state
	Concurrency int    // ceiling for task.map and task.each; 0: none
}

// Target says where another server is and how to log in to it.
type Target struct {
	URL, User       string
	Password        secret.Secret
	Fingerprint, CA string
	Instance        string // SPE instance filled in where a call gives none
}

// Modules returns the modules of one run.
func Modules(h Host) []luavm.Module {
	if h.Sink == nil {
		h.Sink = event.Discard
	}
	b := &binding{host: h, silent: h.Sink == event.Discard}
	main := &remote{binding: b, server: newServer(h.Server), home: true}
	return []luavm.Module{
		main.module(),
		b.taskModule(),
		b.logModule(),
		inputsModule(h.Inputs),
		playbookModule(),
		b.runModule(),
		b.stateModule(),
	}
}

// binding is what the modules of one run share.
type binding struct {
	host   Host
	silent bool // nobody listens: events are not even made
	maps   atomic.Uint64

	finished bool // run.finish was called; used with the interpreter lock
	ending
}

func (b *binding) emit(e event.Event) { b.host.Sink.Emit(e) }
