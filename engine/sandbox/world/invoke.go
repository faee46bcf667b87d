package world

import (
	"time"

	"moonpost/engine/sandbox/answer"
)

// Twist makes a call go wrong on purpose.
type Twist string

// The twists.
const (
	Straight Twist = ""       // the call goes its way
	Refused  Twist = "error"  // an error, and no effect
	Half     Twist = "half"   // an error after half of the effect
	Forgets  Twist = "forget" // a job goes on, its token is not known any more
)

// Invoke runs one call of the administrator and returns its first status. The
// function must be one that the world has.
func (w *World) Invoke(fn string, args []Arg, twist Twist) answer.Status {
	return w.InvokeAs(w.opts.User, fn, args, twist)
}

// InvokeAs is Invoke for a call of another user.
func (w *World) InvokeAs(caller, fn string, args []Arg, twist Twist) answer.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	w.seen(caller)
	c := &Call{World: w, caller: caller, fn: w.functions[fn], args: args, half: twist == Half}
	if err := c.open(); err != nil {
		return w.failed(fn, err)
	}
	if twist == Refused {
		return w.failed(fn, Injected())
	}
	if w.opts.JobAfter < 0 {
		return w.startJob(c, &Work{Stages: []Stage{{Takes: 5 * time.Second}}, Done: c.run}, twist)
	}
	result, err := c.run()
	if work, ok := result.(*Work); ok && err == nil {
		if work.takes() > w.opts.JobAfter {
			return w.startJob(c, work, twist)
		}
		result, err = work.run()
	}
	if err != nil {
		return w.failed(fn, err)
	}
	return answer.Status{Version: answer.Immediate, Code: answer.Succeeded, Result: result}
}

// run runs the handler.
func (c *Call) run() (any, error) {
	result, err := c.fn.run(c)
	if err != nil || !c.half {
		return result, err
	}
	if work, ok := result.(*Work); ok {
		work.halve()
		return work, nil
	}
	return nil, Injected()
}

// open checks the arguments and finds the archive that the call works in.
func (c *Call) open() error {
	if err := c.check(); err != nil {
		return err
	}
	id := ""
	if c.fn.index("instanceID") >= 0 {
		id = c.Text("instanceID")
	} else if c.Environment != nil {
		return nil
	}
	c.archive = c.Archives[fold(id)]
	switch {
	case c.archive == nil:
		return noInstance(id)
	case c.archive.Instance != nil:
		if err := c.enter(); err != nil {
			return err
		}
	}
	c.archive.reunite()
	return nil
}

func (w *World) failed(fn string, err error) answer.Status {
	p, ok := err.(*Problem)
	if !ok {
		p = problem("%s", "%s", err.Error())
	}
	return answer.Status{Error: p.failure(w.opts.ErrorTexts, fn), Version: answer.Immediate, Code: answer.Failed}
}

// Failed returns the status of a call that ended with this error.
func (w *World) Failed(fn string, p *Problem) answer.Status {
	return w.failed(fn, p)
}
