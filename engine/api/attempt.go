package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// operation is one thing to ask the server for, in one or more requests.
type operation struct {
	name     string // of the function or service call
	route    *route
	form     []byte
	secrets  []string // names of arguments that are secret, beyond the catalogue's
	changing bool
	repeat   bool          // may be sent again after it was sent: it changes nothing
	free     bool          // takes no share of the rate
	timeout  time.Duration // for one request
	grace    time.Duration // how long to wait for the answer of a request whose context ended

	tries int // requests tried
	sent  int // of these, requests of which something was sent
}

// tally counts why an operation was tried again, each up to a bound.
type tally struct{ repeats, timeouts, busy, dials int }

const (
	maxRepeats  = 3  // of a read, after a broken connection or a busy server
	maxTimeouts = 1  // of these, after no answer at all
	maxBusy     = 10 // answers that ask to come later
	maxDials    = 10 // failed dials, where others succeed in between
)

// send asks until there is an answer that is no "come later", or no sense in
// going on. The answer may have any other status.
func (c *Client) send(ctx context.Context, o *operation) (reply, *failure) {
	var n tally
	for {
		if f := c.ready(ctx, o); f != nil {
			return reply{}, f
		}
		r, f := c.exchange(ctx, o)
		wait, why, again := c.next(ctx, o, &n, r, f)
		switch {
		case !again && f == nil && r.status == http.StatusTooManyRequests:
			return r, &failure{kind: fault.Server, status: r.status, sent: true, message: fmt.Sprintf("the server asked %d times to come later", n.busy)}
		case !again:
			return r, f
		case wait > 0:
			c.sink.Emit(event.CallWaiting{Fn: o.name, Reason: why, Delay: wait.Seconds()})
			if f := c.sleep(ctx, wait); f != nil {
				return reply{}, f
			}
		}
	}
}

// next decides whether the operation is to be tried again, when, and why it
// waits. What the server wants all to wait for is left to ready.
func (c *Client) next(ctx context.Context, o *operation, n *tally, r reply, f *failure) (wait time.Duration, why string, again bool) {
	switch {
	case f == nil && r.status == http.StatusTooManyRequests:
		n.busy++
		c.pace.pause(retryAfter(r.header, time.Now(), n.busy), "429 Retry-After")
		return 0, "", n.busy < maxBusy
	case f == nil && o.repeat && isBusy(r.status) && n.repeats < maxRepeats:
		n.repeats++
		why = fmt.Sprintf("HTTP %d", r.status)
		if r.header.Get("Retry-After") == "" {
			return c.backoff(n.repeats), why, true
		}
		c.pace.pause(retryAfter(r.header, time.Now(), n.repeats), why+" Retry-After")
		return 0, "", true
	case f == nil || ctx.Err() != nil:
		return 0, "", false
	case f.dial:
		at, failed, worth := c.line.retry()
		n.dials++
		return time.Until(at), fmt.Sprintf("%s, attempt %d", f.short(), failed+1), worth && n.dials < maxDials
	case f.transient && o.repeat && n.repeats < maxRepeats && (!f.timeout || n.timeouts < maxTimeouts):
		n.repeats++
		if f.timeout {
			n.timeouts++
		}
		return c.backoff(n.repeats), f.message, true
	}
	return 0, "", false
}

// ready waits until the next request may be sent, and is not nil when none may.
func (c *Client) ready(ctx context.Context, o *operation) *failure {
	if d := c.pace.reserve(o); d > 0 {
		if f := c.sleep(ctx, d); f != nil {
			return f
		}
	}
	for d, why := c.pace.held(); d > 0; d, why = c.pace.held() {
		c.sink.Emit(event.CallWaiting{Fn: o.name, Reason: why, Delay: d.Seconds()})
		if f := c.sleep(ctx, d); f != nil {
			return f
		}
	}
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case c.line.isClosed():
		return errClosed.failure()
	}
	return c.login.stop()
}

// exchange is post, counted and traced.
func (c *Client) exchange(ctx context.Context, o *operation) (reply, *failure) {
	o.tries++
	n := c.trace.request(o)
	start := time.Now()
	r, f := c.post(ctx, o)
	if f == nil || f.sent {
		o.sent++
	}
	c.trace.answer(n, o, r, f, start)
	return r, f
}

// sleep waits for d.
func (c *Client) sleep(ctx context.Context, d time.Duration) *failure {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return stopped(ctx)
	case <-c.line.closed:
		return errClosed.failure()
	}
}

// isBusy reports whether the status says that the server, or what stands before
// it, cannot answer for the moment.
func isBusy(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// backoff returns how long to wait before repeat n, from 1.
func backoff(n int) time.Duration { return jitter(250 * time.Millisecond << (2 * min(n-1, 3))) }
