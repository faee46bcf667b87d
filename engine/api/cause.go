package api

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// errLate stands for the many ways in which the system says that time is up.
var errLate = errors.New("no answer in time")

// cause returns what an error of the system says to people, without addresses
// and names of operations: "connection reset by peer". It is nil when that is
// nothing beyond "it ended".
func cause(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && !dns.IsTimeout {
		return fmt.Errorf("the name %s cannot be looked up", dns.Name)
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return errLate
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err
	}
	return err
}

// distrust says why a certificate does not hold, "" when its cause is a rare
// one. host is the name that was called.
func distrust(err error, host string) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "no authority that is trusted here has issued it"
	}
	if _, ok := errors.AsType[x509.SystemRootsError](err); ok {
		return "this machine has no list of trusted authorities"
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		names := hosts(name.Certificate)
		if len(names) == 0 {
			return "it names no host, so not " + host
		}
		return "it is for " + strings.Join(names, ", ") + ", not for " + host
	}
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok && bad.Reason == x509.Expired {
		if time.Now().Before(bad.Cert.NotBefore) {
			return "a certificate is not valid before " + bad.Cert.NotBefore.Format(time.DateOnly)
		}
		return "a certificate expired on " + bad.Cert.NotAfter.Format(time.DateOnly)
	}
	return ""
}
