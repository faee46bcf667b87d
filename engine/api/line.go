package api

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"moonpost/engine/fault"
)

// line hands out the connections to the server and decides when one may be
// opened. It keeps three promises: there are never more connections than there
// were requests under way at once, nor more than its ceiling; an idle one is
// ended well before the server does it (120 s in HTTP.sys), because a request
// on a connection that the server has just ended has an unknown outcome; and a
// server that is down costs a handful of dials, however many calls want it. So
// while there is no live connection, or one has just broken, one dial at a time
// goes ahead and the others share its outcome; after some failures in a row
// nobody dials for a while.
type line struct {
	connect func(context.Context) (net.Conn, *dialError)
	ceiling int

	mu      sync.Mutex
	idle    []*conn      // the one used last comes last
	waiting []chan *conn // requests that want a connection, in order; nil sent: look again
	reaper  *time.Timer  // ends idle connections; nil: none is idle
	dialing int
	live    map[*conn]struct{}
	doubt   bool            // a connection broke since the last one was made
	failed  int             // dials that failed in a row
	err     *dialError      // of the last failed dial; nil after a good one
	next    time.Time       // no dial before; only with err
	life    context.Context // ends when the line is closed
	end     context.CancelFunc
	closed  <-chan struct{} // of life
}

// The waits between dials to a server that does not answer: as many quick
// retries as quickDials has entries, while calls wait; then the line is down,
// calls fail at once, and a dial is tried after slowDial, doubling to maxDial.
var quickDials = [...]time.Duration{250 * time.Millisecond, time.Second, 2 * time.Second}

const (
	slowDial  = 5 * time.Second
	maxDial   = 40 * time.Second
	idleLimit = 50 * time.Second
)

func newLine(ceiling int, connect func(context.Context) (net.Conn, *dialError)) *line {
	life, end := context.WithCancel(context.Background())
	return &line{connect: connect, ceiling: ceiling, live: map[*conn]struct{}{}, life: life, end: end, closed: life.Done()}
}

// errClosed is the outcome of what a closed client is asked for.
var errClosed = &dialError{message: "the client is closed", kind: fault.Cancelled, final: true}

// acquire returns a connection for one request. The caller releases it, or
// closes it when its answer was not read to the end.
func (l *line) acquire(ctx context.Context) (*conn, *dialError) {
	for {
		c, turn, refused := l.look()
		switch {
		case refused != nil:
			return nil, refused
		case c != nil && c.alive():
			return c, nil
		case c != nil:
			l.broken(c)
			continue
		case turn == nil:
			return l.open(ctx)
		}
		select {
		case c := <-turn:
			if c != nil {
				return c, nil
			}
		case <-l.closed:
		case <-ctx.Done():
			l.forget(turn)
			return nil, &dialError{message: "no connection", err: context.Cause(ctx)}
		}
	}
}

// look returns an idle connection, or a place in the row of those who wait, or
// neither: then the caller is to dial.
func (l *line) look() (c *conn, turn chan *conn, refused *dialError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed() {
		return nil, nil, errClosed
	}
	if n := len(l.idle); n > 0 {
		c = l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c, nil, nil
	}
	if l.err != nil && (l.err.final || time.Now().Before(l.next)) {
		return nil, nil, l.err
	}
	alone := l.dialing == 0
	healthy := len(l.live) > 0 && !l.doubt && l.err == nil
	if len(l.live)+l.dialing < l.ceiling && (alone || healthy) {
		l.dialing++
		return nil, nil, nil
	}
	turn = make(chan *conn, 1)
	l.waiting = append(l.waiting, turn)
	return nil, turn, nil
}

// open dials.
func (l *line) open(ctx context.Context) (*conn, *dialError) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	established, refused := l.connect(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dialing--
	defer l.wake()
	if l.isClosed() {
		if refused == nil {
			_ = established.Close()
		}
		return nil, errClosed
	}
	if refused != nil {
		if ctx.Err() != nil && !refused.final {
			return nil, refused // given up by us: says nothing about the server
		}
		l.fail(refused)
		return nil, refused
	}
	l.doubt, l.failed, l.err = false, 0, nil
	c := newConn(established, l)
	l.live[c] = struct{}{}
	return c, nil
}

// release gives back a connection that can carry another request.
func (l *line) release(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed.Load() {
		return
	}
	if len(l.waiting) > 0 {
		l.waiting[0] <- c
		l.waiting = l.waiting[1:]
		return
	}
	c.since = time.Now()
	l.idle = append(l.idle, c)
	if l.reaper == nil {
		l.reaper = time.AfterFunc(idleLimit, l.reap)
	}
}

// wake lets all who wait look again. The caller holds mu.
func (l *line) wake() {
	for _, turn := range l.waiting {
		turn <- nil
	}
	l.waiting = nil
}

// forget takes back a place in the row.
func (l *line) forget(turn chan *conn) {
	l.mu.Lock()
	l.waiting = slices.DeleteFunc(l.waiting, func(t chan *conn) bool { return t == turn })
	l.mu.Unlock()
	select {
	case c := <-turn: // it came at the last moment
		if c != nil {
			l.release(c)
		}
	default:
	}
}

// reap ends the connections that have been idle for too long.
func (l *line) reap() {
	l.mu.Lock()
	n := 0
	for n < len(l.idle) && time.Since(l.idle[n].since) >= idleLimit {
		n++
	}
	old := slices.Clone(l.idle[:n])
	l.idle = append(l.idle[:0], l.idle[n:]...)
	l.reaper = nil
	if len(l.idle) > 0 && !l.isClosed() {
		l.reaper = time.AfterFunc(idleLimit-time.Since(l.idle[0].since), l.reap)
	}
	l.mu.Unlock()
	for _, c := range old {
		_ = c.Close()
	}
}

// fail notes a failed dial. The caller holds mu.
func (l *line) fail(err *dialError) {
	l.err = err
	l.failed++
	if err.slow {
		l.failed++
	}
	if err.hopeless {
		l.failed = max(l.failed, len(quickDials)+1)
	}
	wait := maxDial
	if l.failed <= len(quickDials) {
		wait = quickDials[l.failed-1]
	} else if n := l.failed - len(quickDials) - 1; n < 3 {
		wait = slowDial << n
	}
	l.next = time.Now().Add(jitter(wait))
}

// retry returns when a call whose dial failed may try again, and false when it
// should give up. The time may be past.
func (l *line) retry() (at time.Time, failed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		return time.Time{}, 0, true
	}
	return l.next, l.failed, l.failed <= len(quickDials) && !l.err.final
}

// broken ends a connection that the server, or something on the way, has ended.
func (l *line) broken(c *conn) {
	l.mu.Lock()
	l.doubt = true
	l.mu.Unlock()
	_ = c.Close()
}

func (l *line) remove(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.live, c)
	l.wake()
}

func (l *line) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// close ends all connections, and with them the requests under way.
func (l *line) close() {
	l.mu.Lock()
	if l.isClosed() {
		l.mu.Unlock()
		return
	}
	l.end()
	if l.reaper != nil {
		l.reaper.Stop()
	}
	live := make([]*conn, 0, len(l.live))
	for c := range l.live {
		live = append(live, c)
	}
	l.idle = nil
	l.mu.Unlock()
	for _, c := range live {
		_ = c.Close()
	}
}

// jitter returns d, up to a fifth shorter or longer, so that many clients do
// not come back at once.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
