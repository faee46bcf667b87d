package scripts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"moonpost/bindings"
	"moonpost/engine"
	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
	"moonpost/engine/values"
	"moonpost/scripts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// given are the inputs of the playbooks that have required ones.
var given = map[string]map[string]string{
	"provision-users": {"users": "testdata/users.csv"},
}

// oneArchive are the playbooks that work on one instance, which must be named.
var oneArchive = []string{"provision-users"}

// TestScriptsStandWhatServersDo runs every playbook against both editions while
// they are well and while they misbehave. A playbook may end with findings or
// with the server's error, never with one of its own.
func TestScriptsStandWhatServersDo(t *testing.T) {
	servers := map[string]sandbox.Options{
		"well":               {},
		"german":             {ErrorTexts: "german"},
		"empty":              {Users: -1, Stores: -1, History: -1},
		"some calls fail":    {Faults: []string{"*:error:0.3"}, ErrorTexts: "random"},
		"every call fails":   {Faults: []string{"*:error:1"}},
		"bad answers":        {Faults: []string{"*:bad_json:0.2", "*:html:0.2", "*:truncated:0.2"}},
		"lost answers":       {Faults: []string{"*:drop_reply:0.01"}},
		"the login is lost":  {Faults: []string{"*:status_401:0.1"}},
		"everything is busy": {Faults: []string{"*:status_503:0.01"}, JobAfter: -1},
	}
	for name, o := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
				server := start(t, o, edition)
				for _, s := range scripts.All() {
					for _, instance := range []string{"", "alpha"} {
						if edition == catalogue.Server && instance != "" ||
							edition == catalogue.SPE && instance == "" && slices.Contains(oneArchive, s.Name) {
							continue
						}
						report := play(t, s, server, instance)
						where := fmt.Sprintf("%s, %s, instance %q", s.Name, edition, instance)
						well := len(o.Faults) == 0
						switch kind := fault.KindOf(report.Err); {
						case well && report.Err != nil:
							t.Errorf("%s ended with %v, want no error", where, report.Err)
						case kind == fault.Script || kind == fault.Internal || kind == fault.Invalid:
							t.Errorf("%s ended with an error of its own: %s", where, fault.JSON(report.Err))
						case well && report.Code != fault.ExitOK && report.State != engine.Findings:
							t.Errorf("%s ended as %s with code %d, want ok or findings", where, report.State, report.Code)
						case report.Err == nil && !json.Valid(report.Result):
							t.Errorf("%s returned %q, want JSON", where, report.Result)
						}
					}
				}
			}
		})
	}
}

func start(t *testing.T, o sandbox.Options, edition catalogue.Edition) *sandbox.Server {
	t.Helper()
	o.Edition, o.JobSpeed, o.Seed = edition, 10_000, 1
	for field, few := range map[*int]int{&o.Users: 6, &o.Stores: 3} {
		if *field == 0 {
			*field = few
		}
	}
	server, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// connect returns a client of the server, or of one instance of it.
func connect(t *testing.T, server *sandbox.Server, instance string) *api.Client {
	t.Helper()
	client, err := api.New(api.Config{
		URL: server.URL(), User: server.User(), Password: secret.New(server.Password()), Fingerprint: server.Fingerprint(),
		Instance: instance, CallTimeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// play runs a playbook against the server, or one instance of it.
func play(t *testing.T, s scripts.Script, server *sandbox.Server, instance string) engine.Report {
	t.Helper()
	client := connect(t, server, instance)
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	var inputs []bindings.Given
	for name, value := range given[s.Name] {
		inputs = append(inputs, bindings.Given{Name: name, Value: value, Origin: "test"})
	}
	return engine.Run(t.Context(), engine.Config{
		File: s.Name, Source: s.Source, Dir: t.TempDir(), Inputs: inputs, CurrentDir: here, Target: "test", Instance: instance,
		Open: func(context.Context) (call.Server, error) { return client, nil },
		Sink: event.Discard, Secrets: secret.NewRedactor(), Values: values.Memory(), Now: time.Now,
		Log: func(text string) { t.Error(text) },
	})
}
