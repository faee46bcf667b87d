package journal

import (
	"context"
	"sync"
	"time"
)

// Delay is how long a change that nobody waits for may stay in memory.
const Delay = 50 * time.Millisecond

// Writer writes the changes of many tasks with few commits: while one commit is
// on its way to the disk, all that come meanwhile gather for the next. It is
// safe for concurrent use; a process has one for each store.
//
// After the store has failed it writes nothing more: an operating system that
// could not write a page may call the next attempt a success, so only a new
// process may trust the disk again.
type Writer struct {
	store Store
	head  *HeadFile

	mu     sync.Mutex
	queue  []pending
	err    error // why nothing is written any more
	urgent chan struct{}
	lazy   chan struct{}
	stop   chan struct{}
	ended  chan struct{}

	unsaved int // links since the head was saved; used by the goroutine alone
}

// pending is a change on its way; done is told how it went.
type pending struct {
	change Change
	done   func(error)
}

// headEvery is how many changes the head file may be behind.
const headEvery = 1000

// NewWriter returns a writer of store. head, when not nil, is saved now and
// then and at Close. The caller closes the store after the writer.
func NewWriter(store Store, head *HeadFile) *Writer {
	w := &Writer{
		store: store, head: head,
		urgent: make(chan struct{}, 1), lazy: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.work()
	return w
}

// Store returns the store that it writes.
func (w *Writer) Store() Store { return w.store }

// Write queues the change and returns how to wait until it is on disk. Changes
// get there in the order in which they were queued. Waiting does not end early:
// whoever gives up could not tell whether it is on disk. Errors are those of
// Store.Write, and ErrClosed.
func (w *Writer) Write(change Change) (wait func() error) {
	done := make(chan error, 1)
	w.add(pending{change, func(err error) { done <- err }}, w.urgent)
	return func() error { return <-done }
}

// Later queues the change for the next commit that somebody waits for, or that
// comes after Delay. failed is told when it cannot be written.
func (w *Writer) Later(change Change, failed func(error)) {
	w.add(pending{change, func(err error) {
		if err != nil {
			failed(err)
		}
	}}, w.lazy)
}

func (w *Writer) add(p pending, signal chan struct{}) {
	w.mu.Lock()
	err := w.err
	if err == nil {
		w.queue = append(w.queue, p)
	}
	w.mu.Unlock()
	if err != nil {
		p.done(err)
		return
	}
	select {
	case signal <- struct{}{}:
	default: // it is told already
	}
}

// Close writes what is left and ends the writer. It returns why it failed, when
// it did. Changes that come later get ErrClosed.
func (w *Writer) Close() error {
	w.mu.Lock()
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	w.mu.Unlock()
	<-w.ended
	if w.err == ErrClosed {
		return nil
	}
	return w.err
}

func (w *Writer) work() {
	defer close(w.ended)
	delay := time.NewTimer(time.Hour)
	delay.Stop()
	defer delay.Stop()
	for {
		select {
		case <-w.lazy:
			delay.Reset(Delay)
			select {
			case <-w.urgent:
			case <-delay.C:
			case <-w.stop:
			}
		case <-w.urgent:
		case <-w.stop:
			w.flush()
			w.saveHead(0)
			w.mu.Lock()
			left := w.queue
			w.queue = nil
			if w.err == nil {
				w.err = ErrClosed
			}
			err := w.err
			w.mu.Unlock()
			for _, p := range left {
				p.done(err)
			}
			return
		}
		w.flush()
		w.saveHead(headEvery)
	}
}

// flush writes all that is queued with one commit.
func (w *Writer) flush() {
	w.mu.Lock()
	batch, err := w.queue, w.err
	w.queue = nil
	w.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	errs := make([]error, len(batch))
	if err == nil {
		changes := make([]Change, len(batch))
		for i, p := range batch {
			changes[i] = p.change
		}
		errs = w.store.Write(context.Background(), changes)
		w.unsaved += len(batch)
		err = w.sticky(errs)
	}
	for i, p := range batch {
		if errs[i] == nil {
			errs[i] = err
		}
		p.done(errs[i])
	}
}

// sticky keeps the error that ends all writing. That a run is lost is an error
// of that run alone.
func (w *Writer) sticky(errs []error) error {
	for _, err := range errs {
		if err != nil && !isLost(err) {
			w.mu.Lock()
			w.err = err
			w.mu.Unlock()
			return err
		}
	}
	return nil
}

// saveHead moves the head file on when more than some changes were written
// since. It is no reason to stop: the chain is on disk, its head only older.
func (w *Writer) saveHead(most int) {
	if w.head == nil || w.unsaved <= most {
		return
	}
	if last, err := w.store.Last(context.Background()); err == nil && last.Seq > 0 {
		if w.head.Save(last) == nil {
			w.unsaved = 0
		}
	}
}
