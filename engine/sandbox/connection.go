package sandbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"os"
	"sync"
	"time"
)

// conn is one connection of a client: it serves requests one after the other.
// The HTTP layer is written out rather than taken from net/http because answers
// have to be right, and wrong, to the byte.
type conn struct {
	server *Server
	raw    net.Conn
	tls    *tls.Conn
	in     *bufio.Reader
	limit  *budget
	first  bool // no request came yet
	last   bool // the client wants the connection closed after this request
	head   bool // the request wants no body

	login struct { // the last login that was granted
		header string
		user   string
		at     uint64 // world.Logins then
	}

	mu      sync.Mutex
	idle    bool // no request under way
	retired bool // ends after the request under way
}

func newConn(s *Server, raw net.Conn, over *tls.Conn) *conn {
	limit := &budget{from: over, left: maxHeader}
	return &conn{server: s, raw: raw, tls: over, limit: limit, in: bufio.NewReader(limit), first: true, idle: true}
}

func (c *conn) serve() {
	defer c.raw.Close()
	c.server.log.connected(1)
	c.raw.SetDeadline(time.Now().Add(c.server.limits.handshake))
	if err := c.tls.Handshake(); err != nil {
		return
	}
	for c.next() {
	}
}

// next serves one request and reports whether the connection goes on.
func (c *conn) next() bool {
	c.raw.SetDeadline(time.Now().Add(c.server.limits.idle))
	if _, err := c.in.Peek(1); err != nil || !c.begin() {
		return false
	}
	c.raw.SetDeadline(time.Now().Add(c.server.limits.request))
	r, err := c.readRequest()
	if bad, ok := errors.AsType[*badRequest](err); ok {
		refusal := page(bad.status, bad.reason)
		refusal.close = true
		c.write(refusal)
		c.closeWrite()
		return false
	}
	if err != nil {
		return false
	}
	c.raw.SetDeadline(time.Time{})
	defer r.done()
	c.last = r.close
	goesOn := c.server.handle(c, r)
	return c.finish() && goesOn
}

// begin marks a request as under way; it reports false on a connection that is
// to end.
func (c *conn) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = false
	return !c.retired
}

func (c *conn) finish() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = true
	return !c.retired
}

// retire ends the connection as soon as no request is under way.
func (c *conn) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retired = true
	if c.idle {
		c.raw.Close()
	}
}

// proceed lets a client that asked for it send its body.
func (c *conn) proceed() error {
	_, err := c.tls.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	return err
}

// write sends an answer and reports whether it could.
func (c *conn) write(r *response) bool {
	c.mu.Lock()
	r.close = r.close || c.last || c.retired
	c.mu.Unlock()
	out := (*buffers.Get().(*[]byte))[:0]
	if c.head {
		out = r.appendHead(out, len(r.body))
	} else {
		out = r.append(out)
	}
	_, err := c.send(out)
	giveBack(out)
	if r.pooled {
		giveBack(r.body)
	}
	return err == nil && !r.close
}

func (c *conn) send(p []byte) (int, error) {
	c.raw.SetWriteDeadline(time.Now().Add(c.server.limits.request))
	return c.tls.Write(p)
}

// closeWrite lets the client read an answer that came before the end of its
// request: closing at once could take it away (TCP reset).
func (c *conn) closeWrite() {
	c.tls.CloseWrite()
	c.raw.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	var drop [4096]byte
	for {
		if _, err := c.raw.Read(drop[:]); err != nil {
			return
		}
	}
}

// pause waits, and reports whether the server still runs then.
func (s *Server) pause(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// gone returns a context that ends when the client closes the connection. It
// may be used only when no answer and no further request will follow.
func (c *conn) gone() context.Context {
	ctx, cancel := context.WithCancel(c.server.ctx)
	c.server.wait.Go(func() {
		defer cancel()
		c.raw.SetReadDeadline(time.Time{})
		var drop [1]byte
		for {
			if _, err := c.tls.Read(drop[:]); err != nil {
				return
			}
		}
	})
	return ctx
}

// isNetwork reports an error of the connection rather than of what was sent.
func isNetwork(err error) bool {
	if _, ok := errors.AsType[*url.Error](err); ok { // a path that cannot be read looks like a net.Error
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded)
}
