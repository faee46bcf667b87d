package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"moonpost/engine/fault"
)

// newTransport returns the one transport of a client. It speaks HTTP/1.1 (one
// request at a time per connection, so that "not sent" can be told), asks no
// proxy, and drops idle connections well before the server does (120 s in
// HTTP.sys): a request on a connection that the server has just closed has an
// unknown outcome.
func newTransport(l *line, connections int) *http.Transport {
	t := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx) },

		MaxConnsPerHost:        connections,
		MaxIdleConnsPerHost:    connections,
		IdleConnTimeout:        50 * time.Second,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}

// template returns the request for a path; each use is a copy with its own
// context and body.
func (c *Client) template(path string) *http.Request {
	u := c.base
	u.Path = path
	return &http.Request{
		Method: http.MethodPost, URL: &u, Host: u.Host, Header: c.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// form is a request body. It is no type that net/http knows, and the request
// gets no GetBody: the transport has nothing to send a second time.
type form struct{ bytes.Reader }

func (*form) Close() error { return nil }

// reply is an answer of the server, read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// bodyLimit is the largest body that a client reads.
const bodyLimit = 64 << 20

// The reasons for which a request is given up from this side.
var (
	errNoAnswer = errors.New("no answer in time")
	errGrace    = errors.New("stopped while waiting for the answer")
)

// post sends one request and reads the answer.
func (c *Client) post(ctx context.Context, o *operation) (reply, *failure) {
	rctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	x := newExchange(o.timeout, func() { cancel(errNoAnswer) })
	leave := context.AfterFunc(ctx, func() { o.abandon(ctx, x, cancel) })
	defer func() {
		leave()
		x.end()
		cancel(nil)
	}()

	req := o.request.WithContext(httptrace.WithClientTrace(rctx, &x.trace))
	if len(o.form) > 0 {
		body := &form{}
		body.Reset(o.form)
		req.Body, req.ContentLength = body, int64(len(o.form))
	}
	c.line.enter()
	defer c.line.leave()
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return reply{}, c.lost(ctx, rctx, o, x, err)
	}
	body, bad := readBody(resp, c.most)
	if bad != nil {
		if context.Cause(rctx) != nil {
			return reply{}, c.lost(ctx, rctx, o, x, bad.err)
		}
		return reply{}, bad
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// abandon gives up a request whose context ended: at once when nothing of it
// was sent or its outcome does not matter, else after some time for the answer
// to come, because an answer is worth more than an unknown outcome.
func (o *operation) abandon(ctx context.Context, x *exchange, cancel context.CancelCauseFunc) {
	if o.grace == 0 || x.seal() {
		cancel(context.Cause(ctx))
		return
	}
	time.AfterFunc(o.grace, func() { cancel(errGrace) })
}

// lost explains why a request has no answer.
func (c *Client) lost(ctx, rctx context.Context, o *operation, x *exchange, err error) *failure {
	sent := !x.seal()
	switch cause := context.Cause(rctx); {
	case c.line.isClosed():
		f := errClosed.failure()
		if f.sent = sent; sent {
			f.kind, f.message = "", "the client was closed before the answer came"
			if !o.changing {
				f.kind = fault.Cancelled
			}
		}
		return f
	case cause == errNoAnswer && sent:
		return &failure{sent: true, timeout: true, transient: true, message: fmt.Sprintf("no answer within %v", o.timeout)}
	case cause == errNoAnswer:
		return &failure{kind: fault.Unreachable, stale: true, message: fmt.Sprintf("the connection took nothing within %v", o.timeout)}
	case cause != nil:
		f := stopped(ctx)
		if f.sent = sent; sent && o.changing {
			f.kind, f.message = "", "stopped before the answer came"+strings.TrimPrefix(": "+f.message, ": stopped")
		}
		return f
	}
	if refused, ok := errors.AsType[*dialError](err); ok {
		f := refused.failure()
		f.dial = true
		return f
	}
	if !sent {
		return &failure{kind: fault.Unreachable, stale: true, message: "the connection broke before the request was sent", err: err}
	}
	return &failure{sent: true, transient: true, message: "the connection broke before the answer came", err: err}
}

// readBody reads the answer's body, which Answer keeps: it is one allocation
// of the right size where the length is known.
func readBody(resp *http.Response, most int64) ([]byte, *failure) {
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength > most {
		return nil, tooLarge(most)
	}
	if resp.ContentLength >= 0 {
		body := make([]byte, resp.ContentLength)
		n, err := io.ReadFull(resp.Body, body)
		if err != nil {
			return nil, &failure{sent: true, transient: true, err: err, message: fmt.Sprintf("the answer was cut off after %d of %d bytes", n, len(body))}
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, &failure{sent: true, transient: true, err: err, message: fmt.Sprintf("the answer was cut off after %d bytes", len(body))}
	}
	if int64(len(body)) > most {
		return nil, tooLarge(most)
	}
	return body, nil
}
