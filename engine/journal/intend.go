package journal

import (
	"context"
	"fmt"
	"time"
)

// What is sealed, and where it stands.
const (
	placeBefore = "before"
	placeResult = "result"
	placeRead   = "read"
	placeValue  = "value"
)

func (h *Hold) seal(clear []byte, what string, at ...uint64) []byte {
	if clear == nil {
		return nil
	}
	return h.cipher.Seal(h.place(what, at), clear)
}

func (h *Hold) open(sealed []byte, what string, at ...uint64) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	return h.cipher.Open(h.place(what, at), sealed)
}

func (h *Hold) place(what string, at []uint64) string { return fmt.Sprint(h.run.ID, " ", what, at) }

// Intend records a call that is about to be sent, with the reads of its scope
// that led to it. When it returns without an error, the intent is on disk and
// the call may be sent; what becomes of it is told to Finish.
//
// An end of ctx is seen before anything is written, and not while it is.
func (f *Frame) Intend(ctx context.Context, i Intent) (Step, error) {
	if ctx.Err() != nil {
		return Step{}, context.Cause(ctx)
	}
	h := f.hold
	h.mu.Lock()
	h.seq++
	s := Step{
		Run: h.run.ID, Seq: h.seq, Scope: f.row.ID, Identity: i.Identity, Nth: h.ledger.next(i.Identity),
		Names: i.Names, Objects: i.Objects,
	}
	h.mu.Unlock()
	return f.intend(s, i.Before)
}

// Again records that a step that had no effect, or may be repeated, is about to
// be sent once more. step is whole: see Hold.Whole.
func (f *Frame) Again(ctx context.Context, step Step, before []byte) (Step, error) {
	if ctx.Err() != nil {
		return Step{}, context.Cause(ctx)
	}
	step.By, step.Evidence, step.Result, step.Error, step.Ended = "", "", nil, nil, time.Time{}
	return f.intend(step, before)
}

func (f *Frame) intend(s Step, before []byte) (Step, error) {
	h := f.hold
	s.State, s.Epoch, s.Attempt, s.Intended = Intended, h.run.Epoch, s.Attempt+1, h.at()
	s.Before = h.seal(before, placeBefore, s.Seq)
	c := h.change()
	c.Steps = []Step{s}
	return s, h.write(c, f)
}

// at returns now as the store gives it back.
func (h *Hold) at() time.Time { return h.now().Truncate(time.Microsecond) }

// Finish records what became of a step. It returns at once; the outcome is on
// disk with the next intent of anybody, or after Delay. A kill before that
// leaves the step open.
func (h *Hold) Finish(s Step, o Outcome) (Step, error) {
	s.State, s.By, s.Evidence, s.Error, s.Ended = o.State, o.By, o.Evidence, o.Error, h.at()
	s.Result = h.seal(o.Result, placeResult, s.Seq)
	c := h.change()
	c.Steps = []Step{s}
	h.mu.Lock()
	h.ledger.finished(&s)
	h.mu.Unlock()
	return s, h.later(c, nil)
}

// Flush returns when all that was recorded before is on disk.
func (h *Hold) Flush() error { return h.write(h.change(), nil) }

// Follow records a job before its first status is asked for, and returns it
// with its number when it is on disk.
func (h *Hold) Follow(j Job) (Job, error) {
	h.mu.Lock()
	h.job++
	j.Run, j.Seq = h.run.ID, h.job
	h.mu.Unlock()
	if j.Started.IsZero() {
		j.Started = h.at()
	}
	c := h.change()
	c.Jobs = []Job{j}
	return j, h.write(c, nil)
}

// Heard records how far a job came. It returns at once, like Finish.
func (h *Hold) Heard(j Job) error {
	c := h.change()
	c.Jobs = []Job{j}
	return h.later(c, nil)
}
