package world

import (
	"fmt"
	"maps"
	"slices"

	"moonpost/engine/sandbox/answer"
)

// getServiceStatus answers all roles and what is wrong.
func getServiceStatus(c *Call) (any, error) {
	roles := answer.List{c.roleStatus(&serverRole{
		Name: c.opts.MachineName, Port: managementPort, Thumbprint: thumbprint(managementPort), Paired: thumbprint(managementPort),
	}, "managementServer")}
	for _, key := range slices.Sorted(maps.Keys(c.Environment.Hosts)) {
		roles = append(roles, c.roleStatus(c.Environment.Hosts[key], "instanceHost"))
	}
	for _, key := range slices.Sorted(maps.Keys(c.Environment.AccessServers)) {
		roles = append(roles, c.roleStatus(c.Environment.AccessServers[key], "clientAccessServer"))
	}
	return answer.Obj(
		"environmentInfo", c.environmentInfo(),
		"serverInfos", roles,
		"messages", c.findings(),
	), nil
}

func (c *Call) roleStatus(r *serverRole, kind string) answer.Object {
	var instances, running any
	if kind == "instanceHost" {
		all := c.instancesOn(r.Name)
		instances = len(all)
		running = len(slices.DeleteFunc(all, func(a *archive) bool { return a.Instance.Process == nil }))
	}
	return r.object().Add(
		"serverType", kind,
		"active", r.active(),
		"systemProperties", propertiesOf(r),
		"numberOfInstances", instances,
		"numberOfRunningInstances", running,
	)
}

// finding is one kind of thing that is wrong; details finds where in an
// instance.
type finding struct {
	kind            string // error, warning or information
	english, german string
	details         func(*Call, *archive) []string
}

var findings = []finding{
	{"error", "There are archive stores with errors.", "Es gibt Archivspeicher mit Fehlern.",
		func(c *Call, a *archive) []string {
			return a.stores(func(s *store) bool { return s.Fault != "" }, func(s *store) string {
				return ": " + s.problem().text(c.opts.ErrorTexts)
			})
		}},
	{"error", "There is no archive store to archive into.", "Es gibt keinen Archivspeicher, in den archiviert werden kann.",
		func(_ *Call, a *archive) []string {
			if len(a.stores(func(s *store) bool { return s.State == "current" }, nothingMore)) == 0 {
				return []string{a.InstanceID}
			}
			return nil
		}},
	{"warning", "There are archive stores that need an upgrade.", "Es gibt Archivspeicher, die aktualisiert werden müssen.",
		func(_ *Call, a *archive) []string {
			return a.stores(func(s *store) bool { return s.NeedsUpgrade }, nothingMore)
		}},
	{"warning", "There are instances that should be running.", "Es gibt Instanzen, die ausgeführt werden sollten.",
		func(_ *Call, a *archive) []string {
			if a.Instance.Process != nil || a.Instance.StartMode != automatic {
				return nil
			}
			if a.Instance.StartError != "" {
				return []string{a.InstanceID + ": " + a.Instance.StartError}
			}
			return []string{a.InstanceID}
		}},
	{"warning", "There are jobs whose last run failed.", "Es gibt Jobs, deren letzte Ausführung fehlgeschlagen ist.",
		func(_ *Call, a *archive) []string { return a.failedJobs() }},
	{"information", "There are instances that are frozen.", "Es gibt Instanzen, die eingefroren sind.",
		func(_ *Call, a *archive) []string {
			if a.Instance.Frozen {
				return []string{a.InstanceID}
			}
			return nil
		}},
}

func nothingMore(*store) string { return "" }

// stores names the stores that are of a kind.
func (a *archive) stores(are func(*store) bool, more func(*store) string) []string {
	names := []string{}
	for _, s := range a.Stores {
		if are(s) {
			names = append(names, fmt.Sprintf("%s: #%d %s%s", a.InstanceID, s.ID, s.Name, more(s)))
		}
	}
	return names
}

func (a *archive) failedJobs() []string {
	last := map[int64]string{}
	for _, r := range a.JobResults {
		last[r.Job] = r.Result
	}
	names := []string{}
	for _, j := range a.Jobs {
		if last[j.ID] == answer.Failed {
			names = append(names, a.InstanceID+": "+j.Name)
		}
	}
	return names
}

// findings answers what is wrong: a headline for each kind, and an item below
// it for each place. Of the real messages only the form is known.
func (c *Call) findings() answer.List {
	list := answer.List{}
	put := func(kind, text string, below bool) {
		list = append(list, answer.Obj("type", kind, "text", text, "isSubItem", below, "tag", nil, "flags", nil))
	}
	say := func(p *Problem) string { return p.text(c.opts.ErrorTexts) }
	for _, roles := range []map[string]*serverRole{c.Environment.Hosts, c.Environment.AccessServers} {
		for _, key := range slices.Sorted(maps.Keys(roles)) {
			if r := roles[key]; !r.active() {
				put("error", say(problem("The server %s does not answer on port %d.", "Der Server %s antwortet nicht auf Port %d.", r.Name, r.Port)), false)
			}
		}
	}
	for _, f := range findings {
		details := []string{}
		for _, id := range slices.Sorted(maps.Keys(c.Archives)) {
			details = append(details, f.details(c, c.Archives[id])...)
		}
		if len(details) > 0 {
			put(f.kind, say(problem(f.english, f.german)), false)
		}
		for _, detail := range details {
			put(f.kind, detail, true)
		}
	}
	return list
}
