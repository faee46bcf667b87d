// Package sandbox is a simulated MailStore server: the API of a MailStore
// Server or a Service Provider Edition over real TLS, with state behind it. It
// shares no code with the client, so that it can be the judge in tests: it
// counts what took effect and can be told to misbehave.
//
// Start at New. A request travels from connection.go (one goroutine each) to
// api.go (the API) or judge.go (/sandbox), and from there to package world,
// where the functions are; package answer writes the JSON. To add a function of
// the server, add a row and a handler in the file of its area in world.
package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/sandbox/world"
)

// Options say how the server behaves. The zero value is a MailStore Server on a
// free port of the loopback interface, with 25 users, 12 stores, the login of
// the vendor's examples (admin, Passw0rd) and no faults.
type Options struct {
	Edition  catalogue.Edition // catalogue.Server
	Addr     string            // "127.0.0.1:0"
	User     string            // administrator; "admin"
	Password string            // "Passw0rd"

	Users  int    // archive users besides the administrator; 25, negative: none
	Stores int    // archive stores; 12, negative: none
	Seed   uint64 // of the world and of faults; 1

	History time.Duration // how far back runs of profiles and jobs go; 14 days, negative: none, 600 days at most

	Version     string // what GetServerInfo says; a version of 2025
	MachineName string // "MAILSTORE"

	Faults     []string      // FUNCTION:FAULT[:RATE[:MS]], as in "CreateUser:drop_reply:0.01"
	Latency    time.Duration // added to every call
	JobSpeed   float64       // seconds of a job's time per second; 60, at most 10,000
	JobAfter   time.Duration // calls that take longer, in a job's time, run as jobs; 2 s, negative: every call
	ErrorTexts string        // vendor (default), german or random
	Behaviour  []string      // NAME=VALUE, see Behaviours

	// State is the file that keeps the server over restarts, "" for none. What
	// it holds goes before the defaults above; an option that says something
	// else is refused.
	State string
}

// Server is one simulated server.
type Server struct {
	opts   Options
	world  *world.World
	wrong  wrongAnswers
	faults *faults
	log    *requestLog

	identity     atomic.Pointer[identity]
	certificates *certificates
	listener     net.Listener
	ctx          context.Context // ends with the server
	stop         context.CancelFunc
	wait         sync.WaitGroup
	keeper       *keeper // nil: nothing is kept
	limits       limits
	big          chan struct{} // has as many places as there may be big bodies

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// A store that is detached and locked lies in this directory; UnlockStore takes
// the passphrase.
const (
	LockedDirectory  = world.LockedDirectory
	LockedPassphrase = world.LockedPassphrase
)

// maxJobSpeed lets the clock of jobs, which counts nanoseconds, run for ten days.
const maxJobSpeed = 10_000

// A world of that size takes seconds to make, and some GB of memory.
const (
	maxUsers  = 1_000_000
	maxStores = 10_000
)

// New makes a server that does not listen yet. A bad option is a *fault.Error
// of kind usage, a state file that cannot be used one of kind state, one that
// another server has one of kind busy.
func New(o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	texts := world.Texts(o.ErrorTexts)
	switch texts {
	case "", world.Vendor, world.German, world.Random:
	default:
		return nil, usage("error texts are vendor, german or random, not %q", o.ErrorTexts)
	}
	if o.JobSpeed < 0 || o.JobSpeed > maxJobSpeed {
		return nil, usage("the speed of jobs is above 0 and %d at most, not %g", maxJobSpeed, o.JobSpeed)
	}
	if o.Users > maxUsers || o.Stores > maxStores {
		return nil, usage("the sandbox has %d users and %d stores at most", maxUsers, maxStores)
	}
	rules, err := parseFaults(o.Faults)
	if err != nil {
		return nil, err
	}
	behaviour, wrong, err := parseBehaviour(o.Behaviour)
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts:  o,
		wrong: wrong,
		log:   newRequestLog(),
		conns: map[*conn]struct{}{},

		limits: defaultLimits,
		big:    make(chan struct{}, defaultLimits.bigBodies),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.certificates = &certificates{server: s}
	err = s.found(world.Options{
		Edition: o.Edition, User: o.User, Password: o.Password,
		Users: o.Users, Stores: o.Stores, Seed: o.Seed, History: o.History,
		Version: o.Version, MachineName: o.MachineName,
		JobSpeed: o.JobSpeed, JobAfter: o.JobAfter,
		ErrorTexts: texts, Behaviour: behaviour, Certificates: s.certificates,
	})
	if err == nil {
		s.faults = newFaults(s.world.Options().Seed)
		err = s.SetFaults(rules)
	}
	if err != nil {
		s.keeper.unlock()
		return nil, err
	}
	return s, nil
}

// found makes the world and the certificates, or takes them from the file that
// keeps them.
func (s *Server) found(o world.Options) error {
	if s.opts.State != "" {
		var err error
		if s.keeper, err = newKeeper(s.opts.State); err != nil {
			return err
		}
		if there, err := s.resume(o); there || err != nil {
			return err
		}
	}
	if err := s.makeCertificates(); err != nil {
		return &fault.Error{Kind: fault.Internal, Op: "start the sandbox", Err: err}
	}
	s.world = world.New(o)
	return s.save()
}

func usage(format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Usage, Op: "sandbox", Message: fmt.Sprintf(format, args...)}
}

// Start listens and returns when the server accepts connections.
func (s *Server) Start() error {
	l, err := net.Listen("tcp", s.opts.Addr)
	if err != nil {
		return &fault.Error{Kind: fault.Usage, Op: "start the sandbox", Err: err}
	}
	s.listener = l
	s.wait.Go(s.accept)
	s.wait.Go(s.keep)
	return nil
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors: others end soon
			time.Sleep(10 * time.Millisecond)
			continue
		}
		s.wait.Go(func() { s.serve(c) })
	}
}

func (s *Server) serve(raw net.Conn) {
	c := newConn(s, raw, tls.Server(raw, s.identity.Load().config))
	s.mu.Lock()
	if s.ctx.Err() != nil || len(s.conns) >= s.limits.conns {
		s.mu.Unlock()
		raw.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	c.serve()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// Close ends the server: connections are cut, and nothing runs any more and the
// state is kept when it returns; StateError says when it could not be. It may be
// called more than once, and without Start.
func (s *Server) Close() {
	s.stop()
	if s.listener != nil {
		s.listener.Close()
	}
	s.mu.Lock()
	for c := range s.conns {
		c.raw.Close()
	}
	s.mu.Unlock()
	s.wait.Wait()
	s.save()
	s.keeper.unlock()
}

// URL returns the address of the started server: "https://127.0.0.1:40123".
func (s *Server) URL() string { return "https://" + s.listener.Addr().String() }

// Edition returns the product that the server plays.
func (s *Server) Edition() catalogue.Edition { return s.world.Options().Edition }

// User returns the administrator's name.
func (s *Server) User() string { return s.world.Options().User }

// Password returns the administrator's password as it was at the start.
func (s *Server) Password() string { return s.world.Options().Password }

// Fingerprint returns the SHA-256 of the present certificate in lower-case hex.
func (s *Server) Fingerprint() string { return s.identity.Load().fingerprint }
