package api

import (
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"time"

	"moonpost/engine/fault"
)

// Certificate is what a server shows of itself before anything is sent to it.
type Certificate struct {
	Target      string // host and port
	Fingerprint string // SHA-256 in lower-case hex, as Config.Fingerprint takes it
	Thumbprint  string // SHA-1 in lower-case hex, which is what Windows shows
	Subject     string
	Issuer      string // "" when it is self-signed
	Names       []string
	NotBefore   time.Time
	NotAfter    time.Time
	TLS         string // version of the connection: "TLS 1.3"

	// Refused is why a client with this Config would send nothing to the
	// server, of kind certificate; nil when it would.
	Refused error
}

// Look connects to the server of cfg, whose user and password do not matter,
// looks at its certificate and sends nothing. Its errors are those of New, and
// of kind unreachable.
func Look(ctx context.Context, cfg Config) (Certificate, error) {
	cfg.User = cmp.Or(cfg.User, "nobody")
	where, err := parseTarget(cfg)
	if err != nil {
		return Certificate{}, err
	}
	trusted, err := newTrust(cfg, where)
	if err != nil {
		return Certificate{}, err
	}
	open := trust{config: trusted.config.Clone()}
	open.config.InsecureSkipVerify, open.config.VerifyConnection = true, nil
	conn, refused := dialer{address: where.Host, trust: open}.dial(ctx)
	if refused != nil {
		return Certificate{}, refused.fault(where.Host)
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	leaf := state.PeerCertificates[0] // no handshake succeeds without one
	sum := sha1.Sum(leaf.Raw)
	c := Certificate{
		Target: where.Host, Fingerprint: fingerprint(leaf), Thumbprint: hex.EncodeToString(sum[:]),
		Subject: leaf.Subject.String(), Names: hosts(leaf), NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		TLS: tls.VersionName(state.Version),
	}
	if leaf.Issuer.String() != leaf.Subject.String() {
		c.Issuer = leaf.Issuer.String()
	}
	if err := trusted.judge(state); err != nil {
		if refused := certificateError(err, trusted.config.ServerName); refused != nil {
			c.Refused = refused.fault(where.Host)
		}
	}
	return c, nil
}

// judge says why a connection is not trusted, as its handshake would have.
func (t trust) judge(state tls.ConnectionState) error {
	switch {
	case t.pin != nil:
		return t.checkPin(state)
	case t.insecure:
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		Roots: t.config.RootCAs, Intermediates: between, DNSName: t.config.ServerName,
	})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}

// fault makes an error for people of it.
func (e *dialError) fault(target string) *fault.Error {
	f := e.failure()
	return &fault.Error{Kind: f.kind, Message: f.message, Hint: f.hint, Target: target, Err: cause(f.err)}
}

// hosts returns the names and addresses that a certificate is for.
func hosts(cert *x509.Certificate) []string {
	names := append([]string{}, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// TLSConfig returns the TLS settings with which a client of cfg connects, for
// who has to send what a client does not.
func TLSConfig(cfg Config) (*tls.Config, error) {
	where, err := parseTarget(cfg)
	if err != nil {
		return nil, err
	}
	trusted, err := newTrust(cfg, where)
	return trusted.config, err
}
