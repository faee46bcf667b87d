package bindings

import (
	"context"
	"testing"

	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/luatest"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

// TestExamples runs the example of every declaration through the real client
// against the simulated server of both editions.
func TestExamples(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		t.Run(string(edition), func(t *testing.T) {
			client := sandboxClient(t, sandbox.Options{Edition: edition, JobSpeed: 1e5})
			luatest.Examples(t, func(t *testing.T) luavm.Options {
				host := fakeHost(t, nil)
				host.Server = func(context.Context) (call.Server, error) { return client, nil }
				return luavm.Options{Modules: Modules(host)}
			})
		})
	}
}

// sandboxClient starts a simulated server and returns a client of it.
func sandboxClient(t testing.TB, o sandbox.Options) *api.Client {
	t.Helper()
	server, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c := api.Config{URL: server.URL(), User: server.User(), Password: secret.New(server.Password()), Fingerprint: server.Fingerprint()}
	if o.Edition == catalogue.SPE {
		c.Instance = "alpha"
	}
	client, err := api.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
