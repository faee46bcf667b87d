package display

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/event"
)

// play emits what a run of ten seconds emits, and calls at after each second.
func play(d *Display, at func(second int)) {
	d.Emit(event.RunStarted{Run: "r1", Playbook: "a.lua", Target: "mail"})
	d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 1000})
	d.Emit(event.MapStarted{Map: 2, Label: "メール", Total: -1})
	time.Sleep(3 * time.Millisecond) // so that nothing happens at the very time of a redraw
	for i := 1; i <= 1000; i++ {
		time.Sleep(10 * time.Millisecond)
		switch {
		case i%300 == 0:
			d.Emit(event.ItemEnded{
				Map: 1, Index: i, Key: "ada\x1b[2J", Outcome: event.OutcomeFailed, Counted: true,
				Error: json.RawMessage(`{"kind":"server","op":"api.invoke CreateUser","message":"no \u001b[31mspace","hint":"buy a disk"}`),
			})
		case i == 500:
			d.Emit(event.ItemEnded{Map: 1, Index: i, Outcome: event.OutcomeUnknown, Error: json.RawMessage(`{"kind":"unknown","message":"no answer"}`)})
		default:
			d.Emit(event.ItemEnded{Map: 1, Index: i, Outcome: event.OutcomeOK})
		}
		d.Emit(event.ItemEnded{Map: 2, Index: i, Outcome: event.OutcomeOK})
		d.Emit(event.CallStarted{Call: uint64(i), Fn: "CreateUser"})
		d.Emit(event.CallEnded{Call: uint64(i), Fn: "CreateUser", Outcome: event.OutcomeOK, Attempts: 1, Elapsed: 0.01, Item: i})
		if i%100 != 0 {
			continue
		}
		second := i / 100
		percent := float64(second) * 12.5
		progress := event.JobProgress{
			Call: 5000, Fn: "VerifyStore", Label: "7", Status: "running", Percent: &percent,
			Text: fmt.Sprintf("Verifying folder %d of the archive store", second), Elapsed: float64(second),
		}
		switch second {
		case 2:
			d.Emit(event.Log{Level: event.Info, Message: "halfway\nerror: forged\r\n\x1b[31m"})
			d.Emit(event.Printed{Text: "printed \x1b[31m\n"})
		case 3:
			progress.Log = "checked 1\nchecked 2\n"
			d.Emit(event.Log{Level: event.Debug, Message: "detail", Where: "a.lua:3"})
			d.Emit(event.CallWaiting{Fn: "CreateUser", Reason: "429 Retry-After", Delay: 30})
			d.Emit(event.CallWaiting{Fn: "CreateUser", Reason: "429 Retry-After", Delay: 30})
		case 4:
			d.Emit(event.Log{Level: event.Warn, Message: "careful", Where: "a.lua:4"})
		case 8:
			progress.Status = "succeeded"
		}
		if second <= 8 {
			d.Emit(progress)
			d.Emit(event.JobProgress{Call: 5001, Fn: "RecoverRecords", Status: "running", Elapsed: float64(second)})
		}
		at(second)
	}
	d.Emit(event.CallEnded{Call: 5001, Fn: "RecoverRecords", Outcome: event.OutcomeFailed, Attempts: 2})
	d.Emit(event.MapEnded{Map: 1, Label: "users", OK: 996, Failed: 3, Unknown: 1})
	d.Emit(event.MapEnded{Map: 2, Label: "メール", OK: 1000})
	d.Emit(event.RunEnded{
		Run: "r1", State: "items_failed", Code: 3, Elapsed: 10,
		Counts: event.Counts{Calls: 1000, Changes: 996, Items: 2000, Failed: 3, Unknown: 1, Warnings: 1},
	})
}

func TestBars(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		opts  Options
	}{
		{"bars_20", 20, Options{}},
		{"bars_80", 80, Options{}},
		{"bars_80_ascii", 80, Options{ASCII: true}},
		{"bars_200", 200, Options{}},
		{"bars_width_unknown", 0, Options{}},
		{"bars_quiet", 80, Options{Quiet: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				real := c.width
				if real == 0 {
					real = 80
				}
				screen := newTerminal(t, real)
				c.opts.Out, c.opts.Err, c.opts.Terminal, c.opts.OutTerminal = screen, screen, true, true
				c.opts.Width = func() int { return c.width }
				d := New(c.opts)
				var seen strings.Builder
				play(d, func(second int) {
					if second == 2 || second == 8 {
						time.Sleep(150 * time.Millisecond)
						fmt.Fprintf(&seen, "--- after %d s\n%s", second, screen)
					}
				})
				d.Close()
				fmt.Fprintf(&seen, "--- at the end\n%s", screen)
				golden(t, c.name, seen.String())
				if !screen.clean() {
					t.Error("the cursor is not at the beginning of a new row")
				}
				if strings.ContainsAny(screen.String(), "█░▒") || strings.Contains(screen.String(), "==>") {
					t.Errorf("a bar is left:\n%s", screen)
				}
			})
		})
	}
}

func TestPlainLines(t *testing.T) {
	for _, c := range []struct {
		name string
		opts Options
	}{
		{"plain", Options{}},
		{"plain_quiet", Options{Quiet: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out buffer
				c.opts.Out, c.opts.Err = &out, &out
				d := New(c.opts)
				play(d, func(int) {})
				d.Close()
				golden(t, c.name, out.String())
			})
		})
	}
}

func TestVerboseTellsDetails(t *testing.T) {
	var out buffer
	d := New(Options{Out: io.Discard, Err: &out, Terminal: true, Verbose: true})
	d.Emit(event.Log{Level: event.Debug, Message: "detail", Where: "a.lua:3"})
	d.Emit(event.JobProgress{Call: 3, Fn: "VerifyStore", Label: "7", Status: "running", Log: "checked 1\nchecked 2\n"})
	d.Emit(event.CallStarted{Call: 1, Fn: "GetUsers"})
	d.Emit(event.CallEnded{Call: 1, Fn: "GetUsers", Outcome: event.OutcomeOK, Attempts: 1, Elapsed: 0.0123})
	d.Emit(event.CallEnded{Call: 2, Fn: "CreateUser", Outcome: event.OutcomeFailed, Attempts: 3, Elapsed: 1, Item: 7})
	d.Close()
	want := "debug: detail (a.lua:3)\nVerifyStore 7: checked 1\nVerifyStore 7: checked 2\n" +
		"debug: GetUsers: ok after 12ms\ndebug: CreateUser: failed after 1s, 3 attempts, item 7\n"
	if got := out.String(); got != want {
		t.Errorf("verbose = %q, want %q", got, want)
	}
}

func TestTheLogOfJobsIsShownAboveBarsWhenAskedFor(t *testing.T) {
	const log, end = "VerifyStore 7: checked 1\nVerifyStore 7: checked 2\n", "VerifyStore 7: succeeded, 0:00\n"
	for _, c := range []struct {
		name string
		opts Options
		want string
	}{
		{"asked for", Options{JobLog: true}, log + end},
		{"not asked for", Options{}, ""},
		{"quiet", Options{JobLog: true, Quiet: true}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			screen := newTerminal(t, 80)
			c.opts.Out, c.opts.Err, c.opts.Terminal = io.Discard, screen, true
			d := New(c.opts)
			d.Emit(event.JobProgress{Call: 3, Fn: "VerifyStore", Label: "7", Status: running})
			time.Sleep(time.Second)
			d.Emit(event.JobProgress{Call: 3, Fn: "VerifyStore", Label: "7", Status: running, Log: "checked 1\n"})
			d.Emit(event.JobProgress{Call: 3, Fn: "VerifyStore", Label: "7", Status: "succeeded", Log: "checked 2\n"})
			d.Close()
			if got := screen.String(); got != c.want {
				t.Errorf("%s: the screen shows %q, want %q", c.name, got, c.want)
			}
		})
	}
}

func TestFailuresThatDoNotCountAreLeftToThePlaybook(t *testing.T) {
	var out buffer
	d := New(Options{Out: io.Discard, Err: &out})
	d.Emit(event.MapStarted{Map: 1, Label: "items", Total: 2})
	d.Emit(event.ItemEnded{Map: 1, Index: 1, Outcome: event.OutcomeFailed, Error: json.RawMessage(`{"message":"collected"}`)})
	d.Emit(event.ItemEnded{Map: 1, Index: 2, Outcome: event.OutcomeCancelled})
	d.Emit(event.ItemEnded{Map: 9, Index: 1, Outcome: event.OutcomeFailed, Counted: true})
	d.Emit(event.MapEnded{Map: 1, Label: "items", OK: 2})
	d.Emit(event.MapEnded{Map: 9, Label: "items", OK: 2})
	d.Close()
	if got := out.String(); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestAnUnknownOutcomeIsSaidOnce(t *testing.T) {
	var out buffer
	d := New(Options{Out: io.Discard, Err: &out})
	d.Emit(event.MapStarted{Map: 1, Label: "items", Total: 2})
	for i, message := range []string{"outcome unknown: the connection broke", "no answer"} {
		text := json.RawMessage(fmt.Sprintf(`{"message":%q}`, message))
		d.Emit(event.ItemEnded{Map: 1, Index: i + 1, Outcome: event.OutcomeUnknown, Error: text})
	}
	d.Close()
	want := "items: item 1: outcome unknown: the connection broke\nitems: item 2: no answer (outcome unknown)\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMapsWithinAMapAreToldOfTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		d := New(Options{Out: io.Discard, Err: &out})
		d.Emit(event.MapStarted{Map: 1, Label: "tenants", Total: 40})
		for i := range 40 {
			inner := uint64(i + 2)
			d.Emit(event.MapStarted{Map: inner, Label: "users", Total: 10})
			ended := event.MapEnded{Map: inner, Label: "users", OK: 10, Begun: 10, Total: 10}
			switch i {
			case 20:
				d.Emit(event.ItemEnded{Map: inner, Index: 7, Outcome: event.OutcomeFailed, Counted: true, Error: json.RawMessage(`{"message":"no"}`)})
				ended.OK, ended.Failed = 9, 1
			case 30:
				time.Sleep(6 * time.Second)
			}
			d.Emit(ended)
			d.Emit(event.ItemEnded{Map: 1, Index: i + 1, Outcome: event.OutcomeOK})
		}
		d.Emit(event.MapEnded{Map: 1, Label: "tenants", OK: 40, Begun: 40, Total: 40})
		d.Close()
		want := "tenants: 40 items\nusers: item 7: no\nusers: 9 ok, 1 failed, 0 ms\ntenants: 30/40, 0/min\n" +
			"users: 10 ok, 6.0 s\nusers: 380 ok in 38 maps\ntenants: 40 ok, 6.0 s\n"
		if got := out.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestAMapThatOutlivesTheOneItBeganInIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		d := New(Options{Out: io.Discard, Err: &out, Terminal: true})
		d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 1})
		d.Emit(event.MapStarted{Map: 2, Label: "folders", Total: 1})
		d.Emit(event.MapStarted{Map: 3, Label: "stores", Total: 1})
		d.Emit(event.MapEnded{Map: 3, Label: "stores", OK: 1, Begun: 1, Total: 1})
		d.Emit(event.MapEnded{Map: 1, Label: "users", OK: 1, Begun: 1, Total: 1})
		d.Emit(event.MapEnded{Map: 2, Label: "folders", OK: 1, Begun: 1, Total: 1})
		d.Close()
		if got, want := out.String(), "stores: 1 ok\nusers: 1 ok, 0 ms\nfolders: 1 ok, 0 ms\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestAMapThatEndedEarlySaysWhatIsLeft(t *testing.T) {
	for _, c := range []struct {
		ended event.MapEnded
		want  string
	}{
		{event.MapEnded{OK: 19, Failed: 1, Cancelled: 8, Begun: 28, Total: 60}, "users: 19 ok, 1 failed, 8 cancelled, 32 not begun, 0 ms\n"},
		{event.MapEnded{OK: 3, Cancelled: 1, Begun: 4, Total: -1}, "users: 3 ok, 1 cancelled, 0 ms\n"},
		{event.MapEnded{OK: 3, Begun: 3, Total: 3}, "users: 3 ok, 0 ms\n"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out buffer
			d := New(Options{Out: io.Discard, Err: &out, Terminal: true})
			d.Emit(event.MapStarted{Map: 1, Label: "users", Total: c.ended.Total})
			c.ended.Map, c.ended.Label = 1, "users"
			d.Emit(c.ended)
			d.Close()
			if got := out.String(); got != c.want {
				t.Errorf("%+v gives %q, want %q", c.ended, got, c.want)
			}
		})
	}
}

func TestSmallMapsWithoutALabelAreSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newTerminal(t, 80)
		d := New(Options{Out: screen, Err: screen, Terminal: true, OutTerminal: true})
		for i := range 50 {
			d.Emit(event.MapStarted{Map: uint64(i), Label: "items", Total: 1})
			time.Sleep(time.Millisecond)
			d.Emit(event.ItemEnded{Map: uint64(i), Index: 1, Outcome: event.OutcomeOK})
			d.Emit(event.MapEnded{Map: uint64(i), Label: "items", OK: 1})
		}
		d.Close()
		if screen.count() != 0 {
			t.Errorf("%d writes, want none:\n%s", screen.count(), screen)
		}
	})
}

func TestPrintIsExactInAPipe(t *testing.T) {
	const text = "a\x1b[31m\x00\xff\r\n\ttab\n"
	for _, terminal := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var out buffer
			d := New(Options{Out: &out, Err: io.Discard, Terminal: terminal})
			d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 2})
			time.Sleep(time.Second)
			d.Emit(event.Printed{Text: text})
			synctest.Wait()
			if got := out.String(); got != text {
				t.Errorf("with stderr a terminal: %v, print gives %q, want %q", terminal, got, text)
			}
			d.Close()
		})
	}
}

func TestStreamsKeepTheirOrder(t *testing.T) {
	var both buffer // as with 2>&1
	d := New(Options{Out: &both, Err: &both})
	var want strings.Builder
	for i := range 500 {
		if i%3 == 0 {
			d.Emit(event.Printed{Text: fmt.Sprintf("%d\n", i)})
			fmt.Fprintf(&want, "%d\n", i)
		} else {
			d.Emit(event.Log{Level: event.Info, Message: fmt.Sprint(i)})
			fmt.Fprintf(&want, "info: %d\n", i)
		}
	}
	d.Close()
	if got := both.String(); got != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}

func TestEmitDoesNotWaitForASlowTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan struct{})
		out := &stuck{until: blocked}
		d := New(Options{Out: out, Err: out})
		line := event.Log{Level: event.Info, Message: strings.Repeat("x", 1000)}
		emitted := 0
		go func() {
			for range 3000 { // three times what the queue holds
				d.Emit(line)
				emitted++
			}
		}()
		synctest.Wait()
		if emitted < 1000 || emitted > 2200 {
			t.Errorf("%d lines of a kilobyte taken while nothing can be written, want one or two thousand", emitted)
		}
		close(blocked)
		synctest.Wait()
		d.Close()
		if got, want := out.written, 3000*len("info: \n")+3000*1000; got != want {
			t.Errorf("%d bytes written in the end, want %d", got, want)
		}
	})
}

type stuck struct {
	until   chan struct{}
	written int
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.until
	s.written += len(p)
	return len(p), nil
}

func TestAfterCloseLinesStillAppear(t *testing.T) {
	var out buffer
	d := New(Options{Out: &out, Err: &out})
	d.Emit(event.Log{Level: event.Info, Message: "before"})
	d.Close()
	d.Close()
	d.Emit(event.Log{Level: event.Warn, Message: "after"})
	if got, want := out.String(), "info: before\nwarn: after\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColour(t *testing.T) {
	var out buffer
	d := New(Options{Out: &out, Err: &out, Color: true})
	for _, level := range []event.Level{event.Info, event.Warn, event.Error} {
		d.Emit(event.Log{Level: level, Message: "a: b"})
	}
	d.Close()
	want := "info: a: b\n\x1b[33mwarn:\x1b[0m a: b\n\x1b[31merror:\x1b[0m a: b\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
