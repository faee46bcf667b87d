package monitor

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The limits of a Nagios plugin's output. Its readers take 4 KB; old ones of
// NRPE take 1 KB, so the text stands first and is short.
const (
	nagiosWhole = 4000
	nagiosText  = 700
	nagiosLabel = 60
)

// nagiosUnits are the units of the plugin guidelines. Another one would be
// refused together with its number.
var nagiosUnits = []string{"s", "us", "ms", "%", "B", "KB", "MB", "GB", "TB", "c"}

// plainLabel is a label that needs no quotes.
var plainLabel = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]+$`) })

// nagios writes the one line of a plugin: the state in a word and the text,
// then behind a bar 'label'=value[UOM];[warn];[crit];[min];[max] for each
// metric. A bar within the text would end it, and labels have neither equals
// sign nor quote.
func nagios(c Check) []byte {
	out := strings.ToUpper(string(c.State))
	if text := clip(without(line(c.Text), "|", "/"), nagiosText); text != "" {
		out += ": " + text
	}
	names := labels(c.Metrics, nagiosLabel, func(name string) string { return without(name, "='|", "_") })
	for i, m := range c.Metrics {
		label := names[i]
		if !plainLabel().MatchString(label) {
			label = "'" + label + "'"
		}
		unit := ""
		if slices.Contains(nagiosUnits, m.Unit) {
			unit = m.Unit
		}
		part := strings.Join([]string{
			label + "=" + number(m.Value) + unit, nagiosRange(m, m.Warn), nagiosRange(m, m.Crit), optional(m.Min), optional(m.Max),
		}, ";")
		part = " " + strings.TrimRight(part, ";")
		if i == 0 {
			part = " |" + part
		}
		if len(out)+len(part) > nagiosWhole {
			break
		}
		out += part
	}
	return []byte(out + "\n")
}

// nagiosRange writes what is fine of a metric. Without a colon it would begin at
// 0; not all readers know the sign for no lower end, so it stands only where
// there can be less.
func nagiosRange(m Metric, r Range) string {
	if r.Low != nil || r.High == nil || *r.High >= 0 && m.Value >= 0 && (m.Min == nil || *m.Min >= 0) {
		return r.String()
	}
	return "~:" + r.String()
}
