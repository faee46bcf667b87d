package task

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"moonpost/engine/fault"
)

// watchdog looks from outside at the task that holds the lock: how long it has
// held it, and how large the heap has become. Single instructions can double a
// string, so counting instructions would notice too late.
type watchdog struct {
	s     *Scheduler
	tick  time.Duration
	turn  atomic.Uint64 // odd while a task holds the lock
	spins atomic.Uint64 // turn to warn about
	large atomic.Uint64 // bytes of live heap when it was over the limit

	asleep atomic.Bool // no task has held the lock for a tick
	wake   chan struct{}
	quit   chan struct{}
	heap   []metrics.Sample
}

const (
	heapObjects = "/memory/classes/heap/objects:bytes"
	heapLive    = "/gc/heap/live:bytes"
)

func (w *watchdog) init(s *Scheduler) {
	w.s = s
	w.tick = min(s.opts.SpinAfter/4, 10*time.Millisecond)
	w.wake = make(chan struct{}, 1)
	w.quit = make(chan struct{})
	w.heap = []metrics.Sample{{Name: heapObjects}, {Name: heapLive}}
}

// start starts the watchdog and returns what ends it.
func (w *watchdog) start() (end func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.watch()
	}()
	return func() {
		close(w.quit)
		<-done
	}
}

// turnBegins and turnEnds are called by the task that takes or lets go the lock.
func (w *watchdog) turnBegins() {
	w.turn.Add(1)
	if w.asleep.Load() && w.asleep.Swap(false) {
		w.wake <- struct{}{}
	}
}

func (w *watchdog) turnEnds() { w.turn.Add(1) }

func (w *watchdog) watch() {
	ticker := time.NewTicker(w.tick)
	defer ticker.Stop()
	var turn uint64
	began := time.Now()
	for {
		select {
		case <-ticker.C:
		case <-w.quit:
			return
		}
		switch now := w.turn.Load(); {
		case now != turn:
			turn, began = now, time.Now()
		case now%2 == 0:
			// Nothing runs: sleep, so that a run that waits for hours costs nothing.
			w.asleep.Store(true)
			if w.turn.Load() != now && w.asleep.Swap(false) {
				continue
			}
			ticker.Stop()
			select {
			case <-w.wake:
			case <-w.quit:
				return
			}
			ticker.Reset(w.tick)
			continue
		case time.Since(began) >= w.s.opts.SpinAfter && w.s.queue.Load() > 0 && w.spins.Load() != now:
			w.spins.Store(now)
			w.s.meter.alarm.Store(true)
		}
		if bytes := w.overLimit(); bytes > 0 {
			w.large.Store(bytes)
			w.s.meter.alarm.Store(true)
		}
	}
}

// overLimit returns the bytes of live heap if they are over the limit, else 0.
// Garbage does not count, so it collects before it says so.
func (w *watchdog) overLimit() uint64 {
	limit := w.s.opts.MaxMemory
	if limit == 0 {
		return 0
	}
	metrics.Read(w.heap)
	if w.heap[0].Value.Uint64() <= limit {
		return 0
	}
	runtime.GC()
	metrics.Read(w.heap)
	if live := w.heap[1].Value.Uint64(); live > limit {
		return live
	}
	return 0
}

// tell passes on to t, which holds the lock, what the watchdog saw.
func (w *watchdog) tell(t *Task) {
	if bytes := w.large.Swap(0); bytes > 0 {
		w.s.limit(&fault.Error{
			Kind: fault.Limit, Op: "run",
			Message: fmt.Sprintf("more than %d MiB of memory in use", w.s.opts.MaxMemory>>20),
			Hint:    "keep fewer values at a time: iterate instead of collecting",
		})
	}
	if w.spins.Load() == w.turn.Load() && !t.warned && w.s.opts.Spinning != nil {
		t.warned = true
		w.s.opts.Spinning(t)
	}
}
