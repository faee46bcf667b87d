package monitor_test

import (
	"math"
	"strings"
	"testing"

	"moonpost/engine/monitor"
)

var validators = map[string]func(string) error{
	"nagios": validNagios, "prtg": validPRTG, "checkmk": validCheckmk, "zabbix": validZabbix,
}

func TestDocuments(t *testing.T) {
	zero, hundred, below := 0.0, 100.0, -5.0
	days, err := monitor.ParseRange("30:")
	if err != nil {
		t.Fatal(err)
	}
	full := monitor.Check{
		Name: "profile-health mail.example.com", State: monitor.Critical, Text: "2 of 14 profiles failed",
		Metrics: []monitor.Metric{
			{Name: "failed", Value: 2, Warn: monitor.AtMost(0), Crit: monitor.AtMost(1), Min: &zero},
			{Name: "success rate", Value: 85.7, Unit: "%", Min: &zero, Max: &hundred},
			{Name: "certificate", Value: -3, Unit: "days", Warn: days},
		},
	}
	tests := []struct {
		name  string
		check monitor.Check
		want  map[string]string
		codes map[string]int
	}{
		{"a full one", full, map[string]string{
			"nagios":  "CRITICAL: 2 of 14 profiles failed | failed=2;0;1;0 'success rate'=85.7%;;;0;100 certificate=-3;30:\n",
			"checkmk": `2 "profile-health mail.example.com" failed=2;0;1;0|success_rate=85.7;;;0;100|certificate=-3;30: 2 of 14 profiles failed` + "\n",
			"prtg": `{"prtg":{"text":"2 of 14 profiles failed","result":[` +
				`{"channel":"state","value":"2","unit":"Custom","customunit":"state","float":0,"limitmode":1,"limitmaxwarning":"0","limitmaxerror":"1"},` +
				`{"channel":"failed","value":"2","unit":"Count","float":1,"decimalmode":"Auto","limitmode":1,"limitmaxwarning":"0","limitmaxerror":"1"},` +
				`{"channel":"success rate","value":"85.7","unit":"Percent","float":1,"decimalmode":"Auto"},` +
				`{"channel":"certificate","value":"-3","unit":"Custom","customunit":"days","float":1,"decimalmode":"Auto","limitmode":1,"limitminwarning":"30"}]}}` + "\n",
			"zabbix": `{"name":"profile-health mail.example.com","state":"critical","code":2,"text":"2 of 14 profiles failed","metrics":[` +
				`{"name":"failed","value":2,"unit":"","warn":"0","crit":"1","min":0},` +
				`{"name":"success rate","value":85.7,"unit":"%","min":0,"max":100},` +
				`{"name":"certificate","value":-3,"unit":"days","warn":"30:"}]}` + "\n",
		}, map[string]int{"nagios": 2, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"nothing but a state", monitor.Check{State: monitor.OK}, map[string]string{
			"nagios": "OK\n", "checkmk": `0 "moonpost" - ok` + "\n",
			"prtg":   `{"prtg":{"text":"ok","result":[{"channel":"state","value":"0","unit":"Custom","customunit":"state","float":0,"limitmode":1,"limitmaxwarning":"0","limitmaxerror":"1"}]}}` + "\n",
			"zabbix": `{"name":"","state":"ok","code":0,"text":"","metrics":[]}` + "\n",
		}, map[string]int{"nagios": 0, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"a run that failed", monitor.Failed("health", "login refused", false), map[string]string{
			"nagios": "UNKNOWN: login refused\n", "checkmk": `3 "health" - login refused` + "\n",
			"prtg":   `{"prtg":{"error":1,"text":"login refused"}}` + "\n",
			"zabbix": `{"name":"health","state":"unknown","code":3,"text":"login refused","metrics":[]}` + "\n",
		}, map[string]int{"nagios": 3, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"a server that is not there", monitor.Failed("health", "no connection", true), map[string]string{
			"nagios": "CRITICAL: no connection\n",
		}, map[string]int{"nagios": 2, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"numbers below zero", monitor.Check{
			Name: "balance", State: monitor.OK, Text: "#3 is fine",
			Metrics: []monitor.Metric{
				{Name: "low", Value: -3, Warn: monitor.AtMost(-1), Crit: monitor.AtMost(10)},
				{Name: "high", Value: 3, Warn: monitor.AtMost(-1), Crit: monitor.AtMost(10)},
				{Name: "wide", Value: 3, Crit: monitor.AtMost(10), Min: &below},
			},
		}, map[string]string{
			"nagios":  "OK: #3 is fine | low=-3;~:-1;~:10 high=3;~:-1;10 wide=3;;~:10;-5\n",
			"checkmk": `0 "balance" low=-3;-1;10|high=3;-1;10|wide=3;;10;-5 #3 is fine` + "\n",
		}, map[string]int{"nagios": 0, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"what has a meaning in the format", monitor.Check{
			Name: `a "b" 'c'`, State: monitor.Warning, Text: "one | two\n{\"x\": 1}\tD:\\new\x1b[31m",
			Metrics: []monitor.Metric{{Name: "a=b|'c'", Value: 1e21}, {Name: "A_B__c_", Value: 1e-7, Unit: "x|y"}, {Name: "1 ü", Value: math.Copysign(0, -1)}},
		}, map[string]string{
			"nagios":  `WARNING: one / two {"x": 1} D:\new [31m | a_b__c_=1000000000000000000000 A_B__c__2=0.0000001 '1 ü'=0` + "\n",
			"checkmk": `1 "a _b_ _c_" a_b__c=1000000000000000000000|A_B__c_2=0.0000001|m_1=0 one | two {"x": 1} D:/new [31m` + "\n",
			"zabbix": `{"name":"a \"b\" 'c'","state":"warning","code":1,"text":"one | two {\"x\": 1} D:\\new [31m","metrics":[` +
				`{"name":"a=b|_c_","value":1000000000000000000000,"unit":""},{"name":"A_B__c_","value":0.0000001,"unit":"x|y"},{"name":"1 ü","value":0,"unit":""}]}` + "\n",
		}, map[string]int{"nagios": 1, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"what is too long", monitor.Check{
			Name: strings.Repeat("n", 500), State: monitor.OK, Text: strings.Repeat("ä ", 5000), Metrics: many(500, "", 1),
		}, nil, map[string]int{"nagios": 0, "prtg": 0, "checkmk": 0, "zabbix": 0}},
		{"numbers that are too long", monitor.Check{
			Name: "n", State: monitor.OK, Metrics: many(500, strings.Repeat("ü", 100), 5e-324),
		}, nil, map[string]int{"nagios": 0, "prtg": 0, "checkmk": 0, "zabbix": 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range monitor.Names() {
				format, _ := monitor.Find(name)
				got := string(format.Document(tt.check))
				if want, ok := tt.want[name]; ok && got != want {
					t.Errorf("%s document =\n%s want\n%s", name, got, want)
				}
				if err := validators[name](got); err != nil {
					t.Errorf("%s document is not valid: %v\n%s", name, err, got)
				}
				if code := format.ExitCode(tt.check.State); code != tt.codes[name] {
					t.Errorf("exit code of %s = %d, want %d", name, code, tt.codes[name])
				}
			}
		})
	}
}

func many(n int, unit string, limit float64) []monitor.Metric {
	metrics := make([]monitor.Metric, n)
	for i := range metrics {
		metrics[i] = monitor.Metric{Name: strings.Repeat("ö", 300), Value: float64(i), Unit: unit, Warn: monitor.AtMost(limit)}
	}
	return metrics
}

func TestParseRange(t *testing.T) {
	for text, want := range map[string]string{"90": "90", "30:": "30:", ":90": "90", "10:20": "10:20", " 1.50 ": "1.5", "-5:-1": "-5:-1", "1e3": "1000"} {
		got, err := monitor.ParseRange(text)
		if err != nil || got.String() != want {
			t.Errorf("ParseRange(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", ":", "a", "1:2:3", "20:10", "NaN", "Inf:", "@1:2", "~:5"} {
		if got, err := monitor.ParseRange(text); err == nil {
			t.Errorf("ParseRange(%q) = %q, want an error", text, got)
		}
	}
}

func TestMetricsAreChecked(t *testing.T) {
	one, two, nan := 1.0, 2.0, math.NaN()
	for name, m := range map[string]monitor.Metric{
		"no name":        {Value: 1},
		"no number":      {Name: "a", Value: nan},
		"an endless one": {Name: "a", Value: math.Inf(1)},
		"min above max":  {Name: "a", Min: &two, Max: &one},
		"a limit":        {Name: "a", Warn: monitor.Range{High: &nan}},
	} {
		if m.Valid() == nil {
			t.Errorf("%s: Valid(%+v) = nil, want an error", name, m)
		}
	}
	if err := (monitor.Metric{Name: "a", Value: 1, Min: &one, Max: &two}).Valid(); err != nil {
		t.Errorf("Valid = %v, want nil", err)
	}
}

func FuzzDocumentsAreValid(f *testing.F) {
	f.Add("health", "all is well", "a", "b", 1.5, "%")
	f.Add("", "", "", "", 0.0, "")
	f.Add("\"'|", "|\n\\n\x00\xff", "=';", "='_", -1e300, "\u202e")
	f.Add("é", strings.Repeat("\\n", 3000), strings.Repeat("x ", 200), "X", 5e-324, "KB")
	f.Fuzz(func(t *testing.T, name, text, first, second string, value float64, unit string) {
		metrics := []monitor.Metric{
			{Name: first, Value: value, Unit: unit, Warn: monitor.AtMost(value)},
			{Name: second, Value: -value, Min: &value}, {Name: first + second, Value: value, Crit: monitor.Range{Low: &value}},
		}
		for _, m := range metrics {
			if m.Valid() != nil {
				t.Skip("run.finish refuses it")
			}
		}
		for _, state := range monitor.States {
			check := monitor.Check{Name: name, State: state, Text: text, Metrics: metrics}
			for _, format := range monitor.Names() {
				to, _ := monitor.Find(format)
				doc := string(to.Document(check))
				if err := validators[format](doc); err != nil {
					t.Fatalf("%s of %+v is not valid: %v\n%q", format, check, err, doc)
				}
			}
		}
	})
}
