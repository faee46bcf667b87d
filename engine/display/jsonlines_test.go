package display

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/event"
)

func TestJSONLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		lines := JSONLines(&out, time.Now)
		lines.Emit(event.Log{Level: event.Info, Message: "a\nb"})
		lines.Emit(event.Printed{Text: "c\n"})
		time.Sleep(flushAfter - time.Millisecond)
		if got := out.String(); got != "" {
			t.Errorf("after 99 ms %q is written, want nothing", got)
		}
		time.Sleep(2 * time.Millisecond)
		want := `{"type":"log","at":"2000-01-01T00:00:00Z","level":"info","message":"a\nb"}` + "\n" +
			`{"type":"printed","at":"2000-01-01T00:00:00Z","text":"c\n"}` + "\n"
		if got := out.String(); got != want {
			t.Errorf("after 101 ms %q is written, want %q", got, want)
		}
		lines.Emit(event.MapStarted{Map: 1})
		lines.Emit(event.RunEnded{Run: "r1"})
		if got := out.String(); !strings.HasSuffix(got, "}\n") || !strings.Contains(got, `"run":"r1"`) {
			t.Errorf("the end of a run is not written at once: %q", got)
		}
		lines.Emit(event.MapStarted{Map: 7})
		if err := lines.Close(); err != nil {
			t.Errorf("Close = %v, want nil", err)
		}
		if got := out.String(); !strings.Contains(got, `"map":7`) {
			t.Errorf("after Close the last event is missing: %q", got)
		}
		before := out.String()
		lines.Emit(event.MapStarted{Map: 8})
		if err := lines.Close(); err != nil || out.String() != before {
			t.Errorf("an event after Close is written, or Close = %v", err)
		}
	})
}

func TestJSONLinesOfManyCallers(t *testing.T) {
	const callers, each = 8, 2000
	var out buffer
	lines := JSONLines(&out, time.Now)
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				lines.Emit(event.CallStarted{Call: uint64(i), Fn: fmt.Sprint(caller)})
			}
		})
	}
	wg.Wait()
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	var next [callers]uint64
	for line := range strings.Lines(out.String()) {
		var e struct {
			Call uint64
			Fn   int `json:"fn,string"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if next[e.Fn] != e.Call {
			t.Fatalf("caller %d: event %d comes when %d is due", e.Fn, e.Call, next[e.Fn])
		}
		next[e.Fn]++
	}
	if want := [callers]uint64{each, each, each, each, each, each, each, each}; next != want {
		t.Errorf("%v events are written, want %v", next, want)
	}
}

func TestJSONLinesReportsWhatWasLost(t *testing.T) {
	full := errors.New("disk full")
	lines := JSONLines(failing{full}, time.Now)
	for range 10 {
		lines.Emit(event.RunEnded{})
	}
	for range 2 {
		if err := lines.Close(); !errors.Is(err, full) {
			t.Errorf("Close = %v, want %v", err, full)
		}
	}

	lines = JSONLines(io.Discard, time.Now)
	lines.Emit(event.RunEnded{Elapsed: math.Inf(1)})
	if err := lines.Close(); err == nil {
		t.Error("Close = nil after an event that is no JSON, want its error")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkJSONLines(b *testing.B) {
	lines := JSONLines(io.Discard, time.Now)
	var e event.Event = event.CallEnded{Call: 1, Fn: "CreateUser", Outcome: event.OutcomeOK, Attempts: 1, Elapsed: 0.0123}
	b.ReportAllocs()
	for b.Loop() {
		lines.Emit(e)
	}
	if err := lines.Close(); err != nil {
		b.Fatal(err)
	}
}
