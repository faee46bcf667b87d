package api

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble runs a test with its own clock: a server and its clients are joined
// by pipes, so that waiting costs no time.
func inBubble(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &server{edition: "server", handlers: map[string]http.HandlerFunc{}, pipes: newPipes()}
		s.start(s)
		t.Cleanup(func() {
			time.Sleep(time.Hour) // handlers that were given up end
			s.CloseClientConnections()
			s.Close()
		})
		test(t, s)
	})
}

// bubble is inBubble for t.Run.
func bubble(test func(t *testing.T, s *server)) func(*testing.T) {
	return func(t *testing.T) { inBubble(t, test) }
}

// pipes is a net.Listener for connections within the process.
type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes {
	return &pipes{incoming: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.incoming:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8463} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.incoming <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// asks makes one request so that metadata, login and a connection are there.
func asks(t *testing.T, c *Client) {
	t.Helper()
	if _, err := c.About(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// took reports how long f ran by the clock of the bubble.
func took(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
