package recorder

import (
	"context"

	"moonpost/engine/call"
	"moonpost/engine/fault"
)

// ReadOnly returns server without what changes it: a call of a function
// that changes something, or of which nobody knows that it does not, is an error
// of kind permission, and nothing is sent.
func ReadOnly(server call.Server) call.Server { return readOnly{server} }

type readOnly struct{ call.Server }

func (r readOnly) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	if _, err := r.Functions(ctx); err != nil { // what the function does must be known
		return call.Answer{}, err
	}
	if known := function(ctx, r.Server, req.Fn); req.Attach == nil && known != nil && known.Changing {
		return call.Answer{}, Forbidden(req.Fn)
	}
	return r.Server.Call(ctx, req, status) // a function that is not there is refused by the client, by name
}

// Forbidden is the error of a call that ReadOnly refuses.
func Forbidden(fn string) error {
	return &fault.Error{
		Kind: fault.Permission, Op: "api.invoke " + fn, Fn: fn,
		Message: "changes the server, and only reading is allowed",
		Hint:    "leave out --read-only",
	}
}
