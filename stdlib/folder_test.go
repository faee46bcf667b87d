package stdlib

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"moonpost/engine/fault"
)

// FuzzFolder holds every path to the folder: what may be changed lies in it, and
// nothing is made that has a name which Windows does not take.
func FuzzFolder(f *testing.F) {
	for _, path := range []string{"a", "a/../b", "../a", "/a", "", ".", "a/./b/", "link/a", "con.txt", "a:b", `a\b`, "a\x00b", "..\\a", "link/../../x"} {
		f.Add(path)
	}
	outer := f.TempDir()
	dir := filepath.Join(outer, "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		f.Fatal(err)
	}
	if err := os.Symlink("..", filepath.Join(dir, "link")); err != nil {
		f.Skip("no links here:", err)
	}
	at, err := Host{Dir: dir}.folder("test")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		made := ""
		err := at.change(path, func(root *os.Root, name string) error {
			if strings.Contains(name, string(filepath.Separator)) {
				return nil
			}
			made = name
			return writeWhole(root, name, strings.NewReader("x"))
		})
		if _, ok := errors.AsType[*fault.Error](err); err != nil && !ok {
			t.Errorf("change(%q) = %v, want a *fault.Error", path, err)
		}
		entries, failed := os.ReadDir(outer)
		if failed != nil || len(entries) != 1 {
			t.Fatalf("after change(%q) there is more than the folder: %v, %v", path, entries, failed)
		}
		if err == nil && made != "" {
			if problem := unsafeName(made); problem != "" {
				t.Errorf("change(%q) made %q, which %s", path, made, problem)
			}
			_ = os.Remove(filepath.Join(dir, made))
		}
	})
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if text, err := io.ReadAll(cancelled{ctx, strings.NewReader("x")}); len(text) > 0 || err != enough {
		t.Errorf("ReadAll = %q, %v, want nothing and %v", text, err, enough)
	}
}
