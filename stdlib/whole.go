package stdlib

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// wholeFile is a file that appears under its name whole or not at all.
type wholeFile struct {
	*os.File
	folder    *os.Root
	temporary string // its name in folder until Commit
	name      string // its name in folder then
	mine      bool   // folder is to be closed
	done      bool
}

// createWhole begins a file for path, which may be anywhere. See createWholeIn.
func createWhole(path string) (*wholeFile, error) {
	real := path
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		real = followed
	}
	folder, err := os.OpenRoot(filepath.Dir(real))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("write %s: %w", path, noFolder(filepath.Dir(real)))
	case err != nil:
		return nil, fmt.Errorf("write %s: %w", path, cause(err))
	}
	file, err := createWholeIn(folder, filepath.Base(real))
	if err != nil {
		_ = folder.Close()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	file.mine = true
	return file, nil
}

// createWholeIn begins a file for name in folder, beside its place under a name
// of its own. It keeps the permissions of a file that is there already. The
// file goes into its place by Commit and away by Discard. Errors do not name
// the file.
func createWholeIn(folder *os.Root, name string) (*wholeFile, error) {
	mode := fs.FileMode(0o666) // less what the user masks
	exists := false
	switch info, err := folder.Stat(name); {
	case err == nil && info.IsDir():
		return nil, errIsFolder
	case err == nil && !info.Mode().IsRegular():
		return nil, errNotRegular
	case err == nil:
		mode, exists = info.Mode().Perm(), true
	case !errors.Is(err, fs.ErrNotExist):
		return nil, cause(err)
	}
	base := filepath.Base(name)
	base = strings.ToValidUTF8(base[:min(len(base), 100)], "") // whose names may have 255 bytes
	temporary := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%08x.part", base, rand.Uint32()))
	file, err := folder.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, noFolder(filepath.Dir(name))
	case err != nil:
		return nil, cause(err) // it names a file that nobody asked for
	}
	if exists {
		_ = file.Chmod(mode) // the mask took bits away; on Windows there are none
	}
	return &wholeFile{File: file, folder: folder, temporary: temporary, name: name}, nil
}

var (
	errIsFolder   = errors.New("is a folder")
	errNotRegular = errors.New("is no regular file")
)

// noFolderError says that the folder of a file is not there.
type noFolderError struct{ folder string }

func noFolder(path string) error { return &noFolderError{path} }

func (e *noFolderError) Error() string { return "there is no folder " + e.folder }

// cause returns what went wrong without the operation and the path.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return cause(failed.Err)
	}
	if failed, ok := errors.AsType[*os.LinkError](err); ok {
		return cause(failed.Err)
	}
	return err
}

// Commit brings the content to disk and then the file to its place.
func (f *wholeFile) Commit() error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := f.folder.Rename(f.temporary, f.name); err != nil {
		return err
	}
	f.done = true
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	folder, err := f.folder.Open(filepath.Dir(f.name))
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
		_ = f.folder.Remove(f.temporary)
	}
	if f.mine {
		_ = f.folder.Close()
	}
}
