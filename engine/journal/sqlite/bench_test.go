package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"moonpost/engine/journal"
	"moonpost/engine/journal/journaltest"
	"moonpost/engine/journal/sqlite"
)

// BenchmarkFirstOpen makes a new journal: 30 ms at most is the goal.
func BenchmarkFirstOpen(b *testing.B) {
	folder := b.TempDir()
	i := 0
	for b.Loop() {
		i++
		s, err := sqlite.Open(b.Context(), filepath.Join(folder, fmt.Sprint(i)), journaltest.Signer)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = s.Close()
		b.StartTimer()
	}
}

// BenchmarkReopen opens a journal that is there: 5 ms at most is the goal.
func BenchmarkReopen(b *testing.B) {
	folder := b.TempDir()
	for b.Loop() {
		s, err := sqlite.Open(b.Context(), folder, journaltest.Signer)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = s.Close()
		b.StartTimer()
	}
}

// BenchmarkIntend records an intent and an outcome for each call, with many
// tasks at once.
func BenchmarkIntend(b *testing.B) {
	for _, tasks := range []int{1, 32, 256} {
		b.Run(fmt.Sprint(tasks), func(b *testing.B) {
			w, h := begin(b, b.TempDir())
			defer w.Close()
			var n atomic.Int64
			b.SetParallelism((tasks + 1) / 2)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					record(b, h, fmt.Sprint("user", n.Add(1)))
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

// BenchmarkTake takes a run with 100,000 finished steps and claims each.
func BenchmarkTake(b *testing.B) {
	const steps = 100_000
	folder := b.TempDir()
	w, _ := begin(b, folder)
	defer w.Close()
	id := func(i int) journal.Identity {
		return journal.Identity{Target: "mail:8463", Fn: "CreateUser", Key: fmt.Sprint("user", i), Args: journaltest.Signer.Sign("", fmt.Append(nil, i))}
	}
	for i := 0; i < steps; i += 1000 {
		c := journal.Change{Run: "r1", Epoch: 1}
		for i := i; len(c.Steps) < 1000; i++ {
			n := uint64(i + 1)
			c.Scopes = append(c.Scopes, journal.Scope{Run: "r1", ID: n, Key: fmt.Sprint("user", i), Nth: 1, State: journal.ScopeOpen})
			c.Steps = append(c.Steps, journal.Step{
				Run: "r1", Seq: n, Scope: n, Identity: id(i), Nth: 1, Names: []string{"userName", "privileges"},
				Epoch: 1, Attempt: 1, Intended: time.Now(), Ended: time.Now(), State: journal.Done, By: journal.ByReply, Result: make([]byte, 60),
			})
		}
		if err := w.Write(c)(); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		run, err := w.Store().Run(b.Context(), "r1")
		if err != nil {
			b.Fatal(err)
		}
		h, err := journal.Take(b.Context(), w, journaltest.Clear{}, alone{}, run, time.Now)
		if err != nil {
			b.Fatal(err)
		}
		for i := range steps {
			if h.Top().Enter(fmt.Sprint("user", i)).Claim(id(i)).Step == nil {
				b.Fatalf("step %d was not claimed", i)
			}
		}
	}
	b.ReportMetric(float64(peak(b)), "peak-MB")
}

// alone is the only owner.
type alone struct{}

func (alone) Self() string               { return "o2" }
func (alone) Alive(string) (bool, error) { return false, nil }
func (alone) Close() error               { return nil }

// peak returns the most memory that this process ever used.
func peak(tb testing.TB) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Skip("no figure of the memory here")
	}
	var kb int
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			break
		}
	}
	return kb >> 10
}

func begin(tb testing.TB, folder string) (*journal.Writer, *journal.Hold) {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), folder, journaltest.Signer)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	w := journal.NewWriter(s, nil)
	h, err := journal.Begin(tb.Context(), w, journaltest.Clear{}, journaltest.Sample("r1"), journal.Source{}, time.Now)
	if err != nil {
		tb.Fatal(err)
	}
	return w, h
}

func record(tb testing.TB, h *journal.Hold, key string) {
	step, err := h.Top().Intend(tb.Context(), journal.Intent{
		Identity: journal.Identity{Target: "mail:8463", Fn: "CreateUser", Key: key}, Names: []string{"userName", "privileges"},
	})
	if err == nil {
		_, err = h.Finish(step, journal.Outcome{State: journal.Done, By: journal.ByReply, Result: []byte(`{"ok":true}`)})
	}
	if err != nil {
		tb.Error(err)
	}
}
