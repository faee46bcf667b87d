package engine_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"moonpost/bindings"
	"moonpost/engine"
	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a sandbox, a client of it, and what runs against it reported.
type house struct {
	t      *testing.T
	server *sandbox.Server
	client *api.Client

	mu     sync.Mutex
	events []event.Event
}

func (h *house) Emit(e event.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func newHouse(t *testing.T, o sandbox.Options) *house {
	t.Helper()
	if o.JobSpeed == 0 {
		o.JobSpeed = 10_000
	}
	server, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client, err := api.New(api.Config{
		URL: server.URL(), User: server.User(), Password: secret.New(server.Password()), Fingerprint: server.Fingerprint(),
		CallTimeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &house{t: t, server: server, client: client}
}

func (h *house) run(file string, inputs ...bindings.Given) engine.Report {
	h.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.runText(h.t.Context(), file, string(text), inputs...)
}

func (h *house) runText(ctx context.Context, file, text string, inputs ...bindings.Given) engine.Report {
	h.t.Helper()
	return engine.Run(ctx, engine.Config{
		File: filepath.Base(file), Source: []byte(text), Dir: filepath.Dir(file), CurrentDir: ".", Inputs: inputs,
		Open: func(context.Context) (call.Server, error) { return h.client, nil },
		Sink: h, Secrets: secret.NewRedactor(), Log: func(text string) { h.t.Log(text) }, Now: time.Now,
	})
}

// effects is how often each function took effect, by the sandbox's count, and
// the largest count of any one effect.
func (h *house) effects() (byFn map[string]int, most int) {
	h.t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Get(h.server.URL() + "/sandbox/effects")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Effects []struct {
			Fn, Key string
			Count   int
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		h.t.Fatal(err)
	}
	byFn = map[string]int{}
	for _, e := range answer.Effects {
		byFn[e.Fn] += e.Count
		most = max(most, e.Count)
	}
	return byFn, most
}

func (h *house) want(report engine.Report, code int, state engine.State) {
	h.t.Helper()
	if report.Code != code || report.State != state {
		h.t.Fatalf("Run = code %d, state %s, error %v; want code %d, state %s", report.Code, report.State, report.Err, code, state)
	}
}

func TestEveryExampleRuns(t *testing.T) {
	files, err := filepath.Glob("../examples/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob found %d examples, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			h := newHouse(t, sandbox.Options{})
			report := h.run(file)
			h.want(report, fault.ExitOK, engine.OK)
			if len(report.Result) == 0 {
				t.Error("Run gave no result, want the example's")
			}
		})
	}
}

func TestProvisioningTwiceChangesNothing(t *testing.T) {
	h := newHouse(t, sandbox.Options{})
	first := h.run("../examples/provision_users.lua")
	h.want(first, fault.ExitOK, engine.OK)
	if got, want := string(first.Result), `{"created":60,"changed":0,"unchanged":0,"failed":0,"unknown":0}`; !sameJSON(t, got, want) {
		t.Errorf("first run = %s, want %s", got, want)
	}
	effects, most := h.effects()
	want := map[string]int{"CreateUser": 60, "SetUserEmailAddresses": 60, "SetUserPrivilegesOnFolder": 60}
	if diff := cmp.Diff(want, effects); diff != "" || most != 1 {
		t.Errorf("effects, each once (most %d): %s", most, diff)
	}
	second := h.run("../examples/provision_users.lua")
	h.want(second, fault.ExitOK, engine.OK)
	if got, want := string(second.Result), `{"created":0,"changed":0,"unchanged":60,"failed":0,"unknown":0}`; !sameJSON(t, got, want) {
		t.Errorf("second run = %s, want %s", got, want)
	}
	if after, _ := h.effects(); !cmp.Equal(after, effects) {
		t.Errorf("the second run changed the server: %s", cmp.Diff(effects, after))
	}
	if second.Counts.Changes != 0 {
		t.Errorf("second run counts %d changes, want 0", second.Counts.Changes)
	}
}

func TestProvisioningMendsWhatDiffers(t *testing.T) {
	h := newHouse(t, sandbox.Options{})
	h.want(h.run("../examples/provision_users.lua"), fault.ExitOK, engine.OK)
	h.want(h.runText(t.Context(), "spoil.lua", `
		api.SetUserFullName { userName = "ada.lovelace", fullName = "Augusta Byron" }
		api.SetUserEmailAddresses { userName = "alan.allen", emailAddresses = json.null }
		api.SetUserPrivilegesOnFolder { userName = "barbara.hamilton", folder = "barbara.hamilton", privileges = "read" }
	`), fault.ExitOK, engine.OK)
	report := h.run("../examples/provision_users.lua")
	h.want(report, fault.ExitOK, engine.OK)
	if got, want := string(report.Result), `{"created":0,"changed":3,"unchanged":57,"failed":0,"unknown":0}`; !sameJSON(t, got, want) {
		t.Errorf("run = %s, want %s", got, want)
	}
}

func TestFailedRowsAreNamedAndEndWithThree(t *testing.T) {
	h := newHouse(t, sandbox.Options{Faults: []string{"CreateUser:error:0.2"}})
	report := h.run("../examples/provision_users.lua")
	h.want(report, fault.ExitItems, engine.ItemsFailed)
	var summary struct{ Created, Failed int }
	if err := json.Unmarshal(report.Result, &summary); err != nil {
		t.Fatal(err)
	}
	if summary.Failed == 0 || summary.Created+summary.Failed != 60 || int64(summary.Failed) != report.Counts.Failed {
		t.Errorf("summary = %+v, counted failed %d, want them to agree and to add up to 60", summary, report.Counts.Failed)
	}
	named := 0
	for _, e := range h.events {
		if item, ok := e.(event.ItemEnded); ok && item.Outcome == event.OutcomeFailed {
			named++
			if item.Key == "" || item.Index == 0 || len(item.Error) == 0 {
				t.Errorf("failed item %+v does not say which row and why", item)
			}
		}
	}
	if named != summary.Failed {
		t.Errorf("%d failed rows are named, want %d", named, summary.Failed)
	}
	if effects, _ := h.effects(); effects["CreateUser"] != summary.Created {
		t.Errorf("the server created %d users, the summary says %d", effects["CreateUser"], summary.Created)
	}
}

func TestLostAnswersAreUnknownNotFailed(t *testing.T) {
	h := newHouse(t, sandbox.Options{Faults: []string{"CreateUser:drop_reply:0.1"}})
	report := h.run("../examples/provision_users.lua")
	h.want(report, fault.ExitUnknown, engine.Unknown)
	var summary struct{ Created, Failed, Unknown int64 }
	if err := json.Unmarshal(report.Result, &summary); err != nil {
		t.Fatal(err)
	}
	if summary.Unknown == 0 || summary.Unknown != report.Counts.Unknown || summary.Failed != 0 || summary.Created+summary.Unknown != 60 {
		t.Errorf("summary = %+v, counted unknown %d; want them to agree, none failed, 60 in all", summary, report.Counts.Unknown)
	}
	if effects, most := h.effects(); effects["CreateUser"] != 60 || most != 1 {
		t.Errorf("CreateUser took effect %d times, at most %d times each; want 60, each once", effects["CreateUser"], most)
	}
}

func TestWindowOfTimeFillsTheThreeArguments(t *testing.T) {
	h := newHouse(t, sandbox.Options{})
	report := h.runText(t.Context(), "window.lua", `
		local time = require("time")
		local week = api.GetWorkerResults(nil, { window = time.last("168h") })
		local none = api.GetWorkerResults({}, { window = time.window("2001-01-01", "2001-01-02") })
		return { week = #week > 0, none = #none }
	`)
	h.want(report, fault.ExitOK, engine.OK)
	if got, want := string(report.Result), `{"week":true,"none":0}`; !sameJSON(t, got, want) {
		t.Errorf("runs of profiles = %s, want %s", got, want)
	}
}

func TestUnknownOutcomeCountsEvenWhenCaught(t *testing.T) {
	h := newHouse(t, sandbox.Options{Faults: []string{"CreateUser:drop_reply"}})
	report := h.runText(t.Context(), "caught.lua", `
		local _, err = api.try("CreateUser", { userName = "ada", privileges = "none" })
		assert(err.kind == "unknown", tostring(err))
		return err.kind
	`)
	h.want(report, fault.ExitUnknown, engine.Unknown)
	if report.Counts.Unknown != 1 {
		t.Errorf("counts %d unknown outcomes, want 1", report.Counts.Unknown)
	}
}

func TestInterruptedRunSaysSo(t *testing.T) {
	h := newHouse(t, sandbox.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() {
		cancel(&fault.Error{Kind: fault.Cancelled, Message: "interrupted"})
	})
	started := time.Now()
	report := h.runText(ctx, "forever.lua", `while true do pcall(function() while true do end end) end`)
	h.want(report, fault.ExitInterrupted, engine.Interrupted)
	if late := time.Since(started); late > 5*time.Second {
		t.Errorf("the loop went on for %v after the interrupt", late)
	}
}

// terminated is the cause of a context that SIGTERM ended.
type terminated struct{ error }

func (terminated) ExitCode() int { return fault.ExitTerminated }

func (e terminated) Unwrap() error { return e.error }

func TestCodeOfASignalStandsInTheLastEvent(t *testing.T) {
	h := newHouse(t, sandbox.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(terminated{&fault.Error{Kind: fault.Cancelled, Message: "terminated"}}) })
	report := h.runText(ctx, "sleep.lua", `task.sleep("1h")`)
	h.want(report, fault.ExitTerminated, engine.Interrupted)
	if last, ok := h.events[len(h.events)-1].(event.RunEnded); !ok || last.Code != fault.ExitTerminated {
		t.Errorf("last event = %+v, want RunEnded with code %d", h.events[len(h.events)-1], fault.ExitTerminated)
	}
}

func TestErrorsOfThePlaybook(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		code       int
		kind       fault.Kind
		message    string
	}{
		{"a syntax error names line and column", "local x = = 1", fault.ExitUsage, fault.Usage, "x.lua:1:"},
		{"an error names its line", "\nerror('no luck')", fault.ExitScript, fault.Script, "x.lua:2: no luck"},
		{"an unknown function is found before anything is sent", `api.invoke("GetUser")`, fault.ExitScript, fault.Invalid, "GetUser"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, sandbox.Options{})
			report := h.runText(t.Context(), "x.lua", tt.text)
			if report.Code != tt.code || fault.KindOf(report.Err) != tt.kind || !strings.Contains(report.Err.Error(), tt.message) {
				t.Errorf("Run(%q) = code %d, kind %s, %v; want code %d, kind %s, %q in it",
					tt.text, report.Code, fault.KindOf(report.Err), report.Err, tt.code, tt.kind, tt.message)
			}
		})
	}
}

func TestGoErrorSurvivesThePlaybook(t *testing.T) {
	h := newHouse(t, sandbox.Options{})
	report := h.runText(t.Context(), "x.lua", `
		local ok, err = pcall(api.invoke, "GetUserInfo", { userName = "nobody" })
		assert(not ok and err.kind == "not_found" and err.fn == "GetUserInfo", tostring(err))
		error(err)
	`)
	e, ok := errors.AsType[*fault.Error](report.Err)
	if !ok || e.Kind != fault.NotFound || e.Fn != "GetUserInfo" {
		t.Errorf("Run ended with %#v, want the client's own error of kind not_found", report.Err)
	}
}

func TestModulesOfThePlaybooksFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lib/names.lua": `return { upper = function(s) return s:upper() end }`,
		"broken.lua":    "return {\n  a = = 1\n}",
		"outside.lua":   `return 1`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	secretFile := filepath.Join(t.TempDir(), "secret.lua")
	if err := os.WriteFile(secretFile, []byte(`return "outside"`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secretFile, filepath.Join(dir, "link.lua")); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, sandbox.Options{})
	for _, tt := range []struct{ name, text, result, message string }{
		{"a module beside the playbook is found", `return require("lib.names").upper("ada")`, `"ADA"`, ""},
		{"a missing module is named", `require("lib.nams")`, "", "lib.nams"},
		{"a syntax error in a module names its file and line", `require("broken")`, "", "broken.lua:2"},
		{"a path cannot leave the folder", `require("../secret")`, "", "module"},
		{"dots cannot leave the folder", `require("...secret")`, "", "module"},
		{"a link cannot leave the folder", `require("link")`, "", "link"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := h.runText(t.Context(), filepath.Join(dir, "main.lua"), tt.text)
			switch {
			case tt.message == "" && (report.Err != nil || string(report.Result) != tt.result):
				t.Errorf("Run(%s) = %s, %v; want %s", tt.text, report.Result, report.Err, tt.result)
			case tt.message != "" && (report.Err == nil || !strings.Contains(fmt.Sprint(report.Err), tt.message)):
				t.Errorf("Run(%s) = %s, %v; want an error with %q", tt.text, report.Result, report.Err, tt.message)
			}
		})
	}
}

func sameJSON(t *testing.T, got, want string) bool {
	t.Helper()
	var g, w any
	if err := errors.Join(json.Unmarshal([]byte(got), &g), json.Unmarshal([]byte(want), &w)); err != nil {
		t.Fatalf("%q or %q is no JSON: %v", got, want, err)
	}
	return cmp.Equal(g, w)
}
