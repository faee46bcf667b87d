package world

import (
	"fmt"
	"time"
)

var upkeepFunctions = map[string]handler{
	"VerifyStore":               verifyStore,
	"VerifyStores":              verifyStores,
	"CompactStore":              compactStore,
	"MergeStore":                mergeStore,
	"UpgradeStore":              upgradeStore,
	"UpgradeStores":             upgradeStores,
	"RefreshAllStoreStatistics": refreshAllStoreStatistics,
}

// share returns the percentage of n parts that i are, without fraction.
func share(i, n int) float64 { return float64(i * 100 / max(n, 1)) }

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
func upkeep(doing string, check func(c *Call, s *store) error, done func(c *Call, s *store)) handler {
	return func(c *Call) (any, error) {
		s, err := c.store("id")
		if err != nil {
			return nil, err
		}
		if err := check(c, s); err != nil {
			return nil, err
		}
		c.Effect(s.key())
		return &Work{Stages: s.stages(doing, func() error {
			if s.detached {
				return s.usable()
			}
			if err := check(c, s); err != nil { // it changed since the call began
				return err
			}
			done(c, s)
			return nil
		})}, nil
	}
}

func nothing(*Call, *store) {}

func usable(_ *Call, s *store) error { return s.usable() }

// compactStore gives the space of deleted messages back.
var compactStore = upkeep("Compacting", usable, func(c *Call, s *store) {
	s.Waste = 0
	c.changed(s)
})

var upgradeStore = upkeep("Upgrading", usable, func(_ *Call, s *store) { s.NeedsUpgrade = false })

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
	if err := source.usable(); err != nil {
		return nil, err
	}
	if err := target.writable(); err != nil {
		return nil, err
	}
	c.Effect(target.key(), source.key())
	return &Work{Stages: c.merge(target, source)}, nil
}

// merge returns the stages that copy what a store holds now into another one, a
// quarter of its message numbers each.
func (c *Call) merge(target, source *store) []Stage {
	const parts = 4
	last, copied := source.LastMessage, int64(0)
	stages := []Stage{{Log: fmt.Sprintf("Merging archive store #%d (%s) into #%d (%s)...", source.ID, source.Name, target.ID, target.Name)}}
	for i := range int64(parts) {
		stages = append(stages, Stage{
			Takes: source.takes() / parts, Percent: share(int(i+1), parts),
			Do: func() error {
				for _, err := range []error{source.usable(), target.writable()} { // they may have changed
					if err != nil {
						return err
					}
				}
				c.archive.reunite()
				for _, p := range source.between(last*i/parts+1, last*(i+1)/parts) {
					target.put(p)
					copied += p.Count
				}
				c.changed(target)
				return nil
			},
			Say: func() string { return messages(copied) + " copied..." },
		})
	}
	return append(stages, Stage{Percent: 100, Log: "Finished."})
}

func upgradeStores(c *Call) (any, error) {
	return c.everyStore("Upgrading",
		func(s *store) bool { return s.NeedsUpgrade },
		func(s *store) { s.NeedsUpgrade = false }), nil
}

func refreshAllStoreStatistics(c *Call) (any, error) {
	return c.everyStore("Counting messages of", func(*store) bool { return true }, (*store).refresh), nil
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
	finished := 0
	for i, s := range todo {
		gone := ""
		work.Stages = append(work.Stages,
			Stage{Percent: share(i, len(todo)), Log: fmt.Sprintf("%s archive store #%d (%s)...", doing, s.ID, s.Name)},
			Stage{
				Takes: s.takes(), Percent: share(i+1, len(todo)),
				Do: func() error {
					if err := s.usable(); err != nil { // it changed since the call began
						gone = err.Error()
						return nil
					}
					done(s)
					finished++
					return nil
				},
				Say: func() string { return gone },
			},
		)
	}
	work.Stages = append(work.Stages, Stage{
		Takes: 5 * time.Second, Percent: 100,
		Say: func() string {
			return fmt.Sprintf("Finished: %d of %d archive stores.", finished, len(c.archive.Stores))
		},
	})
	return work
}

func messages(n int64) string { return fmt.Sprintf("%d messages", n) }
