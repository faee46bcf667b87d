package world

import (
	"container/heap"
	"slices"
	"time"

	"moonpost/engine/sandbox/answer"
)

// abort fails all jobs that work in an archive, as the end of its process does.
func (w *World) abort(a *archive) {
	for _, j := range w.jobsIn(a) {
		if j.held {
			w.work.held = slices.DeleteFunc(w.work.held, func(x *job) bool { return x == j })
		} else {
			heap.Remove(&w.work.running, j.place)
		}
		j.held = false
		j.version++
		j.ended = w.clock.now()
		w.end(j, answer.Failed, nil, problem("The instance '%s' was stopped.", "Die Instanz '%s' wurde beendet.", a.InstanceID))
	}
	w.clock.wakeAll()
}

// hold halts the jobs that may change an archive; release lets them go on with
// what they had left.
func (w *World) hold(a *archive) {
	for _, j := range w.jobsIn(a) {
		if j.reads {
			continue
		}
		heap.Remove(&w.work.running, j.place)
		j.due -= w.clock.now()
		j.held = true
		w.work.held = append(w.work.held, j)
	}
}

func (w *World) release(a *archive) {
	for _, j := range w.jobsIn(a) {
		if !j.held {
			continue
		}
		w.work.held = slices.DeleteFunc(w.work.held, func(x *job) bool { return x == j })
		j.held = false
		left := j.due
		if j.cancelled {
			left = min(left, cancelTakes)
		}
		j.due = w.clock.now() + max(left, time.Nanosecond)
		heap.Push(&w.work.running, j)
	}
	w.clock.wakeAll()
}

// jobsIn returns the jobs that work in an archive and have not ended.
func (w *World) jobsIn(a *archive) []*job {
	found := []*job{}
	for _, j := range slices.Concat([]*job(w.work.running), w.work.held) {
		if j.archive == a {
			found = append(found, j)
		}
	}
	return found
}
