package manual

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"moonpost/engine/fault"
)

// Written says what Write did.
type Written struct {
	Pages   int // of the manual
	Changed int // of these, new or other than before
	Removed int // pages of an earlier manual that this one does not have
}

// Write writes the pages into the folder dir, which is made if it is not there.
// Pages that an earlier Write left there and that are not among them are
// removed. Nothing is written when a file that Write did not make is in the way;
// errors are *fault.Error.
func Write(dir string, pages []Page) (Written, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Written{}, unwritable(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Written{}, unwritable(err)
	}
	defer root.Close()
	for _, p := range pages {
		if ours, err := written(root, p.Path); err != nil {
			return Written{}, unwritable(err)
		} else if !ours {
			return Written{}, &fault.Error{
				Kind: fault.Usage, Op: "doc", Message: filepath.Join(dir, filepath.FromSlash(p.Path)) + " is in the way: moonpost doc did not write it",
				Hint: "give a folder of its own, which is made if it is not there",
			}
		}
	}
	done := Written{Pages: len(pages)}
	for _, p := range pages {
		changed, err := put(root, p)
		if err != nil {
			return done, unwritable(err)
		}
		if changed {
			done.Changed++
		}
	}
	done.Removed, err = tidy(root, pages)
	if err != nil {
		return done, unwritable(err)
	}
	return done, nil
}

func unwritable(err error) error {
	return &fault.Error{Kind: fault.State, Op: "write the manual", Err: err}
}

// written reports whether the file was made by Write, or is not there.
func written(root *os.Root, name string) (bool, error) {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, nil
	}
	f, err := root.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, int64(len(marker))+2)).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, err
	}
	return strings.TrimRight(line, "\r\n") == marker, nil
}

// put writes one page, unless it is there as it should be.
func put(root *os.Root, p Page) (changed bool, err error) {
	if old, err := root.ReadFile(p.Path); err == nil && string(old) == p.Text {
		return false, nil
	}
	if folder := path.Dir(p.Path); folder != "." {
		if err := root.MkdirAll(folder, 0o755); err != nil {
			return false, err
		}
	}
	return true, root.WriteFile(p.Path, []byte(p.Text), 0o644)
}

// tidy removes pages of an earlier manual from the folders that pages are in.
func tidy(root *os.Root, pages []Page) (removed int, err error) {
	kept := map[string]bool{}
	folders := []string{"."}
	for _, p := range pages {
		kept[p.Path] = true
		folders = append(folders, path.Dir(p.Path))
	}
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		entries, err := fs.ReadDir(root.FS(), folder)
		if err != nil {
			return removed, err
		}
		for _, e := range entries {
			name := path.Join(folder, e.Name())
			if kept[name] || path.Ext(name) != ".md" {
				continue
			}
			ours, err := written(root, name)
			if err != nil {
				return removed, err
			}
			if !ours {
				continue
			}
			if err := root.Remove(name); err != nil {
				return removed, fmt.Errorf("remove %s: %w", name, err)
			}
			removed++
		}
	}
	return removed, nil
}
