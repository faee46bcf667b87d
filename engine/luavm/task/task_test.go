package task

import (
	"context"
	"errors"
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errRaised = errors.New("raised")

// run runs a chunk whose global go is fn.
func run(t *testing.T, text string, fn func(s *Scheduler, L *lua.LState) int) ([]lua.LValue, *Scheduler, error) {
	t.Helper()
	L := lua.NewState(lua.Options{RegistrySize: 128, RegistryGrowStep: 1024, RegistryMaxSize: 1 << 20, CallStackSize: 4096, MinimizeStackMemory: true})
	t.Cleanup(L.Close)
	s := New(L, Options{
		Failure:  func(_ *lua.LState, err *lua.ApiError) error { return fmt.Errorf("%w: %s", errRaised, err.Object) },
		Panicked: func(p any, _ []byte) error { return fmt.Errorf("panic: %v", p) },
	})
	L.SetGlobal("go", L.NewFunction(func(L *lua.LState) int {
		s.Current().L = L
		return fn(s, L)
	}))
	L.SetGlobal("pcall", L.NewFunction(func(L *lua.LState) int {
		if err := s.Protect(L, L.GetTop()-1, nil); err != nil {
			L.Push(lua.LFalse)
			L.Push(err.(*lua.ApiError).Object)
			return 2
		}
		L.Insert(lua.LTrue, 1)
		return L.GetTop()
	}))
	proto, err := L.LoadString(text)
	if err != nil {
		t.Fatal(err)
	}
	var values []lua.LValue
	err = s.Run(t.Context(), proto, func(v []lua.LValue) error {
		values = v
		return nil
	})
	return values, s, err
}

func TestLockIsHeldWhereItShouldBe(t *testing.T) {
	var steps []string
	_, _, err := run(t, `go()`, func(s *Scheduler, _ *lua.LState) int {
		task := s.Current()
		note := func(step string) { steps = append(steps, fmt.Sprintf("%s %v", step, s.cur == task)) }
		note("before")
		_ = task.Enter(func() error { note("enter outside block"); return nil })
		err := task.Block(task.Context(), func(ctx context.Context) error {
			note("block")
			_ = task.Enter(func() error {
				note("enter")
				return task.Block(ctx, func(context.Context) error { note("block in enter"); return nil })
			})
			_ = task.Block(ctx, func(context.Context) error { note("block in block"); return nil })
			note("block again")
			return task.Enter(func() error { panic("in enter") })
		})
		note("after " + err.Error())
		return 0
	})
	want := "[before true enter outside block true block false enter true block in enter false block in block false block again false after panic: in enter true]"
	if got := fmt.Sprint(steps); err != nil || got != want {
		t.Errorf("steps = %s, %v, want %s", got, err, want)
	}
}

func TestProtectedCallsNestToALimit(t *testing.T) {
	values, _, err := run(t, `local function f(n) local ok, d = pcall(f, n + 1) if ok then return d end return n, d end return f(1)`, nil)
	if err != nil || values[0] != lua.LNumber(maxProtected+1) {
		t.Errorf("nested %v, %v, want %d", values, err, maxProtected+1)
	}
	deepest := 0
	_, _, err = run(t, `return go()`, func(s *Scheduler, L *lua.LState) int {
		deepest++
		if _, err := s.Current().Call(L.GetGlobal("go").(*lua.LFunction), nil); err != nil {
			L.Error(lua.LString(err.Error()), 0)
		}
		return 0
	})
	if !errors.Is(err, errRaised) || deepest != maxProtected+1 {
		t.Errorf("callbacks nested %d deep, %v, want %d and a stack overflow", deepest, err, maxProtected+1)
	}
}

func TestThreadsAreUsedAgain(t *testing.T) {
	_, s, err := run(t, `
		local function deep(n) if n == 0 then error("x") end return 1 + deep(n - 1) end
		local function endless() return 1 + endless() end
		for i = 1, 1000 do pcall(deep, 20) pcall(go) pcall(deep, 0) end
		pcall(endless)
		assert(pcall(function(...) return ... end, 1, 2) == true)`,
		func(*Scheduler, *lua.LState) int { panic("a bug") })
	if err != nil || len(s.spare) != 1 || s.spare[0].GetTop() != 0 {
		t.Errorf("%d threads are kept, %v, want 1 that is empty", len(s.spare), err)
	}
}

func TestCallsSeeTheirCaller(t *testing.T) {
	callers := 0
	_, _, err := run(t, `pcall(function() coroutine.wrap(function() pcall(go) end)() end)`, func(s *Scheduler, L *lua.LState) int {
		for by := L; by != nil; by = s.Caller(by) {
			callers++
		}
		return 0
	})
	if want := 4; err != nil || callers != want { // task, protected call, coroutine, protected call
		t.Errorf("%d threads led to the call, %v, want %d", callers, err, want)
	}
}
