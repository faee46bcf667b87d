package world

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"moonpost/engine/sandbox/answer"
)

// ErrToken says that a token is not known, or not known any more.
var ErrToken = errors.New("unknown token")

// Status returns the status of a job once it is newer than the version known,
// at the latest after the timeout: then the last status is repeated. It returns
// ErrToken for a token that is not known and the context's error when it ends.
func (w *World) Status(ctx context.Context, token string, known int64, timeout time.Duration) (answer.Status, error) {
	end := time.NewTimer(timeout)
	defer end.Stop()
	for over := timeout <= 0; ; {
		s, wait, wake, err := w.look(token, known, over)
		if err != nil || wake == nil {
			return s, err
		}
		next := time.NewTimer(wait)
		select {
		case <-next.C:
		case <-wake:
		case <-end.C:
			over = true
		case <-ctx.Done():
			next.Stop()
			return answer.Status{}, ctx.Err()
		}
		next.Stop()
	}
}

// look returns the status, or how long to wait for a newer one and what ends
// the wait early.
func (w *World) look(token string, known int64, over bool) (answer.Status, time.Duration, <-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	j := w.jobOf(token)
	if j == nil {
		return answer.Status{}, 0, nil, ErrToken
	}
	switch {
	case j.version > known:
		return j.status(known), 0, nil, nil
	case over && w.opts.Behaviour.RepeatLog:
		return j.status(j.version - 1), 0, nil, nil
	case over:
		return j.status(j.version), 0, nil, nil
	}
	wait := time.Hour // a finished job gets no newer status
	if j.code == answer.Running && !j.held {
		wait = w.clock.until(j.due)
	}
	return answer.Status{}, wait, w.clock.wake, nil
}

// jobOf returns the job of a token; nil when it is not known, or not any more.
func (w *World) jobOf(token string) *job {
	if j := w.work.byToken[token]; j != nil && !w.expired(j) {
		return j
	}
	return nil
}

// Cancel asks a job to stop. It goes on for a moment; the code of its last
// status tells. It returns ErrToken for a token that is not known.
func (w *World) Cancel(token string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	j := w.jobOf(token)
	if j == nil {
		return ErrToken
	}
	w.cancel(j)
	return nil
}

func (w *World) cancel(j *job) {
	if j.code != answer.Running || j.cancelled {
		return
	}
	j.cancelled = true
	if j.held {
		return
	}
	j.due = min(j.due, w.clock.now()+cancelTakes)
	heap.Fix(&w.work.running, j.place)
	w.clock.wakeAll()
}

// Forget makes a token unknown, as a restart of the server does; the job goes
// on.
func (w *World) Forget(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.work.byToken, token)
}
