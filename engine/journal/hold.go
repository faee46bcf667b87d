package journal

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Cipher seals what the journal must not show with the key of one run. place
// says what it is and where it stands; it opens nowhere else.
type Cipher interface {
	Seal(place string, clear []byte) []byte
	Open(place string, sealed []byte) ([]byte, error)
}

// Hold is one process's hold on a running run: the only way to write it. It is
// safe for concurrent use.
//
// Once a method has returned an error, the hold writes nothing more and every
// later one returns the same: nothing may be sent any more. ErrLost: the run
// belongs to another process by now. Else the journal cannot be used.
type Hold struct {
	writer *Writer
	cipher Cipher
	now    func() time.Time
	top    *Frame

	order  sync.Mutex // held while a change is put together and queued, so that none overtakes what led to it
	mu     sync.Mutex
	run    Run
	err    error
	ledger *ledger
	seq    uint64               // of the newest step
	scope  uint64               // of the newest scope
	job    uint64               // of the newest job
	stored map[scopeName]*Scope // that an earlier owner recorded
}

// scopeName says which scope it is among those of its parent.
type scopeName struct {
	parent uint64
	key    string
	nth    int
}

// Begin adds a run and holds it. It is on disk when Begin returns. Errors are
// those of Store.Begin.
func Begin(ctx context.Context, w *Writer, c Cipher, run Run, source Source, now func() time.Time) (*Hold, error) {
	run.State, run.Epoch = Running, 1
	if err := w.store.Begin(ctx, run, source); err != nil {
		return nil, err
	}
	return newHold(w, c, run, now), nil
}

// Take holds a run that nobody holds, and reads what it recorded. run is as the
// caller saw it; owners decides whether the owner of a running one lives.
// ErrConflict: somebody holds it, or was faster.
func Take(ctx context.Context, w *Writer, c Cipher, owners Owners, run Run, now func() time.Time) (*Hold, error) {
	if run.State == Running {
		alive, err := owners.Alive(run.Owner)
		if err != nil {
			return nil, err
		}
		if alive {
			return nil, ErrConflict
		}
	}
	if run.State == Closed {
		return nil, ErrConflict
	}
	run, err := w.store.Move(ctx, Move{
		ID: run.ID, From: run.State, Epoch: run.Epoch, To: Running, Owner: owners.Self(), At: now(),
	})
	if err != nil {
		return nil, err
	}
	h := newHold(w, c, run, now)
	if err := h.load(ctx); err != nil {
		_, freed := w.store.Move(ctx, Move{ID: run.ID, From: Running, Epoch: run.Epoch, To: Interrupted, At: now()})
		return nil, errors.Join(err, freed)
	}
	return h, nil
}

func newHold(w *Writer, c Cipher, run Run, now func() time.Time) *Hold {
	h := &Hold{writer: w, cipher: c, now: now, run: run, ledger: newLedger(), stored: map[scopeName]*Scope{}}
	h.top = &Frame{hold: h, row: Scope{Run: run.ID}, saved: true}
	return h
}

// load reads what earlier owners recorded.
func (h *Hold) load(ctx context.Context) error {
	store := h.writer.store
	for s, err := range store.Steps(ctx, StepFilter{Run: h.run.ID, Brief: true}) {
		if err != nil {
			return err
		}
		h.ledger.add(&s)
		h.seq = max(h.seq, s.Seq)
	}
	for s, err := range store.Scopes(ctx, h.run.ID) {
		if err != nil {
			return err
		}
		h.stored[scopeName{s.Parent, s.Key, s.Nth}] = &s
		h.ledger.inner[s.Parent] = append(h.ledger.inner[s.Parent], s.ID)
		h.scope = max(h.scope, s.ID)
	}
	for j, err := range store.Jobs(ctx, JobFilter{Run: h.run.ID}) {
		if err != nil {
			return err
		}
		h.job = max(h.job, j.Seq)
	}
	h.top.old = h.run.Epoch > 1
	return nil
}

// Run returns the run as it was when it was taken.
func (h *Hold) Run() Run { return h.run }

// Top returns the top level of the run.
func (h *Hold) Top() *Frame { return h.top }

// Left returns the recorded steps that had an effect, or may have, and that
// nobody asked for again, brief, in the order of their intents. Before the
// playbook begins that is all of them: those that are open must be settled first.
func (h *Hold) Left() []Step {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ledger.left()
}

// Whole returns a recorded step as it stands on disk; before and result are what
// it holds, in clear. What was finished since the last Flush may be missing.
func (h *Hold) Whole(ctx context.Context, seq uint64) (step Step, before, result []byte, err error) {
	for s, err := range h.writer.store.Steps(ctx, StepFilter{Run: h.run.ID, Seq: seq}) {
		if err != nil {
			return s, nil, nil, err
		}
		if before, err = h.open(s.Before, placeBefore, seq); err != nil {
			return s, nil, nil, err
		}
		result, err = h.open(s.Result, placeResult, seq)
		return s, before, result, err
	}
	return Step{}, nil, nil, ErrNotFound
}

// Interrupt lets go of the run, so that anybody may take it. End lets go of a
// run that came to its end; closed is for one whose key is erased. Both return
// when all that was recorded is on disk. The hold is of no use then.
func (h *Hold) Interrupt(ctx context.Context, end End) error { return h.leave(ctx, Interrupted, end) }

// End is told at Interrupt.
func (h *Hold) End(ctx context.Context, end End, closed bool) error {
	if closed {
		return h.leave(ctx, Closed, end)
	}
	return h.leave(ctx, Ended, end)
}

func (h *Hold) leave(ctx context.Context, to State, end End) error {
	last := h.change()
	if end.Outcome == outcomeOK {
		last.Forget = []uint64{0}
	}
	if err := h.write(last, nil); err != nil { // the writer keeps the order: all that was recorded goes first
		return err
	}
	_, err := h.writer.store.Move(ctx, Move{ID: h.run.ID, From: Running, Epoch: h.run.Epoch, To: to, End: &end, At: end.At})
	if errors.Is(err, ErrConflict) {
		err = ErrLost
	}
	if err == nil {
		h.fail(ErrClosed)
		return nil
	}
	return h.fail(err)
}

// outcomeOK is the outcome of a run that needs its recorded reads no more.
const outcomeOK = "ok"

// change returns an empty change of the run.
func (h *Hold) change() Change { return Change{Run: h.run.ID, Epoch: h.run.Epoch} }

// write returns when c is on disk, with what of the frame is not yet. f may be
// nil.
func (h *Hold) write(c Change, f *Frame) error {
	if err := h.failed(); err != nil {
		return err
	}
	h.order.Lock()
	if f != nil {
		f.unsaved(&c)
	}
	wait := h.writer.Write(c)
	h.order.Unlock()
	if err := wait(); err != nil {
		return h.fail(err)
	}
	return h.failed() // of something that was to be written before
}

// later writes c soon.
func (h *Hold) later(c Change, f *Frame) error {
	if err := h.failed(); err != nil {
		return err
	}
	h.order.Lock()
	defer h.order.Unlock()
	if f != nil {
		f.unsaved(&c)
	}
	h.writer.Later(c, func(err error) { _ = h.fail(err) })
	return nil
}

// fail keeps the first error, and returns it.
func (h *Hold) fail(err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.err = err
	}
	return h.err
}

func (h *Hold) failed() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

func isLost(err error) bool { return errors.Is(err, ErrLost) }
