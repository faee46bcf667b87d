package bindings

import (
	"fmt"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// What becomes of a map when an item fails.
const (
	onErrorStop     = "stop"
	onErrorContinue = "continue"
	onErrorCollect  = "collect"
)

// mapOp names task.map and task.each in errors.
const mapOp = "task.map"

// defaultConcurrency is small because a MailStore is one Windows service.
const defaultConcurrency = 8

var (
	itemFunc = luavm.Callback(
		luavm.Param{Name: "item", Type: luavm.Any, Doc: "the item"},
		luavm.Param{Name: "index", Type: luavm.Integer, Doc: "its place, from 1"},
	)
	itemsParam = luavm.Param{
		Name: "items", Type: luavm.Union(luavm.List(luavm.Any), luavm.Function),
		Doc: "a list, or an iterator: a function that returns the next item and nil after the last",
	}
	mapOptionsType = luavm.Record("map options",
		luavm.Param{Name: "concurrency", Type: luavm.Integer, Optional: true, Default: "8", Doc: "how many items are worked on at a time"},
		luavm.Param{
			Name: "on_error", Type: luavm.Enum(onErrorStop, onErrorContinue, onErrorCollect), Optional: true, Default: `"stop"`,
			Doc: "stop: cancel the other items and raise the error. continue: do the others, return the failures and " +
				"count them, so that the run ends with 3. collect: the same, not counted",
		},
		luavm.Param{
			Name: "key", Type: luavm.Union(luavm.String, luavm.Callback(luavm.Param{Name: "item", Type: luavm.Any})), Optional: true,
			Doc: "what names an item: a field of it, or a function that returns it",
		},
		luavm.Param{
			Name: "duplicates", Type: luavm.Enum("refuse", "allow"), Optional: true, Default: `"refuse"`,
			Doc: "two items with one key are refused before anything starts; from an iterator the second one fails",
		},
		luavm.Param{Name: "label", Type: luavm.String, Optional: true, Default: `"items"`, Doc: "what the progress bar is called"},
		luavm.Param{Name: "total", Type: luavm.Integer, Optional: true, Default: "not known", Doc: "how many items an iterator will give, for the progress bar"},
	)
	mapParams = []luavm.Param{
		itemsParam,
		{Name: "fn", Type: itemFunc, Doc: "called with each item and its index"},
		{Name: "opts", Type: mapOptionsType, Optional: true, Doc: "options"},
	}
	failureType = luavm.Record("failure",
		luavm.Param{Name: "index", Type: luavm.Integer, Doc: "place of the item, from 1"},
		luavm.Param{Name: "key", Type: luavm.String, Optional: true, Doc: "its key"},
		luavm.Param{Name: "item", Type: luavm.Any, Doc: "the item"},
		luavm.Param{Name: "error", Type: luavm.Any, Doc: "its error"},
	)
	failuresReturn = luavm.Param{
		Name: "failures", Type: luavm.List(failureType),
		Doc: "the items that failed, in order; empty unless on_error is continue or collect",
	}
)

func (b *binding) mapFunc() luavm.Func {
	return luavm.Func{
		Name: "map",
		Doc: "Calls fn for every item, several at a time, and returns the results in the order of the " +
			"items. An item keeps its place until it has ended.",
		Params: mapParams,
		Returns: []luavm.Param{
			{Name: "results", Type: luavm.List(luavm.Any), Doc: "what fn returned for each item, json.null where it returned nothing or failed"},
			failuresReturn,
		},
		Example: `local doubled = task.map({ 1, 2, 3 }, function(n) return 2 * n end)
assert(doubled[3] == 6)
local _, failures = task.map({ "admin", "nobody" }, function(name)
  return api.invoke("GetUserInfo", { userName = name })
end, { on_error = "collect", concurrency = 2 })
print(#failures)`,
		Call: func(c *luavm.Call) error {
			m, err := b.mapItems(c, true)
			if err != nil {
				return err
			}
			return c.Return(m.results, m.failureRows(c))
		},
	}
}

func (b *binding) eachFunc() luavm.Func {
	return luavm.Func{
		Name:    "each",
		Doc:     "Calls fn for every item like map, and keeps no results: for more items than fit into memory.",
		Params:  mapParams,
		Returns: []luavm.Param{failuresReturn},
		Example: `local sum = 0
task.each({ 1, 2, 3 }, function(n) sum = sum + n end)
assert(sum == 6)`,
		Call: func(c *luavm.Call) error {
			m, err := b.mapItems(c, false)
			if err != nil {
				return err
			}
			return c.Return(m.failureRows(c))
		},
	}
}

// mapOptions are the options of map and each.
type mapOptions struct {
	concurrency int
	onError     string
	keyField    string
	keyFunc     luavm.Fn
	duplicates  bool // are allowed
	label       string
	total       int // of an iterator; -1: not known
}

func (b *binding) readMapOptions(t luavm.Tab) (mapOptions, error) {
	o := mapOptions{concurrency: defaultConcurrency, onError: onErrorStop, label: "items", total: -1}
	if t != nil {
		o.concurrency, o.total = whole(t, "concurrency", o.concurrency), whole(t, "total", o.total)
		if v := field[string](t, "on_error"); v != "" {
			o.onError = v
		}
		if v := field[string](t, "label"); v != "" {
			o.label = v
		}
		o.keyField, o.keyFunc = field[string](t, "key"), field[luavm.Fn](t, "key")
		o.duplicates = field[string](t, "duplicates") == "allow"
	}
	if o.concurrency < 1 {
		return o, &fault.Error{Kind: fault.Invalid, Op: mapOp, Message: fmt.Sprintf("concurrency is %d, want 1 or more", o.concurrency)}
	}
	if ceiling := b.host.Concurrency; ceiling > 0 {
		o.concurrency = min(o.concurrency, ceiling)
	}
	return o, nil
}

// whole returns a whole number of an options table, or what is usual.
func whole(t luavm.Tab, name string, usual int) int {
	switch n := t.Get(name).(type) {
	case int64:
		return int(n)
	case float64:
		return int(n)
	}
	return usual
}

// failureRows makes the list of failures, in the order of the items.
func (m *mapping) failureRows(c *luavm.Call) []any {
	rows := make([]any, len(m.failures))
	for i, f := range m.failures {
		t := c.NewTable(0, 4)
		t.Set("index", f.index)
		if f.key != "" {
			t.Set("key", f.key)
		}
		t.Set("item", f.item)
		t.Set("error", f.err)
		rows[i] = t
	}
	return rows
}
