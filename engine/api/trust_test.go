package api

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// authority signs certificates for the tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // PEM
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	a.cert, a.key = sign(t, template, nil)
	a.file = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func sign(t *testing.T, template *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// leaf returns a server certificate for host, self-signed when by is nil.
func leaf(t *testing.T, by *authority, host string, until time.Duration) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(until), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	cert, key := sign(t, template, by)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

// endpoint is a MailStore behind a TLS configuration. It counts handshakes and
// the bytes that arrive inside TLS.
type endpoint struct {
	net.Listener
	dials, bytes atomic.Int64
	protocols    sync.Map
	config       atomic.Pointer[tls.Config]
}

func newEndpoint(t *testing.T, config *tls.Config) *endpoint {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &endpoint{Listener: inner}
	e.config.Store(config)
	s := &server{edition: "server", handlers: map[string]http.HandlerFunc{}}
	s.on(getMetadata, answerText(metadataOf("server")))
	s.on("GetServerInfo", answer(`{"version":"25"}`))
	s.on("GetUsers", answer("[]"))
	h := &http.Server{ErrorLog: quiet, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.protocols.Store(r.Proto, true)
		s.ServeHTTP(w, r)
	})}
	var serving sync.WaitGroup
	serving.Go(func() { _ = h.Serve(e) })
	t.Cleanup(func() {
		_ = h.Close()
		serving.Wait()
	})
	return e
}

// Accept returns connections whose bytes inside TLS are counted.
func (e *endpoint) Accept() (net.Conn, error) {
	conn, err := e.Listener.Accept()
	if err != nil {
		return nil, err
	}
	e.dials.Add(1)
	return countedConn{tls.Server(conn, e.config.Load()), &e.bytes}, nil
}

type countedConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (e *endpoint) client(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{URL: "https://" + e.Addr().String(), User: testUser, Password: secret.New(testPassword), CallTimeout: 5 * time.Second}
	change(&cfg)
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestTrustMatrix(t *testing.T) {
	ours, others := newAuthority(t, "Our CA"), newAuthority(t, "Another CA")
	good := leaf(t, ours, "127.0.0.1", time.Hour)
	self := leaf(t, nil, "127.0.0.1", time.Hour)
	expired := leaf(t, ours, "127.0.0.1", -time.Hour)
	wrongName := leaf(t, ours, "mail.example.com", time.Hour)
	expiredSelf := leaf(t, nil, "mail.example.com", -time.Hour)
	pin := func(c tls.Certificate) string { return fingerprint(c.Leaf) }
	only := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }

	for _, tc := range []struct {
		name   string
		server *tls.Config
		change func(*Config)
		kind   fault.Kind // "" for accepted
		want   []string   // in the error, or in the warning
	}{
		{"self-signed is not trusted by the system", only(self), func(c *Config) {}, fault.Certificate,
			[]string{"not trusted: no authority that is trusted here has issued it", "self-signed", "--fingerprint " + pin(self), "--ca FILE"}},
		{"signed by a CA that the system does not know", only(good), func(c *Config) {}, fault.Certificate,
			[]string{"issued by CN=Our CA", pin(good)}},
		{"signed by the CA of the file", only(good), func(c *Config) { c.CAFile = ours.file }, "", nil},
		{"signed by another CA than that of the file", only(good), func(c *Config) { c.CAFile = others.file }, fault.Certificate, []string{pin(good)}},
		{"right CA, wrong name", only(wrongName), func(c *Config) { c.CAFile = ours.file }, fault.Certificate, []string{"not trusted: it is for mail.example.com, not for 127.0.0.1"}},
		{"right CA, expired", only(expired), func(c *Config) { c.CAFile = ours.file }, fault.Certificate, []string{"not trusted: a certificate expired on " + expired.Leaf.NotAfter.Format(time.DateOnly)}},
		{"self-signed and the CA of the file", only(self), func(c *Config) { c.CAFile = ours.file }, fault.Certificate, []string{pin(self)}},
		{"pinned and self-signed", only(self), func(c *Config) { c.Fingerprint = pin(self) }, "", nil},
		{"pinned with colons and capitals", only(self), func(c *Config) { c.Fingerprint = colons(pin(self)) }, "", nil},
		{"pinned, name does not matter", only(wrongName), func(c *Config) { c.Fingerprint = pin(wrongName) }, "", nil},
		{"pinned and expired is accepted with a warning", only(expiredSelf), func(c *Config) { c.Fingerprint = pin(expiredSelf) }, "", []string{"expired on"}},
		{"another pin", only(self), func(c *Config) { c.Fingerprint = pin(good) }, fault.Certificate,
			[]string{"has changed", "pinned " + pin(good), "shown " + pin(self)}},
		{"another pin, though the CA is right", only(good), func(c *Config) { c.Fingerprint, c.CAFile = pin(self), ours.file }, fault.Certificate, []string{"has changed"}},
		{"pin of the CA is no pin of the server", only(good), func(c *Config) { c.Fingerprint = fingerprint(ours.cert) }, fault.Certificate, []string{"has changed"}},
		{"insecure accepts and warns", only(expiredSelf), func(c *Config) { c.Insecure = true }, "", []string{"--insecure", pin(expiredSelf)}},
		{"TLS 1.2", &tls.Config{Certificates: []tls.Certificate{self}, MaxVersion: tls.VersionTLS12}, func(c *Config) { c.Fingerprint = pin(self) }, "", nil},
		{"TLS 1.1 only", &tls.Config{Certificates: []tls.Certificate{self}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			func(c *Config) { c.Insecure = true }, fault.Unreachable, []string{"TLS"}},
		{"HTTP/2 on offer is not taken", &tls.Config{Certificates: []tls.Certificate{self}, NextProtos: []string{"h2", "http/1.1"}},
			func(c *Config) { c.Fingerprint = pin(self) }, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEndpoint(t, tc.server)
			events := &sink{}
			c := e.client(t, func(c *Config) {
				c.Sink = events
				tc.change(c)
			})
			if shown, err := Look(t.Context(), c.cfg); tc.kind != fault.Unreachable {
				if err != nil || fault.KindOf(shown.Refused) != tc.kind {
					t.Errorf("Look = %v, %v, want that it refuses as the client does (%q)", shown.Refused, err, tc.kind)
				}
				if tc.kind != "" {
					wantKind(t, "Look", shown.Refused, tc.kind, tc.want...)
				}
			} else {
				wantKind(t, "Look", err, tc.kind, tc.want...)
			}
			_, err := invoke(c, "GetUsers")
			if tc.kind != "" {
				wantKind(t, "GetUsers", err, tc.kind, tc.want...)
				if n := e.bytes.Load(); n != 0 {
					t.Errorf("%d bytes were sent to a refused server, want 0", n)
				}
				return
			}
			if err != nil {
				t.Fatalf("GetUsers = %v, want success", err)
			}
			warned := events.warnings()
			if len(tc.want) == 0 && len(warned) > 0 || len(tc.want) > 0 && len(warned) != 1 {
				t.Fatalf("warnings = %q, want one that says %q", warned, tc.want)
			}
			for _, part := range tc.want {
				if !strings.Contains(warned[0], part) {
					t.Errorf("warning = %q, want it to say %q", warned[0], part)
				}
			}
			if _, ok := e.protocols.Load("HTTP/1.1"); !ok {
				t.Error("the request was not HTTP/1.1")
			}
		})
	}
}

func colons(hex string) string {
	var parts []string
	for pair := range slices.Chunk([]byte(strings.ToUpper(hex)), 2) {
		parts = append(parts, string(pair))
	}
	return strings.Join(parts, ":")
}

func TestRefusedCertificateIsAskedOnce(t *testing.T) {
	self := leaf(t, nil, "127.0.0.1", time.Hour)
	e := newEndpoint(t, &tls.Config{Certificates: []tls.Certificate{self}})
	c := e.client(t, func(*Config) {})
	for range 100 {
		_, err := invoke(c, "GetUsers")
		wantKind(t, "GetUsers", err, fault.Certificate)
	}
	if n := e.dials.Load(); n != 1 {
		t.Errorf("100 calls made %d connections to a refused server, want 1", n)
	}
}

func TestCertificateThatChangesInMidRunIsRefused(t *testing.T) {
	first, second := leaf(t, nil, "127.0.0.1", time.Hour), leaf(t, nil, "127.0.0.1", time.Hour)
	e := newEndpoint(t, &tls.Config{Certificates: []tls.Certificate{first}})
	c := e.client(t, func(c *Config) { c.Fingerprint = fingerprint(first.Leaf) })
	if _, err := invoke(c, "GetUsers"); err != nil {
		t.Fatal(err)
	}
	e.config.Store(&tls.Config{Certificates: []tls.Certificate{second}})
	c.line.mu.Lock()
	idle := c.line.idle
	c.line.idle = nil
	c.line.mu.Unlock()
	for _, old := range idle {
		_ = old.Close()
	}
	before := e.bytes.Load()
	_, err := invoke(c, "GetUsers")
	wantKind(t, "GetUsers", err, fault.Certificate, "has changed", fingerprint(first.Leaf), fingerprint(second.Leaf))
	if n := e.bytes.Load() - before; n != 0 {
		t.Errorf("%d bytes were sent after the change, want 0", n)
	}
}

// A resumed session shows no certificate of its own: the pin must hold for the
// one of the session.
func TestPinHoldsForResumedSessions(t *testing.T) {
	self := leaf(t, nil, "127.0.0.1", time.Hour)
	e := newEndpoint(t, &tls.Config{Certificates: []tls.Certificate{self}})
	right := e.client(t, func(c *Config) { c.Fingerprint = fingerprint(self.Leaf) })
	if _, err := invoke(right, "GetUsers"); err != nil {
		t.Fatal(err)
	}
	trusted := mustTrust(t, right.cfg)
	cache := tls.NewLRUClientSessionCache(0)
	trusted.config.ClientSessionCache = cache
	resumed := func(with trust) (bool, *dialError) {
		conn, refused := dialer{address: right.target, trust: with}.dial(t.Context())
		if refused != nil {
			return false, refused
		}
		defer conn.Close()
		// TLS 1.3 sends tickets after the handshake: an answer brings them in.
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
		return conn.(*tls.Conn).ConnectionState().DidResume, nil
	}
	for i, want := range []bool{false, true} {
		got, refused := resumed(trusted)
		if refused != nil || got != want {
			t.Fatalf("connection %d: resumed %v, %v, want %v", i+1, got, refused, want)
		}
	}
	wrong := right.cfg
	wrong.Fingerprint = strings.Repeat("ab", 32)
	distrusted := mustTrust(t, wrong)
	distrusted.config.ClientSessionCache = cache
	if _, refused := resumed(distrusted); refused == nil || refused.kind != fault.Certificate {
		t.Errorf("resumed session with another pin = %v, want kind certificate", refused)
	}
}

func TestServerWithoutTLSIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var got atomic.Pointer[string]
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 4096)
			n, _ := conn.Read(b)
			text := string(b[:n])
			got.Store(&text)
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			conn.Close()
		}
	})
	defer serving.Wait()
	defer l.Close()
	c, err := New(Config{URL: "https://" + l.Addr().String(), User: testUser, Password: secret.New(testPassword), Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = invoke(c, "GetUsers")
	wantKind(t, "GetUsers", err, fault.Unreachable, "does not speak TLS", "is the port right?")
	if strings.Contains(*got.Load(), "Authorization") {
		t.Error("the login was sent in clear")
	}
}

func TestEnvironmentIsNotFollowed(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "keys")
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	t.Setenv("SSLKEYLOGFILE", keys)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://"+proxy.Addr().String())
	}
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t)
	if _, err := invoke(c, "GetUsers"); err != nil {
		t.Errorf("GetUsers = %v, want success without the proxy", err)
	}
	if _, err := os.Stat(keys); err == nil {
		t.Error("the TLS keys were written to SSLKEYLOGFILE")
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and stays silent
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := New(Config{URL: "https://" + l.Addr().String(), User: testUser, Password: secret.New(testPassword), Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err = invokeCtx(ctx, c, "CreateUser", createUser("ada")...)
	wantKind(t, "CreateUser", err, fault.Timeout)
	if took := time.Since(start); took > 8*time.Second { // a handshake has 10 s
		t.Errorf("CreateUser returned after %v, want at once", took)
	}
}
