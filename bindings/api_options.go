package bindings

import (
	"time"

	"moonpost/engine/call"
	"moonpost/engine/luavm"
)

// options are the options of a call.
type options struct {
	progress  luavm.Fn
	timeout   time.Duration
	onTimeout call.OnTimeout
	stall     time.Duration
	key       string
	nulls     bool
	logFile   string
	window    *window
}

// window is a span of time.
type window struct{ from, to, zone string }

// readOptions reads argument i, which is nothing, a function that is told of
// progress, or a table of the shape callOptions.
func readOptions(c *luavm.Call, i int) options {
	switch v := c.Arg(i).(type) {
	case luavm.Fn:
		return options{progress: v}
	case luavm.Tab:
		o := options{
			progress:  field[luavm.Fn](v, optProgress),
			timeout:   field[time.Duration](v, optTimeout),
			onTimeout: call.OnTimeout(field[string](v, optOnTimeout)),
			stall:     field[time.Duration](v, optStall),
			key:       field[string](v, optKey),
			nulls:     field[bool](v, optNulls),
			logFile:   field[string](v, optLogFile),
		}
		if w := field[luavm.Tab](v, optWindow); w != nil {
			o.window = &window{field[string](w, "from"), field[string](w, "to"), field[string](w, "zone")}
		}
		return o
	}
	return options{}
}

// field returns a field of a record, the zero value when it is absent.
func field[T any](t luavm.Tab, name string) T {
	v, _ := t.Get(name).(T)
	return v
}
