package api

import (
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// exchange is one request on its way. It knows whether a byte of it was handed
// to a connection, and can prevent that any ever is: the transport writes on a
// goroutine of its own, so asking without preventing would be a race.
type exchange struct {
	conn  atomic.Pointer[conn] // the connection that has the first byte; sealed: none, ever
	trace httptrace.ClientTrace
	timer *time.Timer // runs from the moment there is a connection
}

var sealed = new(conn)

var errSealed = errors.New("request is not to be sent any more")

// newExchange returns an exchange that calls late when it has not ended some
// time after it got its connection. Waiting for a connection does not count: the
// ceiling may be reached, and a dial has limits of its own.
func newExchange(timeout time.Duration, late func()) *exchange {
	x := &exchange{}
	// The transport calls this on the goroutine that asked for the round trip.
	x.trace.GotConn = func(info httptrace.GotConnInfo) {
		if c, ok := info.Conn.(*conn); ok {
			c.exchange.Store(x)
		}
		x.end()
		x.timer = time.AfterFunc(timeout, late)
	}
	return x
}

func (x *exchange) end() {
	if x.timer != nil {
		x.timer.Stop()
	}
}

// seal reports whether no byte of the request was handed to a connection; if
// so, none will be.
func (x *exchange) seal() bool {
	return x.conn.CompareAndSwap(nil, sealed) || x.conn.Load() == sealed
}

// conn is an established TLS connection. It carries requests only, one at a
// time: the handshake is over, and TLS writes its own records below.
type conn struct {
	net.Conn
	line     *line
	exchange atomic.Pointer[exchange]
	closed   atomic.Bool
}

// Write sends a part of the current request. It refuses one that was sealed,
// and one whose first bytes went to another connection: so the transport cannot
// repeat a request, whatever it thinks of it.
func (c *conn) Write(p []byte) (int, error) {
	x := c.exchange.Load()
	if x == nil || !x.conn.CompareAndSwap(nil, c) && x.conn.Load() != c {
		return 0, errSealed
	}
	return c.Conn.Write(p)
}

// Read notes when the server ends the connection.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && !c.closed.Load() {
		c.line.doubted()
	}
	return n, err
}

// Close takes the connection off its line.
func (c *conn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.line.remove(c)
	}
	return c.Conn.Close()
}
