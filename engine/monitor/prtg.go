package monitor

import (
	"bytes"
	"encoding/json"
	"strings"
)

const (
	prtgText     = 2000 // characters; more are cut by PRTG
	prtgChannels = 50   // more are not supported
	prtgChannel  = 100
	prtgUnit     = 20
)

// prtgUnits are the names of PRTG for units; any other one is a custom unit.
var prtgUnits = map[string]string{"": "Count", "%": "Percent", "B": "BytesFile", "s": "TimeSeconds", "ms": "TimeResponse"}

// channel is one channel of an advanced custom sensor. Numbers are texts, as
// the examples of the manual have them.
type channel struct {
	Channel    string `json:"channel"`
	Value      string `json:"value"`
	Unit       string `json:"unit"`
	CustomUnit string `json:"customunit,omitempty"`
	// A channel cannot change between whole numbers and others.
	Float           int    `json:"float"`
	DecimalMode     string `json:"decimalmode,omitempty"`
	LimitMode       int    `json:"limitmode,omitempty"`
	LimitMaxWarning string `json:"limitmaxwarning,omitempty"`
	LimitMaxError   string `json:"limitmaxerror,omitempty"`
	LimitMinWarning string `json:"limitminwarning,omitempty"`
	LimitMinError   string `json:"limitminerror,omitempty"`
}

type sensor struct {
	Error  int       `json:"error,omitempty"`
	Text   string    `json:"text"`
	Result []channel `json:"result,omitempty"`
}

// prtg writes the JSON of an advanced custom sensor. A state that is known is a
// channel with limits beside the metrics: a sensor in error shows no numbers.
// Only where nothing is known it is an error. PRTG takes limits from the first
// result of a sensor, and people may change them there.
func prtg(c Check) []byte {
	// A message ends at a number sign.
	s := sensor{Text: characters(line(strings.ReplaceAll(c.Text, "#", " ")), prtgText)}
	if s.Text == "" {
		s.Text = string(c.State)
	}
	if c.State.Code() == Unknown.Code() {
		s.Error = 1
		return jsonLine(map[string]sensor{"prtg": s})
	}
	s.Result = []channel{{
		Channel: "state", Value: number(float64(c.State.Code())), Unit: "Custom", CustomUnit: "state",
		LimitMode: 1, LimitMaxWarning: number(float64(OK.Code())), LimitMaxError: number(float64(Warning.Code())),
	}}
	metrics := c.Metrics[:min(len(c.Metrics), prtgChannels-1)]
	names := labels(append([]Metric{{Name: "state"}}, metrics...), prtgChannel, func(name string) string { return name })
	for i, m := range metrics {
		s.Result = append(s.Result, channelOf(names[i+1], m))
	}
	return jsonLine(map[string]sensor{"prtg": s})
}

func channelOf(name string, m Metric) channel {
	ch := channel{
		Channel: name, Value: number(m.Value), Unit: prtgUnits[m.Unit], Float: 1, DecimalMode: "Auto",
		LimitMaxWarning: optional(m.Warn.High), LimitMaxError: optional(m.Crit.High),
		LimitMinWarning: optional(m.Warn.Low), LimitMinError: optional(m.Crit.Low),
	}
	if ch.Unit == "" {
		ch.Unit, ch.CustomUnit = "Custom", characters(line(m.Unit), prtgUnit)
	}
	if !m.Warn.none() || !m.Crit.none() {
		ch.LimitMode = 1
	}
	return ch
}

// characters cuts text to so many characters.
func characters(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return strings.TrimRight(string(runes[:most]), " ")
	}
	return text
}

// jsonLine returns v as JSON on one line.
func jsonLine(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // plain values always have a JSON form
	}
	return b.Bytes()
}
