package world

import (
	"fmt"
	"time"
)

var upkeepFunctions = map[string]handler{
	"VerifyStore": verifyStore,
}

func verifyStore(c *Call) (any, error) {
	s, err := c.store("id")
	if err != nil {
		return nil, err
	}
	return &Work{Stages: c.verify(s, 0, 100)}, nil
}

// verify returns the stages of checking one store, between two percentages of
// the whole. The first lines are those of using-the-api.txt.
func (c *Call) verify(s *store, from, to float64) []Stage {
	const steps = 12
	stages := []Stage{{
		Percent: from,
		Log:     fmt.Sprintf("Verifying file group #%d...\r\nCreating a list of messages to be verified...", s.id),
	}}
	takes := atLeast(time.Duration(s.count)*time.Millisecond, 20*time.Second)
	for i := int64(1); i <= steps; i++ {
		stages = append(stages, Stage{
			Takes:   takes / steps,
			Percent: from + float64(int(float64(i)*(to-from)/steps)),
			Log:     fmt.Sprintf(" %d messages verified...", s.count*i/steps),
		})
	}
	if c.Flag("includeIndexes") {
		stages = append(stages, Stage{Takes: takes / 4, Percent: to, Log: "Verifying search indexes..."})
	}
	return append(stages, Stage{Percent: to, Log: "Finished. No errors were found."})
}

func atLeast(d, least time.Duration) time.Duration { return max(d, least) }
