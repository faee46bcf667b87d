package luavm_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
)

func TestRunWaitsForTasks(t *testing.T) {
	for name, c := range map[string]struct {
		lua     string
		kind    fault.Kind
		text    string
		printed string
	}{
		"a task that is left":                       {`host.spawn(function() host.wait() print("done") end)`, "", "", "done\n"},
		"tasks of tasks":                            {`host.spawn(function() host.spawn(function() host.wait() host.wait() print("done") end) end)`, "", "", "done\n"},
		"a failed task that nobody awaited":         {`host.spawn(error, "late")`, fault.Script, "late", ""},
		"the first of several":                      {`for i = 1, 5 do host.spawn(error, "late " .. i) end`, fault.Script, "late 1", ""},
		"a failed task that was awaited":            {`local ok, e = pcall(function() host.spawn(error, "x"):await() end) print(tostring(e))`, "", "", "x\n"},
		"a cancelled task that nobody awaited":      {`host.spawn(host.sleep):cancel()`, "", "", ""},
		"a cancelled task that was awaited":         {`local j = host.spawn(host.sleep) j:cancel() local ok, e = pcall(j.await, j) print(e.kind, tostring(e))`, "", "", "cancelled\tjob: no longer wanted\n"},
		"a task that cannot catch its cancellation": {`local j = host.spawn(function() pcall(host.sleep) print("caught") end) j:cancel() pcall(j.await, j)`, "", "", ""},
		"a task cancelled before it began":          {`local j = host.spawn(function() print("began") end) j:cancel() print(select(2, pcall(j.await, j)).kind)`, "", "", "cancelled\n"},
		"the playbook fails":                        {`host.spawn(function() pcall(host.sleep) print("caught") end) host.wait() error("boom", 0)`, fault.Script, "boom", ""},
		"a refused login stops all":                 {`host.spawn(function() host.wait() pcall(host.fail, "denied") end) pcall(host.sleep) print("caught")`, fault.Denied, "host.fail: it failed: gone", ""},
		"a refused login in the chunk":              {`pcall(host.fail, "denied") print("caught")`, fault.Denied, "host.fail: it failed: gone", ""},
		"an unusable state":                         {`pcall(host.fail, "state") print("caught")`, fault.State, "host.fail: it failed: gone", ""},
		"in a callback":                             {`pcall(host.call, function() pcall(host.fail, "denied") print("caught") end) print("caught")`, fault.Denied, "host.fail: it failed: gone", ""},
		"in a coroutine":                            {`coroutine.resume(coroutine.create(function() host.fail("denied") end)) print("caught")`, fault.Denied, "host.fail: it failed: gone", ""},
		"in a handler":                              {`xpcall(host.fail, function() print("handled") end, "denied") print("caught")`, fault.Denied, "host.fail: it failed: gone", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, t.Context(), c.lua, luavm.Options{})
			if fault.KindOf(got.err) != c.kind || got.err != nil && got.err.Error() != c.text || got.printed != c.printed {
				t.Errorf("Run(%q) printed %q, %v, want %q, %s %q", c.lua, got.printed, got.err, c.printed, c.kind, c.text)
			}
		})
	}
}

func TestLimitsCannotBeCaught(t *testing.T) {
	for name, c := range map[string]struct {
		lua    string
		limits luavm.Limits
		want   string
	}{
		"instructions":               {`while true do end`, luavm.Limits{Instructions: 100_000}, "run: more than 100000 instructions"},
		"instructions in pcall":      {`while true do pcall(function() while true do end end) end`, luavm.Limits{Instructions: 100_000}, "run: more than 100000 instructions"},
		"instructions in coroutines": {`while true do coroutine.wrap(function() for i = 1, 1000 do end end)() end`, luavm.Limits{Instructions: 100_000}, "run: more than 100000 instructions"},
		"instructions of all tasks":  {`for i = 1, 100 do host.spawn(function() for i = 1, 2000 do end end) end`, luavm.Limits{Instructions: 100_000}, "run: more than 100000 instructions"},
		"memory, large texts":        {`local t = {} pcall(function() for i = 1, 1e9 do t[i] = ("x"):rep(1e6) .. i end end) while true do end`, luavm.Limits{Memory: 64 << 20}, "run: more than 64 MiB of memory in use"},
		"memory, many small tables":  {`local t = {} pcall(function() for i = 1, 1e9 do t[i] = { i } end end) while true do end`, luavm.Limits{Memory: 64 << 20}, "run: more than 64 MiB of memory in use"},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, t.Context(), c.lua, luavm.Options{Limits: c.limits})
			if fault.KindOf(got.err) != fault.Limit || got.err.Error() != c.want {
				t.Errorf("Run(%q) = %v, want %s", c.lua, got.err, c.want)
			}
		})
	}
}

func TestComputingAloneIsNotWarnedAbout(t *testing.T) {
	var warnings []event.Log
	got := play(t, t.Context(), "for i = 1, 3e6 do end", luavm.Options{
		Limits: luavm.Limits{Spin: time.Millisecond},
		Warn:   func(l event.Log) { warnings = append(warnings, l) },
	})
	if got.err != nil || len(warnings) != 0 {
		t.Errorf("Run = %v with warnings %v, want none: nobody waits", got.err, warnings)
	}
}

func TestSpinningTaskIsWarnedAboutOnce(t *testing.T) {
	var warnings []event.Log
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got := play(t, ctx, "local n = 0 host.spawn(print)\nwhile true do\n  n = n + 1\nend", luavm.Options{
		Limits: luavm.Limits{Spin: 4 * time.Millisecond},
		Warn: func(l event.Log) {
			warnings = append(warnings, l)
			time.AfterFunc(20*time.Millisecond, cancel)
		},
	})
	if fault.KindOf(got.err) != fault.Cancelled || len(warnings) != 1 {
		t.Fatalf("Run = %v, %d warnings, want 1: %v", got.err, len(warnings), warnings)
	}
	w := warnings[0]
	if w.Level != event.Warn || !strings.HasPrefix(w.Where, "test.lua:") || !strings.Contains(w.Message, "4ms without a wait") {
		t.Errorf("warning = %+v", w)
	}
}

func TestWaitingIsNotSpinning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		warned := false
		opts := luavm.Options{
			Warn: func(event.Log) { warned = true },
			Modules: []luavm.Module{{Name: "clock", Global: true, Funcs: []luavm.Func{{
				Name: "sleep", Params: []luavm.Param{{Name: "d", Type: luavm.Duration}},
				Call: func(c *luavm.Call) error {
					d := c.Duration(0)
					return c.Wait(func(context.Context) error { time.Sleep(d); return nil })
				},
			}}}},
		}
		began := time.Now()
		got := play(t, t.Context(), `local t = {} for i = 1, 100 do t[i] = host.spawn(clock.sleep, i .. "h") end clock.sleep("24h")`, opts)
		if got.err != nil || warned || time.Since(began) != 100*time.Hour {
			t.Errorf("Run = %v after %s, warned %v, want 100h and no warning", got.err, time.Since(began), warned)
		}
	})
}

func TestTimeoutOfTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		got := play(t, ctx, `pcall(host.sleep) print("caught")`, luavm.Options{})
		if fault.KindOf(got.err) != fault.Timeout || !errors.Is(got.err, context.DeadlineExceeded) || got.printed != "" {
			t.Errorf("Run = %v, printed %q, want a timeout", got.err, got.printed)
		}
	})
}

// TestOneTaskAtATime lets many tasks change a Go variable that nothing but the
// interpreter lock protects; the race detector watches.
func TestOneTaskAtATime(t *testing.T) {
	unprotected := 0
	var waiting atomic.Int32
	most := int32(0)
	opts := luavm.Options{Modules: []luavm.Module{{Name: "m", Global: true, Funcs: []luavm.Func{{
		Name: "touch",
		Call: func(c *luavm.Call) error {
			unprotected++
			err := c.Wait(func(context.Context) error {
				n := waiting.Add(1)
				defer waiting.Add(-1)
				time.Sleep(100 * time.Microsecond)
				return c.Enter(func() error {
					unprotected++
					most = max(most, n)
					return nil
				})
			})
			unprotected++
			return err
		},
	}}}}}
	got := play(t, t.Context(), `for i = 1, 50 do host.spawn(function() for _ = 1, 10 do m.touch() end end) end`, opts)
	if got.err != nil || unprotected != 1500 || most < 2 {
		t.Errorf("Run = %v, touched %d times, want 1500; %d waited at a time, want several", got.err, unprotected, most)
	}
}

func TestArgumentsAreGlobal(t *testing.T) {
	chunk, err := source.Parse("test.lua", []byte(`return arg, #arg`))
	if err != nil {
		t.Fatal(err)
	}
	state, err := luavm.New(luavm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	got, err := state.Run(t.Context(), chunk, []string{"a", "b c"})
	if want := `[["a","b c"],2]`; err != nil || string(got.JSON) != want {
		t.Errorf("Run = %s, %v, want %s", got.JSON, err, want)
	}
}

func TestResultThatHasNoJSON(t *testing.T) {
	got := play(t, t.Context(), `return { users = { print } }`, luavm.Options{})
	if want := "result of the playbook: json: users[1]: a function has no JSON"; got.err == nil || got.err.Error() != want {
		t.Errorf("Run = %v, want %s", got.err, want)
	}
}
