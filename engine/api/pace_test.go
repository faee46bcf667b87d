package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"moonpost/engine/fault"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tc := range []struct {
		name, header string
		n            int
		want         time.Duration
	}{
		{"seconds", "7", 1, 7 * time.Second},
		{"date", date(90 * time.Second), 1, 90 * time.Second},
		{"zero is no tight loop", "0", 1, minPause},
		{"date in the past", date(-time.Hour), 1, minPause},
		{"negative seconds", "-5", 1, minPause},
		{"next year", date(365 * 24 * time.Hour), 1, maxPause},
		{"a year of seconds", "31536000", 1, maxPause},
		{"more seconds than fit", "99999999999999999999999", 1, maxPause},
		{"fewer seconds than fit", "-99999999999999999999999", 1, minPause},
		{"no header", "", 1, time.Second},
		{"no header, third time", "", 3, 4 * time.Second},
		{"no header, many times", "", 50, 32 * time.Second},
		{"nonsense", "soon", 1, time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("Retry-After", tc.header)
			if got := retryAfter(h, now, tc.n); got != tc.want {
				t.Errorf("retryAfter(%q) = %v, want %v", tc.header, got, tc.want)
			}
		})
	}
}

func tooMany(after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

// 429 says that nothing happened, so a changing call goes out again; and all
// tasks wait, not only the one that was told.
func TestTooManyRequestsHoldsAllTasksBack(t *testing.T) {
	s := newServer(t)
	var mu sync.Mutex
	var pausedUntil time.Time
	early, told := 0, false
	s.on("CreateUser", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !told:
			told, pausedUntil = true, time.Now().Add(time.Second)
			tooMany("1")(w, r)
			return
		case time.Now().Before(pausedUntil.Add(-20*time.Millisecond)) && time.Now().After(pausedUntil.Add(-800*time.Millisecond)):
			early++ // what was under way when the pause began does not count
		}
		answer("null")(w, r)
	})
	events := &sink{}
	c := s.client(t, func(c *Config) { c.Sink = events })
	if _, err := c.About(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := invoke(c, "CreateUser", "userName", "first", "privileges", "login")
	if err != nil || got.Attempts != 2 {
		t.Fatalf("CreateUser = %d attempts, %v, want success with the second", got.Attempts, err)
	}
	mu.Lock()
	told = false
	mu.Unlock()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			time.Sleep(time.Duration(i) * 60 * time.Millisecond)
			if _, err := invoke(c, "CreateUser", "userName", strconv.Itoa(i), "privileges", "login"); err != nil {
				t.Errorf("CreateUser = %v", err)
			}
		})
	}
	all.Wait()
	if early > 0 {
		t.Errorf("%d requests were sent during the pause, want 0", early)
	}
	waits := events.waits()
	if len(waits) == 0 || waits[0].Reason != "429 Retry-After" || waits[0].Delay < 0.9 {
		t.Errorf("waits = %+v, want the pause to be said", waits)
	}
}

func TestTooManyRequestsForEverEnds(t *testing.T) {
	s := newServer(t)
	s.on("CreateUser", tooMany("0"))
	_, err := invoke(s.client(t), "CreateUser", "userName", "ada", "privileges", "login")
	e := wantKind(t, "CreateUser", err, fault.Server, "asked 10 times to try later")
	if n := s.sent("CreateUser"); n != maxBusy || e.Attempt != maxBusy {
		t.Errorf("CreateUser arrived %d times, attempt %d, want %d", n, e.Attempt, maxBusy)
	}
}

func TestBusyServerIsAskedAgainForReadsOnly(t *testing.T) {
	for _, status := range []int{502, 503, 504} {
		s := newServer(t)
		var n atomic.Int64
		s.on("GetUsers", func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) < 3 {
				w.WriteHeader(status)
				return
			}
			answer("[]")(w, r)
		})
		c := s.client(t)
		c.backoff = func(int) time.Duration { return time.Millisecond }
		if _, err := invoke(c, "GetUsers"); err != nil {
			t.Errorf("GetUsers after two times %d = %v, want success", status, err)
		}
	}
}

func TestRateIsKept(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t, func(c *Config) { c.Rate = 50 })
	start := time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				if _, err := invoke(c, "GetUsers"); err != nil {
					t.Errorf("GetUsers = %v", err)
				}
			}
		})
	}
	all.Wait()
	// 24 calls, the metadata and perhaps a probe: at least 24 steps of 20 ms.
	if took := time.Since(start); took < 24*20*time.Millisecond {
		t.Errorf("25 requests took %v at 50/s, want at least 480ms", took)
	}
}

func TestLongPollsTakeNoShareOfTheRate(t *testing.T) {
	_, c, _ := startJob(t, "VerifyStore", running(3, "0", ""),
		running(4, "1", ""), running(5, "2", ""), running(6, "3", ""), running(7, "4", ""), final(8, "succeeded", ""))
	if _, err := c.Functions(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.pace.limiter = rate.NewLimiter(2, 1)
	start := time.Now()
	if _, _, err := follow(t.Context(), c, verify()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 400*time.Millisecond {
		t.Errorf("a call with 5 polls took %v at 2/s, want the polls not counted", took)
	}
}

func TestWaitingForTheRateEndsWithTheContext(t *testing.T) {
	s := newServer(t)
	c := s.client(t, func(c *Config) { c.Rate = 0.01 })
	if _, err := c.Functions(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := invokeCtx(ctx, c, "GetUsers")
	wantKind(t, "GetUsers", err, fault.Timeout)
}
