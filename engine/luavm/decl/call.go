package decl

import (
	"context"
	"time"

	"moonpost/engine/secret"
)

// Call is one call of a declared function, made by the interpreter. Arguments
// were checked against the declaration and converted before: the accessors
// never fail for a declared parameter, and an argument that was left out gives
// the zero value (Has tells). Indexes start at 0.
//
// A Call is used by the goroutine that runs the function, and is dead when the
// function returns. Outside Wait that goroutine holds the interpreter lock.
type Call struct {
	ctx  context.Context
	vm   VM
	self any
	args []any
	out  []any
}

// VM is what the interpreter does for a call. luavm implements it.
type VM interface {
	// Wait runs fn without the interpreter lock. See Call.Wait.
	Wait(ctx context.Context, fn func(context.Context) error) error
	// Enter runs fn with the lock, from inside the fn of Wait.
	Enter(fn func() error) error
	// Spawn starts a task. See Call.Spawn.
	Spawn(ctx context.Context, fn Fn, args []any) (Task, error)
	// NewTable returns an empty table with room for n elements and m fields.
	NewTable(n, m int) Tab
	// DecodeJSON builds the Lua value of a JSON text. It needs no lock.
	DecodeJSON(text []byte, opts DecodeOptions) (any, error)
	// EncodeJSON writes a Lua value as JSON. It needs the lock.
	EncodeJSON(value any, opts EncodeOptions) ([]byte, error)
	// Where returns file and line of the playbook that makes the call.
	Where() string
	// Object wraps value as a handle of the object of that name.
	Object(name string, value any) any
}

// NewCall returns a call; only interpreters and tests need it.
func NewCall(ctx context.Context, vm VM, self any, args []any) *Call {
	return &Call{ctx: ctx, vm: vm, self: self, args: args}
}

// Reset makes c a new call, keeping its storage.
func (c *Call) Reset(ctx context.Context, vm VM, self any, args []any) {
	*c = Call{ctx: ctx, vm: vm, self: self, args: args, out: c.out[:0]}
}

// Context ends when the task of this call is to stop; its cause says why.
func (c *Call) Context() context.Context { return c.ctx }

// Self returns the value of the handle whose method is called.
func (c *Call) Self() any { return c.self }

// Len returns the number of arguments given, trailing nils left out.
func (c *Call) Len() int { return len(c.args) }

// Has reports whether argument i was given and is not nil.
func (c *Call) Has(i int) bool { return i < len(c.args) && c.args[i] != nil }

// Arg returns argument i as the interpreter converted it: nil, bool, string,
// float64, int64 (integer), time.Duration, secret.Secret, Tab, Fn, JSONNull, the
// Go value of a handle, or error for an error value.
func (c *Call) Arg(i int) any {
	if i < len(c.args) {
		return c.args[i]
	}
	return nil
}

// Args returns the arguments from i on.
func (c *Call) Args(i int) []any {
	if i < len(c.args) {
		return c.args[i:]
	}
	return nil
}

func arg[T any](c *Call, i int) T {
	v, _ := c.Arg(i).(T)
	return v
}

// String returns argument i, a string or an enum.
func (c *Call) String(i int) string { return arg[string](c, i) }

// Number returns argument i, a number.
func (c *Call) Number(i int) float64 { return arg[float64](c, i) }

// Int returns argument i, an integer.
func (c *Call) Int(i int) int64 { return arg[int64](c, i) }

// Bool returns argument i, a boolean.
func (c *Call) Bool(i int) bool { return arg[bool](c, i) }

// Duration returns argument i, a duration.
func (c *Call) Duration(i int) time.Duration { return arg[time.Duration](c, i) }

// Secret returns argument i, a secret.
func (c *Call) Secret(i int) secret.Secret { return arg[secret.Secret](c, i) }

// Table returns argument i, a table of any kind; nil when it was left out.
func (c *Call) Table(i int) Tab { return arg[Tab](c, i) }

// Func returns argument i, a function; nil when it was left out.
func (c *Call) Func(i int) Fn { return arg[Fn](c, i) }

// Return sets the results. Values are nil, bool, string, []byte (as text), int,
// int64, float64, time.Duration (in seconds), secret.Secret, error (as an error
// value), Tab, Fn, Func (a new Lua function), Module (a table of its own that
// works like the module), JSONNull, []any, []string, map[string]any, what
// DecodeJSON, Object and Arg gave. It always returns nil, so that a function
// can end with it.
func (c *Call) Return(values ...any) error {
	c.out = append(c.out[:0], values...)
	return nil
}

// Results returns what Return set; only interpreters and tests need it.
func (c *Call) Results() []any { return c.out }

// Wait runs fn without the interpreter lock, so that other tasks run
// meanwhile, and returns its error. fn must not touch Lua values or this call
// except through Enter and DecodeJSON; it must return soon after its context
// ends. Without a wait inside, a function must be short.
func (c *Call) Wait(fn func(context.Context) error) error { return c.vm.Wait(c.ctx, fn) }

// Enter runs fn with the interpreter lock, from inside the fn of Wait and on
// its goroutine: the place for callbacks into Lua.
func (c *Call) Enter(fn func() error) error { return c.vm.Enter(fn) }

// Spawn starts a task that calls fn with args. It ends when ctx ends or the
// function returns.
func (c *Call) Spawn(ctx context.Context, fn Fn, args ...any) (Task, error) {
	return c.vm.Spawn(ctx, fn, args)
}

// NewTable returns an empty table with room for n elements and m fields.
func (c *Call) NewTable(n, m int) Tab { return c.vm.NewTable(n, m) }

// DecodeJSON builds the Lua value of a JSON text; it may be called inside Wait.
func (c *Call) DecodeJSON(text []byte, opts DecodeOptions) (any, error) {
	return c.vm.DecodeJSON(text, opts)
}

// EncodeJSON writes a value as JSON.
func (c *Call) EncodeJSON(value any, opts EncodeOptions) ([]byte, error) {
	return c.vm.EncodeJSON(value, opts)
}

// Where returns file and line of the playbook that makes the call: "a.lua:7".
func (c *Call) Where() string { return c.vm.Where() }

// Object wraps value as a handle of the object of that name.
func (c *Call) Object(name string, value any) any { return c.vm.Object(name, value) }

// DecodeOptions says how JSON becomes Lua values.
type DecodeOptions struct {
	Nulls bool // keep null fields of objects as json.null instead of leaving them out
}

// EncodeOptions says how Lua values become JSON.
type EncodeOptions struct {
	Indent string // "" for one line
	Sorted bool   // object keys in byte order; otherwise in the table's order
	// Reveal writes secrets in clear and reports through Secret that one was
	// met; otherwise they are written as the mask.
	Reveal bool
	Secret *bool
}

// JSONNull is json.null: a JSON null that Lua can hold.
type JSONNull struct{}

// Tab is a Lua table. Use it only with the interpreter lock.
type Tab interface {
	// Get returns the field key, nil when there is none, as Arg describes.
	Get(key string) any
	// Index returns element i, from 1.
	Index(i int) any
	// Len returns the number of elements 1..n.
	Len() int
	// Set and Append take values as Return does.
	Set(key string, value any)
	Append(value any)
	// Each calls fn for every element and field in order until it returns
	// false; key is an int64 for elements, else as Arg describes.
	Each(fn func(key, value any) bool)
	// SetArray makes the table a JSON array even when it is empty.
	SetArray()
	// SetShape makes reading a field that is absent an error made by missing.
	// Tables that share a Shape share its cost.
	SetShape(*Shape)
}

// Row is a table of texts, as Return and Append take it: Values under Names, or
// a list without Names. It is made much faster than a table that is set field
// by field. One Row serves for all rows of a file: Names stay, Values may change
// and be fewer than Names.
type Row struct {
	Names  []string // all different
	Values []string
	Shape  *Shape // or nil
	Meta   any    // belongs to the interpreter
}

// Shape makes the absence of a field an error.
type Shape struct {
	Missing func(key string) error
	Meta    any // belongs to the interpreter
}

// Fn is a Lua function. Use it only with the interpreter lock.
type Fn interface {
	// Call runs the function on the current task and returns its results as
	// Arg describes. A Lua error is a *fault.Error, or the error value that was
	// raised.
	Call(args ...any) ([]any, error)
}

// Task is a running task.
type Task interface {
	// Done is closed when the task has ended.
	Done() <-chan struct{}
	// Result returns the results after Done; with the interpreter lock.
	Result() ([]any, error)
	// Cancel ends the task with that cause.
	Cancel(cause error)
}

// Host decides whether a function with an effect may run. detail names what it
// is about: the server's function, a path, a host.
type Host interface {
	Allow(ctx context.Context, effect Effect, detail string) error
}
