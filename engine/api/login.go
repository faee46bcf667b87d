package api

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// login is what is known of the user's login. A wrong password must be tried
// once, not by every task: a few failures can lock the account.
type login struct {
	refused atomic.Pointer[failure] // set for good by the first refusal
	proven  atomic.Bool             // a call was accepted
	first   atomic.Bool             // a read is trying it out
}

const loginHint = "check user and password; the user must be a MailStore administrator with the login privilege api, and the default password of admin only works on the server itself"

// refuse makes f the outcome of every later call, too.
func (l *login) refuse(f *failure) *failure {
	kept := *f // the caller may still add to f
	l.refused.CompareAndSwap(nil, &kept)
	return f
}

// stop is not nil after a refusal.
func (l *login) stop() *failure {
	f := l.refused.Load()
	if f == nil {
		return nil
	}
	again := *f
	return &again
}

// failed is the status code of a call that the server refused.
const failed = "failed"

// admit returns when a call may go out: once the login is proven. The first
// read proves it itself; a changing call, and whoever comes before there is an
// answer, waits for one probe.
func (c *Client) admit(ctx context.Context, changing bool) error {
	if c.login.proven.Load() || !changing && c.login.first.CompareAndSwap(false, true) {
		return nil
	}
	_, err := c.about.do(ctx, c.ask)
	return err
}

// The function that tells what a server is, by edition.
var introductions = map[catalogue.Edition]string{
	catalogue.Server: "GetServerInfo",
	catalogue.SPE:    "GetEnvironmentInfo",
}

// ask lets the server introduce itself. That a login was not accepted may come
// as HTTP 401, or as 200 with an error (protocol.md 2).
func (c *Client) ask(ctx context.Context) (*call.About, error) {
	offer, err := c.offered(ctx)
	if err != nil {
		return nil, err
	}
	about := &call.About{Target: c.target, Edition: string(offer.edition)}
	fn, ok := offer.byName[introductions[offer.edition]]
	if !ok {
		return about, nil // there is nothing to ask
	}
	o := c.invocation(fn, nil)
	e, f := c.invoke(ctx, o)
	if f != nil {
		return nil, c.fault(fn.Name, f, false)
	}
	if c.login.doubts(e) {
		return nil, c.fault(fn.Name, c.notAccepted(e), false)
	}
	t := &tracking{client: c, req: call.Request{Fn: fn.Name}, operation: o, user: ctx, start: time.Now()}
	answer, err := t.follow(ctx, e) // any call may run as a job
	if err != nil {
		return nil, err
	}
	c.login.proven.Store(true)
	about.Version = textField(answer.Result, "version")
	return about, nil
}

// doubts reports whether the first answer to a call may be the refusal of the
// login: it says failed, and no call was accepted before.
func (l *login) doubts(e envelope) bool {
	return !l.proven.Load() && e.code != call.Running && (e.refusal != nil || e.code == failed)
}

// suspect returns the error of a call that the server answered with e: err, or
// that the login was refused, which one probe shows.
func (c *Client) suspect(ctx context.Context, offer *offer, fn string, e envelope, err error) error {
	if !c.login.doubts(e) {
		return err
	}
	if fn == introductions[offer.edition] {
		return c.fault(fn, c.notAccepted(e), false)
	}
	if _, probe := c.about.do(ctx, c.ask); fault.KindOf(probe) == fault.Denied {
		return c.before(ctx, probe, fn)
	}
	return err
}

// notAccepted refuses the login for good: the envelope e of a call that every
// administrator may make says that it failed.
func (c *Client) notAccepted(e envelope) *failure {
	f := &failure{
		kind: fault.Denied, sent: true, status: http.StatusOK, hint: loginHint,
		message: c.target + " did not accept the login of " + c.cfg.User,
	}
	if e.refusal != nil {
		f.details = lines(e.refusal.message + "\n" + e.refusal.details)
	}
	return c.login.refuse(f)
}
