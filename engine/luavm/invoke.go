package luavm

import (
	"context"
	"runtime/debug"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/task"
	"moonpost/engine/luavm/value"
)

// invocation is one call of a declared function and the decl.VM behind it. It
// is used again for later calls.
type invocation struct {
	call  decl.Call
	args  []any
	state *State
	task  *task.Task
	L     *lua.LState
}

// function returns the Lua function of f.
func (s *State) function(op string, f *decl.Func) *lua.LFunction {
	return value.NewFunction(op, func(L *lua.LState) int { return s.invoke(L, op, f, nil, 1) })
}

// method returns the Lua function of a method, called with a colon.
func (s *State) method(o *decl.Object, f decl.Func) *lua.LFunction {
	op := o.Name + ":" + f.Name
	return value.NewFunction(op, func(L *lua.LState) int {
		self, ok := value.Self(o, L.Get(1))
		if !ok {
			value.Raise(L, &fault.Error{
				Kind: fault.Invalid, Op: op, Message: "called on " + value.TypeName(L.Get(1)) + " instead of a " + o.Name,
				Hint: "call it with a colon: " + op + "(…)",
			})
		}
		return s.invoke(L, op, &f, self, 2)
	})
}

// invoke calls f with the arguments of L from first on and pushes its results,
// or raises its error.
func (s *State) invoke(L *lua.LState, op string, f *decl.Func, self any, first int) int {
	t := s.tasks.Current()
	n, err := s.run(t, L, op, f, self, first)
	if sticky := t.Sticky(); sticky != nil {
		err = sticky
	}
	if err != nil {
		s.raise(L, err)
	}
	return n
}

func (s *State) run(t *task.Task, L *lua.LState, op string, f *decl.Func, self any, first int) (n int, err error) {
	in := s.take()
	in.task, in.L = t, L
	outer := t.L
	t.L = L
	L.G.CurrentThread = L // an error that left a wrapped coroutine did not set it back
	defer func() {
		t.L = outer
		s.give(in)
		if p := recover(); p != nil {
			if raised, ok := p.(*lua.ApiError); ok {
				panic(raised)
			}
			n, err = 0, s.panicked(p, debug.Stack())
		}
	}()
	if !f.Iterator {
		if in.args, err = s.env.Args(op, f.Params, L, first, in.args[:0]); err != nil {
			return 0, err
		}
	}
	ctx := t.Context()
	if f.Effect != None && s.opts.Host != nil {
		if err := s.opts.Host.Allow(ctx, f.Effect, detail(op, in.args)); err != nil {
			return 0, value.Fault(op, err)
		}
	}
	in.call.Reset(ctx, in, self, in.args)
	if err := f.Call(&in.call); err != nil {
		return 0, value.Fault(op, err)
	}
	results := in.call.Results()
	for _, r := range results {
		L.Push(s.env.ToLua(r))
	}
	return len(results), nil
}

// detail says to the host what a call is about.
func detail(op string, args []any) string {
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			return text
		}
	}
	return op
}

// take and give keep invocations that are not in use. They are called with the
// lock.
func (s *State) take() *invocation {
	if n := len(s.idle); n > 0 {
		in := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return in
	}
	return &invocation{state: s}
}

func (s *State) give(in *invocation) {
	clear(in.args)
	in.args = in.args[:0]
	clear(in.call.Results())
	in.call.Reset(context.Background(), nil, nil, nil)
	in.task, in.L = nil, nil
	s.idle = append(s.idle, in)
}

// Wait runs fn without the lock.
func (in *invocation) Wait(ctx context.Context, fn func(context.Context) error) error {
	return in.task.Block(ctx, fn)
}

// Enter runs fn with the lock from inside Wait.
func (in *invocation) Enter(fn func() error) error { return in.task.Enter(fn) }

// Spawn starts a task.
func (in *invocation) Spawn(ctx context.Context, fn decl.Fn, args []any) (decl.Task, error) {
	s, parent := in.state, in.task
	given := make([]lua.LValue, len(args))
	var t *task.Task
	err := in.task.Enter(func() error {
		for i, arg := range args {
			given[i] = s.env.ToLua(arg)
		}
		t = s.tasks.Go(ctx, parent, fn.(*value.Fn).Function(), given)
		return nil
	})
	return &spawned{Task: t, env: s.env}, err
}

// spawned is a task as bindings see it.
type spawned struct {
	*task.Task
	env *value.Env
}

// Result returns the results after Done.
func (t *spawned) Result() ([]any, error) {
	values, err := t.Results()
	return t.env.ToGoAll(values), err
}

// NewTable returns an empty table.
func (in *invocation) NewTable(n, m int) decl.Tab { return in.state.env.NewTable(n, m) }

// DecodeJSON builds the Lua value of a JSON text.
func (in *invocation) DecodeJSON(text []byte, opts decl.DecodeOptions) (any, error) {
	v, err := value.Decode(text, opts)
	if err != nil {
		return nil, err
	}
	return in.state.env.ToGo(v), nil
}

// EncodeJSON writes v as JSON.
func (in *invocation) EncodeJSON(v any, opts decl.EncodeOptions) ([]byte, error) {
	return value.Encode(in.state.env.ToLua(v), opts)
}

// Where returns file and line of the playbook.
func (in *invocation) Where() string { return value.Where(in.L) }

// Object makes a handle.
func (in *invocation) Object(name string, v any) any { return in.state.objects.New(name, v) }
