package api

import (
	"context"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// instanceArg names the instance in calls of the Service Provider Edition.
const instanceArg = call.InstanceArg

// nameInstance is the hint where a call does not say which instance it means.
const nameInstance = `name the instance: --instance NAME, or api.instance("NAME") in a playbook`

var instance = object{
	what: "instance", list: "GetInstances", field: instanceArg,
	args: []call.Arg{{Name: "instanceFilter", Value: "*"}},
}

// offered returns what the server offers. A server without instances is not
// the one that a client with an instance is meant for.
func (c *Client) offered(ctx context.Context) (*offer, error) {
	offer, err := c.functions.do(ctx, c.fetch)
	if err != nil || c.cfg.Instance == "" || offer.instances {
		return offer, err
	}
	return nil, &fault.Error{
		Kind: fault.Usage, Op: "instance " + c.cfg.Instance, Message: "this server has no instances", Target: c.target,
		Hint: "instances belong to the Service Provider Edition; leave out --instance (MOONPOST_INSTANCE), or name another target",
	}
}

// withoutInstance returns the error of a refused call whose instance is not on
// the server's list, else nil. A name that is on the list, or a list
// that cannot be read, is not asked for again.
func (c *Client) withoutInstance(ctx context.Context, offer *offer, req call.Request, said *refusal, refused *fault.Error) error {
	if offer.edition != catalogue.SPE || offer.byName[instance.list] == nil {
		return nil
	}
	name, given := argText(req.Args, instanceArg)
	if !given && offer.byName[req.Fn].argument(instanceArg) != nil {
		name = c.cfg.Instance
	}
	if _, asked := c.instances.Load(name); asked || !instance.named(name) {
		return nil
	}
	answer, err := c.Call(ctx, call.Request{Fn: instance.list, Args: instance.args, Item: req.Item}, nil)
	if err == nil {
		if there, known := has(answer.Result, instance.field, name); known && !there {
			e := confirmed(refused, fault.NotFound, "there is no instance "+name, said)
			e.Hint = "list them: moonpost call GetInstances instanceFilter='*'"
			return e
		}
	}
	c.instances.Store(name, nil)
	return nil
}
