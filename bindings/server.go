package bindings

import (
	"context"
	"slices"
	"sync/atomic"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// server is one MailStore, opened at its first use.
type server struct {
	open   func(context.Context) (call.Server, error)
	gate   chan struct{} // held by whoever opens
	client call.Server   // nil before it is open; used with the gate
	opened atomic.Pointer[offer]
}

// offer is a server that is open, and what it offers.
type offer struct {
	call.Server
	functions []call.Function
	byName    map[string]*call.Function
}

func newServer(open func(context.Context) (call.Server, error)) *server {
	return &server{open: open, gate: make(chan struct{}, 1)}
}

// offer opens the server. An attempt that failed is not kept: the next call
// tries again, with the same client, which knows when that makes sense. It
// waits, so call it without the interpreter lock.
func (s *server) offer(ctx context.Context) (*offer, error) {
	if o := s.opened.Load(); o != nil {
		return o, nil
	}
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
		return nil, stopped(ctx, "api")
	}
	if o := s.opened.Load(); o != nil {
		return o, nil
	}
	if s.open == nil {
		return nil, &fault.Error{
			Kind: fault.Usage, Op: "api", Message: "no target: this playbook calls a server",
			Hint: "name one with --target, or try it with --sandbox",
		}
	}
	if s.client == nil {
		opened, err := s.open(ctx)
		if err != nil {
			return nil, err
		}
		s.client = opened
	}
	functions, err := s.client.Functions(ctx)
	if err != nil {
		return nil, err
	}
	o := &offer{Server: s.client, functions: functions, byName: make(map[string]*call.Function, len(functions))}
	for i := range functions {
		o.byName[functions[i].Name] = &functions[i]
	}
	s.opened.Store(o)
	return o, nil
}

// names returns the names of all functions.
func (o *offer) names() []string {
	names := make([]string, len(o.functions))
	for i, f := range o.functions {
		names[i] = f.Name
	}
	return names
}

// find returns the function of that name, or an error that says what was meant.
func (o *offer) find(name string) (*call.Function, error) {
	if f, ok := o.byName[name]; ok {
		return f, nil
	}
	return nil, unknownFunction("api.describe", name, o.names())
}

// takes reports whether f has an argument of that name.
func takes(f *call.Function, arg string) bool {
	return slices.ContainsFunc(f.Params, func(p luavm.Param) bool { return p.Name == arg })
}
