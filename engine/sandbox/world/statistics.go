package world

import (
	"slices"
	"time"

	"moonpost/engine/sandbox/answer"
)

var statisticsFunctions = map[string]handler{
	"GetInstanceStatistics":            getInstanceStatistics,
	"GetInstanceProcessLiveStatistics": getInstanceProcessLiveStatistics,
	"CanRunArchiveProfiles":            canRunArchiveProfiles,
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

// getInstanceProcessLiveStatistics answers counters that grow with what the
// process does, and begin anew with each start.
func getInstanceProcessLiveStatistics(c *Call) (any, error) {
	const messageSize = 60_000
	p, now := c.archive.Instance.Process, time.Now()
	return answer.Obj(
		"processUniqueID", p.UniqueID,
		"timestamp", now.UnixMilli(),
		"totalProcessorMilliseconds", 1500+now.Sub(p.Started).Milliseconds()/50+p.Calls*4+p.Archived*3,
		"totalIOReadBytes", 40<<20+p.Calls*8_000+p.Archived*messageSize,
		"totalIOWriteBytes", 2<<20+p.Archived*messageSize*2,
		"totalIOOtherBytes", 300_000+p.Calls*500,
		"totalRemoteProcedureCalls", p.Calls,
		"totalMessagesArchived", p.Archived,
		"totalMessagesChecked", p.Archived,
		"currentPrivateMemoryBytes", 180<<20+int64(len(c.archive.Users))*50_000,
	), nil
}

// canRunArchiveProfiles says yes when there is a store to archive into and
// nothing keeps the instance from writing. What the real one looks at is not
// known.
func canRunArchiveProfiles(c *Call) (any, error) {
	current := slices.ContainsFunc(c.archive.Stores, func(s *store) bool { return s.State == "current" && s.Fault == "" })
	return current && !c.archive.Instance.Frozen, nil
}
