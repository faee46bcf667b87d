package stdlib

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/stdlib/csvfile"
)

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
	var all []listedPath
	err = c.Wait(func(ctx context.Context) (err error) {
		all, err = listed(ctx, f, pattern)
		return err
	})
	if err != nil {
		return err
	}
	list := c.NewTable(len(all), 0)
	list.SetArray()
	for _, one := range all {
		list.Append(entry(c, one.path, one.info))
	}
	return c.Return(list)
}

// listedPath is a path that matches a pattern.
type listedPath struct {
	path string
	info fs.FileInfo
}

// listed returns the paths of a folder that match a pattern, in order.
func listed(ctx context.Context, f folder, pattern string) ([]listedPath, error) {
	name, ok := f.local(path.Clean(pattern))
	if !ok || pattern == "" {
		return nil, f.outside(pattern, "lists")
	}
	var all []listedPath
	err := f.in(f.dir, pattern, name, func(root *os.Root, name string) error {
		return doublestar.GlobWalk(endingFS{root.FS(), ctx}, filepath.ToSlash(name), func(path string, _ fs.DirEntry) error {
			if len(all) >= maxList {
				return &fault.Error{Kind: fault.Invalid, Op: f.op, Message: fmt.Sprintf("more than %d paths match %s", maxList, csvfile.Shown(pattern))}
			}
			if info, err := root.Stat(filepath.FromSlash(path)); err == nil && path != "." {
				all = append(all, listedPath{path, info})
			}
			return nil
		}, doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors())
	})
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	slices.SortFunc(all, func(a, b listedPath) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(all, func(a, b listedPath) bool { return a.path == b.path }), err
}

// endingFS is a file system that ends with its context, also while a walk finds
// nothing.
type endingFS struct {
	fs.FS
	ctx context.Context
}

func (e endingFS) Stat(name string) (fs.FileInfo, error) {
	if err := context.Cause(e.ctx); err != nil {
		return nil, err
	}
	return fs.Stat(e.FS, name)
}

func (e endingFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := context.Cause(e.ctx); err != nil {
		return nil, err
	}
	return fs.ReadDir(e.FS, name)
}
