package world

import (
	"fmt"
	"slices"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

var storeFunctions = map[string]handler{
	"GetStores": getStores,
}

// store is an archive store.
type store struct {
	id           int64
	name         string
	kind         string // Server only
	state        string // requestedState
	fault        string // error
	count        int64
	size         int64
	needsUpgrade bool
	needsRebuild bool
	database     string
	content      string
	index        string
}

// store returns the store named by an argument.
func (c *Call) store(arg string) (*store, error) {
	id := c.Number(arg)
	i := slices.IndexFunc(c.archive.stores, func(s *store) bool { return s.id == id })
	if i < 0 {
		return nil, problem("The archive store %s does not exist.", "Der Archivspeicher %s ist nicht vorhanden.", fmt.Sprint(id))
	}
	return c.archive.stores[i], nil
}

func getStores(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.stores))
	for _, s := range c.archive.stores {
		o := answer.Obj("id", s.id, "name", s.name)
		if c.opts.Edition == catalogue.Server {
			o = o.Add("type", s.kind)
		}
		list = append(list, o.Add(
			"requestedState", s.state,
			"error", answer.OrNull(s.fault),
			"statisticsCount", s.count,
			"statisticsSize", s.size,
			"needsUpgrade", s.needsUpgrade,
			"searchIndexesNeedRebuild", s.needsRebuild,
			"databasePath", s.database,
			"contentPath", s.content,
			"indexPath", s.index,
		))
	}
	return list, nil
}
