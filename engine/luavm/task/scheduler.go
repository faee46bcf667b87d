// Package task runs the tasks of one playbook: each is a goroutine with a Lua
// thread of its own, and one lock lets one of them into the interpreter at a
// time. Start at New and Scheduler.Run.
//
// The lock changes hands at waits only (Task.Block); Lua code between two waits
// is never interrupted by another task. Whatever a task does, it can be
// stopped: the interpreter asks a context before every instruction, and that
// context answers for the task that holds the lock. What stops a task is
// sticky: Lua cannot catch it and go on.
package task

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

// Options says what a Scheduler needs. The functions are called with the lock.
type Options struct {
	// Failure makes the Go error of what was raised on L, where the calls that
	// led there still stand. Panicked makes that of a Go panic.
	Failure  func(L *lua.LState, err *lua.ApiError) error
	Panicked func(p any, stack []byte) error
	// Traced returns the error of a limit with the place where L is; nil leaves
	// it as it is.
	Traced func(L *lua.LState, err error) error

	// Spinning is called once for a task that has computed for SpinAfter without
	// a wait while others want to go on.
	Spinning  func(t *Task)
	SpinAfter time.Duration // 0: 200 ms

	MaxInstructions int64  // of all tasks together, counted in steps of 1,024; 0: no limit
	MaxMemory       uint64 // bytes of live heap of the process; 0: no limit
}

// Scheduler owns the interpreter of one playbook.
type Scheduler struct {
	opts  Options
	state *lua.LState // runs nothing itself: threads are made from it

	mu       sync.Mutex
	queue    atomic.Int32 // tasks that want the lock
	cur      *Task        // holds the lock
	spare    []*lua.LState
	attempt  *lua.LFunction
	meter    meter
	watchdog watchdog

	ctx     context.Context // of the run
	cancel  context.CancelCauseFunc
	stop    error // ends every task
	cut     error // of the first task that the end of ctx ended
	running sync.WaitGroup
	started int
	failed  map[*Task]struct{} // ended with an error that nobody has asked for
}

// New returns a scheduler for the tasks of state. Nothing else may run on state
// from now on, and no context be set in it.
func New(state *lua.LState, opts Options) *Scheduler {
	if opts.SpinAfter == 0 {
		opts.SpinAfter = 200 * time.Millisecond
	}
	s := &Scheduler{opts: opts, state: state, failed: map[*Task]struct{}{}}
	s.meter.s = s
	s.attempt = &lua.LFunction{IsG: true, GFunction: s.attempted}
	s.watchdog.init(s)
	return s
}

// Run calls fn as the main task on the calling goroutine and waits for all
// tasks; when fn fails, the others are cancelled. finish is called with what fn
// returned, with the lock and while the main task still exists. The error is
// that of fn, or what stopped the run, or that of the first task that failed
// and that nobody asked, or that of finish.
func (s *Scheduler) Run(ctx context.Context, fn *lua.LFunction, finish func([]lua.LValue) error) error {
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	defer s.cancel(context.Canceled)
	defer s.watchdog.start()()

	// The main task gets its call stack in one piece: calls are 3 % faster, and
	// there is one only.
	options := s.state.Options
	s.state.Options.MinimizeStackMemory = false
	main := s.newTask(s.ctx, nil)
	s.state.Options, main.thread.Options = options, options // coroutines get theirs from it
	s.state.G.MainThread = main.thread
	s.hold(main, func() { main.values, main.err = main.begin(fn, nil) })
	if main.err != nil {
		s.hold(main, func() {
			s.Stop(&fault.Error{Kind: fault.Cancelled, Op: "task", Message: "the playbook failed", Err: main.err})
		})
	}
	s.running.Wait()
	defer main.release()

	err := main.err
	s.hold(main, func() {
		if err == nil {
			err = s.verdict()
		}
		if err == nil {
			err = finish(main.values)
		}
		main.close()
	})
	return err
}

// verdict is the error of a run whose main task succeeded.
func (s *Scheduler) verdict() error {
	switch {
	case s.stop != nil:
		return s.stop
	case s.cut != nil:
		return s.cut
	}
	var first *Task
	for t := range s.failed {
		if first == nil || t.number < first.number {
			first = t
		}
	}
	if first == nil {
		return nil
	}
	return first.err
}

// Go starts a task that calls fn with args. It ends when fn returns or ctx
// ends, which must end with the context of the run. parent is the task that
// starts it; the caller holds the lock.
func (s *Scheduler) Go(ctx context.Context, parent *Task, fn *lua.LFunction, args []lua.LValue) *Task {
	t := s.newTask(ctx, parent)
	s.running.Go(func() {
		defer t.release()
		defer close(t.done)
		s.hold(t, func() {
			t.values, t.err = t.begin(fn, args)
			switch {
			case t.err == nil:
			case s.ctx.Err() != nil && s.cut == nil:
				s.cut = t.err
			case t.ctx.Err() == nil:
				s.failed[t] = struct{}{}
			}
			t.close()
		})
	})
	return t
}

func (s *Scheduler) newTask(ctx context.Context, parent *Task) *Task {
	thread := s.newThread()
	s.started++
	t := &Task{
		s: s, parent: parent, number: s.started,
		thread: thread, L: thread, at: thread, free: true,
		done: make(chan struct{}),
	}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	t.refs.Store(1)
	if parent != nil {
		parent.refs.Add(1)
	}
	return t
}

func (s *Scheduler) newThread() *lua.LState {
	th, _ := s.state.NewThread()
	s.Attach(th)
	return th
}

// Attach makes thread, a new coroutine, stop like the task that runs it.
func (s *Scheduler) Attach(thread *lua.LState) { thread.SetContext(&s.meter) }

// Current returns the task that holds the lock, for code that runs in it.
func (s *Scheduler) Current() *Task { return s.cur }

// Stop ends every task with that error. The caller holds the lock.
func (s *Scheduler) Stop(cause error) {
	if s.stop == nil {
		s.stop = cause
		s.meter.left = 0
		s.cancel(cause)
	}
}

// limit ends every task because a limit was reached, where the running thread
// is. The caller holds the lock.
func (s *Scheduler) limit(err error) {
	if s.opts.Traced != nil && s.stop == nil {
		err = s.opts.Traced(s.state.G.CurrentThread, err)
	}
	s.Stop(err)
}

// Task is one task. Its methods are for its own goroutine unless they say
// otherwise.
type Task struct {
	s      *Scheduler
	parent *Task
	number int

	thread *lua.LState
	at     *lua.LState // Global.CurrentThread while the task does not hold the lock
	free   bool        // the task does not hold the lock

	// L is the thread whose Go function runs: the task's own, that of a
	// coroutine or of a protected call. Go functions set it when they are called.
	L      *lua.LState
	guards []guard

	ctx    context.Context
	cancel context.CancelCauseFunc
	refs   atomic.Int32 // the task and its children: ctx lives as long as any of them
	sticky error
	warned bool // that it spins

	done   chan struct{}
	values []lua.LValue
	err    error
}

// close gives the thread's memory back.
func (t *Task) close() {
	discard(t.thread)
	t.thread, t.L, t.at = nil, nil, nil
}

// release drops one reference to the task's context.
func (t *Task) release() {
	for ; t != nil && t.refs.Add(-1) == 0; t = t.parent {
		t.cancel(context.Canceled)
	}
}

// Context ends when the task is to stop.
func (t *Task) Context() context.Context { return t.ctx }

// Cancel ends the task with that cause. Any goroutine may call it.
func (t *Task) Cancel(cause error) { t.cancel(cause) }

// Done is closed when the task has ended. Any goroutine may ask.
func (t *Task) Done() <-chan struct{} { return t.done }

// Results returns what the task returned, once it is done. An error that was
// asked for here no longer fails the run. The caller holds the lock.
func (t *Task) Results() ([]lua.LValue, error) {
	delete(t.s.failed, t)
	return t.values, t.err
}
