package bindings

import (
	"fmt"
	"slices"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/monitor"
)

// finishOp names run.finish in errors.
const finishOp = "run.finish"

var (
	limitType  = luavm.Union(luavm.Number, luavm.String)
	metricType = luavm.Record("metric",
		luavm.Param{Name: "name", Type: luavm.String, Doc: "the same in every run: monitoring systems keep its history by it"},
		luavm.Param{Name: "value", Type: luavm.Number, Doc: "the number"},
		luavm.Param{Name: "unit", Type: luavm.String, Optional: true, Doc: "s, ms, %, B, KB, MB, GB, TB, c for a counter, or any word", Default: "a number of things"},
		luavm.Param{Name: "warn", Type: limitType, Optional: true, Doc: `what is fine: 90 (at most), "30:" (at least), "10:20"`},
		luavm.Param{Name: "crit", Type: limitType, Optional: true, Doc: "what is not critical yet, written alike"},
		luavm.Param{Name: "min", Type: luavm.Number, Optional: true, Doc: "the least that it can be"},
		luavm.Param{Name: "max", Type: luavm.Number, Optional: true, Doc: "the most that it can be"},
	)
	verdictType = luavm.Record("verdict",
		luavm.Param{Name: "state", Type: luavm.Enum(stateNames()...), Doc: "the verdict"},
		luavm.Param{Name: "text", Type: luavm.String, Doc: "what was found, in a line"},
		luavm.Param{Name: "metrics", Type: luavm.List(metricType), Optional: true, Doc: "numbers to keep a history of"},
		luavm.Param{Name: "name", Type: luavm.String, Optional: true, Doc: "of the check", Default: "playbook and target"},
	)
)

func stateNames() []string {
	names := make([]string, len(monitor.States))
	for i, s := range monitor.States {
		names[i] = string(s)
	}
	return names
}

func (b *binding) finishFunc() luavm.Func {
	return luavm.Func{
		Name: "finish",
		Doc: "Says what the run found out. The playbook goes on; what its chunk returns is still printed, or the verdict " +
			"when it returns nothing. A verdict other than ok ends the run with exit code 1; with --format it becomes a " +
			"check of a monitoring system and its exit code that of the system. It is said once.",
		Params:  []luavm.Param{{Name: "verdict", Type: verdictType, Doc: "state, text and metrics"}},
		Returns: []luavm.Param{{Name: "verdict", Type: luavm.Table, Doc: "what was given, so that a chunk can end with: return run.finish{…}"}},
		Example: `local users = api.GetUsers()
run.finish {
  state   = #users > 10000 and "warning" or "ok",
  text    = #users .. " users",
  metrics = { { name = "users", value = #users, warn = 10000, min = 0 } },
}`,
		Call: b.finish,
	}
}

func (b *binding) finish(c *luavm.Call) error {
	t := c.Table(0)
	if b.finished {
		return &fault.Error{Kind: fault.Script, Op: finishOp, Message: "the verdict was given before, and there is one"}
	}
	check := monitor.Check{
		Name: field[string](t, "name"), State: monitor.State(field[string](t, "state")), Text: field[string](t, "text"),
	}
	if list := field[luavm.Tab](t, "metrics"); list != nil {
		for i := 1; i <= list.Len(); i++ {
			m, err := readMetric(list.Index(i).(luavm.Tab))
			if err == nil && slices.ContainsFunc(check.Metrics, func(other monitor.Metric) bool { return other.Name == m.Name }) {
				err = fmt.Errorf("metric %s stands twice", fault.Clip(m.Name, 100))
			}
			if err != nil {
				return &fault.Error{Kind: fault.Invalid, Op: finishOp, Err: err}
			}
			check.Metrics = append(check.Metrics, m)
		}
	}
	said, err := c.EncodeJSON(t, luavm.EncodeOptions{})
	if err != nil {
		return err
	}
	b.finished = true
	if b.host.Finish != nil {
		b.host.Finish(check, said)
	}
	return c.Return(t)
}

func readMetric(t luavm.Tab) (monitor.Metric, error) {
	value, _ := numberOf(t.Get("value"))
	m := monitor.Metric{
		Name: field[string](t, "name"), Value: value, Unit: field[string](t, "unit"),
		Min: optionalNumber(t.Get("min")), Max: optionalNumber(t.Get("max")),
	}
	for _, limit := range []struct {
		name string
		dest *monitor.Range
	}{{"warn", &m.Warn}, {"crit", &m.Crit}} {
		var err error
		switch v := t.Get(limit.name).(type) {
		case nil:
		case string:
			*limit.dest, err = monitor.ParseRange(v)
		default:
			n, _ := numberOf(v)
			*limit.dest = monitor.AtMost(n)
		}
		if err != nil {
			return m, fmt.Errorf("%s of metric %s: %w", limit.name, fault.Clip(m.Name, 100), err)
		}
	}
	return m, m.Valid()
}

// numberOf returns a number of Lua.
func numberOf(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

func optionalNumber(value any) *float64 {
	if n, ok := numberOf(value); ok {
		return &n
	}
	return nil
}
