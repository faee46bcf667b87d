package world

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/sandbox/answer"
)

// slowStore is a world with one store of 80,000 messages: VerifyStore takes
// 13 s of a job's time, and the clock runs as the wall does.
func slowStore(o Options) *World {
	o.Users, o.Stores, o.History, o.JobSpeed = -1, 1, -1, 1
	w := New(o)
	w.Archives[""].Stores[0].Count = 80_000
	return w
}

func status(t *testing.T, w *World, token string, known int64, timeout time.Duration) answer.Status {
	t.Helper()
	s, err := w.Status(t.Context(), token, known, timeout)
	if err != nil {
		t.Fatalf("Status(%s, %d) = %v", token, known, err)
	}
	return s
}

func TestAJobIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := slowStore(Options{})
		start := time.Now()
		s := w.Invoke("VerifyStore", args("id=1"), Straight)
		if s.Token != "b3af0ebae4dd755d1a54b9756817baee" || s.Version != 3 || s.Code != "running" || s.Percent != 0.0 {
			t.Fatalf("first status = %+v, want token, version 3, running, 0", s)
		}
		var log strings.Builder
		log.WriteString(s.Log)
		token, seen := s.Token, 1
		for s.Code == answer.Running {
			next := status(t, w, token, s.Version, time.Minute)
			if next.Version <= s.Version {
				t.Fatalf("version %d follows %d", next.Version, s.Version)
			}
			log.WriteString(next.Log)
			s = next
			seen++
		}
		if s.Token != "" || s.Percent != nil || s.Result != nil || s.Code != "succeeded" {
			t.Errorf("last status = %+v, want no token, no percent, succeeded", s)
		}
		if took := time.Since(start); took != 13*time.Second {
			t.Errorf("the job took %v, want 13s", took)
		}
		want := "Verifying file group #1...\r\nCreating a list of messages to be verified...\r\n"
		for i := range 8 {
			want += fmt.Sprintf(" %d messages verified...\r\n", 10_000*(i+1))
		}
		want += "Finished. No errors were found.\r\n"
		if log.String() != want {
			t.Errorf("log = %q, want %q", log.String(), want)
		}
		if seen < 8 {
			t.Errorf("%d statuses, want one for every step", seen)
		}
		if again := status(t, w, token, s.Version, 0); again.Code != "succeeded" || again.Log != "" {
			t.Errorf("the last status read again = %+v, want succeeded and no log", again)
		}
	})
}

func TestALongPollEndsWithItsTimeout(t *testing.T) {
	for _, repeat := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := slowStore(Options{Behaviour: Behaviour{RepeatLog: repeat}})
			s := w.Invoke("VerifyStore", args("id=1"), Straight)
			start := time.Now()
			again := status(t, w, s.Token, s.Version, 900*time.Millisecond)
			if took := time.Since(start); took != 900*time.Millisecond {
				t.Errorf("the status came after %v, want 900ms", took)
			}
			wantLog := ""
			if repeat {
				wantLog = s.Log
			}
			if again.Version != s.Version || again.Log != wantLog {
				t.Errorf("repeated status = version %d, log %q; want %d, %q", again.Version, again.Log, s.Version, wantLog)
			}
		})
	}
}

func TestAdvanceWakesThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := slowStore(Options{})
		s := w.Invoke("VerifyStore", args("id=1"), Straight)
		start := time.Now()
		var last answer.Status
		var wait sync.WaitGroup
		wait.Go(func() { last = status(t, w, s.Token, s.Version, time.Hour) })
		synctest.Wait()
		w.Advance(time.Minute)
		wait.Wait()
		if last.Code != answer.Succeeded || time.Since(start) != 0 {
			t.Errorf("status = %s after %v, want succeeded at once", last.Code, time.Since(start))
		}
	})
}

func TestCancel(t *testing.T) {
	for _, spelling := range []string{"", "canceled"} {
		synctest.Test(t, func(t *testing.T) {
			w := slowStore(Options{Behaviour: Behaviour{Cancelled: spelling}})
			s := w.Invoke("VerifyStore", args("id=1"), Straight)
			if err := w.Cancel(s.Token); err != nil {
				t.Fatalf("Cancel() = %v", err)
			}
			start := time.Now()
			s = status(t, w, s.Token, s.Version, time.Hour)
			want := spelling
			if want == "" {
				want = "cancelled"
			}
			if s.Code != want || s.Error != nil || !strings.Contains(s.Log, "Operation cancelled.") {
				t.Errorf("status = %+v, want %s", s, want)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("the job noticed after %v, want a second at most", took)
			}
		})
	}
}

func TestTokensAreForgotten(t *testing.T) {
	w := slowStore(Options{})
	if _, err := w.Status(t.Context(), "0123", 0, 0); !errors.Is(err, ErrToken) {
		t.Errorf("Status of an unknown token = %v, want %v", err, ErrToken)
	}
	if err := w.Cancel("0123"); !errors.Is(err, ErrToken) {
		t.Errorf("Cancel of an unknown token = %v, want %v", err, ErrToken)
	}
	s := w.Invoke("VerifyStore", args("id=1"), Straight)
	w.Advance(time.Minute)
	if got := status(t, w, s.Token, 0, 0).Code; got != answer.Succeeded {
		t.Errorf("status = %s, want succeeded", got)
	}
	w.Advance(25 * time.Hour)
	if _, err := w.Status(t.Context(), s.Token, 0, 0); !errors.Is(err, ErrToken) {
		t.Errorf("Status a day after the end = %v, want %v", err, ErrToken)
	}
	w.Invoke("VerifyStore", args("id=1"), Straight)
	if n := len(w.work.byToken); n != 1 {
		t.Errorf("%d tokens are kept, want 1", n)
	}
}

func TestAForgottenTokenLeavesTheWorkGoing(t *testing.T) {
	w := New(Options{Stores: 1, History: -1})
	s := w.Invoke("UpgradeStore", args("id=1"), Forgets)
	if s.Code != answer.Running {
		t.Fatalf("UpgradeStore(1) = %s, want running", s.Code)
	}
	if _, err := w.Status(t.Context(), s.Token, 0, 0); !errors.Is(err, ErrToken) {
		t.Errorf("Status = %v, want %v", err, ErrToken)
	}
	w.Advance(time.Hour)
	if got := call(t, w, "GetStores"); !strings.Contains(got, `"needsUpgrade":false`) {
		t.Errorf("GetStores() = %s, want the upgrade done", got)
	}
}

func TestEveryCallCanRunAsAJob(t *testing.T) {
	w := New(Options{JobAfter: -1})
	if s := finish(t, w, "GetServerInfo"); compact(t, s.Result) != `{"version":"25.3.1.23062","machineName":"MAILSTORE"}` {
		t.Errorf("GetServerInfo() = %s", compact(t, s.Result))
	}
	if s := finish(t, w, "DeleteUser", "userName=nobody"); s.Code != answer.Failed || s.Error.Message != "The user 'nobody' does not exist." {
		t.Errorf("DeleteUser(nobody) = %s %+v, want failed", s.Code, s.Error)
	}
	verified := finish(t, w, "VerifyStore", "id=11") // a job already
	for _, line := range []string{"Verifying file group #11...\r\n", " messages verified...\r\n", "Finished. No errors were found.\r\n"} {
		if !strings.Contains(verified.Log, line) {
			t.Errorf("VerifyStore(11): log lacks %q:\n%s", line, verified.Log)
		}
	}
	if s := finish(t, w, "UpgradeStores"); s.Code != answer.Succeeded || !strings.Contains(s.Log, "Finished: ") { // a job already
		t.Errorf("UpgradeStores() = %s with log %q, want its own log", s.Code, s.Log)
	}
	s := w.Invoke("CreateUser", args("userName=ada", "privileges=login", "fullName=Ada"), Half)
	w.Advance(time.Hour)
	if s := status(t, w, s.Token, 0, 0); s.Code != answer.Failed {
		t.Errorf("CreateUser by half = %s, want failed", s.Code)
	}
	if u := w.Archives[""].Users["ada"]; u == nil || u.FullName != "" {
		t.Errorf("CreateUser by half left %+v, want a user without a name", u)
	}
}

func TestStatusEndsWithItsContext(t *testing.T) {
	w := slowStore(Options{})
	s := w.Invoke("VerifyStore", args("id=1"), Straight)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Status(ctx, s.Token, s.Version, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Status = %v, want %v", err, context.Canceled)
	}
}

func TestJobsAreBounded(t *testing.T) {
	w := slowStore(Options{})
	for i := range maxJobs {
		if s := w.Invoke("VerifyStore", args("id=1"), Straight); s.Error != nil {
			t.Fatalf("job %d = %q", i, s.Error.Message)
		}
	}
	if got, want := refused(t, w, "VerifyStore", "id=1"), "Too many operations are running."; got != want {
		t.Errorf("one job more = %q, want %q", got, want)
	}
	w.Advance(time.Minute)
	for range maxJobs / 2 {
		w.Invoke("VerifyStore", args("id=1"), Straight)
	}
	if n := len(w.work.byToken); n > maxJobs {
		t.Errorf("%d tokens are kept, want %d at most", n, maxJobs)
	}
}

// TestAJobThatIsHeldKeepsNobodyElseOut has a job of a frozen instance stay while
// many others come and go.
func TestAJobThatIsHeldKeepsNobodyElseOut(t *testing.T) {
	w := spe()
	first := w.Invoke("UpgradeStores", args("instanceID=alpha"), Straight)
	call(t, w, "FreezeInstances", "instanceFilter=alpha")
	for i := range 3 * maxJobs {
		if s := w.Invoke("VerifyStore", args("instanceID=bravo", "id=1"), Straight); s.Error != nil {
			t.Fatalf("job %d = %q", i, s.Error.Message)
		}
		if i%1000 == 0 {
			w.Advance(time.Minute)
		}
	}
	if n := len(w.work.byToken); n > maxJobs+1 {
		t.Errorf("%d tokens are kept, want %d at most", n, maxJobs+1)
	}
	if s := status(t, w, first.Token, 0, 0); s.Code != answer.Running {
		t.Errorf("the job of the frozen instance is %s, want running", s.Code)
	}
}

// TestLargeResultsAreForgottenEarlier reads a long list again and again.
func TestLargeResultsAreForgottenEarlier(t *testing.T) {
	w := New(Options{Users: 2000, Stores: -1, History: -1})
	last := ""
	for range 200 {
		last = w.Invoke("GetFolderStatistics", nil, Straight).Token
		w.Advance(time.Hour / 2)
		if s := status(t, w, last, 0, 0); s.Code != answer.Succeeded {
			t.Fatalf("a result that was just made is %s", s.Code)
		}
	}
	sum := 0
	for _, j := range w.work.order {
		sum += len(j.result.(answer.List))
	}
	if sum != w.work.kept || sum > maxKept+20_000 {
		t.Errorf("the results that are kept have %d items, counted as %d, want %d at most", sum, w.work.kept, maxKept)
	}
	if len(w.work.order) != len(w.work.byToken) {
		t.Errorf("%d jobs are kept with %d tokens", len(w.work.order), len(w.work.byToken))
	}
}

// TestConcurrentCalls is for the race detector: calls of all kinds at once.
func TestConcurrentCalls(t *testing.T) {
	w := New(Options{JobSpeed: 10_000})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			name := fmt.Sprintf("userName=user%d", i)
			for j := range 50 {
				w.Invoke("CreateUser", args(name, "privileges=login"), Straight)
				w.Invoke("SetUserPrivilegesOnFolder", args(name, fmt.Sprintf("folder=f%d", j), "privileges=read"), Straight)
				answer.Text(w.Invoke("GetUserInfo", args(name), Straight).Result)
				answer.Text(w.Invoke("GetUsers", nil, Straight).Result)
				answer.Text(w.Invoke("GetChildFolders", nil, Straight).Result)
				s := w.Invoke("RunProfile", args("id=1"), Straight)
				status(t, w, s.Token, s.Version, time.Millisecond)
				w.Cancel(s.Token)
				w.Effects()
			}
		})
	}
	wait.Wait()
	created := 0
	for _, e := range w.Effects() {
		if e.Fn == "CreateUser" {
			created += e.Count
		}
	}
	if created != 8 {
		t.Errorf("CreateUser took effect %d times, want 8", created)
	}
}
