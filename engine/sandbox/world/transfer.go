package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

var transferFunctions = map[string]handler{
	"TransferStores": transferStores,
}

// transferStores moves the stores that do not lie in the directory of their
// instance there, which is where they are wanted after the instance has moved.
// Only the name of the function is known; this is what it could do without any
// argument. Stores of instances that do not run stay where they are.
func transferStores(c *Call) (any, error) {
	c.Effect()
	work := &Work{Stages: []Stage{{Log: "Looking for archive stores outside of the directory of their instance..."}}}
	for _, id := range slices.Sorted(maps.Keys(c.Archives)) {
		a := c.Archives[id]
		for _, s := range a.Stores {
			if a.owns(s) || a.Instance.status() != "running" {
				continue
			}
			work.Stages = append(work.Stages, Stage{
				Takes: s.takes(), Log: fmt.Sprintf("Moving archive store #%d (%s) of instance %s...", s.ID, s.Name, a.InstanceID),
				Do: func() error {
					if a.Instance.status() == "running" && !a.owns(s) && !s.detached {
						a.fetch(s)
					}
					return nil
				},
			})
		}
	}
	for i := range work.Stages {
		work.Stages[i].Percent = share(i, len(work.Stages))
	}
	work.Stages = append(work.Stages, Stage{Takes: 3 * time.Second, Percent: 100, Log: "Finished."})
	return work, nil
}

// owns reports whether a store lies in the directory of its instance.
func (a *archive) owns(s *store) bool { return strings.HasPrefix(fold(s.Database), fold(a.base()+`\`)) }

// fetch moves a store into the directory of its instance, under a name that is
// free there.
func (a *archive) fetch(s *store) {
	name := strings.TrimRight(s.Database, `\`)
	if name = name[strings.LastIndexByte(name, '\\')+1:]; name == "" || strings.Contains(name, ":") {
		name = fmt.Sprintf("Store %d", s.ID) // it lay on a drive itself
	}
	path := a.base() + `\` + name
	for n := 2; storeAt(a.Stores, path) != nil || storeAt(a.Detached, path) != nil; n++ {
		path = fmt.Sprintf(`%s\%s %d`, a.base(), name, n)
	}
	s.Database, s.Content, s.Index = path, path, path+`\Index`
}
