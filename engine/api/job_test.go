package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/fault"
)

// script answers get-status with one step after another; the last one repeats.
type script struct {
	mu    sync.Mutex
	steps []http.HandlerFunc
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	step := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	s.mu.Unlock()
	step(w, r)
}

const token = "b3af0ebae4dd755d1a54b9756817baee"

func running(version int, percent, log string) http.HandlerFunc {
	return answerText(envelopeText("null", token, version, "running", percent, "", "null", log))
}

func final(version int, code, log string) http.HandlerFunc {
	return answerText(envelopeText("null", "", version, code, "null", "", "null", log))
}

// startJob scripts fn as a job and returns a client for it.
func startJob(t *testing.T, s *server, fn string, first http.HandlerFunc, steps ...http.HandlerFunc) *Client {
	t.Helper()
	s.on(fn, first)
	s.on(getStatus, (&script{steps: steps}).ServeHTTP)
	c := s.client(t)
	asks(t, c)
	return c
}

// follow calls fn with id 1 and returns what it reported, a line per status.
func follow(ctx context.Context, c *Client, req call.Request) (answer call.Answer, report string, err error) {
	var b strings.Builder
	answer, err = c.Call(ctx, req, func(s call.Status) {
		percent := "-"
		if s.Percent != nil {
			percent = plain(*s.Percent)
		}
		fmt.Fprintf(&b, "%d %s %s %q", s.Version, s.Code, percent, s.Log)
		if s.Gap {
			b.WriteString(" gap")
		}
		b.WriteString("\n")
	})
	return answer, b.String(), err
}

func verify() call.Request { return request_("VerifyStore", "id", 1.0) }

// The example of using-the-api.txt.
func TestJobIsFollowedToItsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "VerifyStore",
			running(3, "0", "Verifying file group #11...\r\nCreating a list of messages to be verified...\r\n"),
			running(9, "0", "     400 messages verified...\r\n"),
			final(269, "succeeded", ""))
		answer, report, err := follow(t.Context(), c, verify())
		if err != nil {
			t.Fatal(err)
		}
		want := `3 running 0 "Verifying file group #11...\nCreating a list of messages to be verified...\n"
9 running 0 "     400 messages verified...\n"
269 succeeded - ""
`
		if report != want {
			t.Errorf("reported\n%swant\n%s", report, want)
		}
		if j := answer.Job; j == nil || j.Token != token || j.Version != 269 || j.Status != "succeeded" || strings.Count(j.Log, "\n") != 3 || j.Fn != "VerifyStore" {
			t.Errorf("job = %+v, want its token, last version and whole log", j)
		}
		if answer.Result != nil || answer.Attempts != 1 {
			t.Errorf("result %s after %d attempts, want none after 1", answer.Result, answer.Attempts)
		}
		if want := "token=" + token + "&lastKnownStatusVersion=9&millisecondsTimeout=20000"; s.last(getStatus).raw != want {
			t.Errorf("poll = %s, want %s", s.last(getStatus).raw, want)
		}
	})
}

func TestStatusSequences(t *testing.T) {
	lost := func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	for _, tc := range []struct {
		name  string
		first http.HandlerFunc
		steps []http.HandlerFunc
		want  string
	}{
		{"repeated status is not delivered again, nor its log",
			running(3, "1", "a\r\n"),
			[]http.HandlerFunc{running(3, "1", "a\r\n"), running(3, "1", ""), running(4, "2", "b\r\n"), final(5, "succeeded", "")},
			"3 running 1 \"a\\n\"\n4 running 2 \"b\\n\"\n5 succeeded - \"\"\n"},
		{"last lines come with the final status",
			running(3, "null", ""), []http.HandlerFunc{final(7, "succeeded", "done\r\n")},
			"3 running - \"\"\n7 succeeded - \"done\\n\"\n"},
		{"percent beyond 100 is kept to 100",
			running(3, "101", ""), []http.HandlerFunc{running(4, "-3", ""), running(5, "99.5", ""), final(6, "succeeded", "")},
			"3 running 100 \"\"\n4 running 0 \"\"\n5 running 99.5 \"\"\n6 succeeded - \"\"\n"},
		{"version that falls back is delivered with a gap",
			running(9, "5", "a\r\n"), []http.HandlerFunc{running(4, "1", "b\r\n"), running(6, "2", ""), final(8, "succeeded", "")},
			"9 running 5 \"a\\n\"\n4 running 1 \"b\\n\" gap\n6 running 2 \"\"\n8 succeeded - \"\"\n"},
		{"final status of the version that is known",
			running(9, "5", "a\r\n"), []http.HandlerFunc{final(9, "succeeded", "a\r\n")},
			"9 running 5 \"a\\n\"\n9 succeeded - \"\"\n"},
		{"lost poll marks a gap",
			running(3, "0", "a\r\n"), []http.HandlerFunc{lost, running(7, "1", "c\r\n"), final(8, "succeeded", "")},
			"3 running 0 \"a\\n\"\n7 running 1 \"c\\n\" gap\n8 succeeded - \"\"\n"},
		{"lost poll with nothing new is no gap",
			running(3, "0", "a\r\n"), []http.HandlerFunc{lost, running(3, "0", ""), running(4, "1", "b\r\n"), final(8, "succeeded", "")},
			"3 running 0 \"a\\n\"\n4 running 1 \"b\\n\"\n8 succeeded - \"\"\n"},
		{"bad answers in between are borne",
			running(3, "0", ""), []http.HandlerFunc{answerText("<html>"), answerText(""), answerText("{"), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, final(8, "succeeded", "")},
			"3 running 0 \"\"\n8 succeeded - \"\" gap\n"},
		{"line end that the server cuts in two",
			running(3, "0", "a\r"), []http.HandlerFunc{running(4, "0", "\nb\r\n"), final(5, "succeeded", "")},
			"3 running 0 \"a\"\n4 running 0 \"\\nb\\n\"\n5 succeeded - \"\"\n"},
	} {
		t.Run(tc.name, bubble(func(t *testing.T, s *server) {
			c := startJob(t, s, "VerifyStore", tc.first, tc.steps...)
			_, report, err := follow(t.Context(), c, verify())
			if err != nil || report != tc.want {
				t.Errorf("reported\n%s%v, want\n%s", report, err, tc.want)
			}
		}))
	}
}

func TestImmediateAnswerIsReportedToo(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	_, report, err := follow(t.Context(), s.client(t), call.Request{Fn: "GetUsers"})
	if want := "2 succeeded - \"\"\n"; err != nil || report != want {
		t.Errorf("reported %q, %v, want %q", report, err, want)
	}
}

func TestJobEndsBadly(t *testing.T) {
	gone := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }
	failed := answerText(envelopeText(`{"message":"Der Index ist defekt.","details":"at A\r\nat B"}`, "", 12, "failed", "null", "", "null", ""))
	for _, tc := range []struct {
		name string
		fn   string // CompactStore changes, VerifyStore does not
		end  http.HandlerFunc
		kind fault.Kind
		want []string
	}{
		{"failed with an error", "CompactStore", failed, fault.Server, []string{"Der Index ist defekt.", "at A\n  at B"}},
		{"failed without an error shows the log", "CompactStore", final(12, "failed", "disk full\r\n"), fault.Server, []string{"ended as failed", "disk full"}},
		{"cancelled by somebody else", "CompactStore", final(12, "cancelled", ""), fault.Server, []string{"ended as cancelled"}},
		{"token is unknown, changing", "CompactStore", gone, fault.Unknown, []string{"no longer knows the job"}},
		{"token is unknown, reading", "VerifyStore", gone, fault.Server, []string{"no longer knows the job"}},
		{"success of an older version is not believed", "CompactStore", final(2, "succeeded", ""), fault.Unknown, []string{"version 2 after 10"}},
		{"failure of get-status is not the job's", "CompactStore", answerText(refused("Nullable object must have a value.")), fault.Unknown, []string{"version 2 after 10", "Nullable object"}},
		{"older version of a read", "VerifyStore", final(2, "succeeded", ""), fault.Server, []string{"version 2 after 10"}},
	} {
		t.Run(tc.name, bubble(func(t *testing.T, s *server) {
			c := startJob(t, s, tc.fn, running(10, "0", ""), tc.end)
			_, _, err := follow(t.Context(), c, request_(tc.fn, "id", 1.0))
			wantKind(t, tc.fn, err, tc.kind, tc.want...)
			if left, ok := errors.AsType[*call.LeftError](err); ok {
				t.Errorf("%s = %v, want no job left behind", tc.fn, left)
			}
		}))
	}
}

// A job that can no longer be followed is named, so that it can be found again.
func TestJobThatIsLostSightOf(t *testing.T) {
	for _, tc := range []struct {
		name string
		fn   string
		poll http.HandlerFunc
		kind fault.Kind
		want string
	}{
		{"nonsense, changing", "CompactStore", answerText("<html>"), fault.Unknown, "web page"},
		{"nonsense, reading", "VerifyStore", answerText("<html>"), fault.Server, "web page"},
		{"login refused", "CompactStore", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, fault.Denied, "refused the login"},
		{"rights taken away", "CompactStore", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, fault.Denied, "refuses this"},
	} {
		t.Run(tc.name, bubble(func(t *testing.T, s *server) {
			c := startJob(t, s, tc.fn, running(10, "40", "x\r\n"), tc.poll)
			_, _, err := follow(t.Context(), c, request_(tc.fn, "id", 1.0))
			wantKind(t, tc.fn, err, tc.kind, "lost sight of the job", tc.want)
			left, ok := errors.AsType[*call.LeftError](err)
			if !ok || left.Job.Token != token || left.Job.Version != 10 || left.Job.Log != "x\n" || left.Job.Fn != tc.fn {
				t.Errorf("%s = %v, want the job it left", tc.fn, err)
			}
		}))
	}
}

// hold is a long poll with nothing new.
func hold(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	wait, _ := time.ParseDuration(r.Form.Get("millisecondsTimeout") + "ms")
	select {
	case <-r.Context().Done():
	case <-time.After(wait):
		running(3, "10", "")(w, r)
	}
}

func TestStoppingLeavesTheJob(t *testing.T) {
	boom := errors.New("callback went wrong")
	for _, tc := range []struct {
		name  string
		cause error
		kind  fault.Kind
		want  string
	}{
		{"no cause", nil, fault.Cancelled, "stopped"},
		{"cause of its own", boom, fault.Cancelled, "callback went wrong"},
		{"cause that is an error for people", &fault.Error{Kind: fault.Script, Message: "sibling failed"}, fault.Cancelled, "sibling failed"},
		{"deadline", context.DeadlineExceeded, fault.Timeout, "time for the call is over"},
	} {
		t.Run(tc.name, bubble(func(t *testing.T, s *server) {
			c := startJob(t, s, "CompactStore", running(3, "10", "a\r\n"), hold)
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				for s.sent(getStatus) == 0 {
					time.Sleep(time.Millisecond)
				}
				cancel(tc.cause)
			}()
			_, _, err := follow(ctx, c, request_("CompactStore", "id", 1.0))
			wantKind(t, "CompactStore", err, tc.kind, tc.want)
			left, ok := errors.AsType[*call.LeftError](err)
			if !ok || left.Job.Token != token || left.Job.Log != "a\n" {
				t.Fatalf("CompactStore = %v, want the job it left", err)
			}
			if n := s.sent(cancelAsync); n != 0 {
				t.Errorf("the job was cancelled %d times, want it left alone", n)
			}
		}))
	}
}

func TestCallbackThatStopsIsObeyed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), running(4, "11", ""))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		seen := 0
		_, err := c.Call(ctx, request_("CompactStore", "id", 1.0), func(call.Status) {
			seen++
			cancel()
		})
		if _, ok := errors.AsType[*call.LeftError](err); !ok || seen != 1 || s.sent(getStatus) != 0 {
			t.Errorf("CompactStore = %v after %d statuses and %d polls, want the job left after 1 and 0", err, seen, s.sent(getStatus))
		}
	})
}

func TestCancelAsksTheServerAndFollows(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), hold)
		s.on(cancelAsync, func(w http.ResponseWriter, r *http.Request) {
			s.on(getStatus, (&script{steps: []http.HandlerFunc{running(5, "11", "stopping\r\n"), final(6, "cancelled", "stopped\r\n")}}).ServeHTTP)
			answer("null")(w, r)
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			for s.sent(getStatus) == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel(call.ErrCancelJob)
		}()
		answer, report, err := follow(ctx, c, request_("CompactStore", "id", 1.0))
		wantKind(t, "CompactStore", err, fault.Cancelled, "cancelled at the server")
		if want := "3 running 10 \"\"\n5 running 11 \"stopping\\n\" gap\n6 cancelled - \"stopped\\n\"\n"; report != want {
			t.Errorf("reported\n%swant\n%s", report, want)
		}
		if answer.Job == nil || answer.Job.Status != "cancelled" {
			t.Errorf("job = %+v, want it cancelled", answer.Job)
		}
		if got, want := s.last(cancelAsync).raw, "token="+token; got != want || s.sent(cancelAsync) != 1 {
			t.Errorf("cancel-async was sent %d times, last with %s, want once with %s", s.sent(cancelAsync), got, want)
		}
	})
}

func TestJobThatEndsWellDespiteCancelSucceeded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), hold)
		s.on(cancelAsync, func(w http.ResponseWriter, r *http.Request) {
			s.on(getStatus, final(6, "succeeded", ""))
			answer("null")(w, r)
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			for s.sent(getStatus) == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel(call.ErrCancelJob)
		}()
		if _, _, err := follow(ctx, c, request_("CompactStore", "id", 1.0)); err != nil {
			t.Errorf("CompactStore = %v, want success: the server did it", err)
		}
	})
}

func TestTimeLimits(t *testing.T) {
	for _, tc := range []struct {
		name    string
		limit   func(*call.Request)
		want    string
		cancels int
	}{
		{"timeout leaves the job", func(r *call.Request) { r.Timeout = time.Hour }, "not finished within 1h0m0s", 0},
		{"timeout cancels the job", func(r *call.Request) { r.Timeout, r.OnTimeout = time.Hour, call.Cancel }, "not finished within 1h0m0s; the job was cancelled", 1},
		{"stall leaves the job", func(r *call.Request) { r.Stall = time.Hour }, "no news of the job for 1h0m0s", 0},
		{"stall cancels the job", func(r *call.Request) { r.Stall, r.OnTimeout = time.Hour, call.Cancel }, "no news of the job for 1h0m0s; the job was cancelled", 1},
	} {
		t.Run(tc.name, bubble(func(t *testing.T, s *server) {
			c := startJob(t, s, "CompactStore", running(3, "10", ""), hold)
			s.on(cancelAsync, func(w http.ResponseWriter, r *http.Request) {
				s.on(getStatus, final(6, "cancelled", ""))
				answer("null")(w, r)
			})
			req := request_("CompactStore", "id", 1.0)
			tc.limit(&req)
			_, _, err := follow(t.Context(), c, req)
			wantKind(t, "CompactStore", err, fault.Timeout, tc.want)
			if _, left := errors.AsType[*call.LeftError](err); left != (tc.cancels == 0) {
				t.Errorf("CompactStore = %v, job left %v, want %v", err, left, tc.cancels == 0)
			}
			if n := s.sent(cancelAsync); n != tc.cancels {
				t.Errorf("cancel-async was sent %d times, want %d", n, tc.cancels)
			}
		}))
	}
}

func TestNewsPutOffTheStallLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		version := 3
		c := startJob(t, s, "CompactStore", running(3, "0", ""), func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(10 * time.Second)
			if version++; version == 100 {
				final(version, "succeeded", "")(w, r)
				return
			}
			running(version, "1", "")(w, r)
		})
		req := request_("CompactStore", "id", 1.0)
		req.Stall = 15 * time.Second
		if _, _, err := follow(t.Context(), c, req); err != nil {
			t.Errorf("CompactStore = %v, want success: there was news every 10 s", err)
		}
	})
}

func TestAttachGoesOnFromTheStoredVersion(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), running(12, "60", "more\r\n"), final(20, "succeeded", "end\r\n"))
		stored := call.Job{Fn: "CompactStore", Token: token, Version: 9, Log: "before\n", Elapsed: time.Hour}
		answer, report, err := follow(t.Context(), c, call.Request{Attach: &stored})
		if err != nil {
			t.Fatal(err)
		}
		if want := "12 running 60 \"more\\n\" gap\n20 succeeded - \"end\\n\"\n"; report != want {
			t.Errorf("reported\n%swant\n%s", report, want)
		}
		if answer.Job.Log != "before\nmore\nend\n" || answer.Job.Elapsed < time.Hour {
			t.Errorf("job = %+v, want the log and the time before attached", answer.Job)
		}
		if n := s.sent("CompactStore"); n != 0 {
			t.Errorf("CompactStore was started %d times, want 0", n)
		}
		if got := s.last(getStatus).args.Get("lastKnownStatusVersion"); got != "12" {
			t.Errorf("last poll named version %s, want 12", got)
		}
		_, _, err = follow(t.Context(), c, call.Request{Fn: "CompactStore", Attach: &call.Job{}})
		wantKind(t, "attach without token", err, fault.Invalid, "no token")
	})
}

// The transport must wait longer than the server holds a poll.
func TestPollMayTakeLongerThanACall(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(22 * time.Second)
			final(4, "succeeded", "")(w, r)
		})
		if _, _, err := follow(t.Context(), c, request_("CompactStore", "id", 1.0)); err != nil {
			t.Errorf("CompactStore = %v, want success", err)
		}
		if n := s.sent(getStatus); n != 1 {
			t.Errorf("%d polls, want 1", n)
		}
	})
}

// A server that does not hold the poll must not be asked thousands of times.
func TestPollsDoNotSpin(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), running(3, "10", ""))
		req := request_("CompactStore", "id", 1.0)
		req.Timeout = time.Minute
		_, _, err := follow(t.Context(), c, req)
		wantKind(t, "CompactStore", err, fault.Timeout)
		if n := s.sent(getStatus); n > 40 {
			t.Errorf("%d polls in a minute, want at most 40", n)
		}
	})
}

// A server that holds the poll is asked when it has answered, not before.
func TestQuietJobIsPolledAtTheServersPace(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", running(3, "10", ""), hold)
		req := request_("CompactStore", "id", 1.0)
		req.Timeout = 10 * time.Minute
		_, _, err := follow(t.Context(), c, req)
		wantKind(t, "CompactStore", err, fault.Timeout)
		if n := s.sent(getStatus); n < 30 || n > 31 {
			t.Errorf("%d polls in ten minutes, want one for each 20 s", n)
		}
	})
}

func TestServerThatIsAwayForAWhileDoesNotEndAJob(t *testing.T) {
	for _, tc := range []struct {
		away time.Duration
		kind fault.Kind
	}{{time.Minute, ""}, {10 * time.Minute, fault.Unknown}} {
		t.Run(tc.away.String(), bubble(func(t *testing.T, s *server) {
			c := startJob(t, s, "CompactStore", running(3, "10", "a\r\n"), hold)
			good := c.line.connect
			back := time.Now().Add(tc.away)
			dials := 0
			c.line.connect = func(ctx context.Context) (net.Conn, *dialError) {
				if dials++; time.Now().Before(back) {
					return nil, &dialError{message: "no connection", err: syscall.ECONNREFUSED}
				}
				s.on(getStatus, final(9, "succeeded", "b\r\n"))
				return good(ctx)
			}
			go func() {
				for s.sent(getStatus) == 0 {
					time.Sleep(time.Millisecond)
				}
				s.CloseClientConnections()
			}()
			_, report, err := follow(t.Context(), c, request_("CompactStore", "id", 1.0))
			if tc.kind != "" {
				wantKind(t, "CompactStore", err, tc.kind, "lost sight of the job")
				if left, ok := errors.AsType[*call.LeftError](err); !ok || left.Job.Token != token {
					t.Errorf("CompactStore = %v, want the job it left", err)
				}
			} else if want := "3 running 10 \"a\\n\"\n9 succeeded - \"b\\n\" gap\n"; err != nil || report != want {
				t.Errorf("reported\n%s%v, want\n%s", report, err, want)
			}
			if dials > 12 {
				t.Errorf("%d dials, want a dozen at most", dials)
			}
		}))
	}
}

func TestStartReplyThatIsLostIsUnknown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		c := startJob(t, s, "CompactStore", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, hold)
		_, _, err := follow(t.Context(), c, request_("CompactStore", "id", 1.0))
		wantKind(t, "CompactStore", err, fault.Unknown)
		if n := s.sent("CompactStore"); n != 1 {
			t.Errorf("CompactStore was started %d times, want 1", n)
		}
	})
}

// Goal 8 of PERFORMANCE.md: the end of a job is seen at once, because the poll
// waits at the server.
func TestEndOfAJobIsSeenAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var ended time.Time
		c := startJob(t, s, "VerifyStore", running(3, "10", ""), func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(7 * time.Second)
			ended = time.Now()
			final(5, "succeeded", "")(w, r)
		})
		if _, _, err := follow(t.Context(), c, verify()); err != nil {
			t.Fatal(err)
		}
		if late := time.Since(ended); late != 0 {
			t.Errorf("the end was seen after %v, want at once", late)
		}
	})
}
