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
	request  *http.Request
	form     []byte
	secrets  []string // names of arguments that are secret, beyond the catalogue's
	changing bool
	repeat   bool          // may be sent again after it was sent: it changes nothing
	free     bool          // takes no share of the rate
	timeout  time.Duration // for one request
	grace    time.Duration // how long to wait for the answer of a request whose context ended

	sent int // requests of which something was sent
}

// Bounds of repeating.
const (
	maxRepeats  = 3 // of a read, after a broken connection or a busy server
	maxTimeouts = 1 // of these, after no answer at all
	maxStale    = 5 // kept connections that turn out to be broken, in a row
	maxBusy     = 10
)

// send asks until there is an answer that is no "try later", or no sense in
// going on. The answer may have any other status.
func (c *Client) send(ctx context.Context, o *operation) (reply, *failure) {
	var repeats, timeouts, stale, busy int
	for try := 1; ; try++ {
		if f := c.ready(ctx, o); f != nil {
			f.attempt = try
			return reply{}, f
		}
		r, f := c.exchange(ctx, o)
		wait, why := time.Duration(0), ""
		switch {
		case f == nil && r.status == http.StatusTooManyRequests:
			if busy++; busy >= maxBusy {
				return reply{}, &failure{kind: fault.Server, status: r.status, attempt: try, sent: true, message: fmt.Sprintf("the server asked %d times to try later", busy)}
			}
			c.pace.pause(retryAfter(r.header, time.Now(), busy), "429 Retry-After")
			continue
		case f == nil && o.repeat && isBusy(r.status) && repeats < maxRepeats:
			repeats++
			why = fmt.Sprintf("HTTP %d", r.status)
			if r.header.Get("Retry-After") != "" {
				c.pace.pause(retryAfter(r.header, time.Now(), repeats), why+" Retry-After")
				continue
			}
			wait = c.backoff(repeats)
		case f == nil:
			return r, nil
		case ctx.Err() != nil:
			f.attempt = try
			return reply{}, f
		case f.dial:
			at, failed, ok := c.line.retry()
			if !ok {
				f.attempt = try
				return reply{}, f
			}
			wait, why = time.Until(at), fmt.Sprintf("%s, attempt %d", f.short(), failed+1)
		case f.stale && stale < maxStale:
			stale++
			continue
		case f.transient && o.repeat && repeats < maxRepeats && (!f.timeout || timeouts < maxTimeouts):
			repeats++
			if f.timeout {
				timeouts++
			}
			wait, why = c.backoff(repeats), f.message
		default:
			f.attempt = try
			return reply{}, f
		}
		if wait > 0 {
			c.sink.Emit(event.CallWaiting{Fn: o.name, Reason: why, Delay: wait.Seconds()})
			if f := c.sleep(ctx, wait); f != nil {
				f.attempt = try
				return reply{}, f
			}
		}
	}
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

// exchange is post with trace and count.
func (c *Client) exchange(ctx context.Context, o *operation) (reply, *failure) {
	if c.trace == nil {
		r, f := c.post(ctx, o)
		if f == nil || f.sent {
			o.sent++
		}
		return r, f
	}
	n := c.calls.Add(1)
	start := time.Now()
	c.trace.request(n, o)
	r, f := c.post(ctx, o)
	if f == nil || f.sent {
		o.sent++
	}
	c.trace.answer(n, o, r, f, time.Since(start))
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
