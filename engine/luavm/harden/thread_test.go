package harden_test

import (
	"context"
	"errors"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/harden"
	"moonpost/engine/luavm/value"
)

func TestCoroutinesAreShownToTheHost(t *testing.T) {
	var made []*lua.LState
	var L *lua.LState
	L = state(t, harden.Options{NewThread: func(parent, child *lua.LState) {
		if parent != L {
			t.Errorf("NewThread got parent %p, want %p", parent, L)
		}
		made = append(made, child)
	}})
	if _, err := eval(t, L, `coroutine.create(function() end); coroutine.wrap(function() end)`); err != nil {
		t.Fatal(err)
	}
	if len(made) != 2 || made[0] == made[1] {
		t.Errorf("NewThread was called for %d coroutines, want 2", len(made))
	}
}

// counting is a context that counts how often it is asked, as one does that
// counts instructions.
type counting struct {
	context.Context
	n *int
}

func (c counting) Done() <-chan struct{} { *c.n++; return nil }

func TestCoroutinesKeepTheContext(t *testing.T) {
	n := 0
	L := state(t, harden.Options{})
	L.SetContext(counting{t.Context(), &n})
	if _, err := eval(t, L, `coroutine.wrap(function() for i = 1, 10000 do end end)()`); err != nil {
		t.Fatal(err)
	}
	if n < 10000 {
		t.Errorf("the context counted %d instructions, want those of the coroutine too", n)
	}
	if _, ok := L.Context().(counting); !ok {
		t.Errorf("the context of the maker is %T, want its own", L.Context())
	}
}

func TestRaisedErrorsLeaveCoroutines(t *testing.T) {
	want := &fault.Error{Kind: fault.NotFound, Message: "no such user"}
	L := state(t, harden.Options{})
	L.SetGlobal("lookup", L.NewFunction(func(L *lua.LState) int {
		value.Raise(L, want)
		return 0
	}))
	for _, code := range []string{
		`coroutine.wrap(lookup_in_lua)()`,
		`local ok, err = coroutine.resume(coroutine.create(lookup_in_lua)); error(err)`,
		`coroutine.wrap(function() local ok, err = pcall(lookup_in_lua); assert(ok, err) end)()`,
	} {
		_, err := eval(t, L, "function lookup_in_lua() lookup() end "+code)
		if !errors.Is(err, want) {
			t.Errorf("%s = %v, want %v", code, err, want)
		}
		if got, err := eval(t, L, `return coroutine.running(), coroutine.status(coroutine.create(function() end))`); got != "nil suspended" {
			t.Errorf("after %s: running and status = %q, %v, want nil suspended", code, got, err)
		}
	}
}

func TestRunningAndStatus(t *testing.T) {
	run(t, [][2]string{
		{`local co; co = coroutine.create(function() return coroutine.running() == co, coroutine.status(co) end); return coroutine.resume(co)`, "true true running"},
		{`return coroutine.status(1)`, "error: bad argument #1 to coroutine.status (coroutine expected, got number)"},
		{`return coroutine.create(print)`, "error: bad argument #1 to coroutine.create (a function of the playbook expected)"},
		{`return coroutine.wrap()`, "error: bad argument #1 to coroutine.wrap (function expected, got nothing)"},
		{`local co = coroutine.create(function() error("x") end); coroutine.resume(co); return coroutine.status(co), coroutine.resume(co)`,
			"dead false cannot resume a coroutine that has ended"},
		{`local co = coroutine.wrap(function(...) local n = select("#", ...); local m = select("#", coroutine.yield(n)); return m end); return co(nil, nil), co(nil, nil, nil)`, "2 3"},
		{`return xpcall(function() local function f() error("deep") end; f() end, debug.traceback)`,
			"false a.lua:1: deep\nstack traceback:\na.lua:1: in function 'f'\na.lua:1: in function <a.lua:1>\na.lua:1"},
		{`return debug.traceback("x"):gsub("\n.*", "")`, "x 1"},
		{`local t = {}; return debug.traceback(t) == t`, "true"},
		{`local co = coroutine.create(function() local function f() coroutine.yield() end; f() end); coroutine.resume(co); return debug.traceback(co, "at")`,
			"at\nstack traceback:\na.lua:1: in function 'f'\na.lua:1"},
	})
}
