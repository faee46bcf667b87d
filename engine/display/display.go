// Package display shows a run to people, and writes its events for machines.
// New gives the sink for people: on a terminal, progress bars with log lines
// above them; elsewhere plain lines. JSONLines gives the one for machines.
// WriteResult writes what a run or a call returned.
//
// No line is ever dropped; of progress only the latest is shown, at most ten
// times a second. One goroutine writes to the streams.
package display

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"moonpost/engine/event"
)

// Options say where and how a Display shows things.
type Options struct {
	Out, Err io.Writer // results (print) and talk

	Terminal    bool // Err is a terminal: bars; else plain lines
	OutTerminal bool // Out is a terminal: its text is made harmless and stays above the bars
	Width       func() int
	ASCII       bool // draw with ASCII characters only
	Color       bool // levels of log lines in colour

	JobLog  bool // what jobs log, also above the bars
	Quiet   bool // only results, warnings, errors and failed items
	Verbose bool // also debug lines and every call
}

// Display is an event.Sink for people.
type Display struct {
	opts Options
	jobs atomic.Int32 // rows of jobs, so that most events need no lock

	mu     sync.Mutex
	room   sync.Cond // the queue has become shorter
	queue  []line
	queued int // bytes in queue
	rows   rows
	waited time.Time // when a waiting call was last told
	closed bool

	wake chan struct{} // there is something to do; holds one
	done chan struct{} // the goroutine that writes has ended

	pen pen // of that goroutine
}

// line is text with its line end, for one of the streams.
type line struct {
	text string
	out  bool
}

const (
	redraw = 100 * time.Millisecond // on a terminal
	remind = 5 * time.Second        // between two lines about the same progress elsewhere

	// Emit waits while so many bytes are to be written, because memory is not
	// endless; a pipe that nobody reads stops the run as it stops any program.
	fullQueue = 1 << 20
)

// New returns a Display. Close it to see everything.
func New(o Options) *Display {
	d := &Display{
		opts: o,
		wake: make(chan struct{}, 1),
		done: make(chan struct{}),
		pen:  pen{out: o.Out, err: o.Err, outTerminal: o.OutTerminal},
	}
	d.room.L = &d.mu
	d.pen.frame = d.frame
	go d.write()
	return d
}

// Emit takes e. It returns before e is shown.
func (d *Display) Emit(e event.Event) {
	switch e := e.(type) {
	case event.CallStarted:
		return
	case event.CallEnded:
		if !d.opts.Verbose && d.jobs.Load() == 0 {
			return
		}
	case event.Log:
		if e.Level == event.Debug && !d.opts.Verbose {
			return
		}
	}
	d.mu.Lock()
	for d.queued > fullQueue && !d.closed {
		d.room.Wait()
	}
	d.take(e, time.Now())
	d.jobs.Store(int32(len(d.rows.jobs)))
	closed, wake := d.closed, len(d.queue) > 0 || len(d.rows.order) > 0
	d.mu.Unlock()
	switch {
	case closed:
		<-d.done
		d.mu.Lock()
		d.pen.write(d.queue)
		d.queue, d.queued = nil, 0
		d.mu.Unlock()
	case wake:
		d.nudge()
	}
}

// Close shows what is left, removes the bars and returns when that is done. It
// may be called again.
func (d *Display) Close() {
	d.mu.Lock()
	d.closed = true
	d.room.Broadcast()
	d.mu.Unlock()
	d.nudge()
	<-d.done
}

// Entered says that a person ended a line, which moved the cursor below the bars
// down by one.
func (d *Display) Entered() { d.pen.entered.Add(1) }

func (d *Display) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// write is the goroutine that writes.
func (d *Display) write() {
	defer close(d.done)
	var ticker *time.Ticker
	var ticks <-chan time.Time
	for {
		var now time.Time
		select {
		case <-d.wake:
		case now = <-ticks:
		}

		d.mu.Lock()
		if !d.opts.Terminal && !d.opts.Quiet && !now.IsZero() {
			for _, text := range d.rows.due(now) {
				d.say(text)
			}
		}
		lines, closed, live := d.queue, d.closed, len(d.rows.order) > 0
		d.queue, d.queued = nil, 0
		d.room.Broadcast()
		d.mu.Unlock()

		d.pen.write(lines)
		switch {
		case closed:
			d.pen.endBars()
			if ticker != nil {
				ticker.Stop()
			}
			return
		case live && ticker == nil:
			period := redraw
			if !d.opts.Terminal {
				period = time.Second
			}
			ticker = time.NewTicker(period)
			ticks = ticker.C
		case now.IsZero():
			// Bars begin and end at a tick, so that short work does not flicker.
		case live && d.opts.Terminal && !d.opts.Quiet:
			d.pen.beginBars()
		case !live:
			d.pen.endBars()
			ticker.Stop()
			ticker, ticks = nil, nil
		}
	}
}

// frame returns the rows of the bars as they are now.
func (d *Display) frame() []string {
	width := 0
	if d.opts.Width != nil {
		width = d.opts.Width()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rows.draw(style{width: width, ascii: d.opts.ASCII}, time.Now())
}
