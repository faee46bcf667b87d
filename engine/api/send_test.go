package api

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/fault"
)

func TestRequestIsWhatTheServerExpects(t *testing.T) {
	s := newServer(t)
	s.on("SetUserFullName", answer("null"))
	c := s.client(t, func(c *Config) { c.Version = "1.2.3" })
	if _, err := invoke(c, "SetUserFullName", "userName", "ada", "fullName", "Ada & Löve=lace+%"); err != nil {
		t.Fatal(err)
	}
	got := s.last("SetUserFullName")
	if want := "userName=ada&fullName=Ada%20%26%20L%C3%B6ve%3Dlace%2B%25"; got.raw != want {
		t.Errorf("body = %s, want %s", got.raw, want)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "moonpost/1.2.3",
		"Accept-Encoding": "", "Idempotency-Key": "", "X-Idempotency-Key": "",
	} {
		if value := got.header.Get(name); value != want {
			t.Errorf("header %s = %q, want %q", name, value, want)
		}
	}
	if _, err := invoke(c, "GetUsers"); err != nil && fault.KindOf(err) != fault.Server {
		t.Fatal(err)
	}
	if empty := s.last("GetUsers"); empty.length != 0 || empty.raw != "" {
		t.Errorf("request without arguments: length %d, body %q, want Content-Length: 0", empty.length, empty.raw)
	}
}

// raw is a TLS server below HTTP: script says what happens to each connection.
type raw struct {
	net.Listener
	server  *server // lends its certificate
	accepts atomic.Int64
	script  func(n int64, conn net.Conn, in *bufio.Reader)
	conns   sync.WaitGroup
}

func newRaw(t *testing.T, script func(n int64, conn net.Conn, in *bufio.Reader)) *raw {
	t.Helper()
	s := newServer(t)
	s.TLS.DynamicRecordSizingDisabled = true // what is written at once arrives at once
	l, err := tls.Listen("tcp", "127.0.0.1:0", s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	r := &raw{Listener: l, server: s, script: script}
	r.conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n := r.accepts.Add(1)
			r.conns.Go(func() {
				defer conn.Close()
				script(n, conn, bufio.NewReader(conn))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		r.conns.Wait()
	})
	return r
}

func (r *raw) client(t *testing.T, change ...func(*Config)) *Client {
	return r.server.client(t, append([]func(*Config){func(c *Config) { c.URL = "https://" + r.Addr().String() }}, change...)...)
}

// read takes one request off the connection and returns its path and body.
func read(in *bufio.Reader) (path, body string, ok bool) {
	req, err := http.ReadRequest(in)
	if err != nil {
		return "", "", false
	}
	text, err := io.ReadAll(req.Body)
	return strings.TrimPrefix(strings.TrimPrefix(req.URL.Path, "/api/invoke/"), "/api/"), string(text), err == nil
}

func respond(conn net.Conn, body string, header ...string) {
	head := append([]string{"HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: " + strconv.Itoa(len(body))}, header...)
	_, _ = io.WriteString(conn, strings.Join(head, "\r\n")+"\r\n\r\n"+body)
}

// greet answers what a client asks before its first change.
func greet(conn net.Conn, path string, header ...string) bool {
	switch path {
	case getMetadata:
		respond(conn, metadataOf("server"), header...)
	case "GetServerInfo":
		respond(conn, done(`{"version":"1"}`), header...)
	default:
		return false
	}
	return true
}

// Whatever happens to a changing call after its first byte, it is sent once.
func TestChangingCallIsNeverSentTwice(t *testing.T) {
	for _, tc := range []struct {
		name string
		// meet deals with the CreateUser request: n counts them.
		meet func(n int, conn net.Conn)
		kind fault.Kind
		want string
	}{
		{"connection is closed after the request", func(int, net.Conn) {}, fault.Unknown, "broke before the answer"},
		{"connection is reset after the request", func(_ int, conn net.Conn) {
			_ = conn.(*tls.Conn).NetConn().(*net.TCPConn).SetLinger(0)
		}, fault.Unknown, "broke before the answer"},
		{"answer is cut in its header", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
		}, fault.Unknown, "broke before the answer"},
		{"answer is cut in its body", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"error\":null,")
		}, fault.Unknown, "cut off after 14 of 500 bytes"},
		{"answer is no HTTP", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.2\r\n\r\n")
		}, fault.Unknown, ""},
		{"redirect 307", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 307 Temporary Redirect\r\nLocation: /api/invoke/CreateUser?again\r\nContent-Length: 0\r\n\r\n")
		}, fault.Server, "which is not followed"},
		{"redirect 301", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
		}, fault.Server, "redirected (HTTP 301) to /elsewhere"},
		{"HTTP 503", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
		}, fault.Unknown, "HTTP 503"},
		{"HTTP 408 on a kept connection", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		}, fault.Server, "HTTP 408"},
		{"no answer", func(_ int, conn net.Conn) {
			_, _ = io.Copy(io.Discard, conn) // until the client gives up
		}, fault.Unknown, "no answer within 300ms"},
		{"answer comes drop by drop", func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			for range 100 {
				if _, err := io.WriteString(conn, " "); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}, fault.Unknown, "no answer within 300ms"},
	} {
		for _, kept := range []bool{true, false} {
			name := tc.name + " on a new connection"
			if kept {
				name = tc.name + " on a kept connection"
			}
			t.Run(name, func(t *testing.T) {
				var arrived atomic.Int64
				r := newRaw(t, func(_ int64, conn net.Conn, in *bufio.Reader) {
					for {
						path, _, ok := read(in)
						if !ok {
							return
						}
						if path == "CreateUser" {
							tc.meet(int(arrived.Add(1)), conn)
							return
						}
						if !kept {
							greet(conn, path, "Connection: close")
							return
						}
						greet(conn, path)
					}
				})
				c := r.client(t, func(c *Config) { c.CallTimeout = 300 * time.Millisecond })
				_, err := invoke(c, "CreateUser", createUser("ada")...)
				wantKind(t, "CreateUser", err, tc.kind, tc.want)
				if n := arrived.Load(); n != 1 {
					t.Errorf("CreateUser arrived %d times, want 1", n)
				}
			})
		}
	}
}

// lyingConn passes bytes on and says that it did not, once armed.
type lyingConn struct {
	net.Conn
	armed *atomic.Bool
}

func (c lyingConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if c.armed.CompareAndSwap(true, false) {
		return 0, syscall.ECONNRESET
	}
	return n, err
}

// A write that fails says little about what arrived; net/http, for one, repeats
// a request with an empty body when it believes that nothing was written.
func TestFailedWriteIsNotRepeated(t *testing.T) {
	s := newServer(t)
	s.on("CompactMasterDatabase", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond) // the broken write is noticed first
		answer("null")(w, r)
	})
	c := s.client(t)
	var armed atomic.Bool
	c.line.connect = dialer{
		address: c.target, sink: c.sink, trust: mustTrust(t, c.cfg),
		tcp: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return lyingConn{conn, &armed}, err
		},
	}.dial
	if _, err := c.About(t.Context()); err != nil {
		t.Fatal(err)
	}
	armed.Store(true)
	_, err := invoke(c, "CompactMasterDatabase")
	wantKind(t, "CompactMasterDatabase", err, fault.Unknown)
	c.Close()
	s.Close() // waits for its handlers
	if n := s.sent("CompactMasterDatabase"); n > 1 {
		t.Errorf("CompactMasterDatabase arrived %d times, want it at most once", n)
	}
}

func mustTrust(t *testing.T, cfg Config) trust {
	t.Helper()
	where, err := parseTarget(cfg)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := newTrust(cfg, where)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// The server closes kept connections whenever it likes. A call that meets one
// of these was either not sent, and goes out again, or has an unknown outcome;
// it never takes effect twice.
func TestStaleConnections(t *testing.T) {
	var effects atomic.Int64
	r := newRaw(t, func(_ int64, conn net.Conn, in *bufio.Reader) {
		for n := 0; ; n++ {
			path, _, ok := read(in)
			if !ok {
				return
			}
			if !greet(conn, path) {
				effects.Add(1)
				respond(conn, done("null"))
			}
			if n == 2 {
				return // closes right behind an answer that promised to go on
			}
		}
	})
	c := r.client(t)
	sure, unsure := 0, 0
	for range 60 {
		switch _, err := invoke(c, "CreateUser", createUser("ada")...); fault.KindOf(err) {
		case "":
			sure++
		case fault.Unknown:
			unsure++
		default:
			t.Fatalf("CreateUser = %v, want success or unknown", err)
		}
	}
	if n := int(effects.Load()); n < sure || n > sure+unsure {
		t.Errorf("%d effects of %d successes and %d unknown, want each at most once", n, sure, unsure)
	}
}

func TestReadIsRepeatedAfterALostAnswer(t *testing.T) {
	var arrived atomic.Int64
	r := newRaw(t, func(_ int64, conn net.Conn, in *bufio.Reader) {
		for {
			path, _, ok := read(in)
			switch {
			case !ok:
				return
			case path == "GetUsers":
				if arrived.Add(1) < 3 {
					return
				}
				respond(conn, done("[]"))
			default:
				greet(conn, path)
			}
		}
	})
	events := &sink{}
	c := r.client(t, func(c *Config) { c.Sink = events })
	c.backoff = func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	got, err := invoke(c, "GetUsers")
	if err != nil || string(got.Result) != "[]" || got.Attempts != 3 {
		t.Fatalf("GetUsers = %s after %d attempts, %v, want [] after 3", got.Result, got.Attempts, err)
	}
	if waits := events.waits(); len(waits) != 2 || waits[0].Fn != "GetUsers" || waits[0].Delay <= 0 {
		t.Errorf("waits = %+v, want two of GetUsers", waits)
	}
}

func TestJobThatChangesNothingIsNotStartedTwice(t *testing.T) {
	var arrived atomic.Int64
	r := newRaw(t, func(_ int64, conn net.Conn, in *bufio.Reader) {
		for {
			path, _, ok := read(in)
			switch {
			case !ok:
				return
			case path == "VerifyStore":
				arrived.Add(1)
				return
			default:
				greet(conn, path)
			}
		}
	})
	_, err := invoke(r.client(t), "VerifyStore", "id", 1.0)
	wantKind(t, "VerifyStore", err, fault.Server, "broke before the answer")
	if n := arrived.Load(); n != 1 {
		t.Errorf("VerifyStore arrived %d times, want 1", n)
	}
}

// A call that is stopped before its first byte has left is not sent later.
func TestStoppedBeforeSendingIsNotSent(t *testing.T) {
	s := newServer(t)
	hold := make(chan struct{})
	s.on("GetUsers", func(w http.ResponseWriter, r *http.Request) {
		<-hold
		answer("[]")(w, r)
	})
	s.on("CreateUser", answer("null"))
	c := s.client(t, func(c *Config) { c.Concurrency = 1 })
	if _, err := c.About(t.Context()); err != nil {
		t.Fatal(err)
	}
	var busy sync.WaitGroup
	busy.Go(func() { _, _ = invoke(c, "GetUsers") })
	waitFor(t, func() bool { return s.sent("GetUsers") == 1 })

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := invokeCtx(ctx, c, "CreateUser", createUser("ada")...)
	wantKind(t, "CreateUser", err, fault.Timeout)
	if took := time.Since(start); took > 4*time.Second { // the time for the call is 5 s
		t.Errorf("CreateUser returned after %v, want at once: nothing was sent, so there is nothing to wait for", took)
	}
	close(hold)
	busy.Wait()
	if n := s.sent("CreateUser"); n != 0 {
		t.Errorf("CreateUser arrived %d times, want 0", n)
	}
}

// What is under way when a run is stopped is given some time: an answer is
// worth more than an unknown outcome.
func TestStoppingWaitsForTheAnswerToAChange(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fn     string
		cause  error
		answer time.Duration
		kind   fault.Kind
		took   time.Duration
	}{
		{"answer in time counts", "CreateUser", nil, 2 * time.Second, "", 2 * time.Second},
		{"answer too late is unknown", "CreateUser", nil, 10 * time.Second, fault.Unknown, time.Second + grace},
		{"cancelling waits too: there may be a job to cancel", "CreateUser", call.ErrCancelJob, 2 * time.Second, "", 2 * time.Second},
		{"job that reads is given time for its token", "VerifyStore", nil, 2 * time.Second, "", 2 * time.Second},
		{"read ends at once", "GetUsers", nil, 2 * time.Second, fault.Cancelled, time.Second},
	} {
		t.Run(tc.name, bubble(func(t *testing.T, s *server) {
			s.on(tc.fn, func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(tc.answer)
				answer("null")(w, r)
			})
			c := s.client(t)
			asks(t, c)
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(tc.cause) })
			args := map[string][]any{"CreateUser": createUser("ada"), "VerifyStore": {"id", 1.0}}[tc.fn]
			var err error
			d := took(func() { _, err = invokeCtx(ctx, c, tc.fn, args...) })
			if e := wantKind(t, tc.fn, err, tc.kind); tc.kind == fault.Unknown && e.Message != "outcome unknown: stopped before the answer came" {
				t.Errorf("%s says %q, want it to say that the outcome is unknown, and why", tc.fn, e.Message)
			}
			if d != tc.took {
				t.Errorf("%s returned after %v, want %v", tc.fn, d, tc.took)
			}
		}))
	}
}

func TestCallTimeoutIsSixtySeconds(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		release := make(chan struct{})
		defer close(release)
		s.on("CreateUser", func(http.ResponseWriter, *http.Request) { <-release })
		s.on("GetUsers", func(http.ResponseWriter, *http.Request) { <-release })
		c := s.client(t, func(c *Config) { c.CallTimeout = 0 })
		asks(t, c)
		var err error
		d := took(func() { _, err = invoke(c, "CreateUser", createUser("ada")...) })
		wantKind(t, "CreateUser", err, fault.Unknown, "no answer within 1m0s")
		if d != time.Minute {
			t.Errorf("CreateUser returned after %v, want 1m", d)
		}
		_, err = invoke(c, "GetUsers")
		wantKind(t, "GetUsers", err, fault.Server, "no answer within 1m0s")
		if n := s.sent("GetUsers"); n != 2 {
			t.Errorf("GetUsers arrived %d times, want 2: once more after no answer", n)
		}
	})
}

// The server ends kept connections after 120 s; the client must be first.
func TestIdleConnectionsEndBeforeTheServerEndsThem(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := s.client(t)
		asks(t, c)
		time.Sleep(time.Minute)
		c.line.mu.Lock()
		defer c.line.mu.Unlock()
		if n := len(c.line.live); n != 0 {
			t.Errorf("%d connections are kept after a minute, want 0", n)
		}
	})
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for range 2000 {
		if ready() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("waited 2 s in vain")
}
