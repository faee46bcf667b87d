package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"sync"

	"moonpost/bindings"
	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/recorder"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

// connection is the server of one command. Nothing is opened before it is
// needed.
type connection struct {
	program     *program
	op          string
	flags       *serverFlags
	login       login
	rate        float64 // calls per second, 0: no limit
	concurrency int     // ceiling of connections, 0: the client's own
	readOnly    bool    // calls that change a server are refused
	sink        event.Sink
	brake       *brake
	trace       io.Writer
	private     *sandbox.Server // of --sandbox, not started

	mu     sync.Mutex
	closed []func() // in the order of opening
}

// connect reads where to go and refuses what cannot work; a password is asked
// for here, before anything is shown. The caller closes the connection.
func (f *serverFlags) connect(p *program, op string, sink event.Sink) (*connection, error) {
	c := &connection{program: p, op: op, flags: f, sink: sink, brake: newBrake()}
	if err := c.prepare(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *connection) prepare() error {
	if err := c.flags.check(c.op); err != nil {
		return err
	}
	if c.flags.trace != "" {
		if err := c.openTrace(); err != nil {
			return err
		}
	}
	var err error
	if c.flags.sandbox {
		c.private, err = sandbox.New(sandbox.Options{
			Edition: editionOf(c.flags.instance), Users: population(c.flags.users), Faults: c.flags.faults, Seed: 1,
		})
		return err
	}
	if c.login, err = c.flags.login(c.program, c.op); err != nil || c.login.url == "" {
		return err
	}
	if err := c.checkTarget(); err != nil {
		return err
	}
	c.noteSource()
	if c.login.ask {
		c.login.password, err = c.program.askPassword(c.op, "password of "+c.login.user+" at "+c.shown()+": ", "no password was given")
	}
	return err
}

func (c *connection) openTrace() error {
	file, err := c.program.create(c.op, "--trace", c.flags.trace)
	if err != nil {
		return err
	}
	masked := newStream(file, c.program.secrets)
	c.trace = masked
	c.later(func() {
		if err := cmp.Or(masked.Close(), file.Close()); err != nil {
			fmt.Fprintf(c.program.stderr, "warning: the trace is not complete: %v\n", err)
		}
	})
	return nil
}

// checkTarget refuses an address that cannot work, or that holds a password,
// also where the playbook will never call a server.
func (c *connection) checkTarget() error {
	l := c.login
	l.user = cmp.Or(l.user, "nobody")
	client, err := api.New(c.config(l))
	if err != nil {
		return err
	}
	client.Close()
	return nil
}

// shown returns the target for people, "" when none is named.
func (c *connection) shown() string {
	if c.flags.sandbox {
		return "sandbox"
	}
	u, err := url.Parse(c.login.url)
	if err != nil {
		return ""
	}
	return u.Host
}

// instance returns the instance that calls go to which name none, "" without
// one.
func (c *connection) instance() string {
	if c.flags.sandbox {
		return c.flags.instance
	}
	return c.login.instance
}

// open returns the server that the command line names.
func (c *connection) open(context.Context) (call.Server, error) {
	switch {
	case c.login.missing != nil:
		return nil, c.login.missing
	case !c.flags.sandbox:
		return c.client(c.login)
	}
	server := c.private
	if err := server.Start(); err != nil {
		return nil, err
	}
	c.later(server.Close)
	c.sink.Emit(event.Log{Level: event.Info, Message: "working on a private sandbox at " + server.URL() + ", which ends with this command"})
	return c.client(login{
		url: server.URL(), instance: c.flags.instance, fingerprint: server.Fingerprint(),
		user: server.User(), password: secret.New(server.Password()),
	})
}

// editionOf returns the edition that the sandbox plays: instances are there in
// the Service Provider Edition only.
func editionOf(instance string) catalogue.Edition {
	if instance != "" {
		return catalogue.SPE
	}
	return catalogue.Server
}

// dial returns another server, which a playbook names by itself.
func (c *connection) dial(_ context.Context, t bindings.Target) (call.Server, error) {
	ca := t.CA
	if ca != "" {
		ca = c.program.path(ca)
	}
	return c.client(login{
		url: t.URL, instance: t.Instance, ca: ca, fingerprint: t.Fingerprint, user: t.User, password: t.Password,
	})
}

func (c *connection) client(l login) (call.Server, error) {
	client, err := api.New(c.config(l))
	if err != nil {
		return nil, err
	}
	c.later(client.Close)
	if c.readOnly {
		return recorder.ReadOnly(c.brake.fit(client)), nil
	}
	return c.brake.fit(client), nil
}

func (c *connection) config(l login) api.Config {
	cache, err := c.program.CacheDir()
	if err != nil {
		cache = "" // the copy of the metadata is a convenience
	}
	return api.Config{
		URL: l.url, Instance: l.instance, User: l.user, Password: l.password,
		CAFile: l.ca, Fingerprint: l.fingerprint, Insecure: l.insecure,
		Concurrency: c.concurrency, Rate: c.rate, CallTimeout: c.flags.callTimeout,
		Trace: c.trace, Secrets: c.program.secrets, Sink: c.sink,
		CacheDir: cache, Version: readBuild().Version,
	}
}

// later has f called when the connection is closed.
func (c *connection) later(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = append(c.closed, f)
}

// close releases everything, the last opened first.
func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.closed) > 0 {
		last := len(c.closed) - 1
		c.closed[last]()
		c.closed = c.closed[:last]
	}
}
