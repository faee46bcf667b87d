package world

import (
	"fmt"
	"time"
)

var upkeepFunctions = map[string]handler{
	"VerifyStore":                     verifyStore,
	"VerifyStores":                    verifyStores,
	"CompactStore":                    compactStore,
	"MergeStore":                      mergeStore,
	"RecoverStore":                    recoverStore,
	"RecreateRecoveryRecords":         recreateRecoveryRecords,
	"RepairStoreDatabase":             repairStoreDatabase,
	"UpgradeStore":                    upgradeStore,
	"UpgradeStores":                   upgradeStores,
	"SelectAllStoreIndexesForRebuild": selectAllStoreIndexesForRebuild,
	"RebuildSelectedStoreIndexes":     rebuildSelectedStoreIndexes,
	"RefreshAllStoreStatistics":       refreshAllStoreStatistics,
	"RetryOpenStores":                 retryOpenStores,
}

func verifyStore(c *Call) (any, error) {
	s, err := c.store("id")
	if err != nil {
		return nil, err
	}
	if err := s.usable(); err != nil {
		return nil, err
	}
	return &Work{Stages: append(c.verify(s, 0, 100), finished())}, nil
}

func verifyStores(c *Call) (any, error) {
	stages := []Stage{{Log: "Verifying all archive stores..."}}
	stores := c.archive.Stores
	for i, s := range stores {
		if err := s.usable(); err != nil {
			stages = append(stages, Stage{Log: err.Error()})
			continue
		}
		from, to := share(i, len(stores)), share(i+1, len(stores))
		stages = append(stages, c.verify(s, from, to)...)
	}
	return &Work{Stages: append(stages, finished())}, nil
}

// share returns the percentage of n parts that i are, without fraction.
func share(i, n int) float64 { return float64(i * 100 / max(n, 1)) }

func finished() Stage { return Stage{Percent: 100, Log: "Finished. No errors were found."} }

// verify returns the stages of checking one store, between two percentages of
// the whole. The first lines are those of using-the-api.txt.
func (c *Call) verify(s *store, from, to float64) []Stage {
	const steps = 8
	stages := []Stage{{
		Percent: from,
		Log:     fmt.Sprintf("Verifying file group #%d...\r\nCreating a list of messages to be verified...", s.ID),
	}}
	takes := s.takes()
	for i := int64(1); i <= steps; i++ {
		stages = append(stages, Stage{
			Takes:   takes / steps,
			Percent: from + float64(int((to-from)*float64(i)/steps)),
			Log:     fmt.Sprintf(" %s verified...", messages(s.Count*i/steps)),
		})
	}
	if c.Flag("includeIndexes") {
		stages = append(stages, Stage{Takes: takes / 4, Percent: to, Log: "Verifying search indexes..."})
	}
	return stages
}

// takes returns how long work on a store takes, in a job's time: 3 s, and a
// second for 8,000 messages.
func (s *store) takes() time.Duration {
	return 3*time.Second + time.Duration(s.Count)*time.Second/8000
}

// stages of work on one store: an opening line, a few steps, a closing line.
func (s *store) stages(doing string, do func() error) []Stage {
	takes := s.takes()
	return []Stage{
		{Log: fmt.Sprintf("%s archive store #%d (%s)...", doing, s.ID, s.Name)},
		{Takes: takes / 4, Percent: 25},
		{Takes: takes / 4, Percent: 50, Log: messages(s.Count/2) + " processed..."},
		{Takes: takes / 4, Percent: 75},
		{Takes: takes / 4, Percent: 100, Log: "Finished.", Do: do},
	}
}

// upkeep makes the handler of a job on the store that id names. It counts as
// an effect when it starts; done changes the state when it is over.
func upkeep(doing string, check func(s *store) error, done func(c *Call, s *store)) handler {
	return func(c *Call) (any, error) {
		s, err := c.store("id")
		if err != nil {
			return nil, err
		}
		if err := check(s); err != nil {
			return nil, err
		}
		c.Effect(s.key())
		return &Work{Stages: s.stages(doing, func() error { done(c, s); return nil })}, nil
	}
}

func nothing(*Call, *store) {}

var compactStore = upkeep("Compacting", (*store).usable, func(_ *Call, s *store) { s.Size -= s.Size / 50 })

var recreateRecoveryRecords = upkeep("Creating recovery records of", (*store).usable, nothing)

var repairStoreDatabase = upkeep("Repairing the database of",
	func(*store) error { return nil }, func(_ *Call, s *store) { s.Fault = "" })

var upgradeStore = upkeep("Upgrading", (*store).usable, func(_ *Call, s *store) { s.NeedsUpgrade = false })

// recoverStore works on a store that is disabled or broken and of the newest
// format (vendor's function reference).
var recoverStore = upkeep("Recovering", func(s *store) error {
	if s.usable() == nil || s.NeedsUpgrade {
		return problem("The archive store '%s' must be disabled and upgraded.",
			"Der Archivspeicher '%s' muss deaktiviert und aktualisiert sein.", s.Name)
	}
	return nil
}, func(_ *Call, s *store) { s.Fault = "" })

// mergeStore copies the source into the target; the source stays attached
// (vendor's function reference).
func mergeStore(c *Call) (any, error) {
	target, err := c.store("id")
	if err != nil {
		return nil, err
	}
	source, err := c.store("sourceId")
	if err != nil {
		return nil, err
	}
	if source == target {
		return nil, problem("The archive store '%s' cannot be merged into itself.",
			"Der Archivspeicher '%s' kann nicht mit sich selbst zusammengeführt werden.", target.Name)
	}
	for _, s := range []*store{target, source} {
		if err := s.usable(); err != nil {
			return nil, err
		}
	}
	c.Effect(target.key(), source.key())
	return &Work{Stages: source.stages("Merging", func() error {
		target.Count += source.Count
		target.Size += source.Size
		return nil
	})}, nil
}

func upgradeStores(c *Call) (any, error) {
	return c.everyStore("Upgrading",
		func(s *store) bool { return s.NeedsUpgrade },
		func(s *store) { s.NeedsUpgrade = false }), nil
}

func rebuildSelectedStoreIndexes(c *Call) (any, error) {
	return c.everyStore("Rebuilding the search indexes of",
		func(s *store) bool { return s.NeedsRebuild },
		func(s *store) { s.NeedsRebuild = false }), nil
}

func refreshAllStoreStatistics(c *Call) (any, error) {
	return c.everyStore("Counting messages of", func(*store) bool { return true }, func(*store) {}), nil
}

// everyStore returns a job on all stores that need it; it counts as one effect.
func (c *Call) everyStore(doing string, needs func(*store) bool, done func(*store)) *Work {
	c.Effect()
	work := &Work{Stages: []Stage{{Log: "Looking for archive stores..."}}}
	var todo []*store
	for _, s := range c.archive.Stores {
		if s.usable() == nil && needs(s) {
			todo = append(todo, s)
		}
	}
	for i, s := range todo {
		work.Stages = append(work.Stages,
			Stage{Percent: share(i, len(todo)), Log: fmt.Sprintf("%s archive store #%d (%s)...", doing, s.ID, s.Name)},
			Stage{Takes: s.takes(), Percent: share(i+1, len(todo)), Do: func() error { done(s); return nil }},
		)
	}
	work.Stages = append(work.Stages, Stage{Takes: 5 * time.Second, Percent: 100, Log: fmt.Sprintf("Finished: %d of %d archive stores.", len(todo), len(c.archive.Stores))})
	return work
}

func selectAllStoreIndexesForRebuild(c *Call) (any, error) {
	for _, s := range firstHalf(c, c.archive.Stores) {
		s.NeedsRebuild = true
	}
	c.Effect()
	return nil, nil
}

func retryOpenStores(c *Call) (any, error) {
	c.Effect()
	return nil, nil
}

func messages(n int64) string { return fmt.Sprintf("%d messages", n) }
