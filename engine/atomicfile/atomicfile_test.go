package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// names returns what is in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWriteMakesAndReplacesAFileThatItsOwnerAloneReads(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a b [*].txt")
	for _, want := range []string{"one", "", strings.Repeat("long", 100_000)} {
		if err := Write(file, text(want)); err != nil {
			t.Fatalf("Write(%d bytes) = %v", len(want), err)
		}
		if got := read(t, file); got != want {
			t.Errorf("the file holds %d bytes, want %d", len(got), len(want))
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
			t.Errorf("mode = %04o, want 0600", mode)
		}
		if err := os.Chmod(file, 0o644); err != nil { // the next one is 0600 again
			t.Fatal(err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"a b [*].txt"}) {
		t.Errorf("the folder holds %q, want the file alone", got)
	}
}

func TestAfterAnErrorTheOldFileIsThereAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := Write(file, text("old")); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no more text")
	if err := Write(file, func(w io.Writer) error { return errors.Join(text("new")(w), failed) }); !errors.Is(err, failed) {
		t.Errorf("Write = %v, want the error of the content", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = Write(file, func(io.Writer) error { panic("a bug") })
	}()
	if got := read(t, file); got != "old" {
		t.Errorf("the file holds %q, want %q", got, "old")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"file"}) {
		t.Errorf("the folder holds %q, want the file alone", got)
	}
}

func TestWhatCannotBeWrittenIsNamed(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(folder, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "missing", "file"), folder} {
		err := Write(file, text("new"))
		if e, ok := errors.AsType[*fs.PathError](err); !ok || e.Path != file {
			t.Errorf("Write(%s) = %v, want an error about that file", file, err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"folder"}) {
		t.Errorf("the folder holds %q, want what was there", got)
	}
}

func TestALinkGoesOnPointingToTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a right there")
	}
	dir := t.TempDir()
	real, links := filepath.Join(dir, "real"), filepath.Join(dir, "links")
	for _, d := range []string{real, links} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"there": "../real/there", "second": "first", "first": "../real/not yet"} {
		if err := os.Symlink(to, filepath.Join(links, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(filepath.Join(real, "there"), text("old")); err != nil {
		t.Fatal(err)
	}
	for link, file := range map[string]string{"there": "there", "second": "not yet"} {
		if err := Write(filepath.Join(links, link), text("new")); err != nil {
			t.Fatalf("Write(%s) = %v", link, err)
		}
		if got := read(t, filepath.Join(real, file)); got != "new" {
			t.Errorf("the file of link %s holds %q, want %q", link, got, "new")
		}
	}
	if got := names(t, links); !slices.Equal(got, []string{"first", "second", "there"}) {
		t.Errorf("the folder of links holds %q", got)
	}
	for _, link := range []string{"first", "second", "there"} {
		if info, err := os.Lstat(filepath.Join(links, link)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more (%v)", link, err)
		}
	}
}

func TestSeveralWritersLeaveOneWholeFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if err := Write(file, text(strings.Repeat(fmt.Sprint(i), 50_000))); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := read(t, file); len(got) != 50_000 || strings.Trim(got, got[:1]) != "" {
		t.Errorf("the file holds %d bytes of several writers, want 50000 of one", len(got))
	}
	if got := names(t, dir); !slices.Equal(got, []string{"file"}) {
		t.Errorf("the folder holds %q, want the file alone", got)
	}
}

func TestSweepRemovesWhatAKilledWriterLeft(t *testing.T) {
	dir := t.TempDir()
	kept := []string{".file.1.new.txt", ".file..new", ".file.1a.new", ".other.1.new", "file", "file.new"}
	for _, name := range append([]string{".file.1.new", ".file.20304050.new"}, kept...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(filepath.Join(dir, "file"))
	got := names(t, dir)
	slices.Sort(kept)
	if !slices.Equal(got, kept) {
		t.Errorf("the folder holds %q, want %q", got, kept)
	}
	Sweep(filepath.Join(dir, "missing", "file")) // is no error
}
