package bindings

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/luatest"
	"moonpost/engine/luavm/source"
	"moonpost/engine/secret"
	"moonpost/engine/values"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLua(t *testing.T) {
	luatest.Files(t, "testdata/*.lua", func(t *testing.T) luavm.Options {
		server := &fake{edition: "server"}
		if strings.Contains(t.Name(), "spe") {
			server.edition = "spe"
		}
		host := fakeHost(t, server)
		host.Sink = &recorder{}
		return luavm.Options{Modules: Modules(host)}
	})
}

// fakeHost returns what the modules need, with server as the run's target.
func fakeHost(t testing.TB, server *fake) Host {
	in, err := ReadInputs(decl.Playbook{Inputs: []decl.Input{
		{Name: "name", Type: decl.InputString, Default: "ada"},
		{Name: "count", Type: decl.InputNumber, Default: 3.0},
		{Name: "flag", Type: decl.InputBoolean, Default: false},
		{Name: "list", Type: decl.InputList, Default: []any{"a", "b"}},
		{Name: "nothing", Type: decl.InputString},
		{Name: "password", Type: decl.InputSecret, Required: true},
	}}, nil, "", "", func(string) (secret.Secret, error) { return secret.New("correct horse"), nil })
	if err != nil {
		t.Fatal(err)
	}
	masked := secret.NewRedactor()
	for _, s := range in.Secrets() {
		masked.Add(s)
	}
	return Host{
		Server: func(context.Context) (call.Server, error) { return server, nil },
		Dial: func(_ context.Context, to Target) (call.Server, error) {
			if to.URL == "https://down" {
				return nil, &fault.Error{Kind: fault.Unreachable, Message: "no connection to " + to.URL}
			}
			return &fake{edition: "server", instance: to.Instance}, nil
		},
		Run:     Run{ID: "r1", Target: "fake", Instance: "alpha", Playbook: "test.lua", Started: 1234.5},
		Inputs:  in,
		Values:  values.Memory(),
		Secrets: masked,
	}
}

// play runs text with the modules of host, and returns what it returned.
func play(t testing.TB, ctx context.Context, host Host, text string) (string, error) {
	t.Helper()
	chunk, err := source.Parse("test.lua", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	state, err := luavm.New(luavm.Options{Modules: Modules(host), Limits: luavm.Limits{Instructions: 2e6}})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	result, err := state.Run(ctx, chunk, nil)
	return string(result.JSON), err
}
