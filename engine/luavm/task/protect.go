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
}

// Protect is PCall for all results: it calls the function that stands on L
// below nargs arguments and puts its results in their place. The error is a
// *lua.ApiError; a Go panic has the type ApiErrorPanic and its stack in
// StackTrace. handler, when not nil, is called with what was raised while the
// calls that led there still stand, and its result takes its place. The caller
// holds the lock.
func (s *Scheduler) Protect(L *lua.LState, nargs int, handler *lua.LFunction) error {
	t, base := s.cur, L.GetTop()-nargs-1
	th := t.enter(L)
	if th == nil {
		L.SetTop(base)
		return &lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString(L.Where(1) + " stack overflow")}
	}
	for i := range nargs + 1 {
		th.Push(L.Get(base + 1 + i))
	}
	L.SetTop(base)
	err := call(th, nargs)
	if err != nil && handler != nil {
		err = handle(th, handler, err)
	}
	t.leave()
	if err != nil {
		discard(th)
		return err
	}
	results := th.GetTop()
	for i := range results {
		L.Push(th.Get(1 + i))
	}
	s.keep(th)
	return nil
}

// Call calls fn and returns its results. The error is what stops the task, if
// it is to stop, else what Options.Failure makes of what was raised. The task
// holds the lock.
func (t *Task) Call(fn *lua.LFunction, args []lua.LValue) (values []lua.LValue, err error) {
	th := t.enter(t.L)
	if th == nil {
		raised := &lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString("stack overflow")}
		return nil, t.s.opts.Failure(t.L, raised)
	}
	values, err = t.callOn(th, fn, args)
	t.leave()
	if err != nil {
		discard(th)
	} else {
		t.s.keep(th)
	}
	return values, err
}

// callOn is Call on th, which runs nothing else.
func (t *Task) callOn(th *lua.LState, fn *lua.LFunction, args []lua.LValue) ([]lua.LValue, error) {
	if err := t.Sticky(); err != nil {
		return nil, err
	}
	th.Push(fn)
	for _, arg := range args {
		th.Push(arg)
	}
	err := call(th, len(args))
	if sticky := t.Sticky(); sticky != nil {
		return nil, sticky
	}
	if err != nil {
		return nil, t.s.opts.Failure(th, err)
	}
	values := make([]lua.LValue, th.GetTop())
	for i := range values {
		values[i] = th.Get(1 + i)
	}
	return values, nil
}

// call calls the function that stands on th below nargs arguments. After an
// error the calls on th still stand: it can be asked where it was, and is of no
// other use.
func call(th *lua.LState, nargs int) (err *lua.ApiError) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *lua.ApiError:
			err = p
		default:
			err = &lua.ApiError{Type: lua.ApiErrorPanic, Object: lua.LString(fmt.Sprint(p)), StackTrace: string(stack())}
		}
	}()
	th.Call(nargs, lua.MultRet)
	return nil
}

// handle calls handler on th, where err was raised.
func handle(th *lua.LState, handler *lua.LFunction, err *lua.ApiError) *lua.ApiError {
	th.Push(handler)
	th.Push(err.Object)
	if err := call(th, 1); err != nil {
		return err // of the handler itself
	}
	return &lua.ApiError{Type: lua.ApiErrorError, Object: th.Get(-1)}
}

// throw is what a thread does with an error that was pushed on it.
func throw(L *lua.LState) {
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: L.Get(-1)})
}

// enter returns a thread for a protected call that L makes, nil when there are
// too many inside one another.
func (t *Task) enter(L *lua.LState) *lua.LState {
	if len(t.guards) == maxProtected {
		return nil
	}
	s := t.s
	var th *lua.LState
	if n := len(s.spare); n > 0 {
		th = s.spare[n-1]
		s.spare = s.spare[:n-1]
	} else {
		th = s.newThread()
	}
	t.guards = append(t.guards, guard{th, L})
	t.L, L.G.CurrentThread = th, th
	return th
}

// leave ends the innermost protected call.
func (t *Task) leave() {
	n := len(t.guards) - 1
	L := t.guards[n].caller
	t.guards[n] = guard{}
	t.guards = t.guards[:n]
	t.L, L.G.CurrentThread = L, L
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
