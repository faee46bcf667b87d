package targets

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"moonpost/engine/atomicfile"
	"moonpost/engine/fault"
)

// Book is the file of named targets. It is read anew each time, and written
// whole: whoever reads it sees it before or after a change, and several
// processes may change it. Mode 0600, in a folder of mode 0700.
type Book struct {
	dir string
	err error
}

// ListHint is the hint where a target has to be named.
const ListHint = "list them: moonpost targets list"

// FileName is the name of the file in the configuration folder.
const FileName = "targets.toml"

// Open returns the file in a configuration folder, which need not exist. err,
// which may be nil, says why there is no such folder: then it is the error of
// whatever is asked of the book.
func Open(dir string, err error) Book { return Book{dir, err} }

// File returns the name of the file.
func (b Book) File() string { return filepath.Join(b.dir, FileName) }

// All returns the targets in the order of the file; none without a file. A
// broken file is a usage error.
func (b Book) All() ([]Target, error) {
	d, err := b.read()
	if err != nil {
		return nil, err
	}
	return d.targets, nil
}

// Find returns a target. A name that is not there is a usage error that says
// which ones are, or how to add one.
func (b Book) Find(name string) (Target, error) {
	d, err := b.read()
	if err != nil {
		return Target{}, err
	}
	t, ok := d.find(name)
	if !ok {
		return Target{}, d.unknown(name)
	}
	return t, nil
}

// Holder returns the target that one of this name would take the place of; nil
// when there is none. A name that a target has in another case is a usage error:
// ask before a password is stored, whose file may be that of the other one.
func (b Book) Holder(name string) (*Target, error) {
	d, err := b.read()
	if err != nil {
		return nil, err
	}
	if t, ok := d.find(name); ok {
		return &t, nil
	}
	return nil, d.clash(name)
}

// unknown is the error for a name that no target has.
func (d *document) unknown(name string) error {
	e := &fault.Error{Kind: fault.Usage, Op: "target", Message: "there is no target " + name}
	if len(d.targets) == 0 {
		e.Message += ", and none at all in " + d.file
		e.Hint = "add it: moonpost targets add " + name + " https://HOST"
		return e
	}
	names := make([]string, len(d.targets))
	for i, t := range d.targets {
		names[i] = t.Name
	}
	if e.Hint = fault.DidYouMean(name, names); e.Hint != "" {
		e.Hint += " "
	}
	e.Hint += ListHint
	return e
}

// Put enters a target, in place of the one of its name if there is one.
func (b Book) Put(t Target) error {
	return b.change(func(d *document) ([]byte, error) { return d.put(t) }, func(all []Target) []Target {
		if i := slices.IndexFunc(all, func(o Target) bool { return o.Name == t.Name }); i >= 0 {
			all[i] = t
			return all
		}
		return append(all, t)
	})
}

// Remove takes a target out of the file and returns it. Comments that stand
// directly above and within its section go with it.
func (b Book) Remove(name string) (Target, error) {
	var removed Target
	err := b.change(func(d *document) ([]byte, error) {
		t, ok := d.find(name)
		if !ok {
			return nil, d.unknown(name)
		}
		removed = t
		return d.without(name)
	}, func(all []Target) []Target {
		return slices.DeleteFunc(all, func(o Target) bool { return o.Name == name })
	})
	return removed, err
}

// CA returns the file of authorities of t, a target of this book.
func (b Book) CA(t Target) string { return t.authorities(b.dir) }

func (b Book) read() (*document, error) {
	if b.err != nil {
		return nil, &fault.Error{
			Kind: fault.Usage, Op: "targets", Message: "this system names no configuration folder", Err: b.err,
			Hint: "set HOME or XDG_CONFIG_HOME; or do without names: --target https://HOST",
		}
	}
	text, err := os.ReadFile(b.File())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &fault.Error{Kind: fault.State, Op: "targets", Err: err}
	}
	return parse(b.File(), text)
}

// change writes the text that edit makes, once it is proven to mean what expect
// makes of the targets that are there.
func (b Book) change(edit func(*document) ([]byte, error), expect func([]Target) []Target) error {
	if b.err == nil {
		if err := os.MkdirAll(b.dir, 0o700); err != nil {
			return unwritable(b.dir, err)
		}
		held, err := acquire(filepath.Join(b.dir, "targets.lock"), patience)
		if err != nil {
			return unwritable(b.dir, err)
		}
		if held == nil {
			return &fault.Error{Kind: fault.Busy, Op: "targets", Message: "another process is changing " + b.File()}
		}
		defer held.release()
	}
	before, err := b.read()
	if err != nil {
		return err
	}
	text, err := edit(before)
	if err != nil {
		return err
	}
	after, err := parse(b.File(), text)
	if want := expect(slices.Clone(before.targets)); err != nil || !slices.Equal(after.targets, want) {
		return &fault.Error{
			Kind: fault.Internal, Op: "targets", Message: "the change of " + b.File() + " came out wrong and was not written", Err: err,
			Hint: "change it with an editor",
		}
	}
	if bytes.Equal(text, before.text) {
		return nil
	}
	if err := replace(b.File(), text); err != nil {
		return unwritable(b.dir, err)
	}
	return nil
}

func unwritable(dir string, err error) error {
	return &fault.Error{
		Kind: fault.State, Op: "targets", Message: "the folder cannot be written to", Err: err,
		Hint: "look at the rights of " + dir,
	}
}

// replace puts text in the place of a file. The caller holds the lock that all
// who write it take.
func replace(file string, text []byte) error {
	atomicfile.Sweep(file)
	return atomicfile.Write(file, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
