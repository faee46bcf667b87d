package luavm

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/source"
	"moonpost/engine/luavm/task"
	"moonpost/engine/luavm/value"
)

// loading is a Lua module that is loaded or being loaded.
type loading struct {
	by    *task.Task
	done  chan struct{}
	value lua.LValue
}

// circle reports whether t would wait for itself if it waited for l.
func (s *State) circle(t *task.Task, l *loading) bool {
	for l != nil && l.by != t {
		l = s.waiting[l.by]
	}
	return l != nil
}

// require returns the module of that name: a declared one, or what the Lua
// module returns, which runs once per state. A task that asks while another
// loads the module waits for it.
func (s *State) require(L *lua.LState, name string) (lua.LValue, error) {
	if declared := s.opts.Library[name]; declared != nil && s.modules[name] == nil {
		if err := s.declare(declared()); err != nil {
			return nil, err
		}
	}
	if m := s.modules[name]; m != nil && m.decl.Source == nil {
		return m.table(), nil
	}
	t := s.tasks.Current()
	for l := s.loaded[name]; l != nil; l = s.loaded[name] {
		if l.value != nil {
			return l.value, nil
		}
		if s.circle(t, l) {
			return nil, &fault.Error{Kind: fault.Script, Op: "require " + name, Message: "modules require one another in a circle"}
		}
		s.waiting[t] = l
		err := t.Await(l.done)
		delete(s.waiting, t)
		if err != nil {
			return nil, err
		}
	}
	l := &loading{by: t, done: make(chan struct{})}
	s.loaded[name] = l
	defer close(l.done)
	v, err := s.load(t, L, name)
	if err != nil {
		delete(s.loaded, name)
		return nil, err
	}
	l.value = v
	return v, nil
}

func (s *State) load(t *task.Task, L *lua.LState, name string) (lua.LValue, error) {
	if m := s.modules[name]; m != nil {
		return s.loadWritten(t, L, m)
	}
	if s.opts.Require == nil {
		return nil, s.noModule(name)
	}
	file, text, err := s.opts.Require(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.noModule(name)
	case err != nil:
		return nil, value.Fault("require "+name, err)
	}
	chunk, err := source.Parse(file, text)
	if err != nil {
		return nil, err
	}
	v, err := s.runModule(t, L, s.lua.NewFunctionFromProto(chunk.Proto()), name)
	if v == lua.LNil {
		v = lua.LTrue
	}
	return v, err
}

// runModule calls the chunk of a module for L and returns its first result.
func (s *State) runModule(t *task.Task, L *lua.LState, chunk *lua.LFunction, name string) (lua.LValue, error) {
	outer := t.L
	t.L = L
	defer func() { t.L = outer }()
	values, err := t.Call(chunk, []lua.LValue{lua.LString(name)})
	switch {
	case err != nil:
		return nil, err
	case len(values) == 0:
		return lua.LNil, nil
	}
	return values[0], nil
}

func (s *State) noModule(name string) error {
	return &fault.Error{
		Kind: fault.Script, Op: "require", Message: fmt.Sprintf("there is no module %q", name),
		Hint: fault.DidYouMean(name, slices.Concat(slices.Sorted(maps.Keys(s.modules)), slices.Sorted(maps.Keys(s.opts.Library)))),
	}
}
