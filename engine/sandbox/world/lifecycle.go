package world

import (
	"crypto/rand"
	"fmt"
	"time"
)

var lifecycleFunctions = map[string]handler{
	"StartInstances":   overInstances(transition{doing: "Starting", can: canStart, do: startInstance}),
	"StopInstances":    overInstances(transition{doing: "Stopping", can: always, do: stopInstance}),
	"RestartInstances": overInstances(transition{doing: "Restarting", can: canRestart, do: restartInstance}),
	"FreezeInstances":  overInstances(transition{doing: "Freezing", can: running, do: freezeInstance}),
	"ThawInstances":    overInstances(transition{doing: "Thawing", can: running, do: thawInstance}),
	"DeleteInstances":  overInstances(transition{doing: "Deleting", can: stopped, do: deleteInstance, strict: true}),
}

// lifecycleTakes is how long it takes for one instance, in a job's time: for a
// few the answer comes at once, for many it is a job.
const lifecycleTakes = 500 * time.Millisecond

// process is that of an instance which runs.
type process struct {
	ID       int64
	UniqueID string // guid
	Started  time.Time
	Calls    int64 // that worked in the instance
	Archived int64 // messages
}

// transition is one thing that a function does to instances.
type transition struct {
	doing  string
	can    func(*archive) error // nil when it may be done to the instance
	do     func(*World, *archive) error
	strict bool // a pattern does not pass over instances to which it cannot be done
}

// overInstances makes the handler of a transition of all instances that
// instanceFilter lets pass. When it cannot be done to one that is named, it is
// done to none. What goes wrong later is told when the others are done.
func overInstances(t transition) handler {
	return func(c *Call) (any, error) {
		all, wild, err := c.chosen("instanceFilter")
		if err != nil {
			return nil, err
		}
		found := []*archive{}
		for _, a := range all {
			if err := t.can(a); err == nil {
				found = append(found, a)
			} else if !wild || t.strict {
				return nil, err
			}
		}
		return c.transit(t, found), nil
	}
}

func (c *Call) transit(t transition, found []*archive) *Work {
	counted, failed := false, error(nil)
	work := &Work{Done: func() (any, error) { return nil, failed }}
	one := func(a *archive) error {
		if err := t.can(a); err != nil { // it changed since the call began
			return err
		}
		return t.do(c.World, a)
	}
	for i, a := range found {
		work.Stages = append(work.Stages, Stage{
			Takes: lifecycleTakes, Percent: share(i+1, len(found)), Log: fmt.Sprintf("%s instance %s...", t.doing, a.InstanceID),
			Do: func() error {
				if c.Archives[fold(a.InstanceID)] != a {
					return nil // deleted since
				}
				if err := one(a); err != nil {
					failed = err
					return nil
				}
				if !counted {
					counted = true
					c.Effect(c.Text("instanceFilter"))
				}
				return nil
			},
		})
	}
	return work
}

// start makes a new process.
func (i *instance) start(w *World) {
	w.Environment.LastProcessID += 4
	i.Process = &process{ID: w.Environment.LastProcessID, UniqueID: guid(), Started: time.Now()}
	i.Frozen, i.StartError = false, ""
}

// guid makes a random one.
func guid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func always(*archive) error { return nil }

func running(a *archive) error {
	if a.Instance.Process == nil {
		return notRunning(a)
	}
	return nil
}

// stopped says whether an instance may be deleted. That it must be stopped is a
// guess, to the safe side.
func stopped(a *archive) error {
	if a.Instance.Process == nil {
		return nil
	}
	return problem("The instance '%s' is running and cannot be deleted.",
		"Die Instanz '%s' wird ausgeführt und kann nicht gelöscht werden.", a.InstanceID)
}

func canStart(a *archive) error {
	if a.Instance.Frozen {
		return isFrozen(a)
	}
	return canRestart(a)
}

func canRestart(a *archive) error {
	if a.Instance.StartMode != disabled || a.Instance.Process != nil {
		return nil
	}
	return problem("The start mode of the instance '%s' is disabled.", "Der Startmodus der Instanz '%s' ist deaktiviert.", a.InstanceID)
}

// startInstance leaves the reason in startStopError when it fails.
func startInstance(w *World, a *archive) error {
	i := a.Instance
	if i.Process != nil {
		return nil
	}
	if err := w.Environment.Hosts[fold(i.Host)].unreachable(); err != nil {
		w.changes++
		i.StartError = err.text(w.opts.ErrorTexts)
		return err
	}
	i.start(w)
	return nil
}

// stopInstance ends all jobs that work in the instance.
func stopInstance(w *World, a *archive) error {
	i := a.Instance
	i.Process, i.Frozen, i.StartError = nil, false, ""
	w.abort(a)
	return nil
}

func restartInstance(w *World, a *archive) error {
	stopInstance(w, a)
	return startInstance(w, a)
}

// freezeInstance halts the jobs that may change the instance. Reads go on, as
// they can be begun.
func freezeInstance(w *World, a *archive) error {
	if !a.Instance.Frozen {
		a.Instance.Frozen = true
		w.hold(a)
	}
	return nil
}

func thawInstance(w *World, a *archive) error {
	if a.Instance.Frozen {
		a.Instance.Frozen = false
		w.release(a)
	}
	return nil
}

// deleteInstance deletes the archive and all that lies in its directory.
func deleteInstance(w *World, a *archive) error {
	delete(w.Archives, fold(a.InstanceID))
	return nil
}

func notRunning(a *archive) *Problem {
	return problem("The instance '%s' is not running.", "Die Instanz '%s' wird nicht ausgeführt.", a.InstanceID)
}

func isFrozen(a *archive) *Problem {
	return problem("The instance '%s' is frozen.", "Die Instanz '%s' ist eingefroren.", a.InstanceID)
}
