package command

import (
	"context"
	"maps"
	"slices"
	"sync"

	"moonpost/engine/call"
	"moonpost/engine/recorder"
)

// brake stops a run from starting calls while those in flight go on. Every
// server of a run is fitted with it. It is safe for concurrent use.
type brake struct {
	mu     sync.Mutex
	pulled bool
	next   uint64
	flying map[uint64]*flight
}

// flight is one call that has begun and has not ended.
type flight struct {
	about string
	job   bool // it runs at the server as a job
}

func newBrake() *brake { return &brake{flying: map[uint64]*flight{}} }

// fit returns server with the brake before its calls.
func (b *brake) fit(server call.Server) call.Server { return &braked{Server: server, brake: b} }

// pull holds all calls that have not begun until their context ends.
func (b *brake) pull() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pulled = true
}

// begin takes note of a call. It reports false when the brake is pulled.
func (b *brake) begin() (uint64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pulled {
		return 0, false
	}
	b.next++
	b.flying[b.next] = &flight{}
	return b.next, true
}

// status takes note of a status of a call, and of what people call it.
func (b *brake) status(id uint64, s call.Status, about func() string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.flying[id]
	f.job = s.Code == call.Running
	if f.about == "" {
		f.about = about()
	}
}

func (b *brake) end(id uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.flying, id)
}

// inFlight returns how many calls wait for their answer, and what those are
// about that run as jobs.
func (b *brake) inFlight() (waiting int, jobs []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(b.flying)) {
		if f := b.flying[id]; f.job {
			jobs = append(jobs, f.about)
		} else {
			waiting++
		}
	}
	return waiting, jobs
}

type braked struct {
	call.Server
	brake *brake
}

// Call passes the call on unless the brake is pulled.
func (s *braked) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	id, ok := s.brake.begin()
	if !ok {
		<-ctx.Done()
		return call.Answer{}, context.Cause(ctx)
	}
	defer s.brake.end(id)
	return s.Server.Call(ctx, req, func(st call.Status) {
		s.brake.status(id, st, func() string { return recorder.About(ctx, s.Server, req) })
		if status != nil {
			status(st)
		}
	})
}
