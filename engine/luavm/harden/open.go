// Package harden gives a Lua state its base: the functions and tables of Lua
// 5.1 that a playbook may have, written so that no playbook can reach the host
// through them, hijack what others use, or keep the interpreter from being
// stopped. Start at Open.
//
// It promises that every function here ends in bounded time and memory or
// raises an error of kind limit, that the library tables and the methods of
// strings cannot be changed, and that no text shows an address. Loops in Lua
// itself are stopped by the context of the state; what it costs to store and to
// join values is watched by package task.
package harden

import (
	"fmt"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

// MaxIndex is the first index that a table does not keep in its array. One
// assignment to a larger index would otherwise allocate gigabytes; a list that
// is longer loses its length, so it is not lower either.
const MaxIndex = 1 << 22

func init() { lua.MaxArrayIndex = MaxIndex }

// Options says what the base needs of its host. All fields may be left out.
// The functions are called by the code that the playbook runs, with the
// interpreter lock.
type Options struct {
	// Print takes what one call of print writes, with its line end.
	Print func(text string)
	// Require returns the module of that name, whose shape was checked. It is
	// called once for each module that it returned, and by the task that asks.
	Require func(L *lua.LState, name string) (lua.LValue, error)
	// Protect calls the function that stands on L below nargs arguments and puts
	// its results in their place, like LState.PCall with MultRet, which it is by
	// default. PCall cuts the variables that closures share with the functions
	// outside the call; a host that runs playbooks has a better one.
	Protect func(L *lua.LState, nargs int, handler *lua.LFunction) error
	// Caller returns the thread that called L, if a protected call or a
	// coroutine runs on L; by default L.Parent.
	Caller func(L *lua.LState) *lua.LState
	// NewThread prepares a coroutine that parent made: sets its context. By
	// default it gets the parent's.
	NewThread func(parent, child *lua.LState)
	// Sticky returns the error that nothing may catch, nil while there is none.
	Sticky func() error
	// Raise raises err in L and does not return; by default value.Raise.
	Raise func(L *lua.LState, err error)
	// Panicked makes the error of a Go panic below Lua; nothing may catch it.
	Panicked func(p any, stack []byte) error
	// Seed makes the numbers of math.random the same in every state that has it.
	Seed uint64
	// MaxString is the size in bytes that no function here exceeds; 0: 64 MiB.
	MaxString int
	// MaxThreads is the number of coroutines that may be alive; 0: 1,000.
	MaxThreads int
}

// Defaults and limits that are not options.
const (
	defaultMaxString  = 64 << 20
	defaultMaxThreads = 1000
	maxResumes        = 100     // coroutines that resume one another
	maxGap            = 1 << 20 // elements that table.insert skips
	maxValues         = 250_000 // values that one function returns or takes from a table
)

// library is the base of one state.
type library struct {
	Options
	loaded  map[string]lua.LValue
	loading map[*lua.LState][]string // by task: modules being loaded, outermost first
	threads []thread
	ways    map[way]bool   // whether a coroutine may yield there
	resume  lua.LGFunction // the interpreter's own
	create  lua.LGFunction
	frozen  map[*lua.LTable]*lua.LTable // read-only table to what it shows
	next    *lua.LFunction
	random  *rand.Rand
	texts   map[string]*pattern // compiled patterns
	idle    []*matcher
	buffer  []byte
}

// Open sets the globals of L, a state without libraries, and the methods of
// strings.
func Open(L *lua.LState, o Options) error {
	if o.MaxString == 0 {
		o.MaxString = defaultMaxString
	}
	if o.MaxThreads == 0 {
		o.MaxThreads = defaultMaxThreads
	}
	if o.Raise == nil {
		o.Raise = value.Raise
	}
	if o.Protect == nil {
		o.Protect = func(L *lua.LState, nargs int, handler *lua.LFunction) error {
			return L.PCall(nargs, lua.MultRet, handler)
		}
	}
	if o.Caller == nil {
		o.Caller = func(L *lua.LState) *lua.LState { return L.Parent }
	}
	if o.Panicked == nil {
		o.Panicked = func(p any, _ []byte) error {
			return &fault.Error{Kind: fault.Internal, Op: "run", Message: fmt.Sprint(p)}
		}
	}
	l := &library{
		Options: o,
		loaded:  map[string]lua.LValue{},
		loading: map[*lua.LState][]string{},
		ways:    map[way]bool{},
		frozen:  map[*lua.LTable]*lua.LTable{},
		random:  rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)),
		texts:   map[string]*pattern{},
	}
	stock := stockLibrary(L)
	l.create, l.resume = stock("coroutine", "create"), stock("coroutine", "resume")

	globals := L.G.Global
	globals.RawSetString("_G", globals)
	globals.RawSetString("_VERSION", lua.LString("Lua 5.1"))
	for name, fn := range l.baseFuncs() {
		globals.RawSetString(name, value.NewFunction(name, fn))
	}
	l.next = globals.RawGetString("next").(*lua.LFunction)
	strings := l.table("string", l.stringFuncs())
	libraries := map[string]*lua.LTable{
		"string":    strings,
		"table":     l.table("table", l.tableFuncs()),
		"math":      l.mathTable(stock),
		"os":        l.table("os", l.osFuncs()),
		"debug":     l.table("debug", l.debugFuncs()),
		"coroutine": l.table("coroutine", l.threadFuncs()),
	}
	for name, fields := range libraries {
		shown := l.freeze(name, fields)
		globals.RawSetString(name, shown)
		l.loaded[name] = shown
	}
	l.loaded["_G"] = globals

	methods := lua.LTable{Metatable: lua.LNil}
	methods.RawSetString("__index", strings)
	methods.RawSetString("__metatable", lua.LFalse)
	L.SetMetatable(lua.LString(""), &methods)
	return nil
}

// stockLibrary opens the interpreter's own libraries aside and returns how to
// take a function from them.
func stockLibrary(L *lua.LState) func(library, name string) lua.LGFunction {
	tables := map[string]lua.LValue{}
	for name, open := range map[string]lua.LGFunction{"coroutine": lua.OpenCoroutine, "math": lua.OpenMath} {
		L.Push(L.NewFunction(open))
		L.Call(0, 0)
		tables[name] = L.GetGlobal(name)
		L.SetGlobal(name, lua.LNil)
	}
	return func(library, name string) lua.LGFunction {
		return tables[library].(*lua.LTable).RawGetString(name).(*lua.LFunction).GFunction
	}
}

// table returns a table of functions.
func (l *library) table(name string, funcs map[string]lua.LGFunction) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	for fn, f := range funcs {
		t.RawSetString(fn, value.NewFunction(name+"."+fn, f))
	}
	return t
}

// freeze returns a table that shows fields and cannot be changed.
func (l *library) freeze(name string, fields *lua.LTable) *lua.LTable {
	shown, meta := &lua.LTable{}, &lua.LTable{Metatable: lua.LNil}
	meta.RawSetString("__index", fields)
	meta.RawSetString("__metatable", lua.LFalse)
	meta.RawSetString("__newindex", value.NewFunction(name, func(L *lua.LState) int {
		l.raise(L, fault.Script, "%s cannot be changed: assignment to %s.%s", name, name, l.text(L, L.Get(2)))
		return 0
	}))
	shown.Metatable = meta
	l.frozen[shown] = fields
	return shown
}
