package bindings

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

func TestEvents(t *testing.T) {
	tests := []struct {
		name, code string
		want       []string
	}{
		{"a map", `task.map({ "x", "y" }, function(v) return v end, { label = "rows", key = function(v) return v end, concurrency = 1 })`, []string{
			"map 1 rows started total=2", "item 1/1 x ok counted=false", "item 1/2 y ok counted=false", "map 1 rows ok=2 failed=0 unknown=0 cancelled=0 of 2/2",
		}},
		{"an iterator has no total", `task.each(function() end, print)`, []string{
			"map 1 items started total=-1", "map 1 items ok=0 failed=0 unknown=0 cancelled=0 of 0/0",
		}},
		{"an iterator's total is what is said", `task.each(function() end, print, { total = 7 })`, []string{
			"map 1 items started total=7", "map 1 items ok=0 failed=0 unknown=0 cancelled=0 of 0/0",
		}},
		{"continue counts", `task.map({ 1 }, function() error("x") end, { on_error = "continue" })`, []string{
			"map 1 items started total=1", "item 1/1  failed counted=true", "map 1 items ok=0 failed=1 unknown=0 cancelled=0 of 1/1",
		}},
		{"collect does not", `task.map({ 1 }, function() error("x") end, { on_error = "collect" })`, []string{
			"map 1 items started total=1", "item 1/1  failed counted=false", "map 1 items ok=0 failed=1 unknown=0 cancelled=0 of 1/1",
		}},
		{"an unknown item is not failed", `task.map({ 1 }, function() api.LoseAnswer() end, { on_error = "continue" })`, []string{
			"map 1 items started total=1",
			"item 1/1  unknown counted=false", "map 1 items ok=0 failed=0 unknown=1 cancelled=0 of 1/1",
		}},
		{"stop cancels the others", `pcall(task.map, { 1, 2 }, function(n) if n == 1 then task.sleep("1h") end error("x") end)`, []string{
			"map 1 items started total=2", "item 1/2  failed counted=false", "item 1/1  cancelled counted=false", "map 1 items ok=0 failed=1 unknown=0 cancelled=1 of 2/2",
		}},
		{"log lines say where", "\nlog.warn('%s', inputs.password)\nlog.debug('x')", []string{"warn *** (test.lua:2)", "debug x (test.lua:3)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sink := &recorder{}
			host := fakeHost(t, &fake{edition: "server"})
			host.Sink = sink
			if _, err := play(t, t.Context(), host, tt.code); err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Join(sink.lines, "\n"), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("events of %s:\n%s\nwant\n%s", tt.code, got, want)
			}
		})
	}
}

func TestMapsThatEndEarlyAccountForTheirItems(t *testing.T) {
	interrupted := &fault.Error{Kind: fault.Cancelled, Op: "run", Message: "interrupted"}
	const sleep = `task.sleep("1h")`
	for _, tt := range []struct {
		name, code string
		noServer   bool
		kind       fault.Kind
		want       []string
	}{
		{"a refused login", `task.map({ 1, 2, 3, 4 }, function(n) if n == 2 then task.sleep(1) api.DenyLogin() end ` + sleep + ` end,
			{ on_error = "continue", concurrency = 2 })`, false, fault.Denied, []string{
			"item 1/2  failed counted=true", "item 1/1  cancelled counted=false", "map 1 items ok=0 failed=1 unknown=0 cancelled=1 of 2/4"}},
		{"a certificate that changed", `pcall(task.map, { 1, 2, 3 }, function(n) api.ChangedCertificate() end,
			{ on_error = "continue", concurrency = 1 }) error("went on")`, false, fault.Certificate, []string{
			"item 1/1  failed counted=true", "map 1 items ok=0 failed=1 unknown=0 cancelled=0 of 1/3"}},
		{"a refused login in a task of an item", `task.map({ 1, 2 }, function(n)
			if n == 1 then task.spawn(function() task.sleep(1) api.DenyLogin() end):await() end ` + sleep + ` end)`, false, fault.Denied, []string{
			"item 1/1  failed counted=false", "item 1/2  cancelled counted=false", "map 1 items ok=0 failed=1 unknown=0 cancelled=1 of 2/2"}},
		{"a refused login in a map of a map", `task.map({ 1, 2 }, function(n)
			task.map({ 1, 2 }, function(k) if n == 1 and k == 2 then task.sleep(1) api.DenyLogin() end ` + sleep + ` end) end)`, false, fault.Denied, []string{
			"item 2/2  failed counted=false", "item 2/1  cancelled counted=false", "map 2 items ok=0 failed=1 unknown=0 cancelled=1 of 2/2",
			"item 1/1  failed counted=false", "item 3/1  cancelled counted=false", "item 3/2  cancelled counted=false",
			"map 3 items ok=0 failed=0 unknown=0 cancelled=2 of 2/2", "item 1/2  cancelled counted=false",
			"map 1 items ok=0 failed=1 unknown=0 cancelled=1 of 2/2"}},
		{"a refused login beside the map", `task.spawn(function() task.sleep(1) api.DenyLogin() end)
			task.map({ 1 }, function() ` + sleep + ` end)`, false, fault.Denied, []string{
			"item 1/1  cancelled counted=false", "map 1 items ok=0 failed=0 unknown=0 cancelled=1 of 1/1"}},
		{"a limit", `task.map({ 1, 2 }, function(n) if n == 2 then task.sleep(1) string.rep("x", 1e9) end ` + sleep + ` end)`, false, fault.Limit, []string{
			"item 1/2  failed counted=false", "item 1/1  cancelled counted=false", "map 1 items ok=0 failed=1 unknown=0 cancelled=1 of 2/2"}},
		{"an interrupt", `local n = 0
			task.each(function() n = n + 1 return n end, function(n) if n == 1 then return end ` + sleep + ` end, { concurrency = 1 })`, false, fault.Cancelled, []string{
			"item 1/1  ok counted=false", "item 1/2  cancelled counted=false", "map 1 items ok=1 failed=0 unknown=0 cancelled=1 of 2/-1"}},
		{"no target", `task.map({ 1, 2, 3 }, function() api.GetUsers() end, { on_error = "continue", concurrency = 1 })`, true, fault.Usage, []string{
			"item 1/1  failed counted=true", "map 1 items ok=0 failed=1 unknown=0 cancelled=0 of 1/3"}},
		{"no target for invoke", `task.map({ 1, 2, 3 }, function() api.invoke("GetUsers") end, { on_error = "collect", concurrency = 1 })`, true, fault.Usage, []string{
			"item 1/1  failed counted=false", "map 1 items ok=0 failed=1 unknown=0 cancelled=0 of 1/3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Minute, func() { cancel(interrupted) })
				sink := &recorder{}
				host := fakeHost(t, &fake{edition: "server"})
				host.Sink = sink
				if tt.noServer {
					host.Server = nil
				}
				_, err := play(t, ctx, host, tt.code)
				if fault.KindOf(err) != tt.kind {
					t.Errorf("play(%s) = %v, want kind %s", tt.code, err, tt.kind)
				}
				got := slices.DeleteFunc(sink.lines, func(line string) bool { return strings.Contains(line, "started") })
				slices.Sort(got)
				want := slices.Sorted(slices.Values(tt.want))
				if !slices.Equal(got, want) {
					t.Errorf("events of %s:\n%s\nwant\n%s", tt.code, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			})
		})
	}
}

func TestWhatEndsARunSaysWhere(t *testing.T) {
	for name, code := range map[string]string{
		"a refused login":                "\napi.DenyLogin()",
		"a refused login in try":         "\napi.try('DenyLogin')",
		"a refused login under pcall":    "pcall(function()\napi.DenyLogin() end)",
		"a refused login in a map":       "task.map({ 1 }, function()\napi.DenyLogin() end)",
		"a refused login in a task":      "task.spawn(function()\napi.DenyLogin() end):await()",
		"a changed certificate":          "\napi.ChangedCertificate()",
		"a text that is too long":        "\nstring.rep('x', 1e9)",
		"a text that is long in a map":   "task.map({ 1 }, function()\nstring.rep('x', 1e9) end)",
		"a pattern of too many steps":    "\nlocal _ = string.find(string.rep('a', 1e5), string.rep('a*', 30) .. 'b')",
		"too many coroutines":            "local kept = {} for i = 1, 2000 do\nkept[i] = coroutine.create(function() end) end",
		"too many instructions":          "\nwhile true do end",
		"instructions inside of a pcall": "pcall(function()\nwhile true do end end)",
	} {
		_, err := play(t, t.Context(), fakeHost(t, &fake{edition: "server"}), code)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || !e.Kind.Fatal() || !strings.HasPrefix(e.Trace, "test.lua:2") {
			t.Errorf("%s: play(%q) = %v with trace %q, want one that begins with test.lua:2", name, code, err, e.Trace)
		}
	}
}

func TestCallLeftByItsCallback(t *testing.T) {
	for _, code := range []string{
		`error("no more")`, `error{ kind = "invalid", message = "no more", extra = 5 }`, `api.FailCall()`,
	} {
		server := &fake{edition: "server"}
		got, err := play(t, t.Context(), fakeHost(t, server), `
			local ok, err = pcall(api.invoke, "VerifyStore", { id = "7" }, function() `+code+` end)
			local _, job = err.job:wait()
			return err.fn, err.job.fn, err.extra, job.status, err.details ~= nil and err.details:match("^test.lua:%d")`)
		want := `["VerifyStore","VerifyStore",null,"succeeded","test.lua:2"]`
		switch {
		case strings.Contains(code, "extra"):
			want = strings.Replace(want, "null", "5", 1)
		case strings.Contains(code, "FailCall"):
			want = strings.Replace(want, "VerifyStore", "FailCall", 1)
		}
		if err != nil || got != want {
			t.Errorf("callback %s: play = %s, %v, want %s", code, got, err, want)
		}
	}
}

func TestTallyOfARunThatCaughtEverything(t *testing.T) {
	tally := event.NewTally(nil)
	host := fakeHost(t, &fake{edition: "server"})
	host.Sink = tally
	_, err := play(t, t.Context(), host, `
		log.warn("careful")
		task.map({ 1, 2, 3 }, function(n) if n == 2 then api.FailCall() end end, { on_error = "continue" })`)
	if want := (event.Counts{Items: 3, Failed: 1, Warnings: 1}); err != nil || tally.Counts() != want {
		t.Errorf("Counts() = %+v, %v, want %+v", tally.Counts(), err, want)
	}
}

func TestModulesWithoutAHost(t *testing.T) {
	got, err := play(t, t.Context(), Host{}, `
		local ok, err = pcall(api.invoke, "GetUsers")
		local _, sugar = pcall(function() return api.GetUsers end)
		local _, inp = pcall(function() return inputs.x end)
		return err.kind, err.hint, sugar.kind, inp.message, run.id`)
	want := `["usage","name one with --target, or try it with --sandbox","usage","no input x: the playbook declares none",""]`
	if err != nil || got != want {
		t.Errorf("play = %s, %v, want %s", got, err, want)
	}
}

func TestServerIsOpenedOnceAndLate(t *testing.T) {
	server := &fake{edition: "server"}
	host := fakeHost(t, server)
	opened := 0
	host.Server = func(context.Context) (call.Server, error) {
		if opened++; opened == 1 {
			return nil, &fault.Error{Kind: fault.Unreachable, Message: "not yet"}
		}
		return server, nil
	}
	if _, err := play(t, t.Context(), host, `log.info("nothing")`); err != nil || opened != 0 {
		t.Errorf("a run without a call opened the server %d times, %v, want none", opened, err)
	}
	got, err := play(t, t.Context(), host, `
		local _, first = api.try("GetUsers")
		task.map({ 1, 2, 3, 4 }, function() api.GetUsers() end)
		return first.kind`)
	if err != nil || got != `"unreachable"` || opened != 2 || server.asked.Load() != 1 {
		t.Errorf("play = %s, %v, opened %d times, functions asked %d times; want unreachable, 2 and 1", got, err, opened, server.asked.Load())
	}
}

// away is a server that cannot be reached at first.
type away struct {
	*fake
	asked int
}

func (s *away) Functions(ctx context.Context) ([]call.Function, error) {
	if s.asked++; s.asked < 4 {
		return nil, &fault.Error{Kind: fault.Unreachable, Message: "nobody answers"}
	}
	return s.fake.Functions(ctx)
}

// A client knows how long it has asked in vain and which login was refused, so
// it is kept where the server does not answer.
func TestServerThatDoesNotAnswerIsNotOpenedAgain(t *testing.T) {
	host := fakeHost(t, &fake{})
	server, opened := &away{fake: &fake{}}, 0
	host.Dial = func(context.Context, Target) (call.Server, error) {
		opened++
		return server, nil
	}
	got, err := play(t, t.Context(), host, `
		local other = api.target{ url = "https://other.example.com", user = "u", password = "p" }
		local _, failures = task.map({ 1, 2, 3, 4 }, function() other.GetUsers() end, { on_error = "collect" })
		return #failures`)
	if err != nil || got != "3" || opened != 1 || server.asked != 4 {
		t.Errorf("play = %s, %v, opened %d times, functions asked %d times; want 3, 1 and 4", got, err, opened, server.asked)
	}
}

func TestConcurrency(t *testing.T) {
	for name, tt := range map[string]struct {
		opts    string
		ceiling int
		want    int64
	}{
		"eight unless said otherwise": {`{}`, 0, 8},
		"as many as asked for":        {`{ concurrency = 12 }`, 0, 12},
		"never more than the ceiling": {`{ concurrency = 12 }`, 3, 3},
		"not more than items":         {`{ concurrency = 100 }`, 0, 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fake{edition: "server"}
				host := fakeHost(t, server)
				host.Concurrency = tt.ceiling
				_, err := play(t, t.Context(), host, `
					local items = {}
					for i = 1, 20 do items[i] = i end
					task.each(items, function() api.SlowCall{ seconds = "5ms" } end, `+tt.opts+`)`)
				if got := server.most.Load(); err != nil || got != tt.want {
					t.Errorf("calls at a time = %d, %v, want %d", got, err, tt.want)
				}
			})
		})
	}
}

func TestWhatNoPlaybookCanCatch(t *testing.T) {
	for _, code := range []string{
		`api.try("DenyLogin") return "went on"`,
		`pcall(api.DenyLogin) return "went on"`,
		`task.map({ 1, 2 }, function() api.DenyLogin() end, { on_error = "collect" }) return "went on"`,
		`pcall(function() task.spawn(api.invoke, "DenyLogin"):await() end) return "went on"`,
		`pcall(function() api.start("DenyLogin"):wait() end) return "went on"`,
	} {
		got, err := play(t, t.Context(), fakeHost(t, &fake{edition: "server"}), code)
		if fault.KindOf(err) != fault.Denied || got != "" {
			t.Errorf("play(%s) = %s, %v, want denied", code, got, err)
		}
	}
}

func TestInterrupt(t *testing.T) {
	interrupted := &fault.Error{Kind: fault.Cancelled, Op: "run", Message: "interrupted"}
	for name, code := range map[string]string{
		"in a sleep":             `task.sleep("1h")`,
		"in a call":              `api.SlowCall{ seconds = "1h" }`,
		"in try":                 `api.try("SlowCall", { seconds = "1h" }) error("went on")`,
		"in await":               `local t = task.spawn(task.sleep, "1h") pcall(t.await, t) error("went on")`,
		"in a map that collects": `task.map({ 1, 2, 3 }, function() task.sleep("1h") end, { on_error = "collect" }) error("went on")`,
		"in a map of maps":       `task.map({ 1, 2 }, function() task.map({ 1, 2 }, function() task.sleep("1h") end) end) error("went on")`,
		"in an iterator":         `task.each(function() task.sleep("1h") end, print) error("went on")`,
		"while tasks are left":   `task.spawn(task.sleep, "1h") api.start("SlowCall", { seconds = "1h" })`,
		"in a job":               `api.start("SlowCall", { seconds = "1h" }):wait() error("went on")`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Minute, func() { cancel(interrupted) })
				began := time.Now()
				_, err := play(t, ctx, fakeHost(t, &fake{edition: "server"}), code)
				if fault.KindOf(err) != fault.Cancelled || strings.Contains(err.Error(), "went on") {
					t.Errorf("play(%s) = %v, want cancelled", code, err)
				}
				if took := time.Since(began); took != time.Minute {
					t.Errorf("play(%s) took %v, want a minute", code, took)
				}
			})
		})
	}
}

func TestSleepTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if _, err := play(t, t.Context(), fakeHost(t, &fake{edition: "server"}), `task.sleep("1h30m") task.sleep(0.5)`); err != nil {
			t.Fatal(err)
		}
		if got, want := time.Since(began), 90*time.Minute+500*time.Millisecond; got != want {
			t.Errorf("slept for %v, want %v", got, want)
		}
	})
}

func TestLogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verify.log")
	host := fakeHost(t, &fake{edition: "server"})
	host.Secrets = secret.NewRedactor()
	host.Secrets.Add(secret.New("400 messages"))
	for range 2 {
		if _, err := play(t, t.Context(), host, `api.VerifyStore({ id = "7" }, { log_file = "`+path+`" })`); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if want := strings.Repeat("Verifying...\n *** verified\n", 2); err != nil || string(got) != want {
		t.Errorf("log file = %q, %v, want %q", got, err, want)
	}
}

func TestPasswordsOfTargetsAreMasked(t *testing.T) {
	host := fakeHost(t, &fake{edition: "server"})
	host.Secrets = secret.NewRedactor()
	if _, err := play(t, t.Context(), host, `api.target{ url = "https://x", user = "admin", password = "battery staple" }`); err != nil {
		t.Fatal(err)
	}
	if got := host.Secrets.Redact("a battery staple b"); got != "a *** b" {
		t.Errorf("Redact = %q, want the password masked", got)
	}
}

func TestOptionsReachTheServer(t *testing.T) {
	server := &fake{edition: "server"}
	_, err := play(t, t.Context(), fakeHost(t, server), `
		api.invoke("Echo", { a = "x" }, { timeout = "2h", on_timeout = "cancel", stall = 90, key = "k" })`)
	if err != nil {
		t.Fatal(err)
	}
	got := server.requests[0]
	want := call.Request{Fn: "Echo", Timeout: 2 * time.Hour, OnTimeout: call.Cancel, Stall: 90 * time.Second, Key: "k"}
	if got.Timeout != want.Timeout || got.OnTimeout != want.OnTimeout || got.Stall != want.Stall || got.Key != want.Key {
		t.Errorf("request = %+v, want %+v", got, want)
	}
}

func TestLeftJobIsAttached(t *testing.T) {
	server := &fake{edition: "server"}
	_, err := play(t, t.Context(), fakeHost(t, server), `
		local _, err = api.try("VerifyTimeout", { id = "7" })
		err.job:wait()`)
	if err != nil {
		t.Fatal(err)
	}
	last := server.requests[len(server.requests)-1]
	if last.Attach == nil || last.Attach.Token != "t0" || last.Attach.Version != 3 {
		t.Errorf("the last request attached to %+v, want token t0 at version 3", last.Attach)
	}
	if _, ok := errors.AsType[*call.LeftError](&leftJob{error: &call.LeftError{Err: errStopFollowing}}); !ok {
		t.Error("the LeftError is not in the chain of a leftJob")
	}
}

func TestErrorOfAMapSaysWhichItemAndWhere(t *testing.T) {
	_, err := play(t, t.Context(), fakeHost(t, &fake{edition: "server"}), `
task.map({ { name = "ada" } }, function(row)
  api.FailCall()
end, { key = "name" })`)
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Error() != "item 1 (ada): api.invoke FailCall: the server said no" || e.Text() != "the server said no" {
		t.Errorf("play = %v, want item 1 (ada) named", err)
	}
	if want := "test.lua:3"; !strings.HasPrefix(e.Trace, want) || e.Index != 1 || e.Kind != fault.Server {
		t.Errorf("trace %q, index %d, kind %s, want %s, 1, server", e.Trace, e.Index, e.Kind, want)
	}
}
