package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox"
)

// TestClientsOfTheVendor has two clients that were written without any of
// moonpost's code call every function of both editions.
func TestClientsOfTheVendor(t *testing.T) {
	const file = "testdata/vendor.json"
	clients := map[string]func(*testing.T, *sandbox.Server, string) []report{
		"go": func(t *testing.T, s *sandbox.Server, mode string) []report {
			return newVendor(t, s, mode).play(readScenario(t, file))
		},
		"python": func(t *testing.T, s *sandbox.Server, mode string) []report { return python(t, s, file, mode) },
	}
	for language, play := range clients {
		for _, mode := range []string{"challenge", "at-once"} {
			for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
				if language == "python" && (mode == "challenge") != (edition == catalogue.SPE) {
					continue // slow: each mode and each edition once
				}
				t.Run(fmt.Sprintf("%s/%s/%s", language, mode, edition), func(t *testing.T) {
					t.Parallel()
					s := startServer(t, sandbox.Options{Edition: edition, JobSpeed: 1e4, Password: "Kennwört: 1"})
					checkReports(t, s, edition, play(t, s, mode))
					checkLogins(t, s, mode)
				})
			}
		}
	}
}

func startServer(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// checkReports holds what a client saw against the catalogue and the judge:
// every function was called and succeeded, and what changes something took
// effect once for every call.
func checkReports(t *testing.T, s *sandbox.Server, edition catalogue.Edition, reports []report) {
	t.Helper()
	calls, jobs := map[string]int{}, 0
	for _, r := range reports {
		calls[r.Fn]++
		for _, p := range r.Problems {
			t.Errorf("%s(%v): %s", r.Fn, r.Args, p)
		}
		if r.Code != "succeeded" {
			t.Errorf("%s(%v) = %s %q, want success", r.Fn, r.Args, r.Code, r.Error)
		}
		if r.Polls > 0 {
			jobs++
		}
	}
	effects := map[string]int{}
	for _, e := range s.Effects() {
		effects[e.Fn] += e.Count
	}
	slow := readScenario(t, "testdata/vendor_slow.json")
	for _, f := range catalogue.All() {
		if !f.In(edition) {
			continue
		}
		want := calls[f.Name]
		elsewhere := slices.ContainsFunc(slow.Steps, func(step vendorStep) bool { return step.Fn == f.Name })
		if want == 0 && !elsewhere {
			t.Errorf("%s was not called", f.Name)
		}
		if f.ReadOnly {
			want = 0
		}
		if effects[f.Name] != want {
			t.Errorf("%s took effect %d times, want %d", f.Name, effects[f.Name], want)
		}
	}
	if jobs < 10 {
		t.Errorf("%d calls ran as jobs, want most of the long ones", jobs)
	}
}

// checkLogins looks for the challenges that a client met.
func checkLogins(t *testing.T, s *sandbox.Server, mode string) {
	t.Helper()
	asked, answered := 0, 0
	for _, r := range s.Requests() {
		switch {
		case r.Fn == "get-metadata":
		case r.Status == http.StatusUnauthorized:
			asked++
		default:
			answered++
		}
	}
	if want := map[string]int{"challenge": answered, "at-once": 0}[mode]; asked != want || answered < 60 {
		t.Errorf("%d challenges and %d answers, want %d challenges", asked, answered, want)
	}
}

// TestClientsOfTheVendorCancel follows calls that are cancelled.
func TestClientsOfTheVendorCancel(t *testing.T) {
	const file = "testdata/vendor_slow.json"
	for _, language := range []string{"go", "python"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, sandbox.Options{JobSpeed: 5})
			var reports []report
			if language == "go" {
				reports = newVendor(t, s, "at-once").play(readScenario(t, file))
			} else {
				reports = python(t, s, file, "at-once")
			}
			got := ""
			for _, r := range reports {
				got += fmt.Sprintln(r.Fn, r.Code, r.Error, r.Problems, strings.HasSuffix(r.Log, "Operation cancelled.\r\n"))
			}
			want := "VerifyStores cancelled  [] true\nRunJobAsync succeeded  [] false\nCancelJobAsync succeeded  [] false\n"
			if got != want {
				t.Errorf("the client saw\n%swant\n%s", got, want)
			}
		})
	}
}
