package task

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// A protected call runs on a thread of its own. The interpreter's PCall would
// run it on the caller's, and an error there cuts the variables that closures
// share with every function on that thread, those outside the call included:
// after `local n = 0; local function add() n = n + 1 end; pcall(error); add()`
// n would be 0. An error on a thread of its own ends all that is on it.

const (
	maxProtected = 200 // protected calls inside one another in a task, as in Lua 5.1
	maxSpare     = 64  // threads kept for later calls
)

// guard is a protected call that goes on.
type guard struct {
	thread *lua.LState
	caller *lua.LState
	raised func(th *lua.LState, err *lua.ApiError) error
	err    error
}

// Protect is PCall for all results: it calls the function that stands on L
// below nargs arguments and puts its results in their place. The error is a
// *lua.ApiError; a Go panic has the type ApiErrorPanic and its stack in
// StackTrace. handler, when not nil, is called with what was raised while the
// calls that led there still stand, and its result takes its place. The caller
// holds the lock.
func (s *Scheduler) Protect(L *lua.LState, nargs int, handler *lua.LFunction) error {
	base := L.GetTop() - nargs - 1
	th := s.spareThread()
	if th == nil {
		L.SetTop(base)
		return &lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString(L.Where(1) + " stack overflow")}
	}
	th.Push(s.attempt)
	for i := range nargs + 1 {
		th.Push(L.Get(base + 1 + i))
	}
	L.SetTop(base)
	err := s.cur.attempt(L, th, func(th *lua.LState, err *lua.ApiError) error {
		if handler == nil {
			return err
		}
		return handle(th, handler, err.Object)
	})
	if err == nil {
		for i := range th.GetTop() {
			L.Push(th.Get(1 + i))
		}
	}
	s.keep(th)
	return err
}

// begin calls the function of the task on its thread, which is of no use
// afterwards.
func (t *Task) begin(fn *lua.LFunction, args []lua.LValue) (values []lua.LValue, err error) {
	th := t.thread
	defer func() {
		if p := recover(); p != nil {
			err = t.s.opts.Failure(th, thrown(th, p))
		}
		if sticky := t.Sticky(); sticky != nil {
			values, err = nil, sticky
		}
	}()
	if t.Sticky() == nil {
		push(th, fn, args)
		th.Call(len(args), lua.MultRet)
	}
	return results(th), nil
}

// Call calls fn and returns its results. The error is what stops the task, if
// it is to stop, else what Options.Failure makes of what was raised. The task
// holds the lock.
func (t *Task) Call(fn *lua.LFunction, args []lua.LValue) ([]lua.LValue, error) {
	if err := t.Sticky(); err != nil {
		return nil, err
	}
	th := t.s.spareThread()
	if th == nil {
		return nil, t.s.opts.Failure(t.L, &lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString("stack overflow")})
	}
	defer t.s.keep(th)
	th.Push(t.s.attempt)
	push(th, fn, args)
	err := t.attempt(t.L, th, t.s.opts.Failure)
	if sticky := t.Sticky(); sticky != nil {
		err = sticky
	}
	if err != nil {
		return nil, err
	}
	return results(th), nil
}

func push(th *lua.LState, fn *lua.LFunction, args []lua.LValue) {
	th.Push(fn)
	for _, arg := range args {
		th.Push(arg)
	}
}

func results(th *lua.LState) []lua.LValue {
	values := make([]lua.LValue, th.GetTop())
	for i := range values {
		values[i] = th.Get(1 + i)
	}
	return values
}

// attempt runs what was pushed on th for caller. raised makes the error of what
// was raised, while the calls that led there still stand on th.
func (t *Task) attempt(caller, th *lua.LState, raised func(*lua.LState, *lua.ApiError) error) error {
	t.guards = append(t.guards, guard{thread: th, caller: caller, raised: raised})
	outer, running := t.L, th.G.CurrentThread
	t.L, th.G.CurrentThread = th, th
	failed := th.PCall(th.GetTop()-1, lua.MultRet, nil)
	t.L, th.G.CurrentThread = outer, running
	n := len(t.guards) - 1
	err := t.guards[n].err
	t.guards[n] = guard{}
	t.guards = t.guards[:n]
	if err == nil && failed != nil { // before the attempt: its arguments did not fit
		return raised(th, failed.(*lua.ApiError))
	}
	return err
}

// attempted is the Lua function that every protected call begins with. It makes
// the error where it was raised; PCall around it only takes the calls away, and
// spares itself the trace, which takes the square of their number.
func (s *Scheduler) attempted(th *lua.LState) int {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		g := len(s.cur.guards) - 1
		err := s.cur.guards[g].raised(th, thrown(th, p))
		s.cur.guards[g].err = err // raised may have moved the list
		panic(&lua.ApiError{Object: lua.LNil, StackTrace: "made"})
	}()
	th.Call(th.GetTop()-1, lua.MultRet)
	return th.GetTop()
}

// thrown returns what a panic on th means. A Go panic leaves the variables open
// that closures share with the calls on th, which are about to go: raising an
// error closes them.
func thrown(th *lua.LState, p any) (raised *lua.ApiError) {
	if raised, ok := p.(*lua.ApiError); ok {
		return raised
	}
	raised = &lua.ApiError{Type: lua.ApiErrorPanic, Object: lua.LString(fmt.Sprint(p)), StackTrace: string(stack())}
	defer func() { _ = recover() }()
	th.Error(lua.LString(""), 0)
	return raised
}

// handle calls handler on th, where object was raised.
func handle(th *lua.LState, handler *lua.LFunction, object lua.LValue) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = thrown(th, p) // by the handler itself
		}
	}()
	th.Push(handler)
	th.Push(object)
	th.Call(1, 1)
	return &lua.ApiError{Type: lua.ApiErrorError, Object: th.Get(-1)}
}

// spareThread returns a thread for a protected call, nil when there
// are too many inside one another.
func (s *Scheduler) spareThread() *lua.LState {
	if len(s.cur.guards) >= maxProtected {
		return nil
	}
	if n := len(s.spare); n > 0 {
		th := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return th
	}
	return s.newThread()
}

// keep keeps a thread on which nothing runs any more.
func (s *Scheduler) keep(th *lua.LState) {
	th.SetTop(0)
	if len(s.spare) < maxSpare {
		s.spare = append(s.spare, th)
	} else {
		discard(th)
	}
}

// discard gives the memory of a thread back. A playbook may hold it: a dead
// thread is not resumed.
func discard(th *lua.LState) {
	th.Dead = true
	th.Close()
}

// Caller returns the thread from which a protected call or a coroutine that
// runs on L was made; nil for the thread of a task. The caller holds the lock.
func (s *Scheduler) Caller(L *lua.LState) *lua.LState {
	for i := len(s.cur.guards) - 1; i >= 0; i-- {
		if s.cur.guards[i].thread == L {
			return s.cur.guards[i].caller
		}
	}
	return L.Parent
}
