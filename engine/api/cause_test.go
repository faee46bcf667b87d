package api

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"moonpost/engine/fault"
)

func TestCauseIsInWordsForPeople(t *testing.T) {
	here := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	read := func(err error) error {
		return &net.OpError{Op: "read", Net: "tcp", Source: here, Addr: here, Err: err}
	}
	own := errors.New("text after the end of the answer")
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"reset", read(os.NewSyscallError("read", syscall.ECONNRESET)), "connection reset by peer"},
		{"reset in the middle of something", fmt.Errorf("body: %w", read(syscall.ECONNRESET)), "connection reset by peer"},
		{"alert of TLS", read(errors.New("tls: handshake failure")), "tls: handshake failure"},
		{"deadline of a connection", read(os.ErrDeadlineExceeded), "no answer in time"},
		{"deadline of a context", context.DeadlineExceeded, "no answer in time"},
		{"end", io.EOF, ""},
		{"early end", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), ""},
		{"connection that we closed", read(net.ErrClosed), ""},
		{"name server that fails", &net.DNSError{Err: "server misbehaving", Name: "mail", Server: "192.0.2.1:53"}, "the name mail cannot be looked up"},
		{"name server that does not answer", &net.DNSError{Err: "i/o timeout", Name: "mail", IsTimeout: true}, "no answer in time"},
		{"own words", own, "text after the end of the answer"},
		{"nothing", nil, ""},
	} {
		got := ""
		if err := cause(tc.err); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%s: cause(%v) = %q, want %q", tc.name, tc.err, got, tc.want)
		}
	}
}

func TestDistrustIsInWordsForPeople(t *testing.T) {
	day := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)
	young := &x509.Certificate{NotBefore: time.Now().AddDate(1, 0, 0)}
	old := &x509.Certificate{NotBefore: day.AddDate(-20, 0, 0), NotAfter: day.AddDate(-10, 0, 0)}
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"unknown authority", x509.UnknownAuthorityError{}, "no authority that is trusted here has issued it"},
		{"no authorities at all", x509.SystemRootsError{}, "this machine has no list of trusted authorities"},
		{"other names", x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a", "b"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)}}}, "it is for a, b, 192.0.2.1, not for mail"},
		{"no name", x509.HostnameError{Certificate: &x509.Certificate{}}, "it names no host, so not mail"},
		{"expired", x509.CertificateInvalidError{Cert: old, Reason: x509.Expired}, "a certificate expired on 2020-01-02"},
		{"not yet valid", x509.CertificateInvalidError{Cert: young, Reason: x509.Expired}, "a certificate is not valid before " + young.NotBefore.Format(time.DateOnly)},
		{"something rare", x509.CertificateInvalidError{Cert: old, Reason: x509.TooManyIntermediates}, ""},
	} {
		if got := distrust(tc.err, "mail"); got != tc.want {
			t.Errorf("%s: distrust(%v) = %q, want %q", tc.name, tc.err, got, tc.want)
		}
	}
}

// Go's names of packages and operations say nothing to people.
func TestNoAnswerLeaksTheWordsOfALibrary(t *testing.T) {
	for name, body := range map[string]string{
		"plain text": "Service is starting", "compressed": "\x1f\x8b\x08", "comma": `{"statusCode":"succeeded",}`, "half": `{"statusCode":"succ`,
	} {
		for _, fn := range []string{getMetadata, "GetUsers"} {
			s := newServer(t)
			s.on(fn, answerText(body))
			_, err := invoke(s.client(t), "GetUsers")
			e := wantKind(t, fn, err, fault.Server)
			if strings.Contains(e.Error(), "jsontext") || strings.Contains(e.Error(), "invalid character") || e.Err != nil {
				t.Errorf("%s with %s = %v, want words of our own", fn, name, e)
			}
		}
	}
	_, err := parseFingerprint("äb")
	if _, theirs := errors.AsType[hex.InvalidByteError](err); theirs || !strings.Contains(err.Error(), "'ä' is no hex digit") {
		t.Errorf("parseFingerprint = %v, want it to name ä", err)
	}
}

func TestNoAnswerInTimeHasAHint(t *testing.T) {
	const hint = "raise --call-timeout, or look whether the server is overloaded"
	inBubble(t, func(t *testing.T, s *server) {
		late := func(http.ResponseWriter, *http.Request) { time.Sleep(time.Minute) }
		c := s.client(t, func(c *Config) { c.CallTimeout = 2 * time.Second })
		asks(t, c)
		s.on("GetUsers", late)
		_, err := invoke(c, "GetUsers")
		wantKind(t, "GetUsers", err, fault.Server, "no answer within 2s", "hint: "+hint)

		s.on("CreateUser", late)
		_, err = invoke(c, "CreateUser", createUser("ada")...)
		wantKind(t, "CreateUser", err, fault.Unknown, "read from the server whether it took effect", hint)

		s.on("VerifyStore", running(3, "0", ""))
		s.on(getStatus, late)
		_, err = invoke(c, "VerifyStore", "id", 1.0)
		wantKind(t, "VerifyStore", err, fault.Server, "lost sight of the job: no answer within", hint)
	})
}
