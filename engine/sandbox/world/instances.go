package world

import (
	"maps"
	"slices"
	"strings"

	"moonpost/engine/sandbox/answer"
)

var instanceFunctions = map[string]handler{
	"GetInstances":          getInstances,
	"GetInstanceStatistics": getInstanceStatistics,
	"GetServiceStatus":      getServiceStatus,
}

// matching returns the archives that an instance filter names, by id: * stands
// for all of them. What else the real filter takes is not known.
func (c *Call) matching(arg string) []*archive {
	filter := c.Text(arg)
	var found []*archive
	for _, id := range slices.Sorted(maps.Keys(c.Archives)) {
		if a := c.Archives[id]; filter == "*" || strings.EqualFold(filter, a.InstanceID) {
			found = append(found, a)
		}
	}
	return found
}

func getInstances(c *Call) (any, error) {
	list := answer.List{}
	for i, a := range c.matching("instanceFilter") {
		list = append(list, answer.Obj(
			"instanceID", a.InstanceID,
			"alias", "",
			"displayName", strings.ToUpper(a.InstanceID[:1])+a.InstanceID[1:]+" Ltd.",
			"instanceHost", c.opts.MachineName,
			"startMode", "automatic",
			"processID", 4000+4*i,
			"status", "running",
			"startStopError", nil,
		))
	}
	return list, nil
}

func getInstanceStatistics(c *Call) (any, error) {
	var count, size int64
	for _, s := range c.archive.Stores {
		count += s.Count
		size += s.Size
	}
	mb := size >> 20
	return answer.Obj(
		"totalSizeMB", mb+mb/10+mb/20,
		"databaseFileSizeMB", mb/10,
		"contentFileSizeMB", mb,
		"indexFileSizeMB", mb/20,
		"numberOfMessages", count,
	), nil
}

func getServiceStatus(c *Call) (any, error) {
	environment, err := getEnvironmentInfo(c)
	if err != nil {
		return nil, err
	}
	messages := answer.List{}
	upgrades := 0
	for _, a := range c.Archives {
		for _, s := range a.Stores {
			if s.NeedsUpgrade {
				upgrades++
			}
		}
	}
	if upgrades > 0 {
		messages = append(messages, answer.Obj("type", "warning", "text", "There are archive stores that need an upgrade.",
			"isSubItem", false, "tag", nil, "flags", nil))
	}
	return answer.Obj(
		"environmentInfo", environment,
		"serverInfos", answer.List{answer.Obj(
			"serverName", c.opts.MachineName,
			"port", 8472,
			"serverCertificate", answer.Obj("thumbprint", strings.Repeat("0123456789ABCDEF", 3)[:40]),
			"serverType", "instanceHost",
			"active", true,
			"systemProperties", nil,
			"numberOfInstances", len(c.Archives),
			"numberOfRunningInstances", len(c.Archives),
		)},
		"messages", messages,
	), nil
}
