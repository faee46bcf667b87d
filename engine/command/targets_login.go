package command

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
	"moonpost/engine/targets"
)

// loginOf returns the way in to a target as the file has it.
func (p *program) loginOf(t targets.Target, password secret.Secret) login {
	return login{
		url: t.Address(), instance: t.Instance, ca: p.book().CA(t), fingerprint: t.Fingerprint, user: t.User, password: password,
	}
}

// introduction is what a server says of itself to who logs in.
type introduction struct {
	about     call.About
	functions int
	remark    string
}

// introduce logs in and reads what the server is. An instance that is not there
// is an error of kind not_found.
func (p *program) introduce(ctx context.Context, l login, sink event.Sink) (introduction, error) {
	c := &connection{program: p, op: "target", flags: &serverFlags{}, login: l, sink: sink, brake: newBrake(), readOnly: true}
	defer c.close()
	var met introduction
	server, err := c.open(ctx)
	if err != nil {
		return met, err
	}
	if met.about, err = server.About(ctx); err != nil {
		return met, err
	}
	offered, err := server.Functions(ctx)
	if err != nil {
		return met, err
	}
	met.functions = len(offered)
	if l.instance == "" || met.about.Edition != string(catalogue.SPE) {
		return met, nil
	}
	return met, met.lookAt(ctx, server, offered, l.instance)
}

// lookAt looks whether the instance is there and can be worked in.
func (met *introduction) lookAt(ctx context.Context, server call.Server, offered []call.Function, instance string) error {
	offers := func(name string) bool {
		return slices.ContainsFunc(offered, func(f call.Function) bool { return f.Name == name })
	}
	if offers("GetInstances") {
		var rows []struct {
			Instance string `json:"instanceID"`
		}
		if err := read(ctx, server, "GetInstances", &rows, call.Arg{Name: "instanceFilter", Value: "*"}); err != nil {
			return err
		}
		names := make([]string, len(rows))
		for i, r := range rows {
			names[i] = r.Instance
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, instance) }) {
			hint := fault.DidYouMean(instance, names)
			if hint == "" {
				hint = fmt.Sprintf("its instances: %s", strings.Join(names[:min(len(names), 10)], ", "))
			}
			return &fault.Error{Kind: fault.NotFound, Message: "there is no instance " + instance + " at this server", Hint: hint, Target: met.about.Target}
		}
	}
	if !offers("GetArchiveAdminEnabled") {
		return nil
	}
	enabled := true
	err := read(ctx, server, "GetArchiveAdminEnabled", &enabled, call.Arg{Name: call.InstanceArg, Value: instance})
	if !enabled {
		met.remark = "instance " + instance + " has service provider access switched off, so the server refuses most calls on it; SetArchiveAdminEnabled switches it on"
	}
	return err
}

// read calls a function and decodes its result.
func read(ctx context.Context, server call.Server, fn string, into any, args ...call.Arg) error {
	answer, err := server.Call(ctx, call.Request{Fn: fn, Args: args}, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer.Result, into); err != nil {
		return &fault.Error{Kind: fault.Server, Op: "api.invoke " + fn, Message: "the result is of another shape than expected"}
	}
	return nil
}
