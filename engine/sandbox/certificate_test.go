package sandbox

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
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
