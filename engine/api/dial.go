package api

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// dialTimeout bounds the connection, and once more the handshake.
const dialTimeout = 10 * time.Second

// dialError says why there is no connection. No byte of a request was sent.
type dialError struct {
	kind     fault.Kind // "" for unreachable
	message  string
	hint     string
	err      error
	slow     bool // it took long to fail: fewer are tried
	hopeless bool // trying again soon will not help
	final    bool // trying again will never help, and must not happen
}

func (e *dialError) Error() string {
	if e.err != nil {
		return e.message + ": " + e.err.Error()
	}
	return e.message
}

func (e *dialError) failure() *failure {
	kind := e.kind
	if kind == "" {
		kind = fault.Unreachable
	}
	return &failure{kind: kind, message: e.message, hint: e.hint, err: e.err}
}

// dialer makes connections to one server.
type dialer struct {
	address string
	trust   trust
	sink    event.Sink
	tcp     func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's

	warned *sync.Once
}

func (d dialer) dial(ctx context.Context) (net.Conn, *dialError) {
	tcp := d.tcp
	if tcp == nil {
		tcp = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	raw, err := tcp(ctx, "tcp", d.address)
	if err != nil {
		return nil, d.refused(err)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn := tls.Client(raw, d.trust.config)
	if refused := d.trust.handshake(ctx, conn); refused != nil {
		_ = raw.Close() // the handshake's error is the one that counts
		return nil, refused
	}
	if text := d.trust.warning(conn.ConnectionState(), time.Now()); text != "" {
		d.warned.Do(func() { d.sink.Emit(event.Log{Level: event.Warn, Message: text}) })
	}
	return conn, nil
}

func (d dialer) refused(err error) *dialError {
	e := &dialError{message: "no connection to " + d.address, err: err}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		e.err = op.Err
	}
	late, ok := errors.AsType[net.Error](err)
	e.slow = ok && late.Timeout()
	dns, noName := errors.AsType[*net.DNSError](err)
	switch {
	case noName && dns.IsNotFound:
		e.message, e.err, e.hopeless = "there is no host "+dns.Name, nil, true
		e.hint = "check the spelling, or the DNS server"
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		e.message = "no connection to " + d.address + ": this process or machine has no file descriptors left"
		e.hint = "raise the limit (ulimit -n), or lower --concurrency"
	default:
		e.hint = "is the server on, and the address right?"
		if _, port, _ := net.SplitHostPort(d.address); port == "8463" || port == "8474" {
			e.hint = apiIsOff(port)
		}
	}
	return e
}

// apiIsOff says where the API is switched on (using-the-api.txt, protocol.md 1).
func apiIsOff(port string) string {
	where := "in the MailStore Server Service Configuration"
	if port == "8474" {
		where = "in the configuration tool of the Service Provider Edition"
	}
	return "the Administration API is off by default; switch it on " + where + ", and let the firewall pass port " + port
}

// short is the failure in few words, for a notice.
func (f *failure) short() string {
	if errno, ok := errors.AsType[syscall.Errno](f.err); ok {
		return errno.Error()
	}
	if late, ok := errors.AsType[net.Error](f.err); ok && late.Timeout() {
		return "no answer"
	}
	return f.message
}
