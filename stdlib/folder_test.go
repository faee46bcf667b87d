package stdlib

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		err := at.create(path, func(root *os.Root, name string) error {
			if strings.Contains(name, string(filepath.Separator)) {
				return nil
			}
			made = name
			return writeWhole(root, name, strings.NewReader("x"))
		})
		if _, ok := errors.AsType[*fault.Error](err); err != nil && !ok {
			t.Errorf("create(%q) = %v, want a *fault.Error", path, err)
		}
		entries, failed := os.ReadDir(outer)
		if failed != nil || len(entries) != 1 {
			t.Fatalf("after create(%q) there is more than the folder: %v, %v", path, entries, failed)
		}
		if err == nil && made != "" {
			if problem := unsafeName(made); problem != "" {
				t.Errorf("create(%q) made %q, which %s", path, made, problem)
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

// TestPipesKeepNobodyWaiting opens a pipe that nobody writes into or reads from,
// as it can take the place of a file at any moment.
func TestPipesKeepNobodyWaiting(t *testing.T) {
	dir := t.TempDir()
	if err := exec.Command("mkfifo", filepath.Join(dir, "pipe")).Run(); err != nil {
		t.Skip("no pipes here:", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, flag := range []int{os.O_RDONLY, os.O_WRONLY | os.O_APPEND, os.O_RDWR} {
		if file, err := openRegular(root, "pipe", flag); err == nil {
			file.Close()
			t.Errorf("openRegular with flags %d of a pipe has no error", flag)
		}
	}
}

func TestListingEndsWithItsRun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	timer := time.AfterFunc(10*time.Millisecond, func() { cancel(enough) })
	defer timer.Stop()
	// Ten million folders to look for, none of which is there.
	_, err := listed(ctx, folder{op: "test", dir: t.TempDir()}, strings.Repeat("{a,b,c,d,e,f}", 9)+"/*")
	if !errors.Is(err, enough) {
		t.Errorf("listed = %v, want %v", err, enough)
	}
}
