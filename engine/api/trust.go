package api

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"moonpost/engine/fault"
)

// trust decides whether a server is the right one. Its tls.Config is shared by
// all connections of a client.
type trust struct {
	config   *tls.Config
	pin      []byte // SHA-256 of the certificate; nil: none
	insecure bool
}

func newTrust(cfg Config, where url.URL) (trust, error) {
	t := trust{insecure: cfg.Insecure, config: &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		ServerName:         where.Hostname(),
		ClientSessionCache: tls.NewLRUClientSessionCache(0),
	}}
	refuse := func(message, hint string, err error) (trust, error) {
		return trust{}, &fault.Error{Kind: fault.Usage, Op: "target", Message: message, Hint: hint, Err: err}
	}
	switch {
	case cfg.Fingerprint != "" && cfg.Insecure:
		return refuse("a fingerprint and --insecure exclude each other", "leave out --insecure: the fingerprint alone decides", nil)
	case cfg.Fingerprint != "":
		pin, err := parseFingerprint(cfg.Fingerprint)
		if err != nil {
			return refuse("the fingerprint is no SHA-256", "64 hex digits, with or without colons", err)
		}
		t.pin = pin
		// A pinned certificate needs no authority and no matching name. The pin
		// is checked in VerifyConnection, because VerifyPeerCertificate is not
		// called on resumed sessions.
		t.config.InsecureSkipVerify = true
		t.config.VerifyConnection = t.checkPin
	case cfg.Insecure:
		t.config.InsecureSkipVerify = true
	case cfg.CAFile != "":
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return refuse("", "", err)
		}
		t.config.RootCAs = x509.NewCertPool()
		if !t.config.RootCAs.AppendCertsFromPEM(pem) {
			return refuse(cfg.CAFile+" holds no certificate", "the file must be PEM: it begins with -----BEGIN CERTIFICATE-----", nil)
		}
	}
	return t, nil
}

func parseFingerprint(text string) ([]byte, error) {
	text = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "sha256:")
	digits := strings.NewReplacer(":", "", " ", "").Replace(text)
	if odd := []rune(strings.TrimLeft(digits, "0123456789abcdef")); len(odd) > 0 {
		return nil, fmt.Errorf("%q is no hex digit", odd[0])
	}
	pin, err := hex.DecodeString(digits)
	if err != nil || len(pin) != sha256.Size {
		return nil, fmt.Errorf("%d digits", len(digits))
	}
	return pin, nil
}

// fingerprint returns the SHA-256 of a certificate as --fingerprint takes it.
func fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// pinError says that the server shows another certificate than the pinned one.
type pinError struct {
	cert *x509.Certificate
	want []byte
}

func (e *pinError) Error() string { return "the certificate is not the pinned one" }

func (t trust) checkPin(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server shows no certificate")
	}
	leaf := state.PeerCertificates[0]
	if sum := sha256.Sum256(leaf.Raw); string(sum[:]) != string(t.pin) {
		return &pinError{cert: leaf, want: t.pin}
	}
	return nil
}

// warning returns what is doubtful about an accepted connection, "" when
// nothing is.
func (t trust) warning(state tls.ConnectionState, now time.Time) string {
	if len(state.PeerCertificates) == 0 {
		return ""
	}
	leaf := state.PeerCertificates[0]
	switch {
	case t.insecure:
		return "the server's certificate is not checked (--insecure); pin it instead: --fingerprint " + fingerprint(leaf)
	case t.pin != nil && now.After(leaf.NotAfter):
		return "the server's certificate is the pinned one, and expired on " + leaf.NotAfter.Format(time.DateOnly)
	}
	return ""
}

// certificateError explains the refused certificate of host, and is nil when err is
// about something else.
func certificateError(err error, host string) *dialError {
	if pin, ok := errors.AsType[*pinError](err); ok {
		return &dialError{
			kind: fault.Certificate, final: true,
			message: "the server's certificate has changed: pinned " + hex.EncodeToString(pin.want) + ", shown " + fingerprint(pin.cert) + " (" + identity(pin.cert) + ")",
			hint:    "ask whoever runs the server; if the new certificate is right: --fingerprint " + fingerprint(pin.cert),
		}
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && len(bad.UnverifiedCertificates) > 0 {
		leaf := bad.UnverifiedCertificates[0]
		message, other := "the server's certificate is not trusted", bad.Err
		if why := distrust(bad.Err, host); why != "" {
			message, other = message+": "+why, nil
		}
		return &dialError{
			kind: fault.Certificate, final: true, err: other,
			message: message + " (" + identity(leaf) + ")",
			hint:    "if its SHA-256 is what the server's administrator says, pin it: --fingerprint " + fingerprint(leaf) + "; or name its authority: --ca FILE",
		}
	}
	return nil
}

func identity(cert *x509.Certificate) string {
	by := "issued by " + cert.Issuer.String()
	if cert.Issuer.String() == cert.Subject.String() {
		by = "self-signed"
	}
	return fmt.Sprintf("%s, %s, valid %s to %s", cert.Subject, by,
		cert.NotBefore.Format(time.DateOnly), cert.NotAfter.Format(time.DateOnly))
}

// handshake makes the TLS connection or says why not.
func (t trust) handshake(ctx context.Context, conn *tls.Conn) *dialError {
	err := conn.HandshakeContext(ctx)
	if err == nil {
		return nil
	}
	if refused := certificateError(err, t.config.ServerName); refused != nil {
		return refused
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return &dialError{message: "the server does not speak TLS", hint: "is the port right? The API listens on 8463 (Server) or 8474 (SPE)", hopeless: true}
	}
	refused := &dialError{message: "no TLS connection", err: err}
	_, broken := errors.AsType[syscall.Errno](err)
	_, late := errors.AsType[net.Error](err) // a deadline, too
	refused.slow = errors.Is(err, context.DeadlineExceeded)
	op, said := errors.AsType[*net.OpError](err)
	if said = said && strings.HasSuffix(op.Op, " error"); said || !broken && !late && !errors.Is(err, io.EOF) {
		// A TLS alert ("remote error", "local error") or a complaint of the
		// TLS library: the next handshake would go the same way.
		refused.hopeless, refused.hint = true, "the server must speak TLS 1.2 or newer"
	}
	return refused
}
