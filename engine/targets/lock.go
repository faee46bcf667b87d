package targets

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// patience is how long a change waits for that of another process.
const patience = 5 * time.Second

// moment is how long somebody may hold a lock who only looks whether it is free.
const moment = 100 * time.Millisecond

// lock is a lock of the operating system on a file of its own: it ends with the
// process at the latest, however that dies.
type lock struct{ file *flock.Flock }

// acquire takes the lock, and waits that long for whoever holds it. It returns
// nil when it is still held then.
func acquire(name string, wait time.Duration) (*lock, error) {
	for deadline := time.Now().Add(wait); ; time.Sleep(10 * time.Millisecond) {
		f := flock.New(name, flock.SetPermissions(0o600))
		held, err := f.TryLock()
		if err != nil || !held {
			if err != nil || !time.Now().Before(deadline) {
				return nil, err
			}
			continue
		}
		// Who held it before may have removed the file: then the lock is on
		// something that nobody else will find.
		mine, err := f.Stat()
		if err == nil {
			var there os.FileInfo
			if there, err = os.Stat(name); err == nil && os.SameFile(mine, there) {
				return &lock{f}, nil
			}
		}
		_ = f.Close()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// release gives the lock back and removes its file. Windows removes no file
// that is open, and none that another process locks right after.
func (l *lock) release() {
	if runtime.GOOS != "windows" {
		_ = os.Remove(l.file.Path())
	}
	_ = l.file.Close() // which ends the lock
	if runtime.GOOS == "windows" {
		_ = os.Remove(l.file.Path())
	}
}
