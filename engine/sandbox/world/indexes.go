package world

import (
	"slices"

	"moonpost/engine/sandbox/answer"
)

var indexFunctions = map[string]handler{
	"GetStoreIndexes":                 getStoreIndexes,
	"RebuildStoreIndex":               rebuildStoreIndex,
	"SelectAllStoreIndexesForRebuild": selectAllStoreIndexesForRebuild,
	"RebuildSelectedStoreIndexes":     rebuildSelectedStoreIndexes,
}

// indexes returns the archives that have a search index in a store: those with
// mail in it.
func (s *store) indexes(tops map[int64]string) []string {
	names := []string{}
	for _, p := range s.Mail {
		if top := tops[p.Folder]; top != "" {
			names = append(names, top)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// stale reports whether the index of an archive is selected for a rebuild.
func (s *store) stale(top string) bool {
	return s.NeedsRebuild && !slices.Contains(s.Rebuilt, fold(top))
}

// getStoreIndexes lists the search index of every archive in every store, or in
// the one that id names. The shape of the real answer is not known.
func getStoreIndexes(c *Call) (any, error) {
	stores := c.archive.Stores
	if c.Has("id") {
		s, err := c.store("id")
		if err != nil {
			return nil, err
		}
		stores = []*store{s}
	}
	list, tops := answer.List{}, c.archive.tops()
	for _, s := range stores {
		for _, top := range s.indexes(tops) {
			state := "ok"
			if s.stale(top) {
				state = "needsRebuild"
			}
			list = append(list, answer.Obj("storeId", s.ID, "folder", top, "state", state))
		}
	}
	return list, nil
}

// rebuildStoreIndex rebuilds the index of one archive in one store.
func rebuildStoreIndex(c *Call) (any, error) {
	s, err := c.store("id")
	if err != nil {
		return nil, err
	}
	if err := s.usable(); err != nil {
		return nil, err
	}
	all := s.indexes(c.archive.tops())
	i := slices.IndexFunc(all, func(top string) bool { return fold(top) == fold(c.Text("folder")) })
	if i < 0 {
		return nil, problem("The archive store '%s' has no search index of '%s'.",
			"Der Archivspeicher '%s' hat keinen Suchindex von '%s'.", s.Name, c.Text("folder"))
	}
	folder := all[i]
	c.Effect(s.key(), folder)
	return &Work{Stages: s.stages("Rebuilding the search index of "+folder+" in", func() error {
		if err := s.usable(); err != nil { // it changed since the call began
			return err
		}
		s.rebuilt(folder, c.archive.tops())
		return nil
	})}, nil
}

// rebuilt notes that an index is as it should be.
func (s *store) rebuilt(folder string, tops map[int64]string) {
	if !s.stale(folder) {
		return
	}
	s.Rebuilt = append(slices.Clone(s.Rebuilt), fold(folder))
	if !slices.ContainsFunc(s.indexes(tops), s.stale) {
		s.NeedsRebuild, s.Rebuilt = false, nil
	}
}

func selectAllStoreIndexesForRebuild(c *Call) (any, error) {
	for _, s := range firstHalf(c, c.archive.Stores) {
		s.NeedsRebuild, s.Rebuilt = true, nil
	}
	c.Effect()
	return nil, nil
}

func rebuildSelectedStoreIndexes(c *Call) (any, error) {
	return c.everyStore("Rebuilding the search indexes of",
		func(s *store) bool { return s.NeedsRebuild },
		func(s *store) { s.NeedsRebuild, s.Rebuilt = false, nil }), nil
}
