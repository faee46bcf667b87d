// Package fault holds the errors that people see: one closed set of kinds, a
// hint where there is something to do, the exit code of each kind, and one
// renderer. Every layer translates at its border (SQL in the stores, HTTP in
// api, Lua in luavm) and returns *Error; everything above passes it on.
package fault

import (
	"errors"
	"strings"
)

// Kind says what went wrong in one word. Playbooks compare it
// (err.kind == "not_found"), commands map it to an exit code.
type Kind string

// The kinds a playbook can meet. Kinds says what each means.
const (
	Usage       Kind = "usage"
	Script      Kind = "script"
	Invalid     Kind = "invalid"
	NotFound    Kind = "not_found"
	Exists      Kind = "exists"
	Denied      Kind = "denied"
	Certificate Kind = "certificate"
	Unreachable Kind = "unreachable"
	Server      Kind = "server"
	Unknown     Kind = "unknown"
	Timeout     Kind = "timeout"
	Cancelled   Kind = "cancelled"
	Limit       Kind = "limit"
	Permission  Kind = "permission"
	Internal    Kind = "internal"
)

// The kinds that only commands meet.
const (
	State    Kind = "state"
	Conflict Kind = "conflict"
	Guard    Kind = "guard"
	Busy     Kind = "busy"
	Items    Kind = "items"
	Findings Kind = "findings"
)

// Error is an error for people. Op and one of Message and Err are always set;
// the rest is filled in by whoever knows it.
type Error struct {
	Kind    Kind
	Op      string // what was being done: "api.invoke CreateUser", "open journal /var/lib/…"
	Message string // one line, lower case, no full stop; empty: Err says it
	Hint    string // what to do, as a command where possible
	Details string // long text of the server, a stack trace of the playbook; many lines
	Trace   string // calls of the playbook that led there, innermost first, where Details are something else

	Fn      string // function of the server
	Target  string // host and port, or the target's name
	Status  int    // HTTP status, 0 when there was none
	Attempt int    // which attempt failed, from 1; 0 when unknown
	Index   int    // place of the item in its task.map, from 1; 0 when there is none

	Err error
}

// Error returns the operation and the cause on one line.
func (e *Error) Error() string {
	text := e.Text()
	if e.Op == "" {
		return text
	}
	return e.Op + ": " + text
}

// Text returns the error without its operation.
func (e *Error) Text() string {
	switch {
	case e.Message != "" && e.Err != nil:
		return oneLine(e.Message + ": " + e.Err.Error())
	case e.Message != "":
		return oneLine(e.Message)
	case e.Err != nil:
		return oneLine(e.Err.Error())
	}
	return string(e.Kind)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is a kind's sentinel made by Of.
func (e *Error) Is(target error) bool {
	k, ok := target.(kindError)
	return ok && Kind(k) == e.Kind
}

type kindError Kind

func (k kindError) Error() string { return string(k) }

// Of returns a value to compare with: errors.Is(err, fault.Of(fault.Timeout)).
func Of(kind Kind) error { return kindError(kind) }

// KindOf returns the kind of the outermost *Error in err's chain, Internal for
// an error of another type, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}
