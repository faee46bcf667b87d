package stdlib

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"moonpost/engine/luavm"
)

// changing is reading for what changes what is there.
func (m *files) changing(c *luavm.Call, op string, fn func(root *os.Root, name string) error) error {
	f, err := m.host.folder(op)
	if err != nil {
		return err
	}
	path := c.String(0)
	return c.Wait(func(context.Context) error { return f.change(path, fn) })
}

// creating is reading for what can make a file or a folder.
func (m *files) creating(c *luavm.Call, op string, fn func(root *os.Root, name string) error) error {
	f, err := m.host.folder(op)
	if err != nil {
		return err
	}
	path := c.String(0)
	return c.Wait(func(context.Context) error { return f.create(path, fn) })
}

func (m *files) write(c *luavm.Call) error {
	text := c.String(1)
	return m.creating(c, "fs.write", func(root *os.Root, name string) error {
		return writeWhole(root, name, strings.NewReader(text))
	})
}

// writeWhole writes what src gives to a file, or leaves the file as it was.
func writeWhole(root *os.Root, name string, src io.Reader) error {
	file, err := createWholeIn(root, name)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := io.Copy(file, src); err != nil {
		return err
	}
	return file.Commit()
}

func (m *files) append(c *luavm.Call) error {
	text := c.String(1)
	return m.creating(c, "fs.append", func(root *os.Root, name string) error {
		file, err := openRegular(root, name, os.O_WRONLY|os.O_CREATE|os.O_APPEND)
		if errors.Is(err, fs.ErrNotExist) {
			return noFolder(filepath.Dir(name))
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(file, text)
		return errors.Join(err, file.Close())
	})
}

func (m *files) mkdir(c *luavm.Call) error {
	return m.creating(c, "fs.mkdir", func(root *os.Root, name string) error {
		if info, err := root.Stat(name); err == nil && !info.IsDir() {
			return fs.ErrExist
		}
		return root.MkdirAll(name, 0o777)
	})
}

func (m *files) remove(c *luavm.Call) error {
	return m.changing(c, "fs.remove", func(root *os.Root, name string) error {
		err := root.Remove(name)
		if errors.Is(err, fs.ErrExist) {
			return errors.New("the folder is not empty")
		}
		return err
	})
}

// target is where a file is to be put.
type target struct {
	folder
	path      string
	overwrite bool
}

func (m *files) target(c *luavm.Call, op string) (target, error) {
	f, err := m.host.folder(op)
	t := target{folder: f, path: c.String(1)}
	if opts := c.Table(2); opts != nil {
		take(opts, "overwrite", &t.overwrite)
	}
	return t, err
}

// put calls fn with the place, when it is free or may be overwritten.
func (t target) put(fn func(root *os.Root, name string) error) error {
	return t.create(t.path, func(root *os.Root, name string) error {
		info, err := root.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !t.overwrite:
			return fs.ErrExist
		case info.IsDir():
			return errIsFolder
		}
		return fn(root, name)
	})
}

func (m *files) move(c *luavm.Call) error {
	const op = "fs.move"
	to, err := m.target(c, op)
	if err != nil {
		return err
	}
	return m.changing(c, op, func(root *os.Root, from string) error {
		info, err := root.Lstat(from)
		if err != nil {
			return err
		}
		return to.put(func(_ *os.Root, name string) error {
			if _, err := root.Lstat(name); err == nil && info.IsDir() {
				return errors.New("is a file, and a folder cannot take its place")
			}
			if _, err := root.Stat(filepath.Dir(name)); errors.Is(err, fs.ErrNotExist) {
				return noFolder(filepath.Dir(name))
			}
			return root.Rename(from, name)
		})
	})
}

func (m *files) copy(c *luavm.Call) error {
	const op = "fs.copy"
	to, err := m.target(c, op)
	if err != nil {
		return err
	}
	return m.reading(c, op, func(ctx context.Context, source *os.Root, from string) error {
		in, err := open(source, from)
		if err != nil {
			return err
		}
		defer in.Close()
		return to.put(func(root *os.Root, name string) error {
			return writeWhole(root, name, cancelled{ctx, in})
		})
	})
}
