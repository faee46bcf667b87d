package api_test

import (
	"context"
	"errors"
	"fmt"
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
	req := call.Request{Fn: fn}
	for i := 0; i+1 < len(args); i += 2 {
		req.Args = append(req.Args, call.Arg{Name: args[i].(string), Value: args[i+1]})
	}
	return c.Call(context.Background(), req, nil)
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

// Many tasks, many faults: nothing is lost and nothing repeated.
func TestProvisioningInAStorm(t *testing.T) {
	s := start(t, sandbox.Options{Users: -1, Seed: 7, Faults: []string{
		"*:drop_reply:0.03", "*:refuse:0.03", "*:cut_body:0.02", "*:html:0.01", "*:empty:0.01", "*:truncated:0.01", "*:bad_json:0.01",
	}})
	c := connect(t, s)
	for range 20 { // the start may meet a fault as well
		if _, err := c.About(t.Context()); err == nil {
			break
		}
	}
	const users, tasks = 300, 16
	var mu sync.Mutex
	outcome := map[string]error{}
	var all sync.WaitGroup
	next := make(chan int)
	for range tasks {
		all.Go(func() {
			for i := range next {
				name := fmt.Sprintf("user%03d", i)
				_, err := ask(c, "CreateUser", "userName", name, "privileges", "login")
				mu.Lock()
				outcome[name] = err
				mu.Unlock()
			}
		})
	}
	for i := range users {
		next <- i
	}
	close(next)
	all.Wait()
	effects := counts(s, "CreateUser")
	unknown := 0
	for name, err := range outcome {
		n := effects[name]
		switch fault.KindOf(err) {
		case "":
			if n != 1 {
				t.Errorf("%s is reported as created, with %d effects", name, n)
			}
		case fault.Unknown:
			if unknown++; n > 1 {
				t.Errorf("%s has %d effects, want at most 1", name, n)
			}
		default:
			t.Errorf("%s = %v, want success or unknown", name, err)
		}
	}
	if unknown == 0 || unknown > users/4 {
		t.Errorf("%d of %d outcomes are unknown, want some and few", unknown, users)
	}
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
			c := connect(t, s, func(c *api.Config) { c.Password, c.Instance = secret.New("wrong password"), "acme" })
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
