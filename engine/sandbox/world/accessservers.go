package world

import (
	"strconv"

	"moonpost/engine/sandbox/answer"
)

var accessServerFunctions = map[string]handler{
	"GetClientAccessServers":             accessServers.list(accessServer),
	"CreateClientAccessServer":           accessServers.create,
	"SetClientAccessServerConfiguration": accessServers.configure,
	"DeleteClientAccessServer":           accessServers.remove,
	"PairWithManagementServer":           pairWithManagementServer,
}

var accessServers = roleKind{
	of: func(e *environment) map[string]*serverRole { return e.AccessServers },
	missing: func(name string) *Problem {
		return problem("The client access server '%s' does not exist.", "Der Client Access Server '%s' ist nicht vorhanden.", name)
	},
}

// accessServer describes a client access server. What the service status looks
// like is not known; here it has two keys of GetServiceStatus.
func accessServer(c *Call, r *serverRole) answer.Object {
	if !c.Flag("withServiceStatus") {
		return r.object()
	}
	return r.object().Add("active", r.active(), "systemProperties", propertiesOf(r))
}

func propertiesOf(r *serverRole) any {
	if !r.active() {
		return nil
	}
	return systemProperties()
}

// pairWithManagementServer connects a role, which it registers if need be: on
// its machine an administrator does both in one step. A repeat changes nothing.
func pairWithManagementServer(c *Call) (any, error) {
	r := &serverRole{Name: c.Text("serverName"), Port: c.Number("port"), Thumbprint: c.Text("thumbprint")}
	if r.Name == "" {
		return nil, emptyName()
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	kind := accessServers
	if c.Text("serverType") == "instanceHost" {
		kind = instanceHosts
	}
	all := kind.of(c.Environment)
	if old := all[fold(r.Name)]; old != nil {
		old.Port, old.Thumbprint = r.Port, r.Thumbprint
		r = old
	}
	all[fold(r.Name)] = r
	c.Effect(c.Text("serverType"), r.Name, strconv.FormatInt(r.Port, 10))
	if !c.half {
		r.Paired = r.Thumbprint
	}
	return nil, nil
}
