package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

func start(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func connect(t *testing.T, s *sandbox.Server, change ...func(*api.Config)) *api.Client {
	t.Helper()
	cfg := api.Config{
		URL: s.URL(), User: s.User(), Password: secret.New(s.Password()), Fingerprint: s.Fingerprint(),
		CallTimeout: 500 * time.Millisecond,
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func ask(c *api.Client, fn string, args ...any) (call.Answer, error) {
	return askCtx(context.Background(), c, fn, args...)
}

func askCtx(ctx context.Context, c *api.Client, fn string, args ...any) (call.Answer, error) {
	req := call.Request{Fn: fn}
	for i := 0; i+1 < len(args); i += 2 {
		req.Args = append(req.Args, call.Arg{Name: args[i].(string), Value: args[i+1]})
	}
	return c.Call(ctx, req, nil)
}

// counts returns how often a function took effect, by key.
func counts(s *sandbox.Server, fn string) map[string]int {
	all := map[string]int{}
	for _, e := range s.Effects() {
		if e.Fn == fn {
			all[e.Key] += e.Count
		}
	}
	return all
}

// Whatever goes wrong, a changing call takes effect at most once, exactly once
// when it is reported as done, and never when it is reported as refused.
func TestEffectsUnderEveryFault(t *testing.T) {
	for _, kind := range sandbox.FaultKinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{})
			c := connect(t, s)
			if _, err := c.About(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.SetFaults([]sandbox.Fault{{Fn: "CreateUser", Fault: kind.Name, Rate: 1, Times: 1}}); err != nil {
				t.Fatal(err)
			}
			_, err := ask(c, "CreateUser", "userName", "zoe", "privileges", "login")
			effects := counts(s, "CreateUser")["zoe"]
			low, high := 0, 0
			switch fault.KindOf(err) {
			case "":
				low, high = 1, 1
			case fault.Unknown:
				high = 1
			case fault.Server:
				high = 1 // half an effect counts as one
			case fault.Denied:
			case fault.Exists:
				// The error came after half of the effect, and the read that
				// explains it cannot know whose user it finds.
				if kind.Name == "half_effect" {
					high = 1
				}
			default:
				t.Errorf("CreateUser = %v, want success, unknown, server or denied", err)
			}
			if effects < low || effects > high {
				t.Errorf("CreateUser = %v with %d effects, want %d to %d", err, effects, low, high)
			}
		})
	}
}

// Many tasks, few connections, many faults, and calls that are stopped on their
// way: nothing is lost and nothing repeated, by the sandbox's own count.
func TestProvisioningInAStorm(t *testing.T) {
	s := start(t, sandbox.Options{Users: -1, Seed: 7})
	c := connect(t, s, func(c *api.Config) { c.CallTimeout, c.Concurrency = 200*time.Millisecond, 12 })
	if _, err := c.About(t.Context()); err != nil {
		t.Fatal(err)
	}
	var faults []sandbox.Fault // of changes alone: reads are repeated with pauses of seconds
	for _, fn := range []string{"CreateUser", "SetUserFullName"} {
		for _, f := range []sandbox.Fault{
			{Fault: "drop_reply", Rate: 0.03}, {Fault: "refuse", Rate: 0.03}, {Fault: "cut_body", Rate: 0.02},
			{Fault: "html", Rate: 0.01}, {Fault: "empty", Rate: 0.01}, {Fault: "truncated", Rate: 0.01}, {Fault: "bad_json", Rate: 0.01},
			{Fault: "hang", Rate: 0.02}, {Fault: "late_effect", Rate: 0.02, MS: 400}, {Fault: "drip", Rate: 0.01, MS: 400},
			{Fault: "status_503", Rate: 0.02}, {Fault: "status_403", Rate: 0.01}, {Fault: "error", Rate: 0.02}, {Fault: "half_effect", Rate: 0.01},
		} {
			f.Fn = fn
			faults = append(faults, f)
		}
	}
	if err := s.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
	const users, tasks = 300, 24
	type key struct{ fn, user string }
	var mu sync.Mutex
	outcome := map[key]error{}
	provision := func(i int, fn string, args ...any) error {
		ctx := t.Context()
		if i%5 == 0 { // some are stopped, before or after they were sent
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Duration(i%50)*200*time.Microsecond)
			defer cancel()
		}
		user := fmt.Sprintf("user%03d", i)
		_, err := askCtx(ctx, c, fn, append([]any{"userName", user}, args...)...)
		mu.Lock()
		defer mu.Unlock()
		outcome[key{fn, user}] = err
		return err
	}
	var all sync.WaitGroup
	next := make(chan int)
	for range tasks {
		all.Go(func() {
			for i := range next {
				if provision(i, "CreateUser", "privileges", "login") == nil {
					_ = provision(i, "SetUserFullName", "fullName", "New Name")
				}
			}
		})
	}
	for i := range users {
		next <- i
	}
	close(next)
	all.Wait()
	for underWay(s) { // late effects count, too
		time.Sleep(time.Millisecond)
	}
	effects := map[key]int{}
	for _, e := range s.Effects() {
		effects[key{e.Fn, e.Key}] += e.Count
	}
	halves := map[fault.Kind]bool{fault.Server: true, fault.Exists: true} // what half an effect is reported as
	reported := map[fault.Kind]int{}
	for k, err := range outcome {
		kind := fault.KindOf(err)
		reported[kind]++
		switch n := effects[k]; {
		case n > 1:
			t.Errorf("%v = %v, with %d effects", k, err, n)
		case kind == "" && n != 1:
			t.Errorf("%v is reported as done, with %d effects", k, n)
		case kind != "" && kind != fault.Unknown && n != 0 && !halves[kind]:
			t.Errorf("%v = %v, with %d effects", k, err, n)
		}
		delete(effects, k)
	}
	for _, kind := range []fault.Kind{"", fault.Unknown, fault.Server, fault.Denied, fault.Timeout} {
		if reported[kind] == 0 {
			t.Errorf("no call ended with kind %q, want some: %v", kind, reported)
		}
	}
	if len(effects) > 0 {
		t.Errorf("effects that nobody asked for: %v", effects)
	}
}

// underWay reports whether the sandbox has not finished a request yet.
func underWay(s *sandbox.Server) bool {
	return slices.ContainsFunc(s.Requests(), func(r sandbox.Request) bool { return r.Status == 0 && r.Fault == "" })
}

func TestJobsOfTheSandbox(t *testing.T) {
	s := start(t, sandbox.Options{JobSpeed: 200})
	c := connect(t, s, func(c *api.Config) { c.CallTimeout = 5 * time.Second })
	var versions []int64
	var log strings.Builder
	answer, err := c.Call(t.Context(), call.Request{Fn: "VerifyStore", Args: []call.Arg{{Name: "id", Value: 1.0}}}, func(st call.Status) {
		versions = append(versions, st.Version)
		log.WriteString(st.Log)
		if st.Gap {
			t.Errorf("status %d has a gap", st.Version)
		}
	})
	if err != nil || answer.Job == nil {
		t.Fatalf("VerifyStore = %+v, %v, want a job that succeeded", answer, err)
	}
	for i := 1; i < len(versions); i++ {
		if versions[i] <= versions[i-1] {
			t.Errorf("versions = %v, want them to grow", versions)
		}
	}
	if len(versions) < 2 || log.String() != answer.Job.Log || !strings.Contains(answer.Job.Log, "\n") || strings.Contains(answer.Job.Log, "\r") {
		t.Errorf("%d statuses with log %q, job log %q, want the same text, lines ended by \\n", len(versions), log.String(), answer.Job.Log)
	}
}

func TestJobIsLeftAndFoundAgain(t *testing.T) {
	s := start(t, sandbox.Options{JobSpeed: 1})
	first := connect(t, s, func(c *api.Config) { c.CallTimeout = 5 * time.Second })
	_, err := first.Call(t.Context(), call.Request{Fn: "CompactStore", Args: []call.Arg{{Name: "id", Value: 1.0}}, Timeout: 100 * time.Millisecond}, nil)
	left, ok := errors.AsType[*call.LeftError](err)
	if fault.KindOf(err) != fault.Timeout || !ok {
		t.Fatalf("CompactStore = %v, want kind timeout and the job left", err)
	}
	first.Close()
	s.Advance(24 * time.Hour)
	answer, err := connect(t, s).Call(t.Context(), call.Request{Attach: &left.Job}, nil)
	if err != nil || answer.Job.Token != left.Job.Token || !strings.HasPrefix(answer.Job.Log, left.Job.Log) {
		t.Errorf("attach = %+v, %v, want the same job at its end", answer.Job, err)
	}
	if n := counts(s, "CompactStore"); len(n) != 1 {
		t.Errorf("effects of CompactStore = %v, want one", n)
	}
}

func TestForgottenTokenIsUnknown(t *testing.T) {
	s := start(t, sandbox.Options{JobSpeed: 1, Faults: []string{"CompactStore:forget_token"}})
	_, err := ask(connect(t, s), "CompactStore", "id", 1.0)
	if fault.KindOf(err) != fault.Unknown {
		t.Errorf("CompactStore = %v, want kind unknown", err)
	}
}

func TestCancelAtTheSandbox(t *testing.T) {
	for _, spelling := range []string{"cancelled", "canceled", "failed"} {
		s := start(t, sandbox.Options{JobSpeed: 10, Behaviour: []string{"cancelled=" + spelling}})
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := connect(t, s).Call(ctx, call.Request{Fn: "CompactStore", Args: []call.Arg{{Name: "id", Value: 1.0}}}, func(st call.Status) {
			s.Advance(time.Second)
			cancel(call.ErrCancelJob)
		})
		if fault.KindOf(err) != fault.Cancelled {
			t.Errorf("CompactStore where the server says %s = %v, want kind cancelled", spelling, err)
		}
		if _, left := errors.AsType[*call.LeftError](err); left {
			t.Errorf("CompactStore = %v, want it followed to its end", err)
		}
	}
}

// not_found and exists do not depend on the language of the server.
func TestMissingAndExistingInAnyLanguage(t *testing.T) {
	for _, texts := range []string{"vendor", "german", "random"} {
		s := start(t, sandbox.Options{ErrorTexts: texts, JobAfter: time.Hour})
		c := connect(t, s)
		for _, tc := range []struct {
			fn   string
			args []any
			want fault.Kind
		}{
			{"GetUserInfo", []any{"userName", "nobody"}, fault.NotFound},
			{"SetUserFullName", []any{"userName", "nobody", "fullName", "N"}, fault.NotFound},
			{"CreateUser", []any{"userName", s.User(), "privileges", "login"}, fault.Exists},
			{"CreateUser", []any{"userName", "new", "privileges", "login"}, ""},
			{"DetachStore", []any{"id", 4711.0}, fault.NotFound},
			{"DeleteProfile", []any{"id", 4711.0}, fault.NotFound},
		} {
			if _, err := ask(c, tc.fn, tc.args...); fault.KindOf(err) != tc.want {
				t.Errorf("%s with %s texts = %v, want kind %q", tc.fn, texts, err, tc.want)
			}
		}
	}
}

func TestWrongLoginAtTheSandbox(t *testing.T) {
	for _, behaviour := range []string{"401", "failed"} {
		for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
			s := start(t, sandbox.Options{Edition: edition, Behaviour: []string{"wrong-login=" + behaviour}})
			c := connect(t, s, func(c *api.Config) {
				if c.Password = secret.New("wrong password"); edition == catalogue.SPE {
					c.Instance = "acme"
				}
			})
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if _, err := ask(c, "CreateUser", "userName", "x", "privileges", "login"); fault.KindOf(err) != fault.Denied {
						t.Errorf("CreateUser on %s, wrong login gives %s = %v, want kind denied", edition, behaviour, err)
					}
				})
			}
			all.Wait()
			tried := 0
			for _, r := range s.Requests() {
				if r.Fn != "get-metadata" {
					tried++
				}
			}
			if tried > 1 {
				t.Errorf("the wrong password was tried %d times, want at most 1", tried)
			}
		}
	}
}

func TestServiceProviderEdition(t *testing.T) {
	s := start(t, sandbox.Options{Edition: catalogue.SPE})
	c := connect(t, s)
	about, err := c.About(t.Context())
	if err != nil || about.Edition != "spe" || about.Version == "" {
		t.Errorf("About = %+v, %v, want edition spe and a version", about, err)
	}
	got, err := ask(c, "GetInstances", "instanceFilter", "*")
	if err != nil || len(got.Result) < 3 {
		t.Errorf("GetInstances = %s, %v, want a list", got.Result, err)
	}
}

func TestNonASCIIPassword(t *testing.T) {
	s := start(t, sandbox.Options{User: "jürgen", Password: "Kennwört€ 漢字"})
	if _, err := ask(connect(t, s), "GetUsers"); err != nil {
		t.Errorf("GetUsers = %v, want the login accepted", err)
	}
}
