package stdlib

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/stdlib/csvfile"
)

// What is read at once and listed at once.
const (
	maxRead = 64 << 20
	maxList = 100_000
)

// files is the module fs for one run.
type files struct{ host Host }

// reading runs fn with the path that is argument 0, without the interpreter
// lock.
func (m *files) reading(c *luavm.Call, op string, fn func(ctx context.Context, root *os.Root, name string) error) error {
	f, err := m.host.folder(op)
	if err != nil {
		return err
	}
	path := c.String(0)
	return c.Wait(func(ctx context.Context) error {
		return f.read(path, func(root *os.Root, name string) error { return fn(ctx, root, name) })
	})
}

// open opens a regular file for reading.
func open(root *os.Root, name string) (*os.File, error) { return openRegular(root, name, os.O_RDONLY) }

// openRegular opens a regular file and nothing else. It does not wait for the
// other side of a pipe, which can take the place of a file between a look and
// the opening.
func openRegular(root *os.Root, name string, flag int) (*os.File, error) {
	file, err := root.OpenFile(name, flag|syscall.O_NONBLOCK, 0o666)
	switch {
	case errors.Is(err, syscall.EISDIR):
		return nil, errIsFolder
	case errors.Is(err, syscall.ENXIO): // nobody reads the pipe
		return nil, errNotRegular
	case err != nil:
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errIsFolder
	case !info.Mode().IsRegular():
		err = errNotRegular
	default:
		return file, nil
	}
	_ = file.Close()
	return nil, err
}

func (m *files) read(c *luavm.Call) error {
	const op = "fs.read"
	shown, encoding := csvfile.Shown(c.String(0)), ""
	if opts := c.Table(1); opts != nil {
		take(opts, "encoding", &encoding)
	}
	var content []byte
	var found csvfile.Found
	err := m.reading(c, op, func(ctx context.Context, root *os.Root, name string) error {
		file, err := open(root, name)
		if err != nil {
			return err
		}
		defer file.Close()
		content, found, err = readText(ctx, file, shown, encoding)
		return err
	})
	if err != nil {
		return asOp(op, err)
	}
	if found.Encoding != "UTF-8" && found.Encoding != "" && encoding == "" {
		m.host.Sink.Emit(event.Log{Level: event.Info, Message: shown + ": read as " + found.Encoding, Where: c.Where()})
	}
	return c.Return(content)
}

// readText reads a file in an encoding.
func readText(ctx context.Context, file io.ReadSeeker, shown, encoding string) ([]byte, csvfile.Found, error) {
	var src io.Reader = file
	var found csvfile.Found
	if encoding != "bytes" {
		var err error
		if src, found, err = csvfile.Text(ctx, file, shown, encoding); err != nil {
			if f, ok := errors.AsType[*fault.Error](err); ok && f.Hint == "" {
				f.Hint = `to read what is no text: { encoding = "bytes" }`
			}
			return nil, found, err
		}
	}
	content, err := io.ReadAll(io.LimitReader(cancelled{ctx, src}, maxRead+1))
	if err == nil && len(content) > maxRead {
		err = &fault.Error{Kind: fault.Invalid, Message: shown + " is larger than 64 MiB"}
	}
	return content, found, err
}

// cancelled is a reader that ends with its context.
type cancelled struct {
	ctx context.Context
	io.Reader
}

func (r cancelled) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func (m *files) exists(c *luavm.Call) error {
	err := m.reading(c, "fs.exists", func(_ context.Context, root *os.Root, name string) error {
		_, err := root.Stat(name)
		return err
	})
	if errors.Is(err, fault.Of(fault.NotFound)) {
		return c.Return(false)
	}
	if err != nil {
		return err
	}
	return c.Return(true)
}

func (m *files) stat(c *luavm.Call) error {
	var info fs.FileInfo
	err := m.reading(c, "fs.stat", func(_ context.Context, root *os.Root, name string) (err error) {
		info, err = root.Stat(name)
		return err
	})
	if err != nil {
		return err
	}
	return c.Return(entry(c, filepath.ToSlash(c.String(0)), info))
}

func entry(c *luavm.Call, path string, info fs.FileInfo) luavm.Tab {
	t := c.NewTable(0, 4)
	t.Set("path", path)
	size := info.Size()
	if info.IsDir() {
		size = 0 // systems differ
	}
	t.Set("size", size)
	t.Set("modified", float64(info.ModTime().UnixMilli())/1000)
	t.Set("is_dir", info.IsDir())
	return t
}
