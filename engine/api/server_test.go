package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

func TestMain(m *testing.M) {
	if os.Getenv(childServer) != "" {
		serveForParent()
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	testUser     = "admin"
	testPassword = "pässword€"
)

// server is a scripted MailStore. It counts what arrives; what it answers is
// said by each test, by the name of the function or service call.
type server struct {
	*httptest.Server
	edition catalogue.Edition

	pipes *pipes // nil: a socket

	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	requests []request
	opened   atomic.Int64 // connections
}

type request struct {
	name   string
	args   url.Values
	raw    string
	header http.Header
	length int64
}

var quiet = log.New(io.Discard, "", 0)

func newServer(t *testing.T) *server { return newEdition(t, catalogue.Server) }

func newEdition(t *testing.T, edition catalogue.Edition) *server {
	t.Helper()
	s := &server{edition: edition, handlers: map[string]http.HandlerFunc{}}
	s.start(s)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *server) start(h http.Handler) {
	if s.pipes != nil {
		s.Server = &httptest.Server{Listener: s.pipes, Config: &http.Server{Handler: h}}
	} else {
		s.Server = httptest.NewUnstartedServer(h)
	}
	s.Config.ErrorLog = quiet
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	s.StartTLS()
	s.on(getMetadata, answerText(metadataOf(s.edition)))
	s.on("GetServerInfo", answer(`{"version":"25.3.1.1","machineName":"MAIL"}`))
	s.on("GetEnvironmentInfo", answer(`{"version":"25.3.1.2"}`))
}

// on says how a function or service call answers.
func (s *server) on(name string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[name] = h
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body)) // for handlers that read it, too
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api/invoke/"), "/api/")
	args, _ := url.ParseQuery(string(body))
	s.mu.Lock()
	s.requests = append(s.requests, request{name, args, string(body), r.Header.Clone(), r.ContentLength})
	h := s.handlers[name]
	s.mu.Unlock()
	user, password, _ := r.BasicAuth()
	switch {
	case user != testUser || password != testPassword:
		w.Header().Set("WWW-Authenticate", `Basic realm="MailStore"`)
		w.WriteHeader(http.StatusUnauthorized)
	case h == nil:
		w.WriteHeader(http.StatusNotFound)
	default:
		h(w, r)
	}
}

// sent returns how often the call arrived.
func (s *server) sent(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if r.name == name {
			n++
		}
	}
	return n
}

// last returns the newest request of that name.
func (s *server) last(name string) request {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range slices.Backward(s.requests) {
		if r.name == name {
			return r
		}
	}
	return request{}
}

func (s *server) fingerprint() string {
	sum := sha256.Sum256(s.Certificate().Raw)
	return hex.EncodeToString(sum[:])
}

// client returns a client that trusts s; change adapts its configuration.
func (s *server) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{
		URL: s.URL, User: testUser, Password: secret.New(testPassword), Fingerprint: s.fingerprint(),
		CallTimeout: 5 * time.Second,
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatalf("New(%s) = %v, want a client", cfg.URL, err)
	}
	t.Cleanup(c.Close)
	if s.pipes != nil {
		c.line.connect = dialer{address: c.target, sink: c.sink, trust: mustTrust(t, c.cfg), tcp: s.pipes.dial, warned: new(sync.Once)}.dial
	}
	return c
}

// metadataOf writes the metadata of an edition as the server would.
func metadataOf(edition catalogue.Edition) string {
	type arg struct {
		Name     string `json:"name"`
		Type     string `json:"type"`
		Nullable bool   `json:"nullable"`
	}
	type fn struct {
		Name string `json:"name"`
		Args []arg  `json:"args"`
	}
	var all []fn
	for _, f := range catalogue.All() {
		if !f.In(edition) {
			continue
		}
		one := fn{Name: f.Name, Args: []arg{}}
		for _, a := range f.ArgsIn(edition) {
			one.Args = append(one.Args, arg{a.Name, a.Type, a.Optional})
		}
		all = append(all, one)
	}
	text, _ := json.Marshal(all)
	return string(text)
}

// envelopeText writes an envelope as MailStore does: byte order mark, two
// blanks, CRLF, all eight keys.
func envelopeText(errorJSON, token string, version int, code, percent, text, result, logOutput string) string {
	quote := func(s string) string {
		if s == "" {
			return "null"
		}
		q, _ := json.Marshal(s)
		return string(q)
	}
	return "\xef\xbb\xbf{\r\n" + strings.Join([]string{
		`  "error": ` + errorJSON,
		`  "token": ` + quote(token),
		`  "statusVersion": ` + fmt.Sprint(version),
		`  "statusCode": ` + quote(code),
		`  "percentProgress": ` + percent,
		`  "statusText": ` + quote(text),
		`  "result": ` + result,
		`  "logOutput": ` + quote(logOutput),
	}, ",\r\n") + "\r\n}"
}

func done(result string) string {
	return envelopeText("null", "", 2, "succeeded", "null", "", result, "")
}

func refused(message string) string {
	e, _ := json.Marshal(map[string]string{"message": message, "details": "System.Exception: " + message + "\r\n   at MailStore.Api()\r\n"})
	return envelopeText(string(e), "", 2, "failed", "null", "", "null", "")
}

func answerText(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

func answer(result string) http.HandlerFunc { return answerText(done(result)) }

// sink keeps events.
type sink struct {
	mu     sync.Mutex
	events []event.Event
}

func (s *sink) Emit(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *sink) warnings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, e := range s.events {
		if l, ok := e.(event.Log); ok && l.Level == event.Warn {
			all = append(all, l.Message)
		}
	}
	return all
}

func (s *sink) waits() []event.CallWaiting {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []event.CallWaiting
	for _, e := range s.events {
		if w, ok := e.(event.CallWaiting); ok {
			all = append(all, w)
		}
	}
	return all
}

// invoke is a call with arguments as name, value, name, value.
func invoke(c *Client, fn string, args ...any) (call.Answer, error) {
	return invokeCtx(context.Background(), c, fn, args...)
}

func invokeCtx(ctx context.Context, c *Client, fn string, args ...any) (call.Answer, error) {
	return c.Call(ctx, request_(fn, args...), nil)
}

func request_(fn string, args ...any) call.Request {
	req := call.Request{Fn: fn}
	for i := 0; i+1 < len(args); i += 2 {
		req.Args = append(req.Args, call.Arg{Name: args[i].(string), Value: args[i+1]})
	}
	return req
}

// wantKind fails unless err is an error of that kind whose text holds all of
// parts.
func wantKind(t *testing.T, what string, err error, kind fault.Kind, parts ...string) *fault.Error {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Fatalf("%s = %v (kind %s), want kind %s", what, err, fault.KindOf(err), kind)
	}
	if err == nil {
		return nil
	}
	var full bytes.Buffer
	fault.WriteText(&full, err, true)
	for _, part := range parts {
		if !strings.Contains(full.String(), part) {
			t.Errorf("%s = %s, want it to say %q", what, full.String(), part)
		}
	}
	e, _ := asFault(err)
	return e
}
