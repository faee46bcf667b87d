package api

import (
	"bufio"
	"crypto/tls"
	"errors"
	"math"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// conn is an established TLS connection. It carries one request at a time, and
// is used by the goroutine that has acquired it from the line.
type conn struct {
	net.Conn
	line   *line
	system syscall.RawConn // the socket; nil where there is none
	in     *bufio.Reader
	left   int64     // bytes that may still be read: bounds the header of an answer
	since  time.Time // when it became idle
	closed atomic.Bool
}

func newConn(established net.Conn, l *line) *conn {
	c := &conn{Conn: established, line: l, left: math.MaxInt64}
	c.in = bufio.NewReader(reader{c})
	if encrypted, ok := established.(*tls.Conn); ok {
		if raw, ok := encrypted.NetConn().(syscall.Conn); ok {
			c.system, _ = raw.SyscallConn() // an error: nobody will look
		}
	}
	return c
}

// alive reports whether an idle connection may be used: nothing has come in.
// What comes in between two answers is the end of the connection, or nothing
// that a server should say.
func (c *conn) alive() bool {
	if c.system == nil {
		return true
	}
	quiet := true
	err := c.system.Control(func(fd uintptr) { quiet = silent(fd) })
	return err == nil && quiet
}

// drained reports whether nothing came in along with the answer just read:
// neither bytes behind it, which would be taken for the next answer, nor the
// end of the connection. It looks at what was received already; alive looks at
// the socket.
func (c *conn) drained() bool {
	_ = c.SetReadDeadline(time.Unix(1, 0)) // reads what is in memory, and no further
	_, err := c.in.Peek(1)
	return isTimeout(err)
}

// Close takes the connection off its line.
func (c *conn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.line.remove(c)
	}
	return c.Conn.Close()
}

// reader reads from the connection no more than is left.
type reader struct{ c *conn }

var errHeader = errors.New("the header of the answer is too large")

func (r reader) Read(p []byte) (int, error) {
	if r.c.left <= 0 {
		return 0, errHeader
	}
	n, err := r.c.Conn.Read(p[:min(int64(len(p)), r.c.left)])
	r.c.left -= int64(n)
	return n, err
}
