package api

import (
	"context"
	"errors"

	"moonpost/engine/fault"
)

// failure is why a request has no usable answer. Client.fault makes an error
// for people of it.
type failure struct {
	kind    fault.Kind // "": unknown for a changing call, else server
	message string
	hint    string
	details string
	err     error
	status  int // HTTP status, 0 when there was none
	attempt int // which request it was, from 1

	sent      bool // bytes of the request reached a connection
	dial      bool // there was no connection
	timeout   bool // no answer in time
	transient bool // a read may be repeated
	cut       bool // the connection ended before the answer did; Client.lost says why
}

// stopped is the failure of a call whose context ended.
func stopped(ctx context.Context) *failure {
	cause := context.Cause(ctx)
	f := &failure{kind: fault.Cancelled, message: "stopped", err: cause}
	if limit, ok := errors.AsType[*limitError](cause); ok {
		f.kind, f.message, f.err = fault.Timeout, limit.text, nil
	} else if own, ok := errors.AsType[*fault.Error](cause); ok {
		f.message, f.err = own.Text(), nil
		if own.Kind == fault.Timeout {
			f.kind = fault.Timeout
		}
	} else if errors.Is(cause, context.DeadlineExceeded) {
		f.kind, f.message, f.err = fault.Timeout, "the time for the call is over", nil
	} else if errors.Is(cause, context.Canceled) {
		f.err = nil
	}
	return f
}

// text is the failure on one line.
func (f *failure) text() string {
	if f.err != nil {
		return f.message + ": " + f.err.Error()
	}
	return f.message
}
