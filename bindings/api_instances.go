package bindings

import (
	"fmt"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// listInstances is the function of the server that tells its instances.
const listInstances = "GetInstances"

// bound is the plain fields of a handle.
type bound struct {
	InstanceID string `luar:"instance_id"`
}

// instanceValues are the fields by which a handle says what it is bound to.
func (r *remote) instanceValues() []luavm.Value {
	return []luavm.Value{
		{Name: "instance_id", Type: luavm.String, Doc: "ID of the instance that this handle was made for, \"\" for api itself"},
		{
			Name: "instance_info", Type: luavm.Table,
			Doc: "what GetInstances said of the instance, on what api.instances returns: displayName, status and more; nil elsewhere",
			Of:  func(*luavm.Call) (any, error) { return r.info, nil },
		},
	}
}

// of returns the server of r, bound to an instance.
func (r *remote) of(instance string, info any) luavm.Module {
	return (&remote{binding: r.binding, server: r.server, instance: instance, info: info, home: r.home}).module()
}

// withInstances opens the server, which must be one that has instances.
func (r *remote) withInstances(c *luavm.Call, op string) error {
	o, err := r.connected(c)
	if err != nil {
		return err
	}
	for i := range o.functions {
		if takes(&o.functions[i], call.InstanceArg) {
			return nil
		}
	}
	return &fault.Error{
		Kind: fault.Usage, Op: op, Message: "this server has no instances: no function takes " + call.InstanceArg,
		Hint: "instances belong to the Service Provider Edition (port 8474)",
	}
}

func (r *remote) instanceFunc() luavm.Func {
	return luavm.Func{
		Name: "instance",
		Doc: "Gives access to one instance of a Service Provider Edition: what it returns works like api " +
			"itself and fills in instanceID where a function takes it and the call gives none.",
		Params:  []luavm.Param{{Name: "id", Type: luavm.String, Doc: "the instance"}},
		Returns: []luavm.Param{{Name: "api", Type: luavm.Table, Doc: "like api, for that instance"}},
		Example: `if api.edition == "spe" then
  local alpha = api.instance("alpha")
  print(alpha.instance_id, #alpha.GetUsers())
end`,
		Effect: luavm.Reads,
		Call: func(c *luavm.Call) error {
			if err := r.withInstances(c, "api.instance"); err != nil {
				return err
			}
			return c.Return(r.of(c.String(0), nil))
		},
	}
}

// The fields of the options of api.instances.
const (
	instancesFilter = "filter"
	instancesStatus = "status"
)

var instancesOptions = luavm.Record("instances options",
	luavm.Param{Name: instancesFilter, Type: luavm.String, Optional: true, Default: `"*"`, Doc: "which instances, as GetInstances takes it; * stands for all"},
	luavm.Param{Name: instancesStatus, Type: luavm.String, Optional: true, Default: "any", Doc: `only those of this status, such as "running"; case does not matter`},
)

func (r *remote) instancesFunc() luavm.Func {
	return luavm.Func{
		Name: "instances",
		Doc: "Lists the instances of a Service Provider Edition, in the server's order, each as a handle that works like " +
			"api itself for that instance: in a loop, or as the items of task.map with key = \"instance_id\".",
		Params: []luavm.Param{{
			Name: "opts", Type: luavm.Union(luavm.String, instancesOptions), Optional: true, Default: "all instances",
			Doc: "which ones: options, or the filter alone",
		}},
		Returns: []luavm.Param{{Name: "instances", Type: luavm.List(luavm.Table), Doc: "one handle for each"}},
		Example: `if api.edition == "spe" then
  for _, instance in ipairs(api.instances { status = "running" }) do
    print(instance.instance_id, instance.instance_info.displayName, #instance.GetUsers())
  end
  local counts = task.map(api.instances(), function(instance) return #instance.GetUsers() end, { key = "instance_id" })
  print(#counts)
end`,
		Effect: luavm.Reads,
		Call:   r.instances,
	}
}

// instances makes a handle of every row of GetInstances that the options name.
func (r *remote) instances(c *luavm.Call) error {
	if err := r.withInstances(c, "api.instances"); err != nil {
		return err
	}
	filter, status := c.String(0), ""
	if opts := c.Table(0); opts != nil {
		filter, status = field[string](opts, instancesFilter), field[string](opts, instancesStatus)
	}
	if filter == "" {
		filter = "*"
	}
	req := call.Request{Fn: listInstances, Args: []call.Arg{{Name: "instanceFilter", Value: filter}}}
	if err := r.perform(c, req, options{}, nil); err != nil {
		return err
	}
	rows, _ := c.Results()[0].(luavm.Tab)
	if rows == nil {
		return c.Return([]any{})
	}
	handles := []any{}
	for i := range rows.Len() {
		row, _ := rows.Index(i + 1).(luavm.Tab)
		if row == nil || field[string](row, call.InstanceArg) == "" {
			return &fault.Error{
				Kind: fault.Server, Op: "api.instances", Fn: listInstances,
				Message: fmt.Sprintf("row %d has no %s", i+1, call.InstanceArg),
			}
		}
		if status == "" || strings.EqualFold(field[string](row, "status"), status) {
			handles = append(handles, r.of(field[string](row, call.InstanceArg), row))
		}
	}
	return c.Return(handles)
}
