package bindings

import (
	"cmp"
	"context"
	"errors"
	"fmt"

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
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Index != 0 {
		return err
	}
	if outermost, ok := err.(*fault.Error); ok {
		placed := *outermost // the original may be shared
		placed.Index = index
		return &placed
	}
	return &itemError{error: err, index: index}
}

// ofItem is err as the error of a whole map: its text begins with the item.
func ofItem(err error, index int, key string) error {
	where := fmt.Sprintf("item %d", index)
	if key != "" {
		where += " (" + key + ")"
	}
	return &itemError{error: err, index: index, where: where}
}

// itemError says at which item an error happened.
type itemError struct {
	error
	index int
	where string
}

func (e *itemError) Error() string { return prefixed(e.where, e.error.Error()) }

func (e *itemError) Unwrap() error { return e.error }

// As gives the fault in the chain with the place filled in.
func (e *itemError) As(target any) bool {
	to, ok := target.(**fault.Error)
	if !ok {
		return false
	}
	inner, ok := errors.AsType[*fault.Error](e.error)
	if !ok {
		return false
	}
	placed := *inner
	placed.Op = prefixed(e.where, placed.Op)
	placed.Index = cmp.Or(placed.Index, e.index)
	*to = &placed
	return true
}

// prefixed joins what there is of two parts of an error's text.
func prefixed(where, text string) string {
	if where == "" || text == "" {
		return where + text
	}
	return where + ": " + text
}
