package display

import (
	"io"
	"testing"

	"moonpost/engine/event"
)

func BenchmarkEmitCallEnded(b *testing.B) {
	d := New(Options{Out: io.Discard, Err: io.Discard})
	defer d.Close()
	var e event.Event = event.CallEnded{Call: 1, Fn: "CreateUser", Outcome: event.OutcomeOK}
	b.ReportAllocs()
	for b.Loop() {
		d.Emit(e)
	}
}

func BenchmarkEmitItemEnded(b *testing.B) {
	d := New(Options{Out: io.Discard, Err: io.Discard, Terminal: true})
	defer d.Close()
	d.Emit(event.MapStarted{Map: 1, Label: "users", Total: 1 << 40})
	var e event.Event = event.ItemEnded{Map: 1, Index: 1, Outcome: event.OutcomeOK}
	b.ReportAllocs()
	for b.Loop() {
		d.Emit(e)
	}
}

func BenchmarkPrint(b *testing.B) {
	d := New(Options{Out: io.Discard, Err: io.Discard})
	defer d.Close()
	var e event.Event = event.Printed{Text: "user 12345 has 100 mails\n"}
	b.ReportAllocs()
	for b.Loop() {
		d.Emit(e)
	}
}
