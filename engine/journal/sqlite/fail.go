package sqlite

import (
	"context"
	"errors"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"moonpost/engine/fault"
)

// unusable translates an error of SQLite or of the system: where, what and what
// to do. Errors of a context stay as they are.
func (s *Store) unusable(op string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.As(err, new(*fault.Error)) {
		return err
	}
	e := &fault.Error{Kind: fault.State, Op: op + " " + s.name, Err: err, Hint: "look at the state folder: its disk and its rights"}
	failed, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return e
	}
	switch failed.Code() & 0xff { // the rest says more than anybody can use
	case lib.SQLITE_FULL:
		e.Message, e.Hint = "the disk is full", "make room there, then resume the run"
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		e.Message, e.Hint = "the journal cannot be written", "look at the rights of the folder and of the files in it, or choose another folder with --state"
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		e.Message, e.Hint = "the file is damaged", "nothing was sent after it was seen; keep a copy of the folder, and restore it from a backup"
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		e.Message, e.Hint = "another process does not let go of it", "look for a moonpost that hangs, and for a backup program that reads the folder"
	case lib.SQLITE_IOERR:
		e.Message, e.Hint = "the disk does not work", "look at the messages of the system; then resume the run"
	}
	return e
}
