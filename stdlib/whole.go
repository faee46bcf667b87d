package stdlib

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

// wholeFile is a file that appears under its name whole or not at all.
type wholeFile struct {
	*os.File
	path string // where it will be
	done bool
}

// createWhole begins a file for path, in the same folder under a name of its
// own. It keeps the permissions of a file that is there already. The file goes
// into the place by Commit and away by Discard.
func createWhole(path string) (*wholeFile, error) {
	mode := fs.FileMode(0o666) // less what the user masks
	exists := false
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("write %s: is a folder", path)
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("write %s: is no regular file", path)
	case err == nil:
		mode, exists = info.Mode().Perm(), true
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x.part", filepath.Base(path), rand.Uint32()))
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("write %s: there is no folder %s", path, filepath.Dir(path))
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok { // it names a file that nobody asked for
		return nil, fmt.Errorf("write %s: %w", path, failed.Err)
	}
	if err != nil {
		return nil, err
	}
	if exists {
		_ = file.Chmod(mode) // the mask took bits away; on Windows there are none
	}
	return &wholeFile{File: file, path: path}, nil
}

// Commit brings the content to disk and then the file to its place.
func (f *wholeFile) Commit() error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return err
	}
	f.done = true
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	folder, err := os.Open(filepath.Dir(f.path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// Discard removes the file unless it was committed.
func (f *wholeFile) Discard() {
	if !f.done {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}
