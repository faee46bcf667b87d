package journal

import (
	"context"
	"sync"
)

// Frame is a scope of a run on its way. Frames of one run may be used at once;
// the calls of one are its own task's, but Enter may be called by many.
type Frame struct {
	hold   *Hold
	parent *Frame
	row    Scope
	old    bool // an earlier owner recorded it

	mu     sync.Mutex
	saved  bool           // its row is on disk, or on the way
	keys   map[string]int // how many inner scopes with a key were entered
	reads  []Read         // made since the last intent
	read   uint64         // how many were made in this epoch
	loaded bool
	before []Read // recorded reads that were not asked for again
}

// Enter returns the scope of one item. Equal keys are told apart by the order
// in which they are entered.
func (f *Frame) Enter(key string) *Frame {
	h := f.hold
	f.mu.Lock()
	if f.keys == nil {
		f.keys = map[string]int{}
	}
	f.keys[key]++
	nth := f.keys[key]
	f.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.stored[scopeName{f.row.ID, key, nth}]; s != nil {
		return &Frame{hold: h, parent: f, row: *s, old: true, saved: true}
	}
	h.scope++
	return &Frame{hold: h, parent: f, row: Scope{Run: h.run.ID, ID: h.scope, Parent: f.row.ID, Key: key, Nth: nth, State: ScopeOpen}}
}

// Skip returns the value of a scope that succeeded in an earlier life of the
// run, and counts its steps as asked for: it must not be run again. ok is false
// when it must be: it is new, did not succeed, or its value is no plain data.
// Errors are those of the key: see Cipher.
func (f *Frame) Skip() (value []byte, ok bool, err error) {
	if !f.old || f.row.State != ScopeSucceeded || !f.row.Plain {
		return nil, false, nil
	}
	if value, err = f.hold.open(f.row.Value, placeValue, f.row.ID); err != nil {
		return nil, false, err
	}
	f.hold.mu.Lock()
	defer f.hold.mu.Unlock()
	f.hold.ledger.skip(f.row.ID)
	return value, true, nil
}

// Claim asks whether a call was recorded already.
func (f *Frame) Claim(id Identity) Claim {
	f.hold.mu.Lock()
	defer f.hold.mu.Unlock()
	return f.hold.ledger.claim(f.row.ID, id)
}

// Leave records that the scope has ended; with plain, value is all that it
// returned and is given back instead of running it again. The recorded reads of
// a scope that is not run again are dropped. It returns at once, like Hold.Finish.
func (f *Frame) Leave(state ScopeState, plain bool, value []byte) error {
	if f.parent == nil {
		return nil // the end of the run says it
	}
	c := f.hold.change()
	f.mu.Lock()
	f.row.State, f.row.Plain, f.row.Value = state, plain, f.hold.seal(value, placeValue, f.row.ID)
	f.saved, f.reads = true, nil
	if state == ScopeSucceeded && plain && (f.read > 0 || f.old) {
		c.Forget = []uint64{f.row.ID}
	}
	c.Scopes = []Scope{f.row}
	f.mu.Unlock()
	return f.hold.later(c, f.parent)
}

// Keep remembers the answer of a call that changes nothing. It is recorded with
// the next intent of the scope, and not at all when there is none.
func (f *Frame) Keep(q Question, answer []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read++
	f.reads = append(f.reads, Read{
		Run: f.row.Run, Scope: f.row.ID, Seq: f.hold.run.Epoch<<32 | f.read, Target: q.Target, Fn: q.Fn, Args: q.Args, Answer: answer,
	})
}

// Recall returns the recorded answer of a call that changes nothing: the first
// such one that was not asked for again. Errors are those of the store and of
// the key.
func (f *Frame) Recall(ctx context.Context, q Question) (answer []byte, ok bool, err error) {
	if !f.old {
		return nil, false, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.load(ctx); err != nil {
		return nil, false, err
	}
	for i := range f.before {
		if r := f.before[i]; r.same(q) {
			answer, err := f.hold.open(r.Answer, placeRead, r.Scope, r.Seq)
			f.before = append(f.before[:i:i], f.before[i+1:]...)
			return answer, err == nil, err
		}
	}
	return nil, false, nil
}

// load reads the recorded reads once. The caller holds the lock.
func (f *Frame) load(ctx context.Context) error {
	if f.loaded {
		return nil
	}
	for r, err := range f.hold.writer.store.Reads(ctx, f.hold.run.ID, f.row.ID) {
		if err != nil {
			return err
		}
		f.before = append(f.before, r)
	}
	f.loaded = true
	return nil
}

// unsaved adds to c what of the scope and of those around it is not on its way
// to the disk yet: an intent must not be there without what led to it.
func (f *Frame) unsaved(c *Change) {
	if f.parent != nil {
		f.parent.unsaved(c)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.saved {
		c.Scopes = append(c.Scopes, f.row)
		f.saved = true
	}
	for _, r := range f.reads {
		r.Answer = f.hold.seal(r.Answer, placeRead, r.Scope, r.Seq)
		c.Reads = append(c.Reads, r)
	}
	f.reads = nil
}
