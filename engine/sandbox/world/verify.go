package world

import "fmt"

// maxFindings bounds how many damaged messages a verification names.
const maxFindings = 10

// verifyStore reads a store and tells in its log what is wrong; it succeeds
// even so (vendor's function reference).
func verifyStore(c *Call) (any, error) {
	s, err := c.store("id")
	if err != nil {
		return nil, err
	}
	if err := s.usable(); err != nil {
		return nil, err
	}
	stages := c.verify(s, 0, 100)
	for i := range stages[1:] {
		stages[i+1].Do = s.usable // it may be detached meanwhile
	}
	return &Work{Stages: append(stages, verified(int64(len(s.damaged()))))}, nil
}

func verifyStores(c *Call) (any, error) {
	stages := []Stage{{Log: "Verifying all archive stores..."}}
	stores, findings := c.archive.Stores, int64(0)
	for i, s := range stores {
		if err := s.usable(); err != nil {
			stages = append(stages, Stage{Log: err.Error()})
			if s.Fault != "" {
				findings++
			}
			continue
		}
		from, to := share(i, len(stores)), share(i+1, len(stores))
		stages = append(stages, c.verify(s, from, to)...)
		findings += int64(len(s.damaged()))
	}
	return &Work{Stages: append(stages, verified(findings))}, nil
}

func verified(findings int64) Stage {
	if findings == 0 {
		return Stage{Percent: 100, Log: "Finished. No errors were found."}
	}
	return Stage{Percent: 100, Log: fmt.Sprintf("Finished. Errors were found: %d.", findings)}
}

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
	if damaged := s.damaged(); len(damaged) > 0 {
		stages = append(stages, Stage{Percent: to, Log: s.findings(damaged)})
	}
	if c.Flag("includeIndexes") {
		stages = append(stages, Stage{Takes: takes / 4, Percent: to, Log: "Verifying search indexes..."})
	}
	return stages
}

// damage makes the last n messages of a store damaged.
func (s *store) damage(n int64) { s.Damaged, s.DamagedFrom = n, s.LastMessage-n+1 }

// damaged returns the numbers of the damaged messages that are still there, the
// last one first.
func (s *store) damaged() []int64 {
	numbers := []int64{}
	for n := s.DamagedFrom + s.Damaged - 1; n >= s.DamagedFrom && s.Damaged > 0; n-- {
		if _, _, there := s.find(n); there {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// findings names the messages that are damaged.
func (s *store) findings(damaged []int64) string {
	lines := ""
	for _, n := range damaged[:min(len(damaged), maxFindings)] {
		lines += fmt.Sprintf(" Error: message %d:%d does not match its checksum.\r\n", s.ID, n)
	}
	return lines + fmt.Sprintf(" %s of archive store #%d (%s) are damaged.", messages(int64(len(damaged))), s.ID, s.Name)
}
