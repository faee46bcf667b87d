// Package atomicfile replaces files as a whole: whoever reads one sees what it
// held before or what it holds afterwards, also when the process or the machine
// ends in between. Start at Write.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write puts what content writes in the place of a file, which need not be
// there; its folder has to be. The new file is on disk when Write returns, and
// its owner alone can read it (mode 0600). A link is followed, so that it goes
// on pointing to the file. After an error the old file is as it was and nothing
// else is left behind. Several processes may write at once: the last one wins.
func Write(name string, content func(io.Writer) error) error {
	if err := write(resolve(name), content); err != nil {
		return told(name, err)
	}
	return nil
}

func write(name string, content func(io.Writer) error) error {
	dir, base := filepath.Split(name)
	temp, err := os.CreateTemp(filepath.Clean(dir), prefix(base)+"*"+suffix) // mode 0600
	if err != nil {
		return err
	}
	moved := false
	defer func() {
		if !moved {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	buffered := bufio.NewWriter(temp)
	if err := content(buffered); err != nil {
		return err
	}
	for _, step := range []func() error{buffered.Flush, temp.Sync, temp.Close} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := rename(temp.Name(), name); err != nil {
		return err
	}
	moved = true
	syncFolder(dir)
	return nil
}

// syncFolder makes the new name of a file last. Systems that open no folder for
// that do so by themselves.
func syncFolder(dir string) {
	if f, err := os.Open(filepath.Clean(dir)); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// The names of new files are prefix(base), some digits, suffix.
const suffix = ".new"

func prefix(base string) string { return "." + base + "." }

// Sweep removes what writers of a file left behind that were killed. Only who
// holds a lock that every writer takes may call it.
func Sweep(name string) {
	dir, base := filepath.Split(resolve(name))
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return // without the folder there is nothing in it
	}
	for _, e := range entries {
		middle, ok := strings.CutPrefix(e.Name(), prefix(base))
		digits, end := strings.CutSuffix(middle, suffix)
		if ok && end && digits != "" && strings.Trim(digits, "0123456789") == "" {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// resolve follows links to the file that they mean, which need not be there.
func resolve(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	const most = 40 // links that lead to another; what goes round in circles ends here
	for range most {
		link, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(link) {
			dir, err := filepath.EvalSymlinks(filepath.Dir(name))
			if err != nil {
				break
			}
			link = filepath.Join(dir, link)
		}
		name = link
	}
	return name
}

// told names the file that was to be written: the name of the new one means
// nothing to people.
func told(name string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	} else if e, ok := errors.AsType[*os.LinkError](err); ok {
		err = e.Err
	} else {
		return err // content's own
	}
	return &fs.PathError{Op: "write", Path: name, Err: err}
}
