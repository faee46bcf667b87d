package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"time"
)

// identity is a certificate of the server with the TLS settings that use it.
type identity struct {
	config      *tls.Config
	fingerprint string // SHA-256 of the certificate, lower-case hex
	thumbprint  string // its SHA-1, upper-case hex, as Windows and the API name it
	der         []byte // the certificate
	key         *ecdsa.PrivateKey
}

// maxCertificates bounds how many certificates are kept.
const maxCertificates = 16

// certificates are those that SetServiceCertificate can choose from: the one in
// use, a spare one, and the last ones that were in use.
type certificates struct {
	server *Server
	known  []*identity // guarded by server.mu
}

// Active returns the thumbprint of the one in use.
func (c *certificates) Active() string { return c.server.identity.Load().thumbprint }

// Use takes one into use for the connections to come.
func (c *certificates) Use(thumbprint string) bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, id := range c.known {
		if id.thumbprint == thumbprint {
			c.server.take(id)
			return true
		}
	}
	return false
}

// add makes one more certificate known.
func (c *certificates) add(id *identity) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if len(c.known) == maxCertificates {
		c.known = c.known[1:]
	}
	c.known = append(c.known, id)
}

// Certificate is one that the server can use.
type Certificate struct {
	Thumbprint  string `json:"thumbprint"`  // for SetServiceCertificate
	Fingerprint string `json:"fingerprint"` // SHA-256 in lower-case hex, as a client pins it
	Active      bool   `json:"active"`
}

// Certificates returns those that SetServiceCertificate can choose from.
func (s *Server) Certificates() []Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Certificate, 0, len(s.certificates.known))
	active := s.identity.Load()
	for _, id := range s.certificates.known {
		list = append(list, Certificate{id.thumbprint, id.fingerprint, id == active})
	}
	return list
}

// makeCertificates makes the certificate of the server and a spare one.
func (s *Server) makeCertificates() error {
	for range 2 {
		id, err := newIdentity()
		if err != nil {
			return err
		}
		s.certificates.add(id)
	}
	s.identity.Store(s.certificates.known[0])
	return nil
}

// newCertificate takes a certificate into use that nobody has seen yet.
func (s *Server) newCertificate() error {
	id, err := newIdentity()
	if err != nil {
		return err
	}
	s.certificates.add(id)
	s.certificates.Use(id.thumbprint)
	return nil
}

// take takes a certificate into use. Connections that have no request under way
// are closed, so that the next one meets it. The caller holds s.mu.
func (s *Server) take(id *identity) {
	if s.identity.Swap(id) == id {
		return
	}
	for c := range s.conns {
		c.retire()
	}
}

// newIdentity makes a self-signed certificate for loopback, good for a year.
func newIdentity() (*identity, error) { return newIdentityUntil(time.Now().AddDate(1, 0, 0)) }

func newIdentityUntil(end time.Time) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "localhost", Organization: []string{"moonpost sandbox"}},
		NotBefore:             end.AddDate(-1, 0, 0).Add(-time.Hour),
		NotAfter:              end,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true, // so that it can serve as its own CA file
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return identityOf(der, key), nil
}

// identityOf makes an identity of a certificate and its key.
func identityOf(der []byte, key *ecdsa.PrivateKey) *identity {
	sum, short := sha256.Sum256(der), sha1.Sum(der) // a name, not a proof
	return &identity{
		// No protocols are named: then a client that asks for HTTP/1.0 by ALPN
		// (curl --http1.0) is let in as well.
		config: &tls.Config{
			MinVersion:   tls.VersionTLS12,
			Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
			// Answers are small: one record each.
			DynamicRecordSizingDisabled: true,
		},
		fingerprint: hex.EncodeToString(sum[:]),
		thumbprint:  fmt.Sprintf("%X", short),
		der:         der,
		key:         key,
	}
}
