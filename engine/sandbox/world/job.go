package world

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

// ErrToken says that a token is not known, or not known any more.
var ErrToken = errors.New("unknown token")

const (
	// keepJob is how long, in a job's time, the last status of a finished job
	// stays readable. The real figure is not known.
	keepJob = 24 * time.Hour
	// maxJobs bounds how many jobs are kept; beyond it the oldest finished
	// ones are forgotten first.
	maxJobs = 10_000
	// cancelTakes is how long a job takes at most to notice that it is
	// cancelled.
	cancelTakes = time.Second
	// firstVersion is the first status version of a job (using-the-api.txt).
	firstVersion = 3
	// firstToken is the token of the first job. It is the one of
	// using-the-api.txt, so that its examples work as they are printed.
	firstToken = "b3af0ebae4dd755d1a54b9756817baee"
)

// jobs are the calls that run over time. They need no goroutine: settle brings
// them up to the clock whenever anybody looks.
type jobs struct {
	byToken map[string]*job
	order   []*job // oldest first
	running due
	started bool // a token was given out
}

func newJobs() jobs { return jobs{byToken: map[string]*job{}} }

type job struct {
	token  string
	fn     string
	work   *Work
	next   int           // the stage that comes next
	due    time.Duration // when it is done
	place  int           // in the heap
	stopAt int           // stage before which it fails, for a half effect; -1: none

	version   int64
	code      string
	percent   any
	text      string
	lines     []logged
	result    any
	failure   *answer.Failure
	cancelled bool
	ended     time.Duration
}

type logged struct {
	version int64
	text    string
}

// startJob makes a job of the work and returns its first status.
func (w *World) startJob(c *Call, work *Work, twist Twist) answer.Status {
	if !w.makeRoom() {
		return w.failed(c.fn.name, problem("Too many operations are running.", "Es laufen zu viele Vorgänge."))
	}
	j := &job{
		token: w.token(), fn: c.fn.name, work: work, stopAt: -1,
		version: firstVersion, code: answer.Running, percent: 0.0,
	}
	if c.half {
		j.stopAt = len(work.Stages) / 2
	}
	if len(work.Stages) > 0 && work.Stages[0].Takes == 0 {
		j.log(work.Stages[0].Log)
		j.next = 1
	}
	j.due = w.clock.now() + j.takes()
	heap.Push(&w.work.running, j)
	if twist != Forgets {
		w.work.byToken[j.token] = j
		w.work.order = append(w.work.order, j)
	}
	return j.status(0)
}

// makeRoom forgets finished jobs until there is place for one more, and reports
// whether there is.
func (w *World) makeRoom() bool {
	kept := w.work.order[:0]
	excess := len(w.work.order) - maxJobs + 1
	for _, j := range w.work.order {
		over := j.code != answer.Running
		if over && (excess > 0 || w.clock.now()-j.ended > keepJob) {
			delete(w.work.byToken, j.token)
			excess--
			continue
		}
		kept = append(kept, j)
	}
	clear(w.work.order[len(kept):])
	w.work.order = kept
	return len(kept) < maxJobs && len(w.work.running) < maxJobs
}

func (w *World) token() string {
	if w.work.started {
		return fmt.Sprintf("%016x%016x", w.rng.Uint64(), w.rng.Uint64())
	}
	w.work.started = true
	return firstToken
}

// settle brings all jobs up to the present.
func (w *World) settle() {
	if len(w.work.running) == 0 {
		return
	}
	for now := w.clock.now(); len(w.work.running) > 0 && w.work.running[0].due <= now; {
		j := w.work.running[0]
		w.step(j)
		if j.code == answer.Running {
			j.due += j.takes()
			heap.Fix(&w.work.running, 0)
			continue
		}
		j.ended = j.due
		heap.Pop(&w.work.running)
	}
}

// takes returns the time till the next stage is done; 0 for the end.
func (j *job) takes() time.Duration {
	if j.next < len(j.work.Stages) {
		return j.work.Stages[j.next].Takes
	}
	return 0
}

// step does the next stage of a job, or its end.
func (w *World) step(j *job) {
	j.version += 1 + int64(w.rng.IntN(12)) // versions were seen to jump
	switch {
	case j.cancelled:
		j.log("Operation cancelled.")
		j.end(w.opts.Behaviour.Cancelled, nil, nil)
	case j.next == j.stopAt:
		j.end(answer.Failed, nil, Injected().failure(w.opts.ErrorTexts, j.fn))
	case j.next < len(j.work.Stages):
		stage := &j.work.Stages[j.next]
		j.next++
		j.percent, j.text = stage.Percent, stage.Text
		j.log(stage.Log)
		if stage.Do == nil {
			return
		}
		if err := stage.Do(); err != nil {
			j.end(answer.Failed, nil, w.failed(j.fn, err).Error)
		}
	case j.work.Done == nil:
		j.end(answer.Succeeded, nil, nil)
	default:
		result, err := j.work.Done()
		if err != nil {
			j.end(answer.Failed, nil, w.failed(j.fn, err).Error)
			return
		}
		j.end(answer.Succeeded, result, nil)
	}
}

func (j *job) log(lines string) {
	if lines != "" {
		j.lines = append(j.lines, logged{j.version, lines + "\r\n"})
	}
}

func (j *job) end(code string, result any, failure *answer.Failure) {
	j.code, j.result, j.failure, j.percent, j.text = code, result, failure, nil, ""
}

// status returns the job's status with the log lines that are newer than a
// version.
func (j *job) status(after int64) answer.Status {
	s := answer.Status{
		Error: j.failure, Token: j.token, Version: j.version, Code: j.code,
		Percent: j.percent, Text: j.text, Result: j.result,
	}
	if j.code != answer.Running {
		s.Token = "" // null in the last status of using-the-api.txt
	}
	var lines strings.Builder
	for _, l := range j.lines {
		if l.version > after {
			lines.WriteString(l.text)
		}
	}
	s.Log = lines.String()
	return s
}

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
	j := w.work.byToken[token]
	if j == nil || j.code != answer.Running && w.clock.now()-j.ended > keepJob {
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
	if j.code == answer.Running {
		wait = w.clock.until(j.due)
	}
	return answer.Status{}, wait, w.clock.wake, nil
}

// Cancel asks a job to stop. It goes on for a moment; the code of its last
// status tells. It returns ErrToken for a token that is not known.
func (w *World) Cancel(token string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	j := w.work.byToken[token]
	if j == nil {
		return ErrToken
	}
	if j.code == answer.Running && !j.cancelled {
		j.cancelled = true
		j.due = min(j.due, w.clock.now()+cancelTakes)
		heap.Fix(&w.work.running, j.place)
		w.clock.wakeAll()
	}
	return nil
}

// Forget makes a token unknown, as a restart of the server does; the job goes
// on.
func (w *World) Forget(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.work.byToken, token)
}

// due is a heap of running jobs, the one that is due first on top.
type due []*job

func (d due) Len() int           { return len(d) }
func (d due) Less(i, k int) bool { return d[i].due < d[k].due }
func (d due) Swap(i, k int) {
	d[i], d[k] = d[k], d[i]
	d[i].place, d[k].place = i, k
}

func (d *due) Push(x any) {
	j := x.(*job)
	j.place = len(*d)
	*d = append(*d, j)
}

func (d *due) Pop() any {
	old := *d
	j := old[len(old)-1]
	old[len(old)-1] = nil
	*d = old[:len(old)-1]
	return j
}
