package bindings

import (
	"context"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

func (b *binding) taskModule() luavm.Module {
	return luavm.Module{
		Name: "task",
		Doc: "Does several things at a time. A task runs until it waits (for a call, for another task, for " +
			"time to pass); then another one goes on. Between two waits nothing else runs.",
		Global:  true,
		Funcs:   []luavm.Func{spawnFunc(), b.mapFunc(), b.eachFunc(), sleepFunc()},
		Objects: []luavm.Object{taskObject},
	}
}

// task is a task as a playbook holds it. It is used with the interpreter lock,
// but for Done.
type task struct {
	luavm.Task
	awaited, cancelled bool
}

// spawn starts a task that belongs to the item, if any, that c works on.
func spawn(c *luavm.Call, fn luavm.Fn, args ...any) (*task, error) {
	started, err := c.Spawn(c.Context(), fn, args...)
	if err != nil {
		return nil, err
	}
	t := &task{Task: started}
	if at := itemOf(c.Context()); at != nil {
		at.tasks = append(at.tasks, t)
	}
	return t, nil
}

// give returns the results of the ended task as those of c.
func (t *task) give(c *luavm.Call) error {
	t.awaited = true
	results, err := t.Result()
	if err != nil {
		return err
	}
	return c.Return(results...)
}

func (t *task) await(c *luavm.Call) error {
	err := c.Wait(func(ctx context.Context) error {
		select {
		case <-t.Done():
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	if err != nil {
		return err
	}
	return t.give(c)
}

var errTaskCancelled = &fault.Error{Kind: fault.Cancelled, Op: "task:cancel", Message: "the playbook cancelled the task"}

// taskObject declares the handle.
var taskObject = luavm.Object{
	Name: "task",
	Doc:  "A task that runs beside the others: what task.spawn returns.",
	Methods: []luavm.Func{
		{
			Name:    "await",
			Doc:     "Waits for the end of the task and returns what its function returned, or raises its error.",
			Returns: []luavm.Param{{Name: "results", Type: luavm.Any, Optional: true, Variadic: true, Doc: "what the function returned"}},
			Example: `local t = task.spawn(function(a, b) return a + b end, 1, 2)
assert(t:await() == 3)`,
			Call: func(c *luavm.Call) error { return c.Self().(*task).await(c) },
		},
		{
			Name: "cancel",
			Doc:  "Ends the task at its next wait; await then raises an error of kind cancelled. A job that the task follows goes on at the server.",
			Example: `local t = task.spawn(task.sleep, "1h")
t:cancel()
local ok, err = pcall(t.await, t)
assert(not ok and err.kind == "cancelled")`,
			Call: func(c *luavm.Call) error {
				t := c.Self().(*task)
				t.cancelled = true
				t.Cancel(errTaskCancelled)
				return nil
			},
		},
	},
}

func spawnFunc() luavm.Func {
	return luavm.Func{
		Name: "spawn",
		Doc: "Starts fn in a task of its own and returns its handle at once. The run, or the item of " +
			"task.map that started it, ends when it has ended, awaited or not; an error that nobody " +
			"awaits is an error of the run or of the item.",
		Params: []luavm.Param{
			{Name: "fn", Type: luavm.Function, Doc: "what the task does"},
			{Name: "args", Type: luavm.Any, Variadic: true, Optional: true, Doc: "given to fn"},
		},
		Returns: []luavm.Param{{Name: "task", Type: luavm.Handle(taskObject.Name), Doc: "to await"}},
		Example: `local users = task.spawn(api.invoke, "GetUsers")
local stores = task.spawn(api.invoke, "GetStores")
print(#users:await(), #stores:await())`,
		Call: func(c *luavm.Call) error {
			t, err := spawn(c, c.Func(0), c.Args(1)...)
			if err != nil {
				return err
			}
			return c.Return(c.Object(taskObject.Name, t))
		},
	}
}

func sleepFunc() luavm.Func {
	return luavm.Func{
		Name:    "sleep",
		Doc:     "Waits for some time, in which other tasks run.",
		Params:  []luavm.Param{{Name: "duration", Type: luavm.Duration, Doc: `seconds, or text like "90s" or "2h"`}},
		Example: `task.sleep(0.01)`,
		Call: func(c *luavm.Call) error {
			d := c.Duration(0)
			return c.Wait(func(ctx context.Context) error {
				timer := time.NewTimer(d)
				defer timer.Stop()
				select {
				case <-timer.C:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
		},
	}
}

// function makes a Lua function of a declared one: putting it into a table is
// how the interpreter does that.
func function(c *luavm.Call, f luavm.Func) luavm.Fn {
	t := c.NewTable(0, 1)
	t.Set(f.Name, f)
	return t.Get(f.Name).(luavm.Fn)
}
