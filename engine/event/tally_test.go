package event

import (
	"sync"
	"testing"
)

type kept struct {
	mu  sync.Mutex
	all []Event
}

func (k *kept) Emit(e Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, e)
}

func TestTallyCounts(t *testing.T) {
	tests := []struct {
		name  string
		event Event
		want  Counts
	}{
		{"a read counts as a call", CallEnded{Outcome: OutcomeOK}, Counts{Calls: 1}},
		{"a change that succeeded counts as a change", CallEnded{Outcome: OutcomeOK, Changing: true}, Counts{Calls: 1, Changes: 1}},
		{"a change that failed is no change", CallEnded{Outcome: OutcomeFailed, Changing: true}, Counts{Calls: 1}},
		{"an unknown outcome is neither failed nor a change", CallEnded{Outcome: OutcomeUnknown, Changing: true}, Counts{Calls: 1, Unknown: 1}},
		{"an item counts", ItemEnded{Outcome: OutcomeOK}, Counts{Items: 1}},
		{"a failed item counts where it says so", ItemEnded{Outcome: OutcomeFailed, Counted: true}, Counts{Items: 1, Failed: 1}},
		{"a failed item that was collected is not counted as failed", ItemEnded{Outcome: OutcomeFailed}, Counts{Items: 1}},
		{"an unknown item is not failed", ItemEnded{Outcome: OutcomeUnknown, Counted: true}, Counts{Items: 1}},
		{"a cancelled item is not failed", ItemEnded{Outcome: OutcomeCancelled, Counted: true}, Counts{Items: 1}},
		{"a warning counts", Log{Level: Warn}, Counts{Warnings: 1}},
		{"another log line does not", Log{Level: Error}, Counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var next kept
			tally := NewTally(&next)
			tally.Emit(tt.event)
			if got := tally.Counts(); got != tt.want {
				t.Errorf("Counts() after %+v = %+v, want %+v", tt.event, got, tt.want)
			}
			if len(next.all) != 1 {
				t.Errorf("%d events were passed on, want 1", len(next.all))
			}
		})
	}
}

func TestTallyIsSafeForManyCallers(t *testing.T) {
	tally := NewTally(nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				tally.Emit(CallEnded{Outcome: OutcomeOK, Changing: true})
			}
		})
	}
	wg.Wait()
	if got, want := tally.Counts(), (Counts{Calls: 8000, Changes: 8000}); got != want {
		t.Errorf("Counts() = %+v, want %+v", got, want)
	}
}
