package journal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"moonpost/engine/journal"
	"moonpost/engine/journal/journaltest"
	"moonpost/engine/journal/sqlite"
)

// life is one life of a run: a process that holds it.
type life struct {
	*testing.T
	store *sqlite.Store
	w     *journal.Writer
	*journal.Hold
}

// owners decides alone who lives.
type owners struct{ living string }

func (owners) Self() string                       { return "self" }
func (o owners) Alive(owner string) (bool, error) { return owner == o.living, nil }
func (owners) Close() error                       { return nil }

// live begins the run of a folder, or takes it.
func live(t *testing.T, folder string) *life {
	t.Helper()
	s, err := sqlite.Open(t.Context(), folder, journaltest.Signer)
	if err != nil {
		t.Fatal(err)
	}
	l := &life{T: t, store: s, w: journal.NewWriter(s, nil)}
	if run, missing := s.Run(t.Context(), "r1"); missing != nil {
		l.Hold, err = journal.Begin(t.Context(), l.w, journaltest.Clear{}, journaltest.Sample("r1"), journal.Source{}, time.Now)
	} else {
		l.Hold, err = journal.Take(t.Context(), l.w, journaltest.Clear{}, owners{"somebody"}, run, time.Now)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.die() })
	return l
}

// die ends the process: what is queued is written, the run stays running.
func (l *life) die() {
	l.Helper()
	if err := errors.Join(l.w.Close(), l.store.Close()); err != nil {
		l.Fatal(err)
	}
}

func id(fn, key, args string) journal.Identity {
	return journal.Identity{Target: "mail", Fn: fn, Key: key, Args: journaltest.Signer.Sign("args", []byte(args))}
}

// do records a call that succeeds.
func (l *life) do(f *journal.Frame, fn, key, args string) journal.Step {
	l.Helper()
	s, err := f.Intend(l.Context(), journal.Intent{Identity: id(fn, key, args), Before: []byte("before")})
	if err == nil {
		s, err = l.Finish(s, journal.Outcome{State: journal.Done, By: journal.ByReply, Result: []byte(args)})
	}
	if err != nil {
		l.Fatal(err)
	}
	return s
}

// claims describes what a claim says: the number of the step, of the one that was
// passed, and whether a later one is there.
func (l *life) claims(f *journal.Frame, fn, key, args string) string {
	c := f.Claim(id(fn, key, args))
	text := "new"
	if c.Step != nil {
		text = fmt.Sprint(c.Step.Seq)
	}
	if c.Passed != nil {
		text += fmt.Sprint(" passed ", c.Passed.Seq)
	}
	if c.Later {
		text += " later"
	}
	return text
}

func (l *life) want(what, got, want string) {
	l.Helper()
	if got != want {
		l.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestAToggleStaysAToggle(t *testing.T) {
	folder := t.TempDir()
	l := live(t, folder)
	for _, state := range []string{"a", "b", "a"} {
		l.do(l.Top(), "SetStore", "7", state)
	}
	l.want("a call that this process made", l.claims(l.Top(), "SetStore", "7", "a"), "new")
	l.die()

	l = live(t, folder)
	if n := len(l.Left()); n != 3 {
		t.Errorf("Left before the playbook = %d steps, want 3", n)
	}
	l.want("first a", l.claims(l.Top(), "SetStore", "7", "a"), "1 later")
	l.want("another store", l.claims(l.Top(), "SetStore", "8", "a"), "new")
	l.want("changed arguments", l.claims(l.Top(), "SetStore", "7", "c"), "new passed 2")
	l.want("second a, before b", l.claims(l.Top(), "SetStore", "7", "a"), "3 passed 2")
	l.want("b", l.claims(l.Top(), "SetStore", "7", "b"), "2")
	l.want("a third a", l.claims(l.Top(), "SetStore", "7", "a"), "new")
	step := l.do(l.Top(), "SetStore", "7", "a")
	l.want("its number", fmt.Sprint(step.Seq, step.Nth, step.Epoch), "4 3 2")
	_, before, result, err := l.Whole(t.Context(), 2)
	l.want("what is sealed", fmt.Sprintf("%s %s %v", before, result, err), "before b <nil>")
}

func TestAScopeThatSucceededIsSkippedWithItsSteps(t *testing.T) {
	folder := t.TempDir()
	l := live(t, folder)
	ada, bob := l.Top().Enter("ada"), l.Top().Enter("bob")
	l.do(ada.Enter("inner"), "SetStore", "7", "on") // the same call as bob's
	l.do(bob, "SetStore", "7", "on")
	if err := errors.Join(ada.Leave(journal.ScopeSucceeded, true, []byte(`"value"`)), bob.Leave(journal.ScopeFailed, false, nil)); err != nil {
		t.Fatal(err)
	}
	l.die()

	l = live(t, folder)
	ada, bob = l.Top().Enter("ada"), l.Top().Enter("bob")
	value, ok, err := ada.Skip()
	l.want("ada", fmt.Sprintf("%s %v %v", value, ok, err), `"value" true <nil>`)
	if _, ok, _ := bob.Skip(); ok {
		t.Error("a scope that failed is skipped")
	}
	if _, ok, _ := l.Top().Enter("ada").Skip(); ok {
		t.Error("the second scope of a key is skipped for the first")
	}
	l.want("bob's call", l.claims(bob, "SetStore", "7", "on"), "2")
	l.want("one more", l.claims(bob, "SetStore", "7", "on"), "new")
}

func TestReadsBeforeTheLastStepAreRecalled(t *testing.T) {
	folder := t.TempDir()
	users := journal.Question{Target: "mail", Fn: "GetUsers"}
	l := live(t, folder)
	l.Top().Keep(users, []byte("[]"))
	f, gone := l.Top().Enter("ada"), l.Top().Enter("bob")
	f.Keep(users, []byte("[1]"))
	gone.Keep(users, []byte("[3]"))
	l.do(f, "CreateUser", "ada", "")
	l.do(gone, "CreateUser", "bob", "")
	f.Keep(users, []byte("[2]")) // no step follows it
	if err := gone.Leave(journal.ScopeSucceeded, true, nil); err != nil {
		t.Fatal(err)
	}
	l.die()

	l = live(t, folder)
	for _, c := range []struct {
		what string
		f    *journal.Frame
		want []string
	}{
		{"the top level, whose item had a step", l.Top(), []string{"[] true", " false"}},
		{"an open scope", l.Top().Enter("ada"), []string{"[1] true", " false"}},
		{"a scope that succeeded", l.Top().Enter("bob"), []string{" false"}},
	} {
		for _, want := range c.want {
			answer, ok, err := c.f.Recall(t.Context(), users)
			if err != nil {
				t.Fatal(err)
			}
			l.want(c.what, fmt.Sprintf("%s %v", answer, ok), want)
		}
	}
}

func TestAnIntentIsOnDiskBeforeItReturns(t *testing.T) {
	folder := t.TempDir()
	l := live(t, folder)
	step, err := l.Top().Enter("ada").Intend(t.Context(), journal.Intent{Identity: id("CreateUser", "ada", "")})
	if err != nil {
		t.Fatal(err)
	}
	other, err := sqlite.Open(t.Context(), folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for got, err := range other.Steps(t.Context(), journal.StepFilter{Run: "r1"}) {
		l.want("the step on disk", fmt.Sprint(got.State, got.Seq, err), fmt.Sprint(journal.Intended, step.Seq, nil))
	}
	again, err := l.Top().Again(t.Context(), step, nil)
	l.want("once more", fmt.Sprint(again.Attempt, again.Seq, err), "2 1 <nil>")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := l.Top().Intend(ctx, journal.Intent{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Intend after the end of its context = %v, want %v", err, context.Canceled)
	}
}

func TestAnOutcomeGetsToTheDiskByItself(t *testing.T) {
	l := live(t, t.TempDir())
	l.do(l.Top(), "CreateUser", "ada", "")
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		for s, err := range l.store.Steps(t.Context(), journal.StepFilter{States: []journal.StepState{journal.Done}}) {
			if err != nil || s.Seq != 1 {
				t.Fatalf("Steps = %+v, %v; want the first", s, err)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatal("nobody waits for the outcome, and it is not on disk after a minute")
		}
	}
}

func TestWhoLostARunSendsNothingMore(t *testing.T) {
	folder := t.TempDir()
	first := live(t, folder)
	first.do(first.Top(), "CreateUser", "ada", "")
	second := live(t, folder) // its owner counts as dead, and is not
	if _, err := first.Top().Intend(t.Context(), journal.Intent{}); !errors.Is(err, journal.ErrLost) {
		t.Errorf("Intend of who lost the run = %v, want %v", err, journal.ErrLost)
	}
	if err := first.Interrupt(t.Context(), journal.End{}); !errors.Is(err, journal.ErrLost) {
		t.Errorf("Interrupt of who lost the run = %v, want %v", err, journal.ErrLost)
	}
	second.do(second.Top(), "CreateUser", "bob", "")
	if err := second.End(t.Context(), journal.End{At: time.Now(), Outcome: "ok"}, true); err != nil {
		t.Fatal(err)
	}
	run, err := second.store.Run(t.Context(), "r1")
	second.want("the run", fmt.Sprint(run.State, run.Epoch, run.End.Outcome, err), "closed2ok<nil>")
	if _, err := journal.Take(t.Context(), second.w, journaltest.Clear{}, owners{}, run, time.Now); !errors.Is(err, journal.ErrConflict) {
		t.Errorf("Take of a closed run = %v, want %v", err, journal.ErrConflict)
	}
	run.State, run.Owner = journal.Running, "somebody"
	if _, err := journal.Take(t.Context(), second.w, journaltest.Clear{}, owners{"somebody"}, run, time.Now); !errors.Is(err, journal.ErrConflict) {
		t.Errorf("Take of a run whose owner lives = %v, want %v", err, journal.ErrConflict)
	}
}

func TestOwnersLiveAsLongAsTheirProcess(t *testing.T) {
	folder := t.TempDir()
	var a, b *journal.Locks
	for _, l := range []**journal.Locks{&a, &b} {
		var err error
		if *l, err = journal.NewLocks(folder); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what, owner string
		want        bool
	}{{"itself", a.Self(), true}, {"another", b.Self(), true}, {"none", "", false}, {"a path", "../x", false}, {"a stranger", "0123", false}} {
		if alive, err := a.Alive(c.owner); alive != c.want || err != nil {
			t.Errorf("Alive(%s) = %v, %v; want %v", c.what, alive, err, c.want)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if alive, err := a.Alive(b.Self()); alive || err != nil {
		t.Errorf("Alive of one that has ended = %v, %v; want false", alive, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}
