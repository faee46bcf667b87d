package bindings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// item is one item of task.map while it is worked on. Its context carries it,
// so that calls and tasks know where they belong. It is used with the
// interpreter lock.
type item struct {
	index int // from 1
	key   string
	tasks []*task // started by the item; it ends when they have ended
	outer *item   // of the map around its map
}

// within reports whether the item is outer or belongs to a map in it.
func (at *item) within(outer *item) bool {
	for at != nil && at != outer {
		at = at.outer
	}
	return at != nil
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

// join waits until all tasks of the item have ended and returns the first error
// that nobody awaited. A task that the playbook cancelled has none.
func (at *item) join(c *luavm.Call) error {
	var failed error
	for i := 0; i < len(at.tasks); i++ { // a task may start more of them
		t := at.tasks[i]
		_ = c.Wait(func(context.Context) error { <-t.Done(); return nil }) // ends with the item's context
		if _, err := t.Result(); failed == nil && !t.awaited && !t.cancelled {
			failed = err
		}
	}
	return failed
}

// atIndex says in err at which item it happened, unless it says so already.
func atIndex(err error, index int) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Index != 0 {
		return err
	}
	e := outermost(err)
	e.Index = index
	return e
}

// ofItem is err as the error of a whole map: its text begins with the item.
func ofItem(err error, index int, key string) error {
	where := fmt.Sprintf("item %d", index)
	if key != "" {
		where += " (" + fault.Clip(key, 100) + ")"
	}
	e := outermost(err)
	e.Index = cmp.Or(e.Index, index)
	e.Op = strings.TrimSuffix(where+": "+e.Op, ": ")
	return e
}

// outermost returns err, which has a fault in its chain, as a fault of its own
// that can be added to: the original may be shared, and the interpreter adds
// its trace to a fault that it is given, not to one further inside.
func outermost(err error) *fault.Error {
	inner, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return &fault.Error{Kind: fault.KindOf(err), Err: err}
	}
	e := *inner
	if err != error(inner) {
		e.Message, e.Err = "", &worded{error: err, text: inner.Text()}
	}
	return &e
}

// worded is an error with another text.
type worded struct {
	error
	text string
}

func (e *worded) Error() string { return e.text }

func (e *worded) Unwrap() error { return e.error }
