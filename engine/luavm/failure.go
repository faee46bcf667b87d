package luavm

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

// failure makes the Go error of what Lua raised.
func (s *State) failure(L *lua.LState, raised *lua.ApiError) error {
	if raised.Type == lua.ApiErrorPanic && raised.Object.String() != value.CallsOverflow {
		return s.panicked(raised.Object, []byte(raised.StackTrace))
	}
	return value.FromLua(L, raised.Object)
}

// panicked makes the error of a Go panic, a bug of ours: it ends the run, and
// its stack goes to the log alone.
func (s *State) panicked(p any, stack []byte) error {
	if s.opts.Log != nil {
		s.opts.Log(fmt.Sprintf("panic: %v\n%s", p, stack))
	}
	err := &fault.Error{Kind: fault.Internal, Op: "run", Message: fmt.Sprint(p)}
	s.tasks.Stop(err)
	return err
}

// raise raises err in L and does not return. An error that nothing may catch
// ends the run.
func (s *State) raise(L *lua.LState, err error) {
	if fault.KindOf(err).Fatal() {
		err = value.Traced(L, err)
		s.tasks.Stop(err)
	}
	value.Raise(L, err)
}

// located returns err for those outside Lua, who are told where the playbook
// was.
func located(err error) error {
	raised, ok := err.(*value.Raised)
	if !ok {
		return err
	}
	e, ok := errors.AsType[*fault.Error](raised.Err)
	if !ok || e.Details == raised.Trace {
		return raised.Err
	}
	with := *e
	with.Trace = raised.Trace
	if raised.Err != error(e) { // keep what stands around it
		with.Op, with.Message, with.Err = "", "", raised.Err
	}
	return &with
}
