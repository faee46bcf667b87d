package bindings

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// invoke calls fn with the params and options that are the arguments from i on,
// and returns the result and the finished job.
func (r *remote) invoke(c *luavm.Call, fn string, i int) error {
	args, err := arguments(c, fn, c.Table(i))
	if err != nil {
		return err
	}
	return r.perform(c, call.Request{Fn: fn, Args: args}, readOptions(c, i+1), nil)
}

// perform makes the call req and follows it to its end. job, when not nil, is
// told of every status and can end the call.
func (r *remote) perform(c *luavm.Call, req call.Request, o options, job *job) error {
	req.Timeout, req.OnTimeout, req.Stall, req.Key = o.timeout, o.onTimeout, o.stall, o.key
	item := itemOf(c.Context())
	if item != nil {
		req.Item = item.index
	}
	f := &follower{remote: r, c: c, req: req, opts: o, job: job}
	if err := c.Wait(f.run); err != nil {
		return f.raised(err, item)
	}
	ended := f.answer.Job
	if ended == nil {
		return c.Return(f.result)
	}
	t := c.NewTable(0, 3)
	t.Set("log", ended.Log)
	t.Set("elapsed", ended.Elapsed)
	t.Set("status", ended.Status)
	return c.Return(f.result, t)
}

// raised makes what a playbook is given for the error of a call: with its place
// in task.map, and with a handle of the job that is left running.
func (f *follower) raised(err error, at *item) error {
	_ = f.noted(f.c, err)
	left := f.left
	if left == nil {
		left, _ = errors.AsType[*call.LeftError](err)
	}
	if left != nil {
		rest, e := left.Job, outermost(err)
		j := newJob(f.remote, call.Request{Fn: rest.Fn, Attach: &rest}, options{})
		e.Fn = cmp.Or(e.Fn, rest.Fn)
		if e.Err == nil {
			e.Message, e.Err = "", &worded{error: left, text: e.Text()}
		}
		e.Err = &leftJob{error: e.Err, handle: f.c.Object(jobName, j)}
		err = e
	}
	if at != nil {
		return atIndex(err, at.index)
	}
	return err
}

// leftJob gives the error of a call whose job goes on at the server its handle:
// err.job.
type leftJob struct {
	error
	handle any
}

func (e *leftJob) Unwrap() error { return e.error }

// LuaField gives the handle to the playbook.
func (e *leftJob) LuaField(name string) (any, bool) { return e.handle, name == "job" }

// complete adds the arguments that the call leaves to us: the instance and the
// window of time. A function that is not known stays as it is; the client
// refuses it.
func (r *remote) complete(f *call.Function, req *call.Request, w *window) error {
	if f == nil || req.Attach != nil {
		return nil
	}
	given := func(name string) bool {
		return slices.ContainsFunc(req.Args, func(a call.Arg) bool { return a.Name == name })
	}
	if r.instance != "" && takes(f, call.InstanceArg) && !given(call.InstanceArg) {
		req.Args = append(req.Args, call.Arg{Name: call.InstanceArg, Value: r.instance})
	}
	if w == nil {
		return nil
	}
	if f.Window == nil {
		return &fault.Error{Kind: fault.Invalid, Op: opOf(f.Name), Fn: f.Name, Message: "takes no window of time"}
	}
	for _, part := range []call.Arg{{Name: f.Window.From, Value: w.from}, {Name: f.Window.To, Value: w.to}, {Name: f.Window.Zone, Value: w.zone}} {
		if given(part.Name) {
			return &fault.Error{
				Kind: fault.Invalid, Op: opOf(f.Name), Fn: f.Name,
				Message: "argument " + part.Name + " is given, and the window gives it too",
			}
		}
		req.Args = append(req.Args, part)
	}
	return nil
}

// follower makes one call and passes on what is heard of it. It is one value,
// because a call should cost few allocations.
type follower struct {
	*remote
	c    *luavm.Call
	req  call.Request
	opts options
	job  *job // nil: nobody holds a handle

	answer call.Answer
	result any // of the answer, as Lua gets it

	log    *jobLog
	stop   context.CancelCauseFunc
	failed error           // the error that on_progress raised
	left   *call.LeftError // the job that goes on after it
}

// errStopFollowing is why a call ends whose on_progress raised an error.
var errStopFollowing = errors.New("on_progress raised an error")

// run makes the call and decodes its result, without the interpreter lock.
func (f *follower) run(ctx context.Context) (err error) {
	if err := f.follow(ctx); err != nil || f.answer.Result == nil {
		return err
	}
	f.result, err = f.c.DecodeJSON(f.answer.Result, luavm.DecodeOptions{Nulls: f.opts.nulls})
	if err != nil {
		return &fault.Error{Kind: fault.Server, Op: opOf(f.req.Fn), Fn: f.req.Fn, Message: "the call succeeded, but its result cannot be read", Err: err}
	}
	return nil
}

// follow makes the call with whatever has to be there for its statuses.
func (f *follower) follow(ctx context.Context) error {
	if f.opts.logFile != "" {
		log, err := openJobLog(f.opts.logFile)
		if err != nil {
			return err
		}
		f.log = log
		defer f.log.close()
	}
	outer := ctx
	var status func(call.Status)
	if f.log != nil || f.opts.progress != nil || f.job != nil {
		status = f.status
	}
	if f.opts.progress != nil || f.job != nil {
		ctx, f.stop = context.WithCancelCause(ctx)
		defer f.stop(nil)
	}
	if f.job != nil {
		f.job.endWith(f.stop)
	}
	err := f.send(ctx, status)
	if f.failed != nil && (err == nil || outer.Err() == nil) {
		f.left, _ = errors.AsType[*call.LeftError](err)
		return f.failed
	}
	return err
}

// send makes the call.
func (f *follower) send(ctx context.Context, status func(call.Status)) error {
	if ctx.Err() != nil && f.req.Attach == nil { // an end of the job that runs already has to reach the server
		return stopped(ctx, opOf(f.req.Fn))
	}
	o, err := f.offer(ctx)
	if err != nil {
		return err
	}
	if err := f.complete(o.byName[f.req.Fn], &f.req, f.opts.window); err != nil {
		return err
	}
	f.answer, err = o.Call(ctx, f.req, status)
	return err
}

// stopped says why nothing was sent. The cause may be a mark of our own, so it
// is not passed on unless it is an error for people.
func stopped(ctx context.Context, op string) error {
	if e, ok := errors.AsType[*fault.Error](context.Cause(ctx)); ok {
		return e
	}
	return &fault.Error{Kind: fault.Cancelled, Op: op, Message: "cancelled before it was sent"}
}
