// Package recorder is the gate that every call of a run passes on its way to
// the server. Start at Gate. It promises that no call goes round it (bindings
// and commands are given the Gate and nothing else) and that each call is
// reported once.
package recorder

import (
	"sync/atomic"

	"moonpost/engine/call"
	"moonpost/engine/event"
)

// Gate is the way of one run's calls to its servers. It is safe for concurrent
// use.
type Gate struct {
	sink  event.Sink
	calls atomic.Uint64
}

// New returns the gate of one run. sink is told of every call.
func New(sink event.Sink) *Gate { return &Gate{sink: sink} }

// Before returns server with the gate before its calls: each passes to the
// server as it is, and is reported. Errors are those of call.Caller.
func (g *Gate) Before(server call.Server) call.Server { return &reporter{Server: server, gate: g} }
