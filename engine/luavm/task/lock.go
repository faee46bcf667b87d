package task

import (
	"context"
	"runtime"
)

// Block runs fn without the lock, so that other tasks run, and returns its
// error. It is the only way to wait. fn must not touch Lua values but through
// Enter. A panic in fn becomes an error.
func (t *Task) Block(ctx context.Context, fn func(context.Context) error) (err error) {
	if t.free { // called from inside another Block: there is no lock to let go
		return fn(ctx)
	}
	s, L := t.s, t.L
	s.unlock(t)
	defer func() {
		var trace []byte
		p := recover()
		if p != nil {
			trace = stack()
		}
		s.lock(t)
		t.L = L
		if p != nil {
			err = s.opts.Panicked(p, trace)
		}
	}()
	return fn(ctx)
}

// Await waits until done is closed, or returns why the task is to stop.
func (t *Task) Await(done <-chan struct{}) error {
	_ = t.Block(t.ctx, func(ctx context.Context) error {
		select {
		case <-done:
		case <-ctx.Done():
		}
		return nil
	})
	return t.Sticky()
}

// Enter runs fn with the lock, from inside the fn of Block and on its
// goroutine.
func (t *Task) Enter(fn func() error) (err error) {
	if !t.free {
		return fn()
	}
	L := t.L
	t.s.hold(t, func() {
		t.L = L
		err = fn()
	})
	return err
}

// hold runs fn with the lock.
func (s *Scheduler) hold(t *Task, fn func()) {
	s.lock(t)
	defer s.unlock(t)
	fn()
}

// lock and unlock are called by Block and hold alone. sync.Mutex and not a
// queue: a task that calls and waits in turn keeps its processor, and after a
// millisecond of waiting the mutex serves in order of arrival.
func (s *Scheduler) lock(t *Task) {
	if !s.mu.TryLock() {
		s.queue.Add(1)
		s.mu.Lock()
		s.queue.Add(-1)
	}
	s.cur = t
	s.state.G.CurrentThread = t.at
	t.free = false
	s.watchdog.turnBegins()
}

func (s *Scheduler) unlock(t *Task) {
	s.watchdog.turnEnds()
	t.at = s.state.G.CurrentThread
	t.free = true
	s.cur = nil
	s.mu.Unlock()
}

func stack() []byte {
	buf := make([]byte, 16<<10)
	return buf[:runtime.Stack(buf, false)]
}
