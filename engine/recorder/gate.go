// Package recorder is the gate that every call of a playbook passes on its way
// to the server. Start at Gate. It promises that no call goes round it: the
// bindings are given the Gate and nothing else.
package recorder

import (
	"context"

	"moonpost/engine/call"
)

// Gate is a call.Server that lets every call of one run through to the next
// one. It is safe for concurrent use.
type Gate struct {
	next call.Server
}

// New returns a Gate in front of next.
func New(next call.Server) *Gate { return &Gate{next: next} }

// Call passes the call on. Its errors are those of call.Caller.
func (g *Gate) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	return g.next.Call(ctx, req, status)
}

// Functions returns what the server offers.
func (g *Gate) Functions(ctx context.Context) ([]call.Function, error) { return g.next.Functions(ctx) }

// About returns what the server said of itself.
func (g *Gate) About(ctx context.Context) (call.About, error) { return g.next.About(ctx) }

var _ call.Server = (*Gate)(nil)
