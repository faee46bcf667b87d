package sandbox

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"moonpost/engine/atomicfile"
	"moonpost/engine/fault"
)

// keepEvery is the least time between two writings of the state.
const keepEvery = time.Second

// keeper holds the file that keeps a server over restarts. Its lock lies beside
// it, because every writing puts another file in its place; the system releases
// it however the process ends.
type keeper struct {
	file string
	lock *flock.Flock

	mu    sync.Mutex
	saved stamp
	err   error // why the last writing failed
}

// stamp tells one state of a server from another.
type stamp struct {
	changes  uint64
	identity *identity
}

// newKeeper takes the lock of a file, which need not be there yet.
func newKeeper(file string) (*keeper, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, keepError(file, err)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, keepError(file, errors.New("it is no plain file"))
	}
	lock := flock.New(file+".lock", flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, keepError(file, err)
	}
	if !got {
		return nil, &fault.Error{
			Kind: fault.Busy, Op: "sandbox", Message: "another sandbox keeps its state in " + file,
			Hint: "end it first, or name another file",
		}
	}
	atomicfile.Sweep(file)
	return &keeper{file: file, lock: lock}, nil
}

func keepError(file string, err error) *fault.Error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // the name of the lock or of the new file means nothing to people
	}
	return &fault.Error{Kind: fault.State, Op: "keep the state of the sandbox in " + file, Err: err}
}

// unlock lets another server have the file.
func (k *keeper) unlock() {
	if k != nil {
		k.lock.Close()
	}
}

// keep saves the state from time to time until the server ends. A state that
// takes long to write is written less often.
func (s *Server) keep() {
	if s.keeper == nil {
		return
	}
	for gap := keepEvery; s.pause(gap); {
		begin := time.Now()
		s.save() // a failure is told at the end, unless a later one succeeds
		gap = max(keepEvery, 10*time.Since(begin))
	}
}

// save writes the state if it may have changed.
func (s *Server) save() error {
	k := s.keeper
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := stamp{s.world.Changes(), s.identity.Load()}
	if now == k.saved || !k.lock.Locked() {
		return k.err
	}
	k.err = k.write(s.writeState)
	if k.err == nil {
		k.saved = now
	}
	return k.err
}

// StateError says why the state file does not hold the present state; nil when
// it does, or when there is none.
func (s *Server) StateError() error {
	if s.keeper == nil {
		return nil
	}
	s.keeper.mu.Lock()
	defer s.keeper.mu.Unlock()
	return s.keeper.err
}

// write replaces the file as a whole. Only its owner may read it, for it holds
// passwords.
func (k *keeper) write(content func(io.Writer) error) error {
	if err := atomicfile.Write(k.file, content); err != nil {
		return keepError(k.file, err)
	}
	return nil
}

// open opens the file for reading; nil when it is not there.
func (k *keeper) open() (*os.File, error) {
	f, err := os.Open(k.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return f, err
}
