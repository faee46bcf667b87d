// Package journal remembers what runs asked of their servers, so that a run that
// was killed goes on where it stopped: what was done is not sent again, and what
// is not known is called unknown. Start at Writer and Hold, which the gate uses;
// Store is what a database has to do for them. It promises that a call that
// Hold.Intend let pass is on disk before the call is sent, and that of two
// processes only one writes a run. It knows no Lua and sends nothing.
package journal

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Errors that callers tell apart. A store that cannot be used (damaged, full,
// read-only, lost) is a *fault.Error of kind state, with any of these that
// applies in its chain.
var (
	// ErrClosed says that the store or the writer was closed before.
	ErrClosed = errors.New("the journal is closed")
	// ErrConflict says that a run is not in the state and epoch that the caller
	// expected: somebody else was faster. Nothing was changed.
	ErrConflict = errors.New("the run is in another state than expected")
	// ErrLost says that a run belongs to another owner by now. Nothing was
	// written, and nothing may be sent for it any more.
	ErrLost = errors.New("the run belongs to another process by now")
	// ErrNotFound says that there is no such run.
	ErrNotFound = errors.New("no such run")
	// ErrNewer says that a newer version of the program wrote the journal.
	ErrNewer = errors.New("the journal was written by a newer version")
	// ErrKey says that the journal needs the state key it was made with, and
	// got another one or none.
	ErrKey = errors.New("this is not the key that the journal was made with")
)

// Store keeps runs. It is safe for concurrent use, also by several processes on
// one journal. All methods return ErrClosed after Close, context errors as they
// are, and otherwise what their comments say or an error of kind state.
//
// Sequences end with the first error they give; a row comes whole or not at all.
type Store interface {
	// Begin adds a run in state running with epoch 1, on disk when it returns.
	// ErrConflict: there is a run with this id.
	Begin(ctx context.Context, run Run, source Source) error

	// Move takes a run from one state to another, and returns it as it is then.
	// ErrNotFound: no such run. ErrConflict: it is not in that state and epoch.
	Move(ctx context.Context, move Move) (Run, error)

	// Write puts changes into one transaction that is on disk when it returns,
	// each of them whole or not at all, in this order. It returns one error for
	// each change, nil for what is on disk: ErrLost where the run is not running
	// with the epoch of the change. An error of the transaction itself stands at
	// each of them, and nothing is on disk then.
	Write(ctx context.Context, changes []Change) []error

	// Run returns one run. ErrNotFound.
	Run(ctx context.Context, id string) (Run, error)
	// Source returns what a run was started with. ErrNotFound.
	Source(ctx context.Context, id string) (Source, error)
	// Runs returns runs, newest first.
	Runs(ctx context.Context, filter RunFilter) iter.Seq2[Run, error]
	// Steps returns steps by run, newest first, and in a run in the order in
	// which they were recorded.
	Steps(ctx context.Context, filter StepFilter) iter.Seq2[Step, error]
	// Scopes returns the scopes of a run, outer ones before inner ones.
	Scopes(ctx context.Context, run string) iter.Seq2[Scope, error]
	// Reads returns the recorded reads of a scope, in order.
	Reads(ctx context.Context, run string, scope uint64) iter.Seq2[Read, error]
	// Jobs returns long-running calls, newest run first.
	Jobs(ctx context.Context, filter JobFilter) iter.Seq2[Job, error]

	// Remove forgets runs with all that belongs to them, and gives the room on
	// disk back. Runs that are running stay; it returns how many it removed.
	Remove(ctx context.Context, ids []string) (int, error)
	// Size returns the bytes that the journal holds, without what is free.
	Size(ctx context.Context) (int64, error)

	// Links returns the audit chain from its anchor on. The first link is the
	// anchor itself, in a new journal the zero link.
	Links(ctx context.Context) iter.Seq2[Link, error]
	// Last returns the newest link, the anchor where there is none after it.
	Last(ctx context.Context) (Link, error)

	// Close lets go of the journal. A second Close does nothing.
	Close() error
}

// Move is a change of a run's state.
type Move struct {
	ID    string
	From  State
	Epoch uint64 // that the run has; To running adds one
	To    State
	Owner string // of the run from then on, where To is running
	End   *End   // how it ended; nil leaves what is there
	At    time.Time
}

// Change is what one hold of a run adds at once. Scopes, steps and jobs replace
// what is there with their number. A step whose state differs from the one that
// is there, or that is new, adds a link to the audit chain.
type Change struct {
	Run    string
	Epoch  uint64
	Scopes []Scope
	Reads  []Read
	Steps  []Step
	Jobs   []Job
	Forget []uint64 // scopes whose recorded reads go
}

// Empty reports whether there is nothing to write.
func (c *Change) Empty() bool {
	return len(c.Scopes)+len(c.Reads)+len(c.Steps)+len(c.Jobs)+len(c.Forget) == 0
}
