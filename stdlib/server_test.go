package stdlib_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"moonpost/bindings"
	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/luatest"
	"moonpost/engine/recorder"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

// TestServerModules runs the tests of modules that call a server, in each
// language of the server's errors. The edition stands in a file's name.
func TestServerModules(t *testing.T) {
	for _, texts := range []string{"vendor", "german", "random"} {
		t.Run(texts, func(t *testing.T) {
			luatest.Files(t, "testdata/server/*.lua", func(t *testing.T) luavm.Options {
				o := sandbox.Options{ErrorTexts: texts, Users: 3}
				if strings.Contains(t.Name(), "_spe/") {
					o.Edition = catalogue.SPE
				}
				return withServer(t, options(t), o)
			})
		})
	}
}

// withServer adds the modules of a run against a simulated server, which starts
// at the first use of api, and the module judge to look behind it.
func withServer(t *testing.T, opts luavm.Options, o sandbox.Options) luavm.Options {
	b := &bench{t: t, options: o}
	host := bindings.Host{Server: func(context.Context) (call.Server, error) { return b.start(), nil }}
	opts.Modules = append(opts.Modules, b.judge())
	for _, m := range bindings.Modules(host) {
		if slices.Contains([]string{"api", "task", "log"}, m.Name) {
			opts.Modules = append(opts.Modules, m)
		}
	}
	return opts
}

// bench is a server under test. It notes the changing calls that are sent to it.
type bench struct {
	call.Server
	t        *testing.T
	options  sandbox.Options
	server   *sandbox.Server
	readOnly bool

	mu   sync.Mutex
	sent []string
}

func (b *bench) start() call.Server {
	server, err := sandbox.New(b.options)
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(server.Close)
	client, err := api.New(api.Config{
		URL: server.URL(), User: server.User(), Password: secret.New(server.Password()), Fingerprint: server.Fingerprint(),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(client.Close)
	b.server, b.Server = server, client
	return b
}

func (b *bench) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	if catalogue.Changing(req.Fn) {
		b.mu.Lock()
		b.sent = append(b.sent, req.Fn)
		b.mu.Unlock()
	}
	if b.readOnly {
		return recorder.ReadOnly(b.Server).Call(ctx, req, status)
	}
	return b.Server.Call(ctx, req, status)
}

func (b *bench) judge() luavm.Module {
	text := func(name string) luavm.Param { return luavm.Param{Name: name, Type: luavm.String} }
	return luavm.Module{Name: "judge", Global: true, Funcs: []luavm.Func{
		{
			Name: "sent", Doc: "Returns the changing calls since the last time it was asked, in order.",
			Example: `judge.sent()`,
			Call: func(c *luavm.Call) error {
				b.mu.Lock()
				defer b.mu.Unlock()
				sent := b.sent
				b.sent = nil
				return c.Return(strings.Join(sent, " "))
			},
		},
		{
			Name: "count", Doc: "Returns how often a call on a user took effect.",
			Params: []luavm.Param{text("fn"), text("key")}, Example: `judge.count("CreateUser", "ada")`,
			Call: func(c *luavm.Call) error {
				if b.server == nil {
					return c.Return(0)
				}
				n := 0
				for _, e := range b.server.Effects() {
					if e.Fn == c.String(0) && e.Key == c.String(1) {
						n += e.Count
					}
				}
				return c.Return(n)
			},
		},
		{
			Name: "fault", Doc: "Makes the next calls of fn go wrong; the server must have been used.",
			Params:  []luavm.Param{text("fn"), text("fault"), {Name: "times", Type: luavm.Integer}},
			Example: `api.GetUsers() judge.fault("GetUsers", "error", 1)`,
			Call: func(c *luavm.Call) error {
				return b.server.SetFaults([]sandbox.Fault{{Fn: c.String(0), Fault: c.String(1), Rate: 1, Times: int(c.Int(2))}})
			},
		},
		{
			Name: "read_only", Doc: "Lets no change through from now on.", Example: `judge.read_only()`,
			Call: func(*luavm.Call) error { b.readOnly = true; return nil },
		},
	}}
}
