// Package monitor writes what a run found out as a check of a monitoring
// system. Start at Check, what was found, and at Find, which gives the format of
// a system. A format is one file and one row of the table formats.
//
// Whatever text and names a check holds, its document is valid in the format: a
// character that has a meaning there is replaced, and what is too long is cut.
package monitor

import (
	"fmt"
	"math"
)

// State is the verdict of a check.
type State string

// The states.
const (
	OK       State = "ok"
	Warning  State = "warning"
	Critical State = "critical"
	Unknown  State = "unknown" // nothing can be said
)

// States lists the states in the order of their codes, from 0.
var States = []State{OK, Warning, Critical, Unknown}

// Code returns the number that monitoring systems agree on.
func (s State) Code() int {
	for code, state := range States {
		if s == state {
			return code
		}
	}
	return len(States) - 1
}

// Check is what a run found out.
type Check struct {
	Name    string // of the service, the same in every run
	State   State
	Text    string // one line is shown
	Metrics []Metric
}

// Metric is one number of a check.
type Metric struct {
	Name  string
	Value float64 // finite
	// Unit is s, ms, %, B, KB, MB, GB, TB, c for a counter, or any word; "" for
	// a number of things.
	Unit       string
	Warn, Crit Range
	Min, Max   *float64 // the least and the most that it can be
}

// Failed returns the check of a run that ended with an error before it could
// find out anything. Only what could not be reached is known to be in trouble.
func Failed(name, text string, unreachable bool) Check {
	c := Check{Name: name, State: Unknown, Text: text}
	if unreachable {
		c.State = Critical
	}
	return c
}

// Valid says what is wrong with a metric.
func (m Metric) Valid() error {
	switch {
	case m.Name == "":
		return fmt.Errorf("a metric has no name")
	case !finite(&m.Value), !finite(m.Min), !finite(m.Max), !finite(m.Warn.Low), !finite(m.Warn.High), !finite(m.Crit.Low), !finite(m.Crit.High):
		return fmt.Errorf("metric %s: want finite numbers", m.Name)
	case m.Min != nil && m.Max != nil && *m.Min > *m.Max:
		return fmt.Errorf("metric %s: min is larger than max", m.Name)
	}
	return nil
}

func finite(n *float64) bool { return n == nil || !math.IsNaN(*n) && !math.IsInf(*n, 0) }
