package world

import (
	"time"

	"moonpost/engine/sandbox/answer"
)

// Work is what a call does over time. Durations are in a job's time.
type Work struct {
	Stages []Stage
	Done   func() (any, error) // when all stages are done, under the world's lock; nil: the result is null; a *Work goes on as part of this one
	Begins func()              // as it begins, under the world's lock; nil: nothing
	Ended  func(code string)   // however it ends, under the world's lock; nil: nothing
}

// Stage is one step of a Work: it takes its time, then it has its effect and
// shows as one new status.
type Stage struct {
	Takes   time.Duration
	Percent float64
	Text    string        // statusText
	Log     string        // lines for logOutput, joined with CRLF; the last one is ended for it
	Do      func() error  // under the world's lock; nil: nothing
	Say     func() string // more lines, which only Do knows; nil: none
}

func (w *Work) takes() time.Duration {
	var sum time.Duration
	for i := range w.Stages {
		sum += w.Stages[i].Takes
	}
	return sum
}

// halve makes the work fail after half of its stages.
func (w *Work) halve() {
	w.Stages = append(w.Stages[:len(w.Stages)/2:len(w.Stages)/2], Stage{Do: func() error { return Injected() }})
}

// run does all of it at once and returns the result.
func (w *Work) run() (result any, err error) {
	w.begins()
	for i := range w.Stages {
		if do := w.Stages[i].Do; do != nil && err == nil {
			err = do()
		}
	}
	if w.Done != nil && err == nil {
		result, err = w.Done()
	}
	code := answer.Succeeded
	if err != nil {
		code = answer.Failed
	}
	w.ended(code)
	return result, err
}

func (w *Work) begins() {
	if w.Begins != nil {
		w.Begins()
	}
}

func (w *Work) ended(code string) {
	if w.Ended != nil {
		w.Ended(code)
	}
}
