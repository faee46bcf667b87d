package display

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/event"
)

func TestEachStreamGetsItsLinesUnderBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, err buffer
		d := New(Options{Out: &out, Err: &err, Terminal: true, OutTerminal: true})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 2})
		time.Sleep(time.Second)
		d.Emit(event.Printed{Text: "result\n"})
		d.Emit(event.Log{Level: event.Info, Message: "talk"})
		time.Sleep(time.Second)
		d.Close()
		if got := out.String(); got != "result\n" {
			t.Errorf("standard output = %q, want %q", got, "result\n")
		}
		if got := err.String(); strings.Count(got, "info: talk\n") != 1 || strings.Contains(got, "result") || strings.Contains(got, turn) {
			t.Errorf("standard error = %q, want the talk in it once, and no result", got)
		}
	})
}

func TestNoLineIsLost(t *testing.T) {
	const callers, each = 8, 500
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true, OutTerminal: true})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: callers * each})
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				for i := range each {
					d.Emit(event.Log{Level: event.Info, Message: fmt.Sprintf("caller %d line %d", caller, i)})
					d.Emit(event.ItemEnded{Map: 1, Index: i + 1, Outcome: event.OutcomeOK})
					if i%7 == 0 {
						time.Sleep(time.Duration(caller) * time.Millisecond)
					}
				}
			})
		}
		wg.Wait()
		d.Emit(event.MapEnded{Map: 1, Label: "users", OK: callers * each})
		d.Close()
		next := [callers]int{}
		for line := range strings.Lines(screen.String()) {
			var caller, i int
			if _, err := fmt.Sscanf(line, "info: caller %d line %d", &caller, &i); err != nil {
				continue
			}
			if next[caller] != i {
				t.Fatalf("caller %d: line %d comes when %d is due", caller, i, next[caller])
			}
			next[caller]++
		}
		for caller, n := range next {
			if n != each {
				t.Errorf("caller %d: %d lines shown, want %d", caller, n, each)
			}
		}
	})
}

func TestTheSameLineTwiceIsShownTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 2})
		time.Sleep(1050 * time.Millisecond)
		for range 3 { // each within its own frame, above the same rows
			d.Emit(event.Log{Level: event.Info, Message: "again"})
			time.Sleep(100 * time.Millisecond)
		}
		d.Close()
		if got := strings.Count(screen.String(), "info: again\n"); got != 3 {
			t.Errorf("the line is shown %d times, want 3:\n%s", got, screen)
		}
	})
}

func TestRedrawsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 100_000})
		for i := range 10_000 { // for ten seconds
			d.Emit(event.ItemEnded{Map: 1, Index: i + 1, Outcome: event.OutcomeOK})
			time.Sleep(time.Millisecond)
		}
		if screen.count() > 100 {
			t.Errorf("%d redraws in ten seconds of progress, want 100 at most", screen.count())
		}
		before := screen.count()
		time.Sleep(20 * time.Second)
		if idle := screen.count() - before; idle > 25 {
			t.Errorf("%d redraws in twenty seconds in which only the clock changes, want about one a second", idle)
		}
		d.Close()
	})
}

func TestTypedCharactersLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 2})
		time.Sleep(time.Second)
		fmt.Fprint(screen, "^C") // as the terminal echoes it
		d.Emit(event.Log{Level: event.Warn, Message: "interrupted"})
		time.Sleep(time.Second)
		d.Close()
		if got, want := screen.String(), "warn: interrupted\n"; got != want {
			t.Errorf("the screen shows %q, want %q", got, want)
		}
	})
}

func TestALineTypedBelowTheBarsLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true})
		d.Emit(event.Log{Level: event.Warn, Message: "before"})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 2})
		d.Emit(event.JobProgress{Call: 1, Fn: "VerifyStore", Label: "1", Status: running})
		time.Sleep(time.Second)
		fmt.Fprint(screen, "^Cc\n") // as the terminal echoes it
		d.Entered()
		d.Emit(event.Log{Level: event.Warn, Message: "cancelled"})
		time.Sleep(time.Second)
		d.Close()
		if got, want := screen.String(), "warn: before\nwarn: cancelled\n"; got != want {
			t.Errorf("the screen shows %q, want %q", got, want)
		}
	})
}

func TestManyJobsFitOnAScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true})
		for i := range 40 {
			d.Emit(event.JobProgress{Call: uint64(i), Fn: "VerifyStore", Label: fmt.Sprint(i), Status: "running"})
		}
		time.Sleep(time.Second)
		if got := strings.Count(screen.String(), "\n"); got != most || !strings.Contains(screen.String(), "and 31 more\n") {
			t.Errorf("40 jobs take %d rows, want %d and the number of the others:\n%s", got, most, screen)
		}
		for i := range 40 {
			d.Emit(event.CallEnded{Call: uint64(i)})
		}
		d.Close()
		if got := screen.String(); got != "" {
			t.Errorf("left on the screen:\n%s", got)
		}
	})
}
