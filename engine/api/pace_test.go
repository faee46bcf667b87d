package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

func createUser(name string) []any { return []any{"userName", name, "privileges", "login"} }

// 429 says that nothing happened, so a changing call goes out again; and all
// tasks wait, not only the one that was told.
func TestTooManyRequestsHoldsAllTasksBack(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var mu sync.Mutex
		var until time.Time
		early := 0
		s.on("CreateUser", func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case until.IsZero():
				until = time.Now().Add(30 * time.Second)
				tooMany("30")(w, r)
			default:
				if time.Now().Before(until) {
					early++
				}
				answer("null")(w, r)
			}
		})
		events := &sink{}
		c := s.client(t, func(c *Config) { c.Sink = events })
		asks(t, c)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				got, err := invoke(c, "CreateUser", createUser(strconv.Itoa(i))...)
				if want := 1 + (8-i)/8; err != nil || got.Attempts != want {
					t.Errorf("CreateUser %d = %d attempts, %v, want success after %d", i, got.Attempts, err, want)
				}
			})
		}
		if d := took(all.Wait); d < 30*time.Second || d > 45*time.Second {
			t.Errorf("the calls took %v, want 30 s and a little", d)
		}
		if early > 0 {
			t.Errorf("%d requests were sent during the pause, want 0", early)
		}
		if waits := events.waits(); len(waits) != 8 || waits[0].Reason != "429 Retry-After" || waits[0].Delay < 30 || waits[0].Fn != "CreateUser" {
			t.Errorf("waits = %+v, want one for each call", waits)
		}
	})
}

func TestTooManyRequestsForEverEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.on("CreateUser", tooMany("Fri, 31 Dec 2999 23:59:59 GMT"))
		var err error
		d := took(func() { _, err = invoke(s.client(t), "CreateUser", createUser("ada")...) })
		e := wantKind(t, "CreateUser", err, fault.Server, "asked 10 times to come later")
		if n := s.sent("CreateUser"); n != maxBusy || e.Attempt != maxBusy {
			t.Errorf("CreateUser arrived %d times, attempt %d, want %d", n, e.Attempt, maxBusy)
		}
		if d > time.Hour {
			t.Errorf("CreateUser took %v, want each wait clamped to %v", d, maxPause)
		}
	})
}

func TestBusyServerIsAskedAgainForReads(t *testing.T) {
	for _, status := range []int{502, 503, 504} {
		inBubble(t, func(t *testing.T, s *server) {
			var n atomic.Int64
			s.on("GetUsers", func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) < 3 {
					w.WriteHeader(status)
					return
				}
				answer("[]")(w, r)
			})
			if _, err := invoke(s.client(t), "GetUsers"); err != nil {
				t.Errorf("GetUsers after two times %d = %v, want success", status, err)
			}
		})
	}
}

func TestBusyServerThatNamesATimeIsObeyed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var n atomic.Int64
		s.on("GetUsers", func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				w.Header().Set("Retry-After", "20")
				w.WriteHeader(503)
				return
			}
			answer("[]")(w, r)
		})
		c := s.client(t)
		d := took(func() {
			if _, err := invoke(c, "GetUsers"); err != nil {
				t.Errorf("GetUsers = %v, want success", err)
			}
		})
		if d < 20*time.Second || d > 25*time.Second {
			t.Errorf("GetUsers took %v, want 20 s and a little", d)
		}
	})
}

func TestRateIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.on("GetUsers", answer("[]"))
		c := s.client(t, func(c *Config) { c.Rate = 2 })
		asks(t, c) // metadata at once, then the introduction after 0.5 s
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 5 {
					if _, err := invoke(c, "GetUsers"); err != nil {
						t.Errorf("GetUsers = %v", err)
					}
				}
			})
		}
		if d := took(all.Wait); d != 20*time.Second {
			t.Errorf("40 calls at 2/s took %v, want 20s", d)
		}
	})
}

func TestLongPollsTakeNoShareOfTheRate(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.on("VerifyStore", running(3, "0", ""))
		s.on(getStatus, (&script{steps: []http.HandlerFunc{running(4, "1", ""), running(5, "2", ""), running(6, "3", ""), final(8, "succeeded", "")}}).ServeHTTP)
		c := s.client(t, func(c *Config) { c.Rate = 0.1 })
		asks(t, c)
		d := took(func() {
			if _, _, err := follow(t.Context(), c, verify()); err != nil {
				t.Errorf("VerifyStore = %v", err)
			}
		})
		if d != 10*time.Second {
			t.Errorf("a call with 4 polls took %v at 0.1/s, want 10s: its own share alone", d)
		}
	})
}

func TestWaitingForTheRateEndsWithTheContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := s.client(t, func(c *Config) { c.Rate = 0.001 })
		if _, err := c.Functions(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var err error
		d := took(func() { _, err = invokeCtx(ctx, c, "GetUsers") })
		wantKind(t, "GetUsers", err, fault.Timeout)
		if d != time.Second {
			t.Errorf("GetUsers took %v, want 1s", d)
		}
	})
}
