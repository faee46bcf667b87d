package api

import (
	"context"
	"errors"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// grace is how long the answer to a request is waited for after the context of
// its call has ended, where an unknown outcome would be the price of not
// waiting. It stays below the two seconds in which a run that was told to end
// has to.
const grace = 1500 * time.Millisecond

// Call sends one call and follows it to its end; see call.Caller. When the
// context ends while the answer to a changing call is awaited, it is awaited
// for up to 1.5 s more, so that stopping does not make unknown what is about to
// be known. Beside an error the answer tells the attempts.
func (c *Client) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	t := &tracking{client: c, req: req, user: ctx, report: status, start: time.Now()}
	if req.Attach != nil {
		return t.attach(ctx)
	}
	offer, err := c.offered(ctx)
	if err != nil {
		return call.Answer{}, c.before(ctx, err, req.Fn)
	}
	fn, f := offer.find(req.Fn)
	if f != nil {
		return call.Answer{}, c.fault(req.Fn, f, false)
	}
	args, f := fn.encode(req.Args)
	if f != nil {
		return call.Answer{}, c.fault(req.Fn, f, false)
	}
	for _, s := range args.secrets {
		c.cfg.Secrets.Add(s)
	}
	if err := c.admit(ctx, fn.Changing); err != nil {
		return call.Answer{}, c.before(ctx, err, req.Fn)
	}
	ctx, cancel := t.limited(ctx)
	defer cancel()
	t.changing = fn.Changing
	t.operation = c.invocation(fn, args.form)
	t.operation.secrets = args.hidden
	e, f := c.invoke(ctx, t.operation)
	if f != nil {
		return call.Answer{Attempts: t.attempts()}, c.fault(req.Fn, f, fn.Changing)
	}
	answer, err := t.follow(ctx, e)
	answer.Attempts = t.attempts()
	if err == nil || e.code == call.Running { // a login that starts a job is accepted
		c.login.proven.Store(true)
		return answer, err
	}
	if err = c.suspect(ctx, offer, req.Fn, e, err); e.refusal != nil {
		err = c.confirm(ctx, offer, req, e.refusal, err)
	}
	return answer, err
}

// invocation is the operation of a call.
func (c *Client) invocation(fn *function, form []byte) *operation {
	o := &operation{
		name: fn.Name, route: fn.route, form: form, changing: fn.Changing, timeout: c.cfg.CallTimeout,
		// A job that changes nothing (VerifyStore) is not a read to repeat: a
		// lost answer may hide one that runs, and a second one costs hours.
		repeat: fn.behaviour.Class == catalogue.ClassRead && !fn.Changing,
	}
	if !o.repeat {
		o.grace = grace
	}
	return o
}

// invoke sends a call and reads its first answer.
func (c *Client) invoke(ctx context.Context, o *operation) (envelope, *failure) {
	r, f := c.send(ctx, o)
	var text []byte
	if f == nil {
		text, f = c.open(o, r)
	}
	if f == nil {
		e, err := decodeEnvelope(text)
		if err == nil {
			return e, nil
		}
		f = unreadable(err, text)
	}
	f.attempt = o.tries
	return envelope{}, f
}

// before makes the error of a call that was not sent because of err.
func (c *Client) before(ctx context.Context, err error, fn string) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return c.fault(fn, stopped(ctx), false)
	}
	if fn == "" {
		return e
	}
	named := *e
	named.Fn = fn
	return &named
}
