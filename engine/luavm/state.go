package luavm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/harden"
	"moonpost/engine/luavm/source"
	"moonpost/engine/luavm/task"
	"moonpost/engine/luavm/value"
)

// Options says what a State is made of. All fields may be left out.
type Options struct {
	Modules []Module
	// Library holds further modules by name, which are declared when the
	// playbook first requires them: most use few of them.
	Library map[string]func() Module
	// Host is asked before a function with an effect runs; nil allows all.
	Host decl.Host
	// Require finds a Lua module that is none of these. Its error wraps
	// fs.ErrNotExist when there is no such module.
	Require func(name string) (file string, text []byte, err error)
	// Print takes what one call of print writes, with its line end.
	Print func(text string)
	// Warn takes warnings about the playbook, such as a task that never waits.
	Warn func(event.Log)
	// Log takes the Go stacks of internal errors.
	Log    func(text string)
	Limits Limits
	// Seed makes math.random give the same numbers again; 0: other ones in
	// every State.
	Seed uint64
}

// Limits bounds what a playbook may use. Reaching one ends the run with an
// error of kind limit that the playbook cannot catch.
type Limits struct {
	Instructions int64         // of all tasks together, in steps of 1,024; 0: none
	Memory       uint64        // bytes of live heap of the whole process; 0: 2 GiB
	Calls        int           // Lua calls within calls of one task; 0: 4,096. Beyond it is an ordinary error
	Spin         time.Duration // computing without a wait before a warning; 0: 200 ms
}

const (
	defaultMemory = 2 << 30
	defaultCalls  = 4096 // endless recursion ends after about 50 ms; the interpreter's trace is quadratic in it
)

// State runs one playbook. It is made by New, runs once, and is closed.
type State struct {
	opts    Options
	lua     *lua.LState
	tasks   *task.Scheduler
	env     *value.Env
	objects *value.Objects
	modules map[string]*module
	loaded  map[string]*loading
	waiting map[*task.Task]*loading
	idle    []*invocation
	behind  *lua.LTable // the globals as the standard library sees them
	ran     bool
}

// New returns a State with the modules ready. Declarations that contradict each
// other are an error.
func New(opts Options) (*State, error) {
	if opts.Limits.Memory == 0 {
		opts.Limits.Memory = defaultMemory
	}
	if opts.Limits.Calls == 0 {
		opts.Limits.Calls = defaultCalls
	}
	if opts.Seed == 0 {
		opts.Seed = rand.Uint64()
	}
	s := &State{
		opts: opts,
		lua: lua.NewState(lua.Options{
			SkipOpenLibs: true,
			// Small and growing: ten thousand waiting tasks have one each.
			RegistrySize: 128, RegistryGrowStep: 1024, RegistryMaxSize: 1 << 20,
			CallStackSize: opts.Limits.Calls, MinimizeStackMemory: true,
		}),
		modules: map[string]*module{},
		loaded:  map[string]*loading{},
		waiting: map[*task.Task]*loading{},
	}
	s.tasks = task.New(s.lua, task.Options{
		Failure: s.failure, Panicked: s.panicked,
		Traced:   func(L *lua.LState, err error) error { return value.Traced(L, err) },
		Spinning: s.spinning, SpinAfter: opts.Limits.Spin,
		MaxInstructions: opts.Limits.Instructions, MaxMemory: opts.Limits.Memory,
	})
	s.env = &value.Env{
		Func:   func(f decl.Func) *lua.LFunction { return s.function(f.Name, &f) },
		Module: func(m decl.Module) lua.LValue { return s.newModule(m).table() },
		Call: func(fn *lua.LFunction, args []lua.LValue) ([]lua.LValue, error) {
			return s.tasks.Current().Call(fn, args)
		},
	}
	s.objects = value.NewObjects(s.env, s.method)
	err := harden.Open(s.lua, harden.Options{
		Print: opts.Print, Require: s.require, Seed: opts.Seed,
		Protect: s.tasks.Protect, Caller: s.tasks.Caller,
		NewThread: func(_, child *lua.LState) { s.tasks.Attach(child) },
		Sticky:    func() error { return s.tasks.Current().Sticky() },
		Raise:     s.raise, Panicked: s.panicked,
	})
	if err != nil {
		return nil, err
	}
	for _, m := range opts.Modules {
		if err := s.declare(m); err != nil {
			return nil, err
		}
	}
	s.setBehind()
	return s, nil
}

// Result is what a playbook returned.
type Result struct {
	JSON []byte // nil for nothing; several results are a list; secrets are masked
}

// Run runs a playbook to its end, once per State: the chunk, then whatever is
// left of the tasks that it started. The error is a *fault.Error, or has one in
// its chain: what the chunk raised, or a task that nobody awaited, or why the
// run was stopped: the cause of ctx, a limit, a refused login.
func (s *State) Run(ctx context.Context, chunk *source.Chunk, args []string) (Result, error) {
	if s.ran {
		return Result{}, &fault.Error{Kind: fault.Internal, Op: "run", Message: "a state runs once"}
	}
	s.ran = true
	arg := s.lua.CreateTable(len(args), 0)
	for _, a := range args {
		arg.Append(lua.LString(a))
	}
	s.lua.SetGlobal("arg", arg)
	var result Result
	err := s.tasks.Run(ctx, s.lua.NewFunctionFromProto(chunk.Proto()), func(values []lua.LValue) (err error) {
		result.JSON, err = encodeResult(values)
		return err
	})
	return result, located(err)
}

// Close gives the memory of the state back.
func (s *State) Close() { s.lua.Close() }

func encodeResult(values []lua.LValue) ([]byte, error) {
	for len(values) > 0 && values[len(values)-1] == lua.LNil {
		values = values[:len(values)-1]
	}
	if len(values) == 0 {
		return nil, nil
	}
	all := values[0]
	if len(values) > 1 {
		list := (*lua.LState)(nil).CreateTable(len(values), 0)
		for _, v := range values {
			if v == lua.LNil {
				v = value.Null
			}
			list.Append(v)
		}
		all = list
	}
	text, err := value.Encode(all, EncodeOptions{})
	if err != nil {
		return nil, &fault.Error{Kind: fault.Script, Op: "result of the playbook", Err: err}
	}
	return text, nil
}

// spinning warns about a task that has not waited for a while.
func (s *State) spinning(*task.Task) {
	if s.opts.Warn == nil {
		return
	}
	after := s.opts.Limits.Spin
	if after == 0 {
		after = 200 * time.Millisecond
	}
	s.opts.Warn(event.Log{
		Level: event.Warn, Where: value.Where(s.lua.G.CurrentThread),
		Message: fmt.Sprintf("a task has computed for %s without a wait; the other tasks stand still", after),
	})
}
