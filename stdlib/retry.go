package stdlib

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// repeatable are the kinds of errors after which trying again can help and does
// no harm. After unknown a change may have been made, after timeout a job goes
// on at the server, and the others stay as they are.
var repeatable = []string{
	string(fault.Unreachable), string(fault.Server), string(fault.NotFound), string(fault.Exists), string(fault.Script),
}

func retryModule(h Host) luavm.Module {
	return luavm.Module{
		Name: "retry",
		Doc: "Tries again what failed for a while. Calls of the server need it seldom: reads are repeated by themselves, and changes when " +
			"nothing was sent.",
		Funcs: []luavm.Func{{
			Name: "call",
			Doc: "Calls a function until it raises no error, and returns its results. After an error whose kind is in opts.on it waits and " +
				"calls again; other tasks run meanwhile. The last error is raised as it is, with the field attempts and their number in " +
				"its message. Errors of other kinds are raised at once, and opts.on takes only kinds after which another try is safe: " +
				"never unknown, as the change may have been made, never timeout, as the job goes on, and never denied, cancelled, limit " +
				"and the like, which stay as they are.",
			Params: []luavm.Param{
				{Name: "fn", Doc: "what to do; it gets the number of the attempt, from 1", Type: luavm.Callback(
					luavm.Param{Name: "attempt", Type: luavm.Integer, Doc: "1 at first"},
				)},
				{Name: "opts", Type: luavm.Record("retry_options",
					luavm.Param{Name: "attempts", Type: luavm.Integer, Doc: "most calls, the first one included: 1 to 1,000", Optional: true, Default: "5"},
					luavm.Param{Name: "delay", Type: luavm.Duration, Doc: `wait before the second call: "500ms", "1s", or seconds`, Optional: true, Default: `"1s"`},
					luavm.Param{Name: "factor", Type: luavm.Number, Doc: "what the wait is multiplied with after each further call: 1 to 100", Optional: true, Default: "2"},
					luavm.Param{Name: "max_delay", Type: luavm.Duration, Doc: "longest wait", Optional: true, Default: `"1m"`},
					luavm.Param{Name: "jitter", Type: luavm.Bool, Optional: true, Default: "true",
						Doc: "wait for a random part of the time, one half at least, so that many who failed together do not come back together"},
					luavm.Param{Name: "on", Type: luavm.List(luavm.Enum(repeatable...)), Doc: "kinds of errors after which to call again", Optional: true, Default: `{ "unreachable", "server" }`},
					luavm.Param{Name: "on_retry", Optional: true, Doc: "called before each wait", Type: luavm.Callback(
						luavm.Param{Name: "err", Type: luavm.Any, Doc: "the error"},
						luavm.Param{Name: "attempt", Type: luavm.Integer, Doc: "number of the call that failed"},
						luavm.Param{Name: "wait", Type: luavm.Number, Doc: "seconds until the next one"},
					)},
				), Doc: "how often, how long, and after what", Optional: true},
			},
			Returns: []luavm.Param{{Name: "results", Type: luavm.Any, Variadic: true, Optional: true, Doc: "what the function returned"}},
			Example: `local n = retry.call(function(attempt)
  if attempt < 3 then error("not yet") end
  return attempt
end, { on = { "script" }, delay = 0.001 })
assert(n == 3)`,
			Call: func(c *luavm.Call) error { return repeat(h, c) },
		}},
	}
}

// retryPlan is how a call is repeated.
type retryPlan struct {
	attempts        int64
	delay, maxDelay time.Duration
	factor          float64
	jitter          bool
	on              []string
	told            luavm.Fn
}

func retryOptions(opts luavm.Tab) (retryPlan, error) {
	p := retryPlan{
		attempts: 5, delay: time.Second, maxDelay: time.Minute, factor: 2, jitter: true,
		on: []string{string(fault.Unreachable), string(fault.Server)},
	}
	if opts == nil {
		return p, nil
	}
	take(opts, "attempts", &p.attempts)
	take(opts, "delay", &p.delay)
	take(opts, "max_delay", &p.maxDelay)
	take(opts, "factor", &p.factor)
	take(opts, "jitter", &p.jitter)
	take(opts, "on_retry", &p.told)
	if list, ok := opts.Get("on").(luavm.Tab); ok {
		p.on = p.on[:0]
		for i := range list.Len() {
			kind, _ := list.Index(i + 1).(string)
			p.on = append(p.on, kind)
		}
	}
	switch {
	case p.attempts < 1 || p.attempts > 1000:
		return p, retryError(fmt.Sprintf("attempts is %d, want 1 to 1,000", p.attempts))
	case p.factor < 1 || p.factor > 100:
		return p, retryError(fmt.Sprintf("factor is %v, want 1 to 100", p.factor))
	}
	return p, nil
}

func retryError(message string) error {
	return &fault.Error{Kind: fault.Invalid, Op: "retry.call", Message: message}
}

// take sets to to a field of a table when it is there.
func take[T any](opts luavm.Tab, name string, to *T) {
	if v, ok := opts.Get(name).(T); ok {
		*to = v
	}
}

// wait returns how long to wait after the call of that number.
func (p retryPlan) wait(attempt int64) time.Duration {
	d := min(float64(p.delay)*math.Pow(p.factor, float64(attempt-1)), float64(p.maxDelay))
	if p.jitter {
		d *= 0.5 + rand.Float64()/2
	}
	return time.Duration(d)
}

func repeat(h Host, c *luavm.Call) error {
	plan, err := retryOptions(c.Table(1))
	if err != nil {
		return err
	}
	for attempt := int64(1); ; attempt++ {
		results, err := c.Func(0).Call(attempt)
		if err == nil {
			return c.Return(results...)
		}
		again := attempt < plan.attempts && slices.Contains(plan.on, string(fault.KindOf(err)))
		if cause := context.Cause(c.Context()); cause != nil {
			return cause
		}
		if !again {
			return tried(err, attempt)
		}
		wait := plan.wait(attempt)
		h.Sink.Emit(event.Log{Level: event.Info, Where: c.Where(), Message: fmt.Sprintf(
			"attempt %d of %d failed, the next one in %s: %v", attempt, plan.attempts, wait.Round(time.Millisecond), err)})
		if plan.told != nil {
			if _, err := plan.told.Call(err, attempt, wait); err != nil {
				return err
			}
		}
		if err := c.Wait(func(ctx context.Context) error { return sleep(ctx, wait) }); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// triedError is the last error of several attempts: it is that error, and says
// how many there were.
type triedError struct {
	said     *fault.Error
	last     error
	attempts int64
}

func tried(err error, attempts int64) error {
	last, ok := errors.AsType[*fault.Error](err)
	if attempts == 1 || !ok {
		return err
	}
	said := *last
	said.Message, said.Err = fmt.Sprintf("%d attempts failed, the last one: %s", attempts, last.Text()), nil
	return &triedError{said: &said, last: err, attempts: attempts}
}

func (e *triedError) Error() string   { return e.said.Error() }
func (e *triedError) Unwrap() []error { return []error{e.said, e.last} }

// LuaField gives playbooks the number of attempts, and the fields that the last
// error has of its own.
func (e *triedError) LuaField(name string) (any, bool) {
	if name == "attempts" {
		return e.attempts, true
	}
	var own interface{ LuaField(string) (any, bool) }
	if errors.As(e.last, &own) {
		return own.LuaField(name)
	}
	return nil, false
}
