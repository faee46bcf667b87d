package monitor

import (
	"strconv"
	"strings"
)

const (
	checkmkText    = 1000
	checkmkName    = 100
	checkmkLabel   = 60
	checkmkMetrics = 200
)

// notInServices are the characters that Checkmk strips from the names of
// services; quotes would end the name.
const notInServices = "`;~!$%^&*|'\"<>?,()="

// checkmk writes the one line of a local check:
//
//	state "service" name=value;warn;crit;min;max|… text
//
// The agent takes the state from the line and expects the exit code 0.
func checkmk(c Check) []byte {
	service := clip(line(without(line(c.Name), notInServices, "_")), checkmkName)
	if service == "" {
		service = "moonpost"
	}
	metrics := "-"
	if all := c.Metrics[:min(len(c.Metrics), checkmkMetrics)]; len(all) > 0 {
		parts := make([]string, len(all))
		for i, name := range labels(all, checkmkLabel, metricName) {
			m := all[i]
			parts[i] = strings.TrimRight(strings.Join([]string{
				name + "=" + number(m.Value), m.Warn.String(), m.Crit.String(), optional(m.Min), optional(m.Max),
			}, ";"), ";")
		}
		metrics = strings.Join(parts, "|")
	}
	// A backslash before an n would be read as a line end.
	text := clip(strings.ReplaceAll(line(c.Text), `\n`, `/n`), checkmkText)
	if text == "" {
		text = string(c.State)
	}
	return []byte(strconv.Itoa(c.State.Code()) + ` "` + service + `" ` + metrics + " " + text + "\n")
}

// metricName returns name with letters of English, digits and underscores
// alone, a letter first: the names of metrics in Checkmk.
func metricName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
	name = strings.Trim(name, "_")
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "m_" + name
	}
	return name
}
