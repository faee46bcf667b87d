package display

import (
	"fmt"
	"io"
	"sync"
	"time"

	"moonpost/engine/event"
)

// Lines is an event.Sink for machines.
type Lines struct {
	w   io.Writer
	now func() time.Time

	mu     sync.Mutex
	buffer []byte
	timer  *time.Timer // set while something waits in buffer
	err    error       // the first one
	closed bool
}

const (
	flushAfter = 100 * time.Millisecond
	flushAbove = 64 << 10
)

// JSONLines returns a sink that writes every event to w as one line of JSON, as
// event.JSON has it, with the time that now gives. A line is written a tenth of
// a second after its event at the latest, the end of a run at once.
func JSONLines(w io.Writer, now func() time.Time) *Lines {
	return &Lines{w: w, now: now}
}

// Emit takes e. After Close and after an error of writing, it does nothing.
func (l *Lines) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.closed {
		return
	}
	text, err := event.JSON(e, l.now())
	if err != nil {
		l.err = err
		return
	}
	l.buffer = append(append(l.buffer, text...), '\n')
	if _, end := e.(event.RunEnded); end || len(l.buffer) >= flushAbove {
		l.flush()
	} else if l.timer == nil {
		l.timer = time.AfterFunc(flushAfter, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.flush()
		})
	}
}

func (l *Lines) flush() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if len(l.buffer) == 0 {
		return
	}
	if _, err := l.w.Write(l.buffer); err != nil && l.err == nil {
		l.err = fmt.Errorf("write events: %w", err)
	}
	l.buffer = l.buffer[:0]
}

// Close writes what is left and returns the first error, after which events
// were lost. It leaves the writer open and may be called again.
func (l *Lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
	l.closed = true
	return l.err
}
