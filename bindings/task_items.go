package bindings

import (
	"context"
	"fmt"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// itemSource hands out the items of a map one by one.
type itemSource struct {
	list  luavm.Tab
	keys  []string // of the list
	total int      // -1 when it is not known yet

	iterator luavm.Fn
	turn     chan struct{} // held by the worker that calls the iterator
	ended    bool

	options mapOptions
	index   int            // of the newest item handed out
	seen    map[string]int // index by key
}

// nextItem is an item on its way to a worker.
type nextItem struct {
	index   int
	key     string
	value   any
	refused error // why it is not worked on
}

// newItemSource returns the items that are argument 0 of c. The keys of a list
// are checked here, before anything starts.
func newItemSource(c *luavm.Call, o mapOptions) (*itemSource, error) {
	s := &itemSource{list: c.Table(0), iterator: c.Func(0), options: o, total: -1, seen: map[string]int{}}
	if s.iterator != nil {
		s.turn = make(chan struct{}, 1)
		return s, nil
	}
	s.total = s.list.Len()
	if !o.keyed() {
		return s, nil
	}
	s.keys = make([]string, s.total)
	for i := range s.keys {
		key, err := s.key(i+1, s.list.Index(i+1))
		if err != nil {
			return nil, err
		}
		s.keys[i] = key
	}
	return s, nil
}

func (o *mapOptions) keyed() bool { return o.keyField != "" || o.keyFunc != nil }

// next returns the next item, nil after the last. An iterator may wait, so the
// workers take turns; items of one iterator are never asked for at once.
func (s *itemSource) next(c *luavm.Call) (*nextItem, error) {
	if s.iterator == nil {
		if s.index == s.total {
			return nil, nil
		}
		s.index++
		n := &nextItem{index: s.index, value: s.list.Index(s.index)}
		if s.keys != nil {
			n.key = s.keys[s.index-1]
		}
		return n, nil
	}
	if err := s.takeTurn(c); err != nil {
		return nil, err
	}
	defer func() { <-s.turn }()
	if s.ended {
		return nil, nil
	}
	values, err := s.iterator.Call()
	if err != nil || len(values) == 0 || values[0] == nil {
		if s.ended = true; err == nil {
			s.total = s.index
		}
		return nil, err
	}
	s.index++
	n := &nextItem{index: s.index, value: values[0]}
	if s.options.keyed() {
		n.key, n.refused = s.key(n.index, n.value)
	}
	return n, nil
}

func (s *itemSource) takeTurn(c *luavm.Call) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	default:
	}
	return c.Wait(func(ctx context.Context) error {
		select {
		case s.turn <- struct{}{}:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
}

// key returns the key of an item, or an error when it has none or shares it
// with another one.
func (s *itemSource) key(index int, value any) (string, error) {
	refuse := func(format string, args ...any) error {
		return &fault.Error{Kind: fault.Invalid, Op: mapOp, Index: index, Message: fmt.Sprintf(format, args...)}
	}
	var found any
	if fn := s.options.keyFunc; fn != nil {
		values, err := fn.Call(value)
		if err != nil {
			return "", err
		}
		if len(values) > 0 {
			found = values[0]
		}
	} else {
		t, ok := value.(luavm.Tab)
		if !ok {
			return "", refuse("item %d is no table, so it has no field %s to name it", index, s.options.keyField)
		}
		found = t.Get(s.options.keyField)
	}
	key, ok := plainText(found)
	if !ok || key == "" {
		return "", refuse("item %d has no key: want text or a number", index)
	}
	first, twice := s.seen[key]
	if !twice {
		s.seen[key] = index
	} else if !s.options.duplicates {
		err := refuse("items %d and %d have the same key %q", first, index, fault.Clip(key, 100))
		err.(*fault.Error).Hint = `remove one, or give duplicates = "allow"`
		return key, err
	}
	return key, nil
}
