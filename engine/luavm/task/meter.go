package task

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

// meterStep is how many instructions pass between two looks at the task's
// context: about 30 microseconds.
const meterStep = 1024

// meter is the context of every Lua thread. The interpreter calls Done before
// each instruction, so this is where instructions are counted and tasks are
// stopped. One meter serves all threads, because one task runs at a time: a
// coroutine that one task made and another resumes stops with the latter.
type meter struct {
	s     *Scheduler
	left  int32
	alarm atomic.Bool // the watchdog wants the task's attention now
	count int64
}

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Done returns nil, on which nobody can wait, while the task may go on.
func (m *meter) Done() <-chan struct{} {
	if m.left > 0 && !m.alarm.Load() {
		m.left--
		return nil
	}
	return m.look()
}

func (m *meter) look() <-chan struct{} {
	s := m.s
	m.count += meterStep
	if limit := s.opts.MaxInstructions; limit > 0 && m.count > limit {
		s.limit(&fault.Error{Kind: fault.Limit, Op: "run", Message: fmt.Sprintf("more than %d instructions", limit)})
	}
	if m.alarm.Swap(false) {
		s.watchdog.tell(s.cur)
	}
	if s.cur.Sticky() != nil {
		m.left = 0 // look at every instruction from now on, or pcall in a loop would survive
		return closed
	}
	m.left = meterStep - 1
	return nil
}

// Err says why Done is closed.
func (m *meter) Err() error { return m.s.cur.Sticky() }

// Caller returns the thread from which L was called; see Scheduler.Caller.
func (m *meter) Caller(L *lua.LState) *lua.LState { return m.s.Caller(L) }

func (m *meter) Deadline() (time.Time, bool) { return time.Time{}, false }

func (m *meter) Value(any) any { return nil }

// Sticky returns the error that ends the task, nil while it may go on. Once
// there is one it stays. The task holds the lock.
func (t *Task) Sticky() error {
	if t.sticky == nil {
		switch {
		case t.s.stop != nil:
			t.sticky = t.s.stop
		case t.ctx.Err() != nil:
			t.sticky = stopped(t.ctx)
		}
	}
	return t.sticky
}

// stopped says as a fault why ctx has ended.
func stopped(ctx context.Context) error {
	cause := context.Cause(ctx)
	if _, ok := errors.AsType[*fault.Error](cause); ok {
		return cause
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return &fault.Error{Kind: fault.Timeout, Op: "task", Message: "its time is over", Err: cause}
	}
	return &fault.Error{Kind: fault.Cancelled, Op: "task", Message: "cancelled", Err: cause}
}
