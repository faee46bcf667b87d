package bindings

import (
	"context"
	"errors"

	"moonpost/engine/fault"
)

// item is one item of task.map while it is worked on. Its context carries it,
// so that calls and tasks know where they belong. It is used with the
// interpreter lock.
type item struct {
	index int // from 1
	key   string
	tasks []*task // started by the item; it ends when they have ended
}

type itemKey struct{}

func withItem(ctx context.Context, at *item) context.Context {
	return context.WithValue(ctx, itemKey{}, at)
}

// itemOf returns the item that ctx belongs to, nil when there is none: outside a
// map, and in a worker between two items.
func itemOf(ctx context.Context) *item {
	if at, ok := ctx.Value(itemKey{}).(*item); ok && at.index > 0 {
		return at
	}
	return nil
}

// atIndex says in err at which item it happened, unless it says so already.
func atIndex(err error, index int) error {
	e, ok := errors.AsType[*fault.Error](err)
	if ok && e.Index != 0 {
		return err
	}
	if outermost, ok := err.(*fault.Error); ok {
		placed := *outermost // the original may be shared
		placed.Index = index
		return &placed
	}
	return &itemError{error: err, index: index}
}

// itemError adds its place to an error that has no field for it.
type itemError struct {
	error
	index int
}

func (e *itemError) Unwrap() error { return e.error }

// LuaField gives the place to the playbook.
func (e *itemError) LuaField(name string) (any, bool) { return e.index, name == "index" }
