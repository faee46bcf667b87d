package sandbox

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"
)

func TestTheCertificateIsGoodForLoopback(t *testing.T) {
	s := start(t, Options{})
	state := dial(t, s).conn.ConnectionState()
	cert := state.PeerCertificates[0]
	sum := sha256.Sum256(cert.Raw)
	if got := hex.EncodeToString(sum[:]); got != s.Fingerprint() {
		t.Errorf("fingerprint = %s, want %s", s.Fingerprint(), got)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		if _, err := cert.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("Verify(%s) = %v", host, err)
		}
	}
	for _, protocol := range []string{"http/1.0", "h2"} {
		conn, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
		if err != nil {
			t.Errorf("a client that asks for %s = %v, want it let in", protocol, err)
			continue
		}
		if got := adopt(t, s, conn).answer(documented.serverInfo).status; got != 200 {
			t.Errorf("a client that asks for %s = %d, want 200", protocol, got)
		}
	}
	if _, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
}

func TestANewCertificateIsMetByTheNextConnection(t *testing.T) {
	s := start(t, Options{Faults: []string{"GetServerInfo:new_certificate"}})
	old := s.Fingerprint()
	sessions := tls.NewLRUClientSessionCache(1)
	connect := func() (*client, string) {
		conn, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, ClientSessionCache: sessions})
		if err != nil {
			t.Fatal(err)
		}
		c := adopt(t, s, conn)
		sum := sha256.Sum256(conn.ConnectionState().PeerCertificates[0].Raw)
		return c, hex.EncodeToString(sum[:])
	}
	idle, _ := connect()
	idle.call("GetUsers", "")
	c, got := connect()
	if got != old {
		t.Fatalf("first certificate = %s, want %s", got, old)
	}
	c.call("GetServerInfo", "")
	if _, err := c.in.ReadByte(); err == nil {
		t.Error("the connection goes on")
	}
	if _, err := idle.in.ReadByte(); err == nil {
		t.Error("an idle connection stays open")
	}
	again, got := connect()
	if got == old || got != s.Fingerprint() {
		t.Errorf("the next certificate = %s, want %s", got, s.Fingerprint())
	}
	if again.conn.ConnectionState().DidResume {
		t.Error("a session of the old certificate is resumed")
	}
}

// TestTheServiceCertificateIsReplaced follows the thumbprint that
// GetServiceConfiguration names to the certificate that a new connection meets.
func TestTheServiceCertificateIsReplaced(t *testing.T) {
	s := start(t, Options{})
	first, idle := dial(t, s), dial(t, s)
	before := s.Certificates()
	if len(before) != 2 || !before[0].Active || before[1].Active || before[0].Fingerprint != s.Fingerprint() {
		t.Fatalf("Certificates() = %+v, want two, the first one active", before)
	}
	if got := string(first.call("GetServiceConfiguration", "").Result); !strings.Contains(got, before[0].Thumbprint) {
		t.Errorf("GetServiceConfiguration = %s, want the thumbprint %s", got, before[0].Thumbprint)
	}
	if first.call("SetServiceCertificate", "thumbprint=00").Error == nil {
		t.Error("SetServiceCertificate takes a thumbprint that nobody knows")
	}
	r, err := first.post("/api/invoke/SetServiceCertificate", "thumbprint="+before[1].Thumbprint)
	if err != nil || !strings.Contains(r.body, `"succeeded"`) || !strings.Contains(r.head, "\r\nConnection: close\r\n") {
		t.Errorf("SetServiceCertificate = %q, %v, want a connection that ends well", r.head+r.body, err)
	}
	if _, err := idle.in.ReadByte(); err == nil {
		t.Error("an idle connection goes on with the old certificate")
	}
	next := dial(t, s)
	met := sha256.Sum256(next.conn.ConnectionState().PeerCertificates[0].Raw)
	if got := hex.EncodeToString(met[:]); got != before[1].Fingerprint || got != s.Fingerprint() {
		t.Errorf("the next connection meets %s, want %s", got, before[1].Fingerprint)
	}
	if got := string(next.call("GetServiceConfiguration", "").Result); !strings.Contains(got, before[1].Thumbprint) {
		t.Errorf("GetServiceConfiguration = %s, want the thumbprint %s", got, before[1].Thumbprint)
	}
	_, text := look(t, s, "GET", "/sandbox/certificates", "")
	if !strings.Contains(text, `{"thumbprint":"`+before[1].Thumbprint+`","fingerprint":"`+before[1].Fingerprint+`","active":true}`) {
		t.Errorf("/sandbox/certificates = %s", text)
	}
}

func TestCertificatesAreBounded(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * maxCertificates {
		if err := s.newCertificate(); err != nil {
			t.Fatal(err)
		}
	}
	list := s.Certificates()
	if len(list) != maxCertificates || !list[maxCertificates-1].Active {
		t.Errorf("%d certificates are known, want %d, the last one active", len(list), maxCertificates)
	}
}

func TestSessionsAreThoseOfTheCallers(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	c.call("CreateUser", "userName=ops&privileges=admin&password=p")
	c.send("POST /api/invoke/GetServerInfo HTTP/1.1\r\nHost: x\r\nAuthorization: Basic b3BzOnA=\r\nContent-Length: 0\r\n\r\n")
	if r, err := c.read(); err != nil || r.status != 200 {
		t.Fatalf("a call of ops = %d, %v", r.status, err)
	}
	got := string(c.call("GetActiveSessions", "").Result)
	for _, user := range []string{"admin", "ops"} {
		if !strings.Contains(got, `"userName": "`+user+`"`) {
			t.Errorf("GetActiveSessions = %s, want a session of %s", got, user)
		}
	}
}
