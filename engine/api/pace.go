package api

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace keeps all tasks of a client to what the user and the server allow: the
// rate, and the pauses that the server asks for.
type pace struct {
	limiter *rate.Limiter // nil: no limit

	mu    sync.Mutex
	until time.Time // nothing is sent before
	why   string
}

// reserve takes a share of the rate and returns how long to wait for it.
func (p *pace) reserve(o *operation) time.Duration {
	if p.limiter == nil || o.free {
		return 0
	}
	return p.limiter.Reserve().Delay()
}

// held returns how long nothing may be sent, a little longer for each caller so
// that they do not all come back at once, and why; 0: now.
func (p *pace) held() (time.Duration, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.IsZero() {
		return 0, ""
	}
	d := time.Until(p.until)
	if d <= 0 {
		p.until = time.Time{}
		return 0, ""
	}
	return d + rand.N(d/10+10*time.Millisecond), p.why
}

// pause holds everything back for d.
func (p *pace) pause(d time.Duration, why string) {
	until := time.Now().Add(d)
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.until) {
		p.until, p.why = until, why
	}
}

// The bounds of a Retry-After: a date in the past must not make a tight loop,
// and one in the next year must not stop a run.
const (
	minPause = 100 * time.Millisecond
	maxPause = 5 * time.Minute
)

// retryAfter reads the header, seconds or a date. Without one the wait grows
// with the number n of refusals, from 1.
func retryAfter(h http.Header, now time.Time, n int) time.Duration {
	text := h.Get("Retry-After")
	d := time.Second << min(n-1, 5)
	if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	} else if seconds, err := strconv.ParseInt(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		d = time.Duration(max(min(seconds, int64(maxPause/time.Second)), 0)) * time.Second
	}
	return min(max(d, minPause), maxPause)
}
