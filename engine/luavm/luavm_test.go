package luavm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outcome is what a playbook did.
type outcome struct {
	json    string
	printed string
	err     error
}

// play runs a playbook with the modules of this test and opts.
func play(t testing.TB, ctx context.Context, text string, opts luavm.Options) outcome {
	t.Helper()
	chunk, err := source.Parse("test.lua", []byte(text))
	if err != nil {
		return outcome{err: err}
	}
	var printed strings.Builder
	opts.Modules = append(opts.Modules, testModule())
	opts.Print = func(text string) { printed.WriteString(text) }
	state, err := luavm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	result, err := state.Run(ctx, chunk, nil)
	return outcome{string(result.JSON), printed.String(), err}
}

var errGone = errors.New("gone")

// testModule is the module host of these tests.
func testModule() luavm.Module {
	return luavm.Module{
		Name: "host", Global: true,
		Funcs: []luavm.Func{
			{
				Name: "wait", Params: []luavm.Param{{Name: "value", Type: luavm.Any, Optional: true}},
				Call: func(c *luavm.Call) error {
					err := c.Wait(func(ctx context.Context) error {
						select {
						case <-time.After(time.Millisecond):
							return nil
						case <-ctx.Done():
							return context.Cause(ctx)
						}
					})
					if err != nil {
						return err
					}
					return c.Return(c.Arg(0))
				},
			},
			{
				Name: "sleep",
				Call: func(c *luavm.Call) error {
					return c.Wait(func(ctx context.Context) error {
						<-ctx.Done()
						return context.Cause(ctx)
					})
				},
			},
			{
				Name: "fail", Params: []luavm.Param{{Name: "kind", Type: luavm.String}},
				Call: func(c *luavm.Call) error {
					return &fault.Error{Kind: fault.Kind(c.String(0)), Op: "host.fail", Message: "it failed", Hint: "try again", Status: 500, Err: errGone}
				},
			},
			{
				Name: "spawn", Params: []luavm.Param{{Name: "fn", Type: luavm.Function}, {Name: "args", Type: luavm.Any, Variadic: true}},
				Call: func(c *luavm.Call) error {
					t, err := c.Spawn(c.Context(), c.Func(0), c.Args(1)...)
					if err != nil {
						return err
					}
					return c.Return(c.Object("job", t))
				},
			},
			{
				Name: "call", Params: []luavm.Param{{Name: "fn", Type: luavm.Function}, {Name: "args", Type: luavm.Any, Variadic: true}},
				Call: func(c *luavm.Call) error {
					fn, args := c.Func(0), c.Args(1)
					var results []any
					err := c.Wait(func(context.Context) error {
						return c.Enter(func() (err error) {
							results, err = fn.Call(args...)
							return err
						})
					})
					if err != nil {
						return err
					}
					return c.Return(results...)
				},
			},
			{Name: "fail_around", Call: func(*luavm.Call) error {
				return fmt.Errorf("row 3: %w", &fault.Error{Kind: fault.Server, Op: "call", Message: "it failed", Err: errGone})
			}},
			{Name: "panic", Call: func(*luavm.Call) error { panic("a bug") }},
			{Name: "panic_waiting", Call: func(c *luavm.Call) error {
				return c.Wait(func(context.Context) error { panic("a bug") })
			}},
		},
		Objects: []luavm.Object{{
			Name:   "job",
			Fields: []luavm.Param{{Name: "ended", Type: luavm.Bool}},
			Field: func(self any, _ string) any {
				select {
				case <-self.(luavm.Task).Done():
					return true
				default:
					return false
				}
			},
			Methods: []luavm.Func{
				{
					Name: "await",
					Call: func(c *luavm.Call) error {
						t := c.Self().(luavm.Task)
						err := c.Wait(func(ctx context.Context) error {
							select {
							case <-t.Done():
								return nil
							case <-ctx.Done():
								return context.Cause(ctx)
							}
						})
						if err != nil {
							return err
						}
						values, err := t.Result()
						if err != nil {
							return err
						}
						return c.Return(values...)
					},
				},
				{
					Name: "cancel",
					Call: func(c *luavm.Call) error {
						c.Self().(luavm.Task).Cancel(&fault.Error{Kind: fault.Cancelled, Op: "job", Message: "no longer wanted"})
						return nil
					},
				},
			},
		}},
	}
}

// TestRunGivesBackWhatTheChunkReturns covers the whole path of values.
func TestRunGivesBackWhatTheChunkReturns(t *testing.T) {
	for name, c := range map[string]struct{ lua, json string }{
		"nothing":                  {`local x = 1`, ``},
		"nil":                      {`return nil`, ``},
		"a value":                  {`return 1`, `1`},
		"several are a list":       {`return 1, nil, "a"`, `[1,null,"a"]`},
		"a table":                  {`return { a = { 1, 2 }, b = {} }`, `{"a":[1,2],"b":{}}`},
		"after a wait":             {`return host.wait("x")`, `"x"`},
		"of a task":                {`return host.spawn(function(a, b) return host.wait(a) + b end, 1, 2):await()`, `3`},
		"of a callback":            {`return host.call(function(a) return host.wait(a), 2 end, 1)`, `[1,2]`},
		"wait in pcall":            {`return pcall(function() return host.wait(7) end)`, `[true,7]`},
		"error of a binding":       {`local ok, e = pcall(host.fail, "server"); return ok, e.kind, e.message, e.hint, e.status, e.op`, `[false,"server","it failed: gone","try again",500,"host.fail"]`},
		"tostring of an error":     {`local ok, e = pcall(host.fail, "server"); return tostring(e), "x " .. e`, `["host.fail: it failed: gone","x host.fail: it failed: gone"]`},
		"the same error raised":    {`local ok, e = pcall(host.fail, "server"); local ok, e2 = pcall(error, e); return e == e2`, `true`},
		"the same error by a task": {`local ok, e = pcall(host.fail, "server"); local ok, e2 = pcall(function() host.spawn(error, e):await() end); return e == e2`, `true`},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, t.Context(), c.lua, luavm.Options{})
			if got.err != nil || got.json != c.json {
				t.Errorf("Run(%q) = %s, %v, want %s", c.lua, got.json, got.err, c.json)
			}
		})
	}
}

func TestErrorsReachGo(t *testing.T) {
	for name, c := range map[string]struct {
		lua   string
		kind  fault.Kind
		text  string
		trace string
	}{
		"a text":            {"local function f()\n error('boom')\nend\nf()", fault.Script, "test.lua:2: boom", "test.lua:2: in function 'f'\ntest.lua:4"},
		"a runtime error":   {"local t\nreturn t.x", fault.Script, "test.lua:2: attempt to index a non-table object(nil) with key 'x'", "test.lua:2"},
		"a table":           {`error{ kind = "not_found", message = "no ada" }`, fault.NotFound, "no ada", "test.lua:1"},
		"a binding's error": {"host.fail('server')", fault.Server, "host.fail: it failed: gone", "test.lua:1"},
		"an error around":   {"host.fail_around()", fault.Server, "row 3: call: it failed: gone", "test.lua:1"},
		"a task's error":    {"host.spawn(function() error('late') end)", fault.Script, "test.lua:1: late", "test.lua:1"},
		"an argument":       {"host.fail(1)", fault.Invalid, "host.fail: argument kind: want string, got number", "test.lua:1"},
		"a stack overflow":  {"local function f() return 1 + f() end\nf()", fault.Script, "test.lua:1: stack overflow", ""},
		"one in a task":     {"host.spawn(function() local function f() return 1 + f() end f() end):await()", fault.Script, "test.lua:1: stack overflow", ""},
		"a panic":           {"pcall(host.panic)\nreturn 1", fault.Internal, "run: a bug", ""},
		"a panic in a wait": {"pcall(host.panic_waiting)\nreturn 1", fault.Internal, "run: a bug", ""},
		"unknown field":     {"return host.wiat", fault.Script, `host: host has no field "wiat"`, "test.lua:1"},
		"a module is kept":  {"host.wait = 1", fault.Script, "host: a module cannot be changed", "test.lua:1"},
	} {
		t.Run(name, func(t *testing.T) {
			var logged string
			got := play(t, t.Context(), c.lua, luavm.Options{Log: func(text string) { logged += text }})
			e, ok := errors.AsType[*fault.Error](got.err)
			if !ok {
				t.Fatalf("Run(%q) = %v, want a fault", c.lua, got.err)
			}
			if e.Kind != c.kind || e.Error() != c.text {
				t.Errorf("Run(%q) = %s %q, want %s %q", c.lua, e.Kind, e.Error(), c.kind, c.text)
			}
			if c.trace != "" && trace(got.err) != c.trace {
				t.Errorf("Run(%q) trace = %q, want %q", c.lua, trace(got.err), c.trace)
			}
			if strings.Contains(c.lua, "host.fail") && c.kind == fault.Server && !errors.Is(got.err, errGone) {
				t.Errorf("Run(%q) = %v, which has lost its cause", c.lua, got.err)
			}
			if strings.Contains(e.Details+e.Trace, ".go:") {
				t.Errorf("details show the host: %s", e.Details)
			}
			if (c.kind == fault.Internal) != strings.Contains(logged, ".go:") {
				t.Errorf("logged %q", logged)
			}
		})
	}
}

func TestCancelStopsWhateverRuns(t *testing.T) {
	cause := &fault.Error{Kind: fault.Cancelled, Op: "run", Message: "interrupted"}
	for name, text := range map[string]string{
		"a tight loop":              `while true do end`,
		"loops in pcall":            `while true do pcall(function() while true do end end) end`,
		"a coroutine":               `coroutine.wrap(function() while true do end end)()`,
		"a sleep":                   `host.sleep()`,
		"sleep in metamethod":       `local t = setmetatable({}, { __index = function() pcall(host.sleep) end }); coroutine.wrap(function() pcall(function() return t.x end) end)(); while true do end`,
		"a task":                    `host.spawn(host.sleep)`,
		"handler of xpcall":         `xpcall(error, function() while true do end end)`,
		"tasks in a loop of pcalls": `while true do pcall(function() host.spawn(host.sleep):await() end) end`,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(5*time.Millisecond, func() { cancel(cause) })
			got := play(t, ctx, text, luavm.Options{})
			if !errors.Is(got.err, error(cause)) {
				t.Errorf("Run(%q) = %v, want %v", text, got.err, cause)
			}
		})
	}
}
