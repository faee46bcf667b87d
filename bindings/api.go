package bindings

import (
	"context"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// remote is one server as a playbook sees it: the module api itself, and what
// api.target and api.instance return.
type remote struct {
	*binding
	*server
	instance string // filled in as instanceID where a call gives none
	info     any    // what GetInstances said of it; nil: it was not asked
	home     bool   // it is the run's own
}

func (r *remote) module() luavm.Module {
	return luavm.Module{
		Name: "api",
		Doc: "Calls functions of the MailStore server. Every function that the server offers is also a " +
			"function of this module: api.GetUsers() is api.invoke(\"GetUsers\"). Arguments are checked " +
			"against what the server says of itself before anything is sent.",
		Global: true,
		Funcs: []luavm.Func{
			r.invokeFunc(), r.tryFunc(), r.startFunc(), r.functionsFunc(), r.describeFunc(), r.hasFunc(),
			r.targetFunc(), r.instanceFunc(), r.instancesFunc(),
		},
		View: bound{r.instance},
		Values: append(r.instanceValues(), []luavm.Value{
			{
				Name: "edition", Type: luavm.Enum("server", "spe"), Doc: "edition of the server",
				Of: r.about(func(a call.About) string { return a.Edition }),
			},
			{
				Name: "version", Type: luavm.String, Doc: "version of the server",
				Of: r.about(func(a call.About) string { return a.Version }),
			},
		}...),
		Objects: []luavm.Object{jobObject},
		Missing: r.sugar,
	}
}

// about returns what asks the server for one thing that it says of itself.
func (r *remote) about(field func(call.About) string) func(*luavm.Call) (any, error) {
	return func(c *luavm.Call) (any, error) {
		var about call.About
		err := c.Wait(func(ctx context.Context) error {
			o, err := r.offer(ctx)
			if err != nil {
				return err
			}
			about, err = o.About(ctx)
			return err
		})
		return field(about), r.noted(c, err)
	}
}

// sugar makes the server's function of that name a function of the module.
func (r *remote) sugar(c *luavm.Call, name string) (any, error) {
	var f *call.Function
	err := c.Wait(func(ctx context.Context) error {
		o, err := r.offer(ctx)
		if err != nil {
			return err
		}
		if found, ok := o.byName[name]; ok {
			f = found
			return nil
		}
		return unknownFunction("api."+name, name, append(o.names(), r.ownNames()...))
	})
	if err != nil {
		return nil, r.noted(c, err)
	}
	return luavm.Func{
		Name: f.Name, Doc: f.Doc, Params: []luavm.Param{paramsParam, optsParam}, Returns: invokeReturns, Effect: f.Effect,
		Call: func(c *luavm.Call) error { return r.invoke(c, f.Name, 0) },
	}, nil
}

// ownNames returns the names of the module itself.
func (r *remote) ownNames() []string {
	var names []string
	m := r.module()
	for _, f := range m.Funcs {
		names = append(names, f.Name)
	}
	for _, v := range m.Values {
		names = append(names, v.Name)
	}
	return names
}

func (r *remote) invokeFunc() luavm.Func {
	return luavm.Func{
		Name: "invoke",
		Doc: "Calls a function of the server and returns its result. A long-running call blocks its " +
			"task until the job has ended; a failed call raises an error.",
		Params:  []luavm.Param{fnParam, paramsParam, optsParam},
		Returns: invokeReturns,
		Example: `local users = api.invoke("GetUsers")
print(users[1].userName)
local _, job = api.invoke("VerifyStore", { id = 1 }, function(p) print(p.percent, p.text) end)
if job then print(job.log) end`,
		Effect: luavm.Writes,
		Call:   func(c *luavm.Call) error { return r.invoke(c, c.String(0), 1) },
	}
}

func (r *remote) tryFunc() luavm.Func {
	return luavm.Func{
		Name: "try",
		Doc: "Calls a function of the server like invoke, but gives a failure back as the second result " +
			"instead of raising it. It succeeded when err is nil, whatever the result is. What no " +
			"playbook can mend is raised all the same: a refused login, a cancelled run.",
		Params: []luavm.Param{fnParam, paramsParam, optsParam},
		Returns: []luavm.Param{
			resultParam,
			{Name: "err", Type: luavm.Any, Optional: true, Doc: "the error, with kind, message, hint and more; nil when it succeeded"},
		},
		Example: `local user, err = api.try("GetUserInfo", { userName = "nobody" })
assert(user == nil and err.kind ~= nil)`,
		Effect: luavm.Writes,
		Call: func(c *luavm.Call) error {
			err := r.invoke(c, c.String(0), 1)
			switch {
			case err == nil:
				return c.Return(c.Results()[0])
			case c.Context().Err() != nil || fault.KindOf(err).Fatal():
				return err
			}
			return c.Return(nil, err)
		},
	}
}
