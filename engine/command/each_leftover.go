package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// leftover listens to the run of --each and keeps the rows that are not done:
// those that failed or were not reached, which can be fed back, and those of
// which nobody knows, which a person must look at. While calls are made, one of
// the two files holds all rows: neither a kill nor a full disk loses one, and
// another call with the same files is refused.
type leftover struct {
	program  *program
	rows     *eachRows
	changing bool
	failed   string // file of rows that can be fed back
	unknown  string // file of rows whose outcome is not known

	mu    sync.Mutex
	held  string // the file that holds all rows, "" before the first call
	fates []fate // by row
}

// fate is what is known of one row.
type fate struct {
	outcome string // as events have it, "" until the row ends
	reason  string
	sent    bool // a call may have reached the server
	changed bool // a call changed the server
}

// newLeftover settles where leftover rows go, and refuses to lose those of an
// earlier call.
func newLeftover(p *program, failed, fn string, rows *eachRows) (*leftover, error) {
	failed = cmp.Or(failed, "failed.csv")
	l := &leftover{
		program: p, rows: rows, changing: catalogue.Changing(fn), failed: failed,
		unknown: strings.TrimSuffix(failed, ".csv") + ".unknown.csv", fates: make([]fate, len(rows.rows)),
	}
	return l, cmp.Or(l.refuse(l.failed), l.refuse(l.unknown))
}

// fedBack reports whether the file is the one whose rows are worked on, written
// by an earlier call: what is left of it takes its place.
func (l *leftover) fedBack(file string) bool {
	return l.rows.path == l.program.path(file) && l.rows.header[len(l.rows.header)-1] == errorColumn
}

// refuse refuses a file that is there and is not fed back.
func (l *leftover) refuse(file string) error {
	_, err := os.Lstat(l.program.path(file))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && l.fedBack(file):
		return nil
	case err != nil:
		return misuse("call", "--failed: "+err.Error(), "")
	case file == l.unknown:
		return misuse("call", file+" is there already: rows whose outcome nobody knows, of an earlier call or of one that is under way",
			"look at the server for each of them and remove the file, or name other files with --failed FILE.csv")
	}
	return misuse("call", file+" is there already and is not overwritten",
		"feed it back with --each "+file+", remove it, or name another file with --failed FILE.csv")
}

// hold puts all rows into the file where a call that is killed should leave
// them. From here on both files belong to this call alone.
func (l *leftover) hold() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, other := l.failed, l.unknown
	if l.changing {
		held, other = other, held
	}
	if l.fedBack(held) { // it has them, but keeps no other call away
		held, other = other, held
	}
	f, err := os.OpenFile(l.program.path(held), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // rows may hold passwords
	if errors.Is(err, fs.ErrExist) {
		return l.refuse(held)
	}
	if err != nil {
		return misuse("call", "--failed: "+err.Error(), "")
	}
	all := make([][]string, len(l.rows.rows))
	for i, row := range l.rows.rows {
		all[i] = l.rows.ending(row, "moonpost ended before it could say what became of this row")
	}
	if err = l.rows.write(f, all); err != nil {
		err = unwritten(held, err)
	} else if err = l.refuse(other); err == nil {
		l.held = held
		return nil
	}
	_ = os.Remove(f.Name())
	return err
}

// Emit notes what becomes of a row.
func (l *leftover) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e := e.(type) {
	case event.CallStarted:
		l.fate(e.Item).sent = true
	case event.CallEnded:
		f := l.fate(e.Item)
		f.sent, f.changed = e.Attempts > 0, e.Changing && e.Outcome == event.OutcomeOK
	case event.ItemEnded:
		f := l.fate(e.Index)
		f.outcome, f.reason = e.Outcome, reasonOf(e.Error)
	}
}

// fate returns that of a row, by its number from 1. A file that grew since it
// was read has rows beyond: what becomes of them is on the display alone.
func (l *leftover) fate(row int) *fate {
	if row < 1 || row > len(l.fates) {
		return &fate{}
	}
	return &l.fates[row-1]
}

// write writes the files and says what is in them. Before hold it does nothing.
func (l *leftover) write() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == "" {
		return nil
	}
	var failed, unknown [][]string
	for i, row := range l.rows.rows {
		f := l.fates[i]
		cut := f.outcome == "" || f.outcome == event.OutcomeCancelled
		switch {
		case f.outcome == event.OutcomeOK, f.changed:
		case f.outcome == event.OutcomeUnknown, cut && f.sent && l.changing:
			unknown = append(unknown, l.rows.ending(row, cmp.Or(f.reason, "interrupted while it was under way")))
		case cut:
			failed = append(failed, l.rows.ending(row, "not tried"))
		default:
			failed = append(failed, l.rows.ending(row, f.reason))
		}
	}
	saving := []func() error{
		func() error { return l.save(l.failed, failed, "not done: feed %s back with --each "+l.failed) },
		func() error {
			return l.save(l.unknown, unknown, "of unknown outcome: look at the server before you repeat %s")
		},
	}
	if l.held == l.failed {
		slices.Reverse(saving)
	}
	for _, save := range saving { // what holds all rows comes last
		if err := save(); err != nil {
			return err
		}
	}
	return nil
}

// save writes the rows that are left, or removes a file of which none is.
func (l *leftover) save(file string, left [][]string, meaning string) error {
	path := l.program.path(file)
	if len(left) == 0 {
		if file == l.held || l.fedBack(file) {
			return os.Remove(path)
		}
		return nil
	}
	if err := l.rows.replace(path, left); err != nil {
		e := unwritten(file, err)
		e.Hint = "all rows of this call are in " + l.held
		return e
	}
	what, them := "1 row is", "it"
	if len(left) > 1 {
		what, them = fmt.Sprintf("%d rows are", len(left)), "them"
	}
	fmt.Fprintf(l.program.stderr, "%s: %s %s\n", file, what, fmt.Sprintf(meaning, them))
	return nil
}

func unwritten(file string, err error) *fault.Error {
	return &fault.Error{Kind: fault.State, Op: "write " + file, Err: err}
}

// reasonOf returns the message of an error object, "" of none.
func reasonOf(object json.RawMessage) string {
	var e struct{ Kind, Message string }
	if json.Unmarshal(object, &e) != nil || e.Message == "" {
		return ""
	}
	return e.Kind + ": " + strings.Join(strings.Fields(e.Message), " ")
}
