package command

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"syscall"

	"moonpost/engine/secret"
)

// stream is a way out of the process: secrets are masked, and it never fails.
// What cannot be written is dropped, so that a closed pipe does not stop a run
// between two changes; Close says what was lost.
type stream struct {
	io.WriteCloser // the redactor
	out            *unfailing
}

func newStream(w io.Writer, secrets *secret.Redactor) *stream {
	out := &unfailing{w: w}
	return &stream{WriteCloser: secrets.Writer(out), out: out}
}

// Close writes what the redactor held back and returns the first error of
// writing. A reader that went away is not an error.
func (s *stream) Close() error {
	_ = s.WriteCloser.Close()
	if err := s.out.failed(); !readerLeft(err) {
		return err
	}
	return nil
}

// readerLeft reports whether err says that nobody reads the other end of a pipe.
func readerLeft(err error) bool {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	code, ok := errors.AsType[syscall.Errno](err)
	const brokenPipe, noData = 109, 232 // Windows' own numbers
	return ok && runtime.GOOS == "windows" && (code == brokenPipe || code == noData)
}

// unfailing is a writer that keeps its first error to itself and drops
// everything after it. It is safe for concurrent use.
type unfailing struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (u *unfailing) Write(b []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		_, u.err = u.w.Write(b)
	}
	return len(b), nil
}

func (u *unfailing) failed() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}
