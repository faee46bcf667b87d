package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// Times of an interruption. Together with a pending answer they keep the way
// out within five seconds, unless a job is being cancelled.
const (
	graceForCalls = 3 * time.Second // for calls in flight to get their answers
	timeToAnswer  = 5 * time.Second // for the question what becomes of a job
	timeToWindUp  = 2 * time.Second // for a run that was told to end
)

// interruption is how signals stop the work of a command. The first signal
// stops new calls, gives those in flight a moment, settles what becomes of
// running jobs and ends the work's context; the second one ends the command at
// once.
type interruption struct {
	notify func() (signals <-chan os.Signal, stop func())
	brake  *brake
	sink   event.Sink
	answer func() <-chan string // one typed line; nil where nobody can be asked
}

// outcome is what became of supervised work.
type outcome[T any] struct {
	value  T
	err    error
	signal os.Signal // the first one, nil when none came
	left   bool      // the work did not end: value and err are not set
}

// supervise runs work until it ends, or until signals end it.
func supervise[T any](ctx context.Context, in interruption, work func(context.Context) (T, error)) outcome[T] {
	signals, stop := in.notify()
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var o outcome[T]
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		o.err = guard(func() (err error) {
			o.value, err = work(ctx)
			return err
		})
	}()
	select {
	case <-ended:
		return o
	case first := <-signals:
		in.windDown(first, signals, ended, cancel)
		select {
		case <-ended:
			o.signal = first
			return o
		default:
			return outcome[T]{signal: first, left: true}
		}
	}
}

// failure returns the error that the command ends with, nil when work went well.
func (o outcome[T]) failure(op string) error {
	switch {
	case o.left:
		return &endedError{signalCode(o.signal), &fault.Error{
			Kind: fault.Cancelled, Op: op, Message: "interrupted by " + nameOf(o.signal) + " before it could end in order",
		}}
	case o.signal != nil && fault.KindOf(o.err) == fault.Cancelled:
		return &endedError{signalCode(o.signal), o.err}
	}
	return o.err
}

// windDown leads work from the first signal to its end, and returns when it has
// ended or is to be abandoned: at a second signal, or when it does not end.
func (in interruption) windDown(first os.Signal, signals <-chan os.Signal, ended <-chan struct{}, cancel context.CancelCauseFunc) {
	in.brake.pull()
	in.say(event.Warn, "interrupted: no further calls are started; press Ctrl-C again to stop at once")
	cause := &fault.Error{Kind: fault.Cancelled, Message: "interrupted by " + nameOf(first)}

	var answer <-chan string
	asked, giveUp := false, time.After(graceForCalls)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for over := false; !over; {
		calls, jobs := in.brake.inFlight()
		if len(jobs) > 0 && !asked && in.answer != nil && first == os.Interrupt {
			asked = true
			in.say(event.Warn, question(jobs))
			answer, giveUp = in.answer(), time.After(timeToAnswer)
		}
		if calls == 0 && (answer == nil || len(jobs) == 0) {
			break
		}
		select {
		case <-ended:
			return
		case <-signals:
			return
		case text := <-answer:
			answer = nil
			if strings.EqualFold(strings.TrimSpace(text), "c") {
				cause.Err = call.ErrCancelJob
			}
		case <-giveUp:
			over = true
		case <-tick.C:
		}
	}
	cancel(&signalled{cause, first})
	var limit <-chan time.Time
	if cause.Err == nil {
		limit = time.After(timeToWindUp)
	}
	select {
	case <-ended:
	case <-signals:
	case <-limit:
		in.say(event.Warn, "the work did not stop in time and is abandoned")
	}
}

// signalled is the cause of a context that a signal ended.
type signalled struct {
	err    *fault.Error
	signal os.Signal
}

func (s *signalled) Error() string { return s.err.Error() }

func (s *signalled) Unwrap() error { return s.err }

// ExitCode returns the code that a run ends with which the signal ended.
func (s *signalled) ExitCode() int { return signalCode(s.signal) }

// interruption returns what signals do to work with that brake.
func (p *program) interruption(b *brake, to *talk) interruption {
	in := interruption{notify: p.Notify, brake: b, sink: to.sink}
	if p.StdinTerminal && p.StderrTerminal {
		in.answer = func() <-chan string { return typed(p.Stdin, to.entered) }
	}
	return in
}

func (in interruption) say(level event.Level, text string) {
	in.sink.Emit(event.Log{Level: level, Message: text})
}

// question asks what becomes of running jobs.
func question(jobs []string) string {
	const most = 3
	named := strings.Join(jobs[:min(len(jobs), most)], ", ")
	if more := len(jobs) - most; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	are, them, leaving := "is", "it", "it goes on"
	if len(jobs) > 1 {
		are, them, leaving = "are", "them", "they go on"
	}
	return fmt.Sprintf("%s %s still running: type c and Enter within %.0f seconds to cancel %s at the server; else moonpost ends and %s there",
		named, are, timeToAnswer.Seconds(), them, leaving)
}

func nameOf(s os.Signal) string {
	if s == os.Interrupt {
		return "Ctrl-C"
	}
	return "signal " + s.String()
}

// signalCode returns the exit code of work that a signal ended.
func signalCode(s os.Signal) int {
	if s == os.Interrupt {
		return fault.ExitInterrupted
	}
	return fault.ExitTerminated
}

// typed reads one line from r, in the background, and calls entered at its end.
// It takes no byte beyond it.
func typed(r io.Reader, entered func()) <-chan string {
	out := make(chan string, 1)
	go func() {
		var text []byte
		var b [1]byte
		for {
			n, err := r.Read(b[:])
			if n == 1 && b[0] == '\n' {
				entered()
				break
			}
			if err != nil {
				break
			}
			text = append(text, b[:n]...)
		}
		out <- string(text)
	}()
	return out
}
