// Package call is what all parts agree on about one call of a server function:
// the request, the statuses on its way, the answer, and the one-method
// interface that the client implements and the recorder wraps.
package call

import (
	"context"
	"errors"
	"time"

	"moonpost/engine/luavm/decl"
)

// Caller sends one call and follows it to its end. status, when not nil, gets
// every status received, in order, each version once, the first reply
// included; it is called on the goroutine of Call.
//
// Errors are *fault.Error. Of a changing call, kind unknown means that it was
// sent and that its outcome is not known; every other kind means that it had no
// effect, except server, where the server itself reported the error. A job that
// is left running when Call returns is named by a *LeftError in the chain.
//
// When ctx ends, Call returns; the job goes on at the server, unless the cause
// is ErrCancelJob: then the server is asked to cancel it and Call follows it to
// its end.
type Caller interface {
	Call(ctx context.Context, req Request, status func(Status)) (Answer, error)
}

// Request is one call.
type Request struct {
	Fn   string
	Args []Arg // no name twice

	// Attach, when not nil, follows a job that runs already instead of
	// starting anything; Args are not sent.
	Attach *Job

	Timeout   time.Duration // limit for the whole call, the job included; 0: none
	OnTimeout OnTimeout     // what becomes of the job then
	Stall     time.Duration // limit without news of the job; 0: none
	Item      int           // place in its task.map, from 1; 0: none
	Key       string        // what the call is about, given by the playbook
}

// OnTimeout says what becomes of a job when the time of its call is over.
type OnTimeout string

// What becomes of a job.
const (
	Leave  OnTimeout = "leave"  // it goes on at the server; the default
	Cancel OnTimeout = "cancel" // the server is asked to cancel it
)

// Arg is one argument. Value is a string, float64, bool, Null, JSON or
// secret.Secret.
type Arg struct {
	Name  string
	Value any
}

// InstanceArg is the argument that names the instance of a Service Provider
// Edition a call works in (protocol.md 3: the spelling matters).
const InstanceArg = "instanceID"

// Null as the value of an argument says that it is left out on purpose, where
// leaving it out clears something.
type Null struct{}

// JSON is the text of one JSON object or array, encoded from a table. Secret
// is set when a secret was part of it.
type JSON struct {
	Text   []byte
	Secret bool
}

// Status is one state of a call as the server reported it.
type Status struct {
	Version int64
	Code    string   // running, succeeded, failed, cancelled, or what the server says
	Percent *float64 // nil when the server gives none
	Text    string   // statusText, "" for null
	Log     string   // the new lines only, line ends \n; "" when there are none
	Gap     bool     // log lines may be missing before this status
	Elapsed time.Duration
}

// Lines returns the new log lines, with a line that says so where some may be
// missing before them.
func (s Status) Lines() string {
	if s.Gap {
		return "(log lines may be missing here)\n" + s.Log
	}
	return s.Log
}

// Running is the only code of a job that is not at its end.
const Running = "running"

// Succeeded is the only final code that means success.
const Succeeded = "succeeded"

// Answer is what a finished call gave.
type Answer struct {
	Result   []byte // JSON text of the result; nil when it is null
	Envelope []byte // the last envelope as received, without byte order mark
	Job      *Job   // nil when the server answered at once
	Attempts int    // requests sent for the call itself, from 1
}

// Job is a long-running call.
type Job struct {
	Fn      string
	Token   string
	Version int64  // newest status version seen
	Status  string // newest status code seen
	Log     string // everything logged so far, line ends \n
	Elapsed time.Duration
}

// LeftError says that a call ended while its job goes on at the server. The
// job can be followed again with Request.Attach.
type LeftError struct {
	Job Job
	Err error
}

// Error returns the cause's text.
func (e *LeftError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *LeftError) Unwrap() error { return e.Err }

// ErrCancelJob as the cause of a context asks the server to cancel the job.
var ErrCancelJob = errors.New("job cancelled on request")

// Server is a Caller that knows its functions.
type Server interface {
	Caller
	// Functions returns the functions that this server offers, by name. It
	// asks the server once.
	Functions(ctx context.Context) ([]Function, error)
	// About returns where the calls go and what the server said of itself.
	// It asks the server once.
	About(ctx context.Context) (About, error)
}

// About describes a server.
type About struct {
	Target  string // host and port
	Edition string // server or spe
	Version string
}

// Function is a function of a server: its declaration and what is known beyond
// it.
type Function struct {
	decl.Func
	Edition     string
	Changing    bool
	Destructive bool
	LongRunning string // yes, no, likely or unknown
	Class       string
	Source      string  // where the facts come from: metadata, catalogue or both
	Window      *Window // nil when the function takes no time window
}

// Window names the three arguments that make up a function's time window.
type Window struct {
	From, To, Zone string
}
