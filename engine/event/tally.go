package event

import "sync/atomic"

// Tally is a Sink that passes every event on and counts what a run's summary
// and exit code are made of. It is safe for concurrent use.
type Tally struct {
	next   Sink
	counts struct{ calls, changes, items, failed, unknown, warnings atomic.Int64 }
}

// NewTally returns a Tally in front of next; nil stands for Discard.
func NewTally(next Sink) *Tally {
	if next == nil {
		next = Discard
	}
	return &Tally{next: next}
}

// Emit counts e and passes it on.
func (t *Tally) Emit(e Event) {
	switch e := e.(type) {
	case CallEnded:
		t.counts.calls.Add(1)
		switch {
		case e.Outcome == OutcomeUnknown:
			t.counts.unknown.Add(1)
		case e.Outcome == OutcomeOK && e.Changing:
			t.counts.changes.Add(1)
		}
	case ItemEnded:
		t.counts.items.Add(1)
		if e.Counted && e.Outcome == OutcomeFailed {
			t.counts.failed.Add(1)
		}
	case Log:
		if e.Level == Warn {
			t.counts.warnings.Add(1)
		}
	}
	t.next.Emit(e)
}

// Counts returns what was counted so far.
func (t *Tally) Counts() Counts {
	c := &t.counts
	return Counts{
		Calls: c.calls.Load(), Changes: c.changes.Load(), Items: c.items.Load(),
		Failed: c.failed.Load(), Unknown: c.unknown.Load(), Warnings: c.warnings.Load(),
	}
}
