package survey

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Connection is how the server speaks.
type Connection struct {
	HTTP        string   `json:"http"`
	HTTP2       bool     `json:"http2"` // it would speak HTTP/2 with who asks for it
	TLS         string   `json:"tls"`
	Cipher      string   `json:"cipher"`
	Server      string   `json:"server_header"`
	Headers     []string `json:"headers"` // names
	Certificate string   `json:"certificate"`
}

var headerPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,39}$`) })

// usualHeaders are those that say nothing about whose server it is.
var usualHeaders = []string{
	"Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Expires", "Keep-Alive", "Pragma",
	"Server", "Set-Cookie", "Strict-Transport-Security", "Transfer-Encoding", "Vary", "Www-Authenticate",
}

// header reports whether the name of a header may be shown: a proxy may have
// put the name of a company into one.
func (m *mask) header(name string) bool {
	return slices.Contains(usualHeaders, name) ||
		headerPattern().MatchString(name) && !m.values[strings.ToLower(name)] && !slices.ContainsFunc(strings.Split(name, "-"), m.met)
}

// connection says how the server speaks.
func (p *prober) connection(ctx context.Context) Connection {
	c := Connection{Headers: []string{}}
	if p.first == nil {
		return c
	}
	c.HTTP, c.Server = p.first.Proto, maskProduct(p.first.Header.Get("Server"))
	for _, name := range slices.Sorted(maps.Keys(p.first.Header)) {
		if p.mask.header(name) {
			c.Headers = append(c.Headers, name)
		}
	}
	state := p.first.TLS
	if state == nil || len(state.PeerCertificates) == 0 {
		return c
	}
	c.TLS, c.Cipher = tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite)
	c.Certificate = describeCertificate(state.PeerCertificates[0])
	c.HTTP2 = p.speaksHTTP2(ctx)
	return c
}

// speaksHTTP2 asks in a handshake, and sends nothing.
func (p *prober) speaksHTTP2(ctx context.Context) bool {
	u, err := url.Parse(p.cfg.URL)
	if err != nil {
		return false
	}
	config := p.cfg.TLS.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return false
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().NegotiatedProtocol == "h2"
}

func describeCertificate(cert *x509.Certificate) string {
	key := "another key"
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		key = fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		key = "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		key = "Ed25519"
	}
	by := "issued by an authority"
	if cert.Issuer.String() == cert.Subject.String() {
		by = "self-signed"
	}
	years := int(cert.NotAfter.Sub(cert.NotBefore).Hours()/24/365 + 0.5)
	return fmt.Sprintf("%s, %s, %s, valid for about %d years, %s names", key, cert.SignatureAlgorithm, by, years, countOf(len(cert.DNSNames)+len(cert.IPAddresses)))
}
