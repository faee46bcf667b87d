package bindings

import (
	"context"
	"sync"

	"moonpost/engine/call"
	"moonpost/engine/luavm"
)

// job is the handle of a call that goes on while the playbook does something
// else. Its call runs in a task of its own.
type job struct {
	remote *remote
	req    call.Request
	opts   options
	task   *task // nil until it begins; used with the interpreter lock

	mu        sync.Mutex
	statuses  []call.Status // all of them: each wait tells them from the first
	changed   chan struct{} // closed at the next status
	cancelled bool
	end       context.CancelCauseFunc
}

func newJob(r *remote, req call.Request, o options) *job {
	return &job{remote: r, req: req, opts: o, changed: make(chan struct{})}
}

const jobName = "job"

// jobObject declares the handle.
var jobObject = luavm.Object{
	Name: jobName,
	Doc:  "A call that goes on by itself: what api.start returns, and err.job of a call that ran out of time.",
	Fields: []luavm.Param{
		{Name: "fn", Type: luavm.String, Doc: "the server's function"},
	},
	Field: func(self any, _ string) any { return self.(*job).req.Fn },
	Methods: []luavm.Func{
		{
			Name:    "wait",
			Doc:     "Waits for the end of the job and returns what invoke would have returned; a failed job raises its error. An error in on_progress ends the wait, not the job.",
			Params:  []luavm.Param{{Name: optProgress, Type: progressFunc, Optional: true, Doc: "called for every status, from the first one on"}},
			Returns: invokeReturns,
			Example: `local j = api.start("CompactStore", { id = 1 })
j:wait(function(p) log.info("%s %s", p.percent or "?", p.text or "") end)`,
			Call: func(c *luavm.Call) error { return c.Self().(*job).wait(c) },
		},
		{
			Name: "cancel",
			Doc:  "Asks the server to cancel the job and returns at once; wait gives the end. It has no effect on a job that has ended.",
			Example: `local j = api.start("VerifyStore", { id = 1 })
j:cancel()
pcall(j.wait, j)`,
			Call: func(c *luavm.Call) error { return c.Self().(*job).cancel(c) },
		},
		{
			Name:    "status",
			Doc:     "Returns the newest status of the job without waiting.",
			Returns: []luavm.Param{{Name: "progress", Type: progressType, Optional: true, Doc: "nil before the first one"}},
			Example: `local j = api.start("VerifyStore", { id = 1 })
local p = j:status()
print(p and p.status)
j:wait()`,
			Call: func(c *luavm.Call) error {
				s := c.Self().(*job).newest()
				if s == nil {
					return c.Return(nil)
				}
				return c.Return(progress(c, *s))
			},
		},
	},
}

func (r *remote) startFunc() luavm.Func {
	return luavm.Func{
		Name: "start",
		Doc: "Starts a call in a task of its own and returns its handle at once. The run ends when the " +
			"call has ended, waited for or not.",
		Params:  []luavm.Param{fnParam, paramsParam, optsParam},
		Returns: []luavm.Param{{Name: "job", Type: luavm.Handle(jobName), Doc: "to wait on"}},
		Example: `local j = api.start("VerifyStore", { id = 1 })
local _, job = j:wait()
print(job and job.log)`,
		Effect: luavm.Writes,
		Call: func(c *luavm.Call) error {
			fn := c.String(0)
			args, err := arguments(c, fn, c.Table(1))
			if err != nil {
				return err
			}
			j := newJob(r, call.Request{Fn: fn, Args: args}, readOptions(c, 2))
			if err := j.begin(c); err != nil {
				return err
			}
			return c.Return(c.Object(jobName, j))
		},
	}
}

// begin starts the task of the job, unless it runs already.
func (j *job) begin(c *luavm.Call) error {
	if j.task != nil {
		return nil
	}
	task, err := spawn(c, function(c, luavm.Func{
		Name: "api.start",
		Call: func(tc *luavm.Call) error { return j.remote.perform(tc, j.req, j.opts, j) },
	}))
	j.task = task
	return err
}

func (j *job) wait(c *luavm.Call) error {
	if err := j.begin(c); err != nil {
		return err
	}
	fn := c.Func(0)
	err := c.Wait(func(ctx context.Context) error {
		for told, ended := 0, false; ; {
			news, changed := j.since(told)
			for _, s := range news {
				if fn == nil {
					break
				}
				if err := tell(c, fn, s); err != nil {
					return err
				}
			}
			if told += len(news); ended {
				return nil
			}
			select {
			case <-changed:
			case <-j.task.Done():
				ended = true // and once more round: the last status came before the end
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
	if err != nil {
		return err
	}
	return j.task.give(c)
}

func (j *job) cancel(c *luavm.Call) error {
	if err := j.begin(c); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cancelled = true
	if j.end != nil {
		j.end(call.ErrCancelJob)
	}
	return nil
}

// endWith says how the call is ended while it runs.
func (j *job) endWith(end context.CancelCauseFunc) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.end = end; j.cancelled {
		end(call.ErrCancelJob)
	}
}

func (j *job) add(s call.Status) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.statuses = append(j.statuses, s)
	close(j.changed)
	j.changed = make(chan struct{})
}

// since returns the statuses after the first n, and what is closed at the next.
func (j *job) since(n int) ([]call.Status, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.statuses[n:], j.changed
}

func (j *job) newest() *call.Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.statuses) == 0 {
		return nil
	}
	return &j.statuses[len(j.statuses)-1]
}
