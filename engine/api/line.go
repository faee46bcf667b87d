package api

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"moonpost/engine/fault"
)

// line decides when a connection to the server may be opened. It keeps two
// promises: there are never more connections than requests under way, and a
// server that is down costs a handful of dials, however many calls want it. So
// while there is no live connection, or one has just broken, one dial at a time
// goes ahead and the others share its outcome; after some failures in a row
// nobody dials for a while.
type line struct {
	connect func(context.Context) (net.Conn, *dialError)

	mu      sync.Mutex
	changed chan struct{} // closed when a dial that waits may have got its chance; nil: none waits
	wanted  int           // requests under way
	dialing int
	live    map[*conn]struct{}
	doubt   bool       // a connection broke since the last one was made
	failed  int        // dials that failed in a row
	err     *dialError // of the last failed dial; nil after a good one
	next    time.Time  // no dial before; only with err
	closed  chan struct{}
}

// The waits between dials to a server that does not answer: as many quick
// retries as quickDials has entries, while calls wait; then the line is down,
// calls fail at once, and a dial is tried after slowDial, doubling to maxDial.
var quickDials = [...]time.Duration{250 * time.Millisecond, time.Second, 2 * time.Second}

const (
	slowDial = 5 * time.Second
	maxDial  = 40 * time.Second
)

func newLine(connect func(context.Context) (net.Conn, *dialError)) *line {
	return &line{connect: connect, live: map[*conn]struct{}{}, closed: make(chan struct{})}
}

// errClosed is the outcome of what a closed client is asked for.
var errClosed = &dialError{message: "the client is closed", kind: fault.Cancelled, final: true}

// enter and leave bracket a request.
func (l *line) enter() {
	l.mu.Lock()
	l.wanted++
	l.wake()
	l.mu.Unlock()
}

func (l *line) leave() {
	l.mu.Lock()
	l.wanted--
	l.mu.Unlock()
}

// wake lets waiting dials look again. The caller holds mu.
func (l *line) wake() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// dial returns a new connection when it is time for one. Its errors are
// *dialError.
func (l *line) dial(ctx context.Context) (net.Conn, error) {
	if err := l.await(ctx); err != nil {
		return nil, err
	}
	raw, refused := l.connect(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dialing--
	l.wake()
	if refused != nil {
		if ctx.Err() != nil && !refused.final {
			return nil, refused // given up by us: says nothing about the server
		}
		l.fail(refused)
		return nil, refused
	}
	if l.isClosed() {
		_ = raw.Close()
		return nil, errClosed
	}
	l.doubt, l.failed, l.err = false, 0, nil
	c := &conn{Conn: raw, line: l}
	l.live[c] = struct{}{}
	return c, nil
}

// await returns nil when the caller is to dial.
func (l *line) await(ctx context.Context) error {
	for {
		l.mu.Lock()
		alone := l.dialing == 0
		healthy := len(l.live) > 0 && !l.doubt && l.err == nil
		switch {
		case l.isClosed():
			l.mu.Unlock()
			return errClosed
		case l.err != nil && (l.err.final || time.Now().Before(l.next)):
			defer l.mu.Unlock()
			return l.err
		case len(l.live)+l.dialing < l.wanted && (alone || healthy):
			l.dialing++
			l.mu.Unlock()
			return nil
		}
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-l.closed:
		case <-ctx.Done():
			return &dialError{message: "no connection", err: context.Cause(ctx)}
		}
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

func (l *line) doubted() {
	l.mu.Lock()
	l.doubt = true
	l.mu.Unlock()
}

func (l *line) remove(c *conn) {
	l.mu.Lock()
	delete(l.live, c)
	l.wake()
	l.mu.Unlock()
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
	close(l.closed)
	live := make([]*conn, 0, len(l.live))
	for c := range l.live {
		live = append(live, c)
	}
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
