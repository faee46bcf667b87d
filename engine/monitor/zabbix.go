package monitor

import "encoding/json"

const (
	zabbixText    = 2000
	zabbixName    = 100
	zabbixMetrics = 56 << 10 // bytes: keeps the document below the 64 KB of a text item
)

// zabbixCheck is the document: the value of a master item. Dependent items take
// their parts by JSONPath, $.code or $.metrics[?(@.name=='failed')].value.first(),
// and $.metrics is what low-level discovery makes them from.
type zabbixCheck struct {
	Name    string         `json:"name"`
	State   State          `json:"state"`
	Code    int            `json:"code"`
	Text    string         `json:"text"`
	Metrics []zabbixMetric `json:"metrics"`
}

type zabbixMetric struct {
	Name  string      `json:"name"`
	Value json.Number `json:"value"`
	Unit  string      `json:"unit"`
	Warn  string      `json:"warn,omitempty"`
	Crit  string      `json:"crit,omitempty"`
	Min   *float64    `json:"min,omitempty"`
	Max   *float64    `json:"max,omitempty"`
}

// zabbix writes the JSON of a master item. A code other than 0 would make the
// item unsupported, and standard error would stand in its value.
func zabbix(c Check) []byte {
	z := zabbixCheck{
		Name: clip(line(c.Name), zabbixName), State: c.State, Code: c.State.Code(), Text: clip(line(c.Text), zabbixText),
		Metrics: []zabbixMetric{},
	}
	size := 0
	for i, name := range labels(c.Metrics, zabbixName, quoteless) {
		m := c.Metrics[i]
		one := zabbixMetric{
			Name: name, Value: json.Number(number(m.Value)), Unit: clip(line(m.Unit), zabbixName),
			Warn: m.Warn.String(), Crit: m.Crit.String(), Min: m.Min, Max: m.Max,
		}
		if size += len(jsonLine(one)); size > zabbixMetrics {
			break
		}
		z.Metrics = append(z.Metrics, one)
	}
	return jsonLine(z)
}

// quoteless returns a name that can stand in a JSONPath between quotes.
func quoteless(name string) string { return without(name, `'"\`, "_") }
