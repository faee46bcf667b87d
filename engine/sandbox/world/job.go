package world

import (
	"container/heap"
	"fmt"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

const (
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
	held    []*job // of frozen instances: due is the time that is left
	kept    int    // weight of the results of those in order
}

func newJobs() jobs { return jobs{byToken: map[string]*job{}} }

type job struct {
	token   string
	fn      string
	reads   bool     // it changes nothing
	archive *archive // nil: the whole SPE
	work    *Work
	next    int           // the stage that comes next
	due     time.Duration // when it is done
	place   int           // in the heap
	held    bool          // not in the heap

	version   int64
	code      string
	percent   any
	text      string
	lines     []logged
	result    any
	weight    int // of the result
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
		return w.failed(c.fn.name, tooMany())
	}
	j := c.begin(c.fn.name, work)
	if twist != Forgets {
		w.work.byToken[j.token] = j
		w.work.order = append(w.work.order, j)
	}
	return j.status(0)
}

// begin sets a work going in the archive of the call.
func (c *Call) begin(fn string, work *Work) *job {
	c.changes++
	work.begins()
	j := &job{
		token: c.token(), fn: fn, reads: c.fn.reads, archive: c.archive,
		version: firstVersion, code: answer.Running, percent: 0.0,
	}
	j.goOn(work)
	j.due = c.clock.now() + j.takes()
	heap.Push(&c.work.running, j)
	return j
}

// goOn takes up a work; a first stage that takes no time is over at once.
func (j *job) goOn(work *Work) {
	j.work, j.next = work, 0
	if len(work.Stages) > 0 && work.Stages[0].Takes == 0 && work.Stages[0].Do == nil {
		j.log(work.Stages[0].Log)
		j.next = 1
	}
}

// both returns a function that runs two that may be nil.
func both(first, second func(string)) func(string) {
	return func(code string) {
		for _, f := range []func(string){first, second} {
			if f != nil {
				f(code)
			}
		}
	}
}

func tooMany() *Problem {
	return problem("Too many operations are running.", "Es laufen zu viele Vorgänge.")
}

func (w *World) token() string {
	if w.Started {
		return fmt.Sprintf("%016x%016x", w.rng.Uint64(), w.rng.Uint64())
	}
	w.Started = true
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
			heap.Fix(&w.work.running, j.place)
			continue
		}
		j.ended = j.due
		heap.Remove(&w.work.running, j.place)
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
	w.changes++
	j.version += 1 + int64(w.rng.IntN(12)) // versions were seen to jump
	switch {
	case j.cancelled:
		j.log("Operation cancelled.")
		w.end(j, answer.Cancelled, nil, nil)
	case j.next < len(j.work.Stages):
		stage := &j.work.Stages[j.next]
		j.next++
		if stage.Do != nil {
			if err := stage.Do(); err != nil {
				w.end(j, answer.Failed, nil, err)
				return
			}
		}
		j.percent, j.text = stage.Percent, stage.Text
		j.log(stage.Log)
		if stage.Say != nil {
			j.log(stage.Say())
		}
	case j.work.Done == nil:
		w.end(j, answer.Succeeded, nil, nil)
	default:
		result, err := j.work.Done()
		if more, ok := result.(*Work); ok && err == nil {
			more.Ended = both(more.Ended, j.work.Ended)
			more.begins()
			j.goOn(more)
			return
		}
		if err != nil {
			w.end(j, answer.Failed, nil, err)
			return
		}
		w.end(j, answer.Succeeded, result, nil)
	}
}

// end gives a job its last status.
func (w *World) end(j *job, code string, result any, err error) {
	j.work.ended(code)
	if code == answer.Cancelled {
		code = w.opts.Behaviour.Cancelled
	}
	j.code, j.result, j.percent, j.text = code, result, nil, ""
	if err != nil {
		j.failure = w.failed(j.fn, err).Error
	}
	if w.work.byToken[j.token] != j { // nobody can read it
		j.result = nil
	}
	j.weight = weight(j.result)
	w.work.kept += j.weight
}

func (j *job) log(lines string) {
	if lines != "" {
		j.lines = append(j.lines, logged{j.version, lines + "\r\n"})
	}
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
