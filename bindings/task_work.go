package bindings

import (
	"cmp"
	"context"
	"slices"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// mapping is one task.map or task.each on its way. A number of workers, each a
// task, take items until there are none. All of it is used with the interpreter
// lock.
type mapping struct {
	*binding
	mapOptions
	number uint64
	source *itemSource
	fn     luavm.Fn
	keep   bool // results are kept

	results  []any
	failures []failure
	counts   event.MapEnded
	err      error // what ends the map before its end
	stop     context.CancelCauseFunc
}

// failure is an item that failed.
type failure struct {
	index int
	key   string
	item  any
	err   error
}

// mapItems works on the items that are argument 0 of c with the function that
// is argument 1, and returns when all have ended.
func (b *binding) mapItems(c *luavm.Call, keep bool) (*mapping, error) {
	o, err := b.readMapOptions(c.Table(2))
	if err != nil {
		return nil, err
	}
	m := &mapping{binding: b, mapOptions: o, fn: c.Func(1), keep: keep, results: []any{}}
	if m.source, err = newItemSource(c, o); err != nil {
		return nil, err
	}
	workers := o.concurrency
	if total := m.source.total; total >= 0 {
		workers = min(workers, total)
		if keep {
			m.results = slices.Repeat([]any{luavm.JSONNull{}}, total)
		}
	}
	m.number = b.maps.Add(1)
	total := m.source.total
	if m.source.iterator != nil {
		total = max(o.total, -1)
	}
	b.emit(event.MapStarted{Map: m.number, Label: o.label, Total: total})
	m.run(c, workers)
	m.counts.Map, m.counts.Label, m.counts.Total = m.number, o.label, m.source.total
	b.emit(m.counts)
	slices.SortFunc(m.failures, func(a, b failure) int { return cmp.Compare(a.index, b.index) })
	return m, m.err
}

// run starts the workers and waits for all of them.
func (m *mapping) run(c *luavm.Call, workers int) {
	ctx, stop := context.WithCancelCause(c.Context())
	defer stop(nil)
	m.stop = stop
	var tasks []luavm.Task
	for range workers {
		at := &item{outer: itemOf(c.Context())}
		t, err := c.Spawn(withItem(ctx, at), function(c, luavm.Func{
			Name: mapOp,
			Call: func(wc *luavm.Call) error { m.work(wc, at); return nil },
		}))
		if err != nil {
			m.end(err)
			break
		}
		tasks = append(tasks, t)
	}
	// The workers end with ctx, so this needs no end of its own.
	err := c.Wait(func(context.Context) error {
		for _, t := range tasks {
			<-t.Done()
		}
		return nil
	})
	for _, t := range tasks {
		if _, failed := t.Result(); err == nil {
			err = failed
		}
	}
	if cancelled := c.Context().Err(); cancelled != nil {
		err = context.Cause(c.Context())
	}
	if m.err == nil {
		m.err = err
	}
}

// work is what one worker does; at is the item that its context carries.
func (m *mapping) work(c *luavm.Call, at *item) {
	for m.err == nil && c.Context().Err() == nil {
		*at = item{outer: at.outer}
		next, err := m.source.next(c)
		if err != nil {
			m.end(err)
		}
		if next == nil || m.err != nil {
			return
		}
		m.counts.Begun++
		*at = item{index: next.index, key: next.key, outer: at.outer}
		if next.refused != nil {
			m.ended(c, at, next, nil, next.refused)
			continue
		}
		results, err := m.fn.Call(next.value, next.index)
		if err != nil {
			// Said before its tasks are waited for, which may take long: it may
			// be what cancels them.
			m.ended(c, at, next, nil, err)
			_ = at.join(c)
			continue
		}
		m.ended(c, at, next, first(results), at.join(c))
	}
}

func first(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// ended keeps what came of an item.
func (m *mapping) ended(c *luavm.Call, at *item, next *nextItem, result any, err error) {
	e := event.ItemEnded{Map: m.number, Index: next.index, Key: next.key, Outcome: event.OutcomeOK}
	if err == nil {
		m.counts.OK++
		m.keepResult(next.index, result)
		m.emit(e)
		return
	}
	err = atIndex(err, next.index)
	switch {
	case fault.KindOf(err) == fault.Unknown:
		e.Outcome = event.OutcomeUnknown
		m.counts.Unknown++
	case c.Context().Err() != nil && !m.ends(at, err):
		e.Outcome = event.OutcomeCancelled
		m.counts.Cancelled++
	default:
		e.Outcome = event.OutcomeFailed
		m.counts.Failed++
	}
	e.Counted = m.onError == onErrorContinue && e.Outcome == event.OutcomeFailed
	if !m.silent {
		e.Error = fault.JSON(err)
	}
	m.emit(e)
	switch {
	case e.Outcome == event.OutcomeCancelled:
	case m.onError == onErrorStop || m.endsMaps(err):
		m.end(ofItem(err, next.index, next.key))
	default:
		m.keepResult(next.index, nil)
		m.failures = append(m.failures, failure{next.index, next.key, next.value, err})
	}
}

// keepResult keeps the result of an item in its place.
func (m *mapping) keepResult(index int, result any) {
	if !m.keep {
		return
	}
	for len(m.results) < index { // of an iterator
		m.results = append(m.results, luavm.JSONNull{})
	}
	if result != nil {
		m.results[index-1] = result
	}
}

// ends reports whether err is fatal and began in the item. All items are stopped
// by the same error. Where it began is known of calls; a limit is met by the
// task that runs, whose item is the first to say so.
func (m *mapping) ends(at *item, err error) bool {
	switch {
	case !fault.KindOf(err).Fatal() || m.err != nil:
		return false
	case m.fatal:
		return m.culprit.within(at)
	}
	return true
}

// end ends the map with err: no item starts any more, and those that are being
// worked on are cancelled.
func (m *mapping) end(err error) {
	if m.err == nil {
		m.err = err
		m.stop(&fault.Error{Kind: fault.Cancelled, Op: mapOp, Message: "another item failed"})
	}
}
