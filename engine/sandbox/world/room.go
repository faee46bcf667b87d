package world

import (
	"slices"
	"time"

	"moonpost/engine/sandbox/answer"
)

// What is kept of jobs is bounded.
const (
	// keepJob is how long, in a job's time, the last status of a finished job
	// stays readable; at high speeds it is keepWall on the wall. The real
	// figure is not known.
	keepJob  = 24 * time.Hour
	keepWall = 10 * time.Minute
	// maxJobs bounds how many jobs are kept; beyond it the oldest finished
	// ones are forgotten first.
	maxJobs = 10_000
	// maxKept bounds the results that are kept when another job begins, by
	// weight: half a GB.
	maxKept = 2_000_000
)

// makeRoom forgets finished jobs that are old, and reports whether there is
// place for one more.
func (w *World) makeRoom() bool {
	if len(w.work.running)+len(w.work.held) >= maxJobs {
		return false
	}
	for len(w.work.order) > 0 && w.expired(w.work.order[0]) {
		w.forget(w.work.order[0])
		w.work.order = w.work.order[1:]
	}
	if len(w.work.order) >= maxJobs || w.work.kept > maxKept {
		w.forgetOldest()
	}
	return true
}

// forgetOldest forgets finished jobs, the oldest first, until a part of the
// place is free again, so that it is not asked for each job.
func (w *World) forgetOldest() {
	most, left := maxJobs*9/10, len(w.work.order)
	w.work.order = slices.DeleteFunc(w.work.order, func(j *job) bool {
		if j.code == answer.Running || left <= most && w.work.kept <= maxKept/2 {
			return false
		}
		left--
		w.forget(j)
		return true
	})
}

func (w *World) forget(j *job) {
	delete(w.work.byToken, j.token)
	w.work.kept -= j.weight
}

// weight returns about how much memory a result takes: the items of its list.
func weight(result any) int {
	list, _ := result.(answer.List)
	return len(list)
}

// expired reports whether a job ended so long ago that it is forgotten.
func (w *World) expired(j *job) bool {
	keep := max(keepJob, time.Duration(w.opts.JobSpeed*float64(keepWall)))
	return j.code != answer.Running && w.clock.now()-j.ended > keep
}
