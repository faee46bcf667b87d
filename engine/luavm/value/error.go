package value

import (
	"context"
	"errors"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

// Raised is a Go error that is or was a Lua value. It says what Err says, and
// becomes the same Lua value again.
type Raised struct {
	Err   error
	Trace string // where it was raised: lines of the playbook, innermost first

	table *lua.LTable // what error{…} was given; its fields are fields of the error
	data  *lua.LUserData
}

// Error returns the error on one line.
func (r *Raised) Error() string {
	return strings.Join(strings.FieldsFunc(r.Err.Error(), func(c rune) bool { return c == '\n' || c == '\r' }), " ")
}

// Unwrap returns Err.
func (r *Raised) Unwrap() error { return r.Err }

// NewError returns the Lua value of err. The value of an error that came from
// Lua is the one that it had there.
func NewError(err error) *lua.LUserData {
	r, ok := err.(*Raised)
	if !ok {
		r = &Raised{Err: err}
		if inner, ok := errors.AsType[*Raised](err); ok {
			r.Trace, r.table = inner.Trace, inner.table
		}
	}
	if r.data == nil {
		r.data = &lua.LUserData{Value: r, Metatable: errorMetatable}
	}
	return r.data
}

// Fault returns err with a *fault.Error in its chain: one without gets the kind
// that its cause has, internal for a cause that says nothing.
func Fault(op string, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	kind := fault.Internal
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		kind = fault.Timeout
	case errors.Is(err, context.Canceled):
		kind = fault.Cancelled
	}
	return &fault.Error{Kind: kind, Op: op, Err: err}
}

// Traced returns err with the place where L is, unless it has one.
func Traced(L *lua.LState, err error) *Raised {
	r := NewError(err).Value.(*Raised)
	if r.Trace == "" {
		r.Trace = Trace(L)
	}
	return r
}

// Raise raises err in L and does not return.
func Raise(L *lua.LState, err error) { L.Error(Traced(L, err).data, 1) }

// FromLua returns the Go error of an object that was raised on L, where the
// calls that led there still stand; it is a *Raised. Inside it a text is a
// *fault.Error of kind script whose Details are the trace; so is a table, whose
// fields op, kind, message and hint are used when they are there. An error in
// its field cause is what happened: kind and details are the cause's, and the
// message says what it happened to.
func FromLua(L *lua.LState, object lua.LValue) error {
	trace := Trace(L)
	switch object := object.(type) {
	case *lua.LUserData:
		if r, ok := object.Value.(*Raised); ok {
			if r.Trace == "" {
				r.Trace = trace
			}
			return r
		}
	case *lua.LTable:
		return &Raised{Err: tableError(object, trace), Trace: trace, table: object}
	case lua.LString:
		return &Raised{Err: scriptError(string(object), trace), Trace: trace}
	}
	text, ok := Text(object)
	if !ok {
		text = lua.LVAsString(object)
	}
	if text == "" {
		text = "a " + TypeName(object)
	}
	return &Raised{Err: scriptError("raised "+text, trace), Trace: trace}
}

// Composed returns the error of a table as FromLua does, for a function of the
// standard library that raises it on L: what leads there is the playbook's call
// of it.
func Composed(L *lua.LState, table *lua.LTable) *Raised {
	return &Raised{Err: tableError(table, ""), Trace: trace(L, false), table: table}
}

// CallsOverflow is what the interpreter panics with when calls nest too deep in
// a thread whose stack grows; in Lua it is an ordinary error.
const CallsOverflow = "lua callstack overflow"

func scriptError(message, trace string) *fault.Error {
	if message == CallsOverflow {
		place, _, _ := strings.Cut(trace, "\n")
		place, _, _ = strings.Cut(place, ": in ")
		message = place + ": stack overflow"
	}
	return &fault.Error{Kind: fault.Script, Message: message, Details: trace}
}

// raisable are the kinds that a playbook may give an error of its own. The
// others end the run, and only we say that.
var raisable = []fault.Kind{
	fault.Usage, fault.Invalid, fault.NotFound, fault.Exists, fault.Unreachable, fault.Server,
	fault.Timeout, fault.Permission,
}

func tableError(t *lua.LTable, trace string) *fault.Error {
	e := scriptError("", trace)
	if data, ok := t.RawGetString("cause").(*lua.LUserData); ok {
		if cause, ok := data.Value.(*Raised); ok {
			inner, _ := errors.AsType[*fault.Error](Fault("", cause.Err))
			copied := *inner
			e = &copied
			e.Op, e.Err = "", cause.Err
		}
	}
	e.Op = lua.LVAsString(t.RawGetString("op"))
	if kind := fault.Kind(lua.LVAsString(t.RawGetString("kind"))); e.Err == nil && slices.Contains(raisable, kind) {
		e.Kind, e.Details = kind, "" // people are shown the details of a script error only, but always its trace
	}
	e.Message = lua.LVAsString(t.RawGetString("message"))
	if e.Message == "" && e.Err == nil {
		e.Message = "raised a table"
	}
	if hint := lua.LVAsString(t.RawGetString("hint")); hint != "" {
		e.Hint = hint
	}
	return e
}

// fielder is an error that has fields of its own for playbooks, such as the job
// that is still running. It answers with plain values or with a handle that
// decl.Call.Object made.
type fielder interface {
	LuaField(name string) (any, bool)
}

// field returns a field of the error: one that an error in its chain answers to
// by LuaField, one of the *fault.Error in the chain, or one of the table that
// was raised; nil when there is none.
func (r *Raised) field(name string) lua.LValue {
	var env Env // plain values need nothing of a state
	for err := r.Err; err != nil; err = errors.Unwrap(err) {
		if f, ok := err.(fielder); ok {
			if v, ok := f.LuaField(name); ok {
				return env.ToLua(v)
			}
		}
	}
	for _, f := range fault.Fields(Fault("", r.Err)) {
		if f.Name == name {
			return env.ToLua(f.Value)
		}
	}
	switch {
	case name == "details" && r.Trace != "":
		return lua.LString(r.Trace)
	case r.table != nil:
		return r.table.RawGetString(name)
	}
	return lua.LNil
}

var errorMetatable *lua.LTable

func init() { // its functions make errors
	errorMetatable = locked(map[string]lua.LGFunction{
		"__tostring": tostring,
		"__concat":   joinError,
		"__newindex": refuse("an error cannot be changed"),
		"__index": func(L *lua.LState) int {
			r := L.Get(1).(*lua.LUserData).Value.(*Raised) // nothing else has this metatable
			L.Push(r.field(L.ToString(2)))
			return 1
		},
	})
}

// joinError is the operator .. with an error on one side.
func joinError(L *lua.LState) int {
	var joined string
	for i := 1; i <= 2; i++ {
		v := L.Get(i)
		text, ok := Text(v)
		if _, hidden := Secret(v); hidden || !ok && !lua.LVCanConvToString(v) {
			L.RaiseError("an error can be joined with text only, got %s", TypeName(v))
		}
		if !ok {
			text = lua.LVAsString(v)
		}
		joined += text
	}
	L.Push(lua.LString(joined))
	return 1
}
