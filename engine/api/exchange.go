package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"moonpost/engine/fault"
)

// A request goes out and its answer comes in on the goroutine of the call, over
// connections of our own: HTTP/1.1 with one request at a time for each
// connection, so that it is known exactly whether a byte of a request was
// handed over. net/http's transport cannot say that, and may send twice; its
// parser of answers is what is used of it.

// route is what all requests to one path have in common.
type route struct {
	url  string
	head string // everything before the length of the body
}

// newRoute returns the request for a path.
func (c *Client) newRoute(path string) *route {
	u := c.base
	u.Path = path
	var head strings.Builder
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\n", u.RequestURI(), u.Host)
	_ = c.header.Write(&head) // a Builder takes everything
	head.WriteString("Content-Length: ")
	return &route{url: u.String(), head: head.String()}
}

// write writes the request with a body to b.
func (r *route) write(b *bytes.Buffer, form []byte) {
	b.WriteString(r.head)
	b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(len(form)), 10))
	b.WriteString("\r\n\r\n")
	b.Write(form)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// reply is an answer of the server, read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

const (
	bodyLimit   = 64 << 20 // the largest body that a client reads
	headerLimit = 64 << 10
)

// exchange is one request on its way.
type exchange struct {
	mu    sync.Mutex
	conn  *conn // nil: the request is over
	begun bool  // the request is being handed over, or was
	cause error // why it was given up, nil when it was not; stays as it is once the request is over
}

// errGrace is why a request is given up that was waited for after its end.
var errGrace = errors.New("stopped while waiting for the answer")

// begin reports whether the request may be handed over.
func (x *exchange) begin() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.begun = x.cause == nil
	return x.begun
}

// giveUp ends the request: one that has not begun never will. With spare, one
// that has begun goes on; it reports whether the request was given up.
func (x *exchange) giveUp(cause error, spare bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if spare && x.begun {
		return false
	}
	if x.conn != nil && x.cause == nil {
		x.cause = cause
		_ = x.conn.SetDeadline(time.Unix(1, 0)) // whoever reads or writes, stops
	}
	return true
}

// over detaches the connection: from now on nobody ends it for this request.
func (x *exchange) over() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conn = nil
}

// post sends one request and reads the answer. The time for it begins when
// there is a connection: waiting for one has limits of its own.
func (c *Client) post(ctx context.Context, o *operation) (reply, *failure) {
	conn, refused := c.line.acquire(ctx)
	switch {
	case refused != nil && ctx.Err() != nil && !refused.final:
		return reply{}, stopped(ctx)
	case refused != nil:
		f := refused.failure()
		f.dial = !c.line.isClosed()
		return reply{}, f
	}
	x := &exchange{conn: conn}
	_ = conn.SetDeadline(time.Now().Add(o.timeout)) // only fails with the connection, which is then seen
	leave := context.AfterFunc(ctx, func() { o.abandon(ctx, x) })
	r, sent, bad := c.transfer(conn, x, o)
	leave()
	if bad == nil {
		return r, nil
	}
	bad.sent = sent
	if bad.cut {
		return reply{}, c.lost(ctx, o, x.cause, bad)
	}
	return reply{}, bad
}

// transfer hands the request over and reads the answer. sent reports whether a
// byte was handed over. It gives the connection back or ends it.
func (c *Client) transfer(conn *conn, x *exchange, o *operation) (r reply, sent bool, bad *failure) {
	usable := false
	defer func() {
		x.over() // before another request may have the connection
		switch {
		case usable:
			c.line.release(conn)
		case bad != nil && bad.cut && !bad.timeout: // what we give up ends as a timeout
			c.line.broken(conn)
		default:
			_ = conn.Close()
		}
	}()
	if !x.begin() {
		usable = true
		return reply{}, false, &failure{cut: true}
	}
	if bad = conn.hand(o); bad != nil {
		return reply{}, true, bad
	}
	resp, bad := conn.head()
	if bad != nil {
		return reply{}, true, bad
	}
	body, bad := readBody(resp, c.most)
	if bad != nil {
		return reply{}, true, bad
	}
	usable = !resp.Close && resp.StatusCode != http.StatusSwitchingProtocols && conn.drained()
	return reply{status: resp.StatusCode, header: resp.Header, body: body}, true, nil
}

// hand writes the request, in one piece. From then on it counts as sent: how
// much of it arrived when this fails is not known.
func (c *conn) hand(o *operation) *failure {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	o.route.write(b, o.form)
	if _, err := c.Write(b.Bytes()); err != nil {
		return cut(err, "")
	}
	return nil
}

// asked is what a parser has to know of the request.
var asked = &http.Request{Method: http.MethodPost, URL: &url.URL{}}

// head reads the head of the answer.
func (c *conn) head() (*http.Response, *failure) {
	defer func() { c.left = math.MaxInt64 }()
	c.left = headerLimit
	for {
		resp, err := http.ReadResponse(c.in, asked)
		switch {
		case errors.Is(err, errHeader):
			return nil, &failure{err: err, message: "unreadable answer"}
		case err != nil:
			return nil, cut(err, "")
		case resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols:
			return resp, nil
		}
		// An interim answer; more of them than fit a header end as too large.
	}
}

// readBody reads the answer's body, which Answer keeps: it is one allocation
// of the right size where the length is known.
func readBody(resp *http.Response, most int64) ([]byte, *failure) {
	if resp.ContentLength > most {
		return nil, tooLarge(most)
	}
	if resp.ContentLength >= 0 {
		body := make([]byte, resp.ContentLength)
		n, err := io.ReadFull(resp.Body, body)
		if err != nil {
			return nil, cut(err, fmt.Sprintf("the answer was cut off after %d of %d bytes", n, len(body)))
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, cut(err, fmt.Sprintf("the answer was cut off after %d bytes", len(body)))
	}
	if int64(len(body)) > most {
		return nil, tooLarge(most)
	}
	return body, nil
}

// cut is the failure of a request whose connection ended, by err, before its
// answer did.
func cut(err error, message string) *failure {
	return &failure{cut: true, timeout: isTimeout(err), err: err, message: message}
}

func isTimeout(err error) bool {
	late, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && late.Timeout()
}

// abandon gives up a request whose context ended: at once when nothing of it
// was sent or its outcome does not matter, else after some time for the answer
// to come, because an answer is worth more than an unknown outcome.
func (o *operation) abandon(ctx context.Context, x *exchange) {
	if !x.giveUp(context.Cause(ctx), o.grace > 0) {
		time.AfterFunc(o.grace, func() { x.giveUp(errGrace, false) })
	}
}

// lost explains why a request has no answer: it was given up for cause, or its
// connection failed.
func (c *Client) lost(ctx context.Context, o *operation, cause error, broken *failure) *failure {
	sent := broken.sent
	switch {
	case c.line.isClosed():
		f := errClosed.failure()
		if f.sent = sent; sent {
			f.kind, f.message = "", "the client was closed before the answer came"
			if !o.changing {
				f.kind = fault.Cancelled
			}
		}
		return f
	case cause != nil:
		f := stopped(ctx)
		if f.sent = sent; sent && o.changing {
			f.kind, f.message = "", "stopped before the answer came"+strings.TrimPrefix(": "+f.message, ": stopped")
		}
		return f
	case broken.timeout:
		return &failure{sent: true, timeout: true, transient: true, message: fmt.Sprintf("no answer within %v", o.timeout)}
	case broken.message != "":
		return &failure{sent: true, transient: true, message: broken.message, err: broken.err}
	}
	return &failure{sent: true, transient: true, message: "the connection broke before the answer came", err: broken.err}
}
