package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"moonpost/engine/fault"
)

// Owners knows which owners of runs live. A run that is running and whose owner
// is dead may be taken.
type Owners interface {
	// Self returns the owner that this process is.
	Self() string
	// Alive reports whether an owner lives. When it cannot tell it returns an
	// error, and the run must not be taken.
	Alive(owner string) (bool, error)
	// Close ends the life of Self.
	Close() error
}

// Locks are the owners of one machine: each process holds the lock of a file of
// its own in one folder, and the system lets go of it however the process ends.
type Locks struct {
	folder string
	self   string
	lock   *flock.Flock
}

const lockSuffix = ".lock"

// NewLocks begins the life of an owner. Files that dead owners left in the
// folder are removed.
func NewLocks(folder string) (*Locks, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, locksUnusable(err)
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	l := &Locks{folder: folder, self: hex.EncodeToString(random[:])}
	l.sweep()
	l.lock = flock.New(l.file(l.self), flock.SetPermissions(0o600))
	if held, err := l.lock.TryLock(); err != nil {
		return nil, locksUnusable(err)
	} else if !held {
		return nil, locksUnusable(errors.New("somebody else holds a lock with a random name"))
	}
	return l, nil
}

func (l *Locks) file(owner string) string { return filepath.Join(l.folder, owner+lockSuffix) }

// Self returns the owner that this process is.
func (l *Locks) Self() string { return l.self }

// Alive reports whether an owner lives; one without a file is dead.
func (l *Locks) Alive(owner string) (bool, error) {
	switch {
	case owner == l.self:
		return true, nil
	case owner == "" || strings.ContainsAny(owner, `/\.`):
		return false, nil
	}
	if _, err := os.Stat(l.file(owner)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	other := flock.New(l.file(owner), flock.SetFlag(os.O_RDWR)) // without O_CREATE: the file may go meanwhile
	held, err := other.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, locksUnusable(err)
	}
	if held {
		_ = other.Close()
	}
	return !held, nil
}

// Close ends the life of this owner.
func (l *Locks) Close() error {
	_ = os.Remove(l.file(l.self)) // fails on Windows while it is open; sweep does it there
	return l.lock.Close()
}

// sweep removes the files of the dead. An owner that is being born holds its
// lock a moment after its file is there, so only files that are not new count.
func (l *Locks) sweep() {
	entries, err := os.ReadDir(l.folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		owner, ok := strings.CutSuffix(e.Name(), lockSuffix)
		if info, err := e.Info(); !ok || err != nil || fresh(info) {
			continue
		}
		if alive, err := l.Alive(owner); err == nil && !alive {
			_ = os.Remove(l.file(owner))
		}
	}
}

func fresh(file fs.FileInfo) bool { return time.Since(file.ModTime()) < time.Minute }

func locksUnusable(err error) error {
	return &fault.Error{
		Kind: fault.State, Op: "lock a run", Err: err,
		Hint: "the state folder must be on a local disk that can be written",
	}
}
