package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// tracking follows one call from its first answer to its end.
type tracking struct {
	client    *Client
	req       call.Request
	operation *operation // nil when attached
	user      context.Context
	report    func(call.Status)
	start     time.Time
	changing  bool

	job    call.Job
	log    strings.Builder
	half   bool      // the log so far ended between CR and LF
	gap    bool      // text may be missing before the next status
	news   time.Time // of the last new status
	warned bool

	ending error // why the server was asked to cancel the job; nil: it was not
}

// Bounds of following a job: how long it is looked for while its server does
// not answer, and how many answers in a row may make no sense.
const (
	patience      = 2 * time.Minute
	maxOddAnswers = 5
)

// limitError is the cause with which a context ends by a limit of the call.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

// limited puts the time limit of the call on ctx.
func (t *tracking) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.req.Timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, t.req.Timeout, &limitError{fmt.Sprintf("not finished within %v", t.req.Timeout)})
}

// attach follows a job that runs already.
func (t *tracking) attach(ctx context.Context) (call.Answer, error) {
	t.job = *t.req.Attach
	if t.job.Fn == "" {
		t.job.Fn = t.req.Fn
	}
	if t.job.Token == "" {
		return call.Answer{}, t.client.fault(t.job.Fn, &failure{kind: fault.Invalid, message: "no token of a job to follow"}, false)
	}
	t.req.Fn = t.job.Fn
	t.log.WriteString(t.job.Log)
	t.start = t.start.Add(-t.job.Elapsed)
	t.changing = catalogue.Changing(t.job.Fn)
	t.gap = true
	ctx, cancel := t.limited(ctx)
	defer cancel()
	return t.poll(ctx)
}

// follow takes the first answer and, if it says so, the job to its end.
func (t *tracking) follow(ctx context.Context, first envelope) (call.Answer, error) {
	t.job = call.Job{Fn: t.req.Fn, Token: first.token, Version: first.version, Status: first.code}
	t.deliver(first)
	if first.code != call.Running {
		return t.finish(first, false)
	}
	if first.token == "" {
		return call.Answer{}, t.fault(&failure{sent: true, message: "the server says that the call is running, and gives no token to follow it"})
	}
	return t.poll(ctx)
}

// poll asks for the job's status until it is final.
func (t *tracking) poll(ctx context.Context) (call.Answer, error) {
	t.news = time.Now()
	contact, troubles, idle := time.Now(), 0, 0
	for {
		asked := time.Now()
		e, f, stop := t.ask(ctx)
		switch {
		case stop != nil:
			if ctx = t.stop(stop); ctx == nil {
				return call.Answer{}, t.leave(stopped(stop))
			}
			continue
		case f != nil:
			troubles++
			if !tolerable(f, troubles, time.Since(contact)) {
				return call.Answer{}, t.lost(f)
			}
			t.gap = t.gap || f.sent
			t.pause(ctx, min(t.client.backoff(troubles), 5*time.Second), f)
			continue
		}
		contact, troubles = time.Now(), 0
		final := e.code != call.Running
		if e.version == t.job.Version && !final {
			t.gap = false // nothing is missing: the server has nothing newer
			if time.Since(asked) < t.client.pollWait/4 {
				idle++ // it does not hold the request: do not spin
				_ = t.client.sleep(ctx, min(50*time.Millisecond<<min(idle, 6), 2*time.Second))
			}
			continue
		}
		if err := t.judge(&e, final); err != nil {
			return call.Answer{}, err
		}
		idle, t.news = 0, time.Now()
		t.job.Version, t.job.Status = e.version, e.code
		t.deliver(e)
		if final {
			return t.finish(e, true)
		}
	}
}

// ask sends one get-status. stop is the context that ended, if that is why there
// is no answer.
func (t *tracking) ask(ctx context.Context) (e envelope, f *failure, stop context.Context) {
	c := t.client
	if t.req.Stall > 0 && t.ending == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, t.news.Add(t.req.Stall),
			&limitError{fmt.Sprintf("no news of the job for %v", t.req.Stall)})
		defer cancel()
	}
	e, f = c.invoke(ctx, &operation{
		name: getStatus, route: c.service[getStatus], free: true,
		form:    pollForm(t.job.Token, t.job.Version, c.pollWait.Milliseconds()),
		timeout: c.pollWait + c.cfg.CallTimeout,
	})
	if f != nil && ctx.Err() != nil {
		t.gap = t.gap || f.sent
		return e, f, ctx
	}
	return e, f, nil
}

// judge deals with a status whose version is not newer. A version only grows,
// so a final status with an older one is not about this job; it may be a
// failure of get-status itself.
func (t *tracking) judge(e *envelope, final bool) error {
	switch {
	case e.version > t.job.Version:
		return nil
	case e.version == t.job.Version:
		e.log = "" // repeated
		return nil
	case final:
		f := &failure{sent: true, message: fmt.Sprintf("the final status (%s) has version %d after %d, so it is not about this job", e.code, e.version, t.job.Version)}
		if e.refusal != nil {
			f.message, f.details = f.message+": "+e.refusal.message, lines(e.refusal.details)
		}
		return t.fault(f)
	}
	t.gap = true
	if !t.warned {
		t.warned = true
		t.client.warn(fmt.Sprintf("%s: the version of the job's status fell from %d to %d", t.req.Fn, t.job.Version, e.version))
	}
	return nil
}

// stop decides what the end of a context means: the context to go on with, after
// the server was asked to cancel the job, or nil to leave the job alone.
func (t *tracking) stop(ended context.Context) context.Context {
	cause := context.Cause(ended)
	_, limit := errors.AsType[*limitError](cause)
	switch {
	case errors.Is(cause, call.ErrCancelJob):
		again := t.ending != nil
		t.ending = cause
		ctx := context.WithoutCancel(t.user)
		if !again {
			t.cancel(ctx)
		}
		return ctx
	case limit && t.req.OnTimeout == call.Cancel:
		t.ending = cause
		t.cancel(t.user)
		return t.user
	}
	return nil
}

// cancel asks the server to cancel the job. The server decides when it stops.
func (t *tracking) cancel(ctx context.Context) {
	c := t.client
	_, f := c.invoke(ctx, &operation{
		name: cancelAsync, route: c.service[cancelAsync], repeat: true, timeout: c.cfg.CallTimeout,
		form: append([]byte("token="), escape(nil, t.job.Token)...),
	})
	if f != nil && ctx.Err() == nil {
		c.warn(t.req.Fn + ": the server was asked to cancel the job: " + f.message)
	}
}

// pause waits before the next request. What ends ctx is seen by that one.
func (t *tracking) pause(ctx context.Context, d time.Duration, f *failure) {
	t.client.sink.Emit(event.CallWaiting{Fn: t.req.Fn, Reason: "status: " + f.short(), Delay: d.Seconds()})
	_ = t.client.sleep(ctx, d)
}

// tolerable reports whether a failed poll may be tried again. The job goes on
// without us; only an answer that will not change ends following it.
func tolerable(f *failure, troubles int, silence time.Duration) bool {
	switch {
	case f.kind == fault.Denied || f.kind == fault.Certificate || f.kind == fault.Cancelled:
		return false
	case f.status >= 400 && f.status < 500:
		return false
	case f.dial || f.transient:
		return silence < patience
	}
	return troubles < maxOddAnswers
}
