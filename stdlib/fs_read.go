package stdlib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

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

// open opens a regular file for reading; another one could make it wait for ever.
func open(root *os.Root, name string) (*os.File, error) {
	if err := regular(root, name); err != nil {
		return nil, err
	}
	return root.Open(name)
}

// regular returns what keeps name from being a regular file.
func regular(root *os.Root, name string) error {
	info, err := root.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errIsFolder
	case !info.Mode().IsRegular():
		return errNotRegular
	}
	return nil
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

func (m *files) list(c *luavm.Call) error {
	const op = "fs.list"
	pattern := "*"
	if c.Has(0) {
		pattern = c.String(0)
	}
	f, err := m.host.folder(op)
	if err != nil {
		return err
	}
	if !doublestar.ValidatePattern(pattern) {
		return &fault.Error{Kind: fault.Invalid, Op: op, Message: fmt.Sprintf("%s is no pattern: a bracket has no end", csvfile.Shown(pattern))}
	}
	type found struct {
		path string
		info fs.FileInfo
	}
	var all []found
	err = c.Wait(func(ctx context.Context) error {
		name, ok := f.local(path.Clean(pattern))
		if !ok || pattern == "" {
			return f.outside(pattern, "lists")
		}
		return f.in(f.dir, pattern, name, func(root *os.Root, name string) error {
			return doublestar.GlobWalk(root.FS(), filepath.ToSlash(name), func(path string, _ fs.DirEntry) error {
				if len(all) >= maxList {
					return &fault.Error{Kind: fault.Invalid, Op: op, Message: fmt.Sprintf("more than %d paths match %s", maxList, csvfile.Shown(pattern))}
				}
				if info, err := root.Stat(filepath.FromSlash(path)); err == nil && path != "." {
					all = append(all, found{path, info})
				}
				return context.Cause(ctx)
			}, doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors())
		})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.path, b.path) })
	list := c.NewTable(len(all), 0)
	list.SetArray()
	for _, one := range all {
		list.Append(entry(c, one.path, one.info))
	}
	return c.Return(list)
}
