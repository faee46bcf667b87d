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
			client := sandboxClient(t, sandbox.Options{Edition: edition, JobSpeed: 1e4})
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

func TestJobsOfTheSimulatedServer(t *testing.T) {
	tests := []struct {
		name  string
		speed float64
		code  string
	}{
		{"progress comes in order, and its log is the job's", 2000, `
			local versions, log = {}, ""
			local _, job = api.VerifyStore({ id = 1 }, function(p)
				versions[#versions + 1] = p.version
				log = log .. (p.log or "")
			end)
			for i = 2, #versions do assert(versions[i] > versions[i - 1]) end
			assert(#versions > 1 and log == job.log and job.status == "succeeded")`},
		{"a call out of time leaves a job that is found again", 2000, `
			local _, err = api.try("VerifyStore", { id = 2 }, { timeout = 0.001 })
			assert(err.kind == "timeout", tostring(err))
			local _, job = err.job:wait()
			assert(job.status == "succeeded")`},
		{"a job is cancelled", 1, `
			local j = api.start("VerifyStore", { id = 3 })
			while not j:status() do task.sleep(0.001) end
			j:cancel()
			local ok, err = pcall(j.wait, j)
			assert(not ok and err.kind ~= "internal", tostring(err))
			assert(j:status().status ~= "running")`},
		{"an error in the callback ends the call, not the job", 1, `
			local ok, err = pcall(api.VerifyStore, { id = 4 }, function() error("enough") end)
			assert(not ok and tostring(err):find("enough"))`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := sandboxClient(t, sandbox.Options{JobSpeed: tt.speed, JobAfter: -1})
			host := fakeHost(t, nil)
			host.Server = func(context.Context) (call.Server, error) { return client, nil }
			if _, err := play(t, t.Context(), host, tt.code); err != nil {
				t.Error(err)
			}
		})
	}
}
