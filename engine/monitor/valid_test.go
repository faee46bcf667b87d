package monitor_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The rules of each system, read from its own documents and, for Checkmk, from
// how its server reads a line. They share no code with what writes.

const decimal = `-?[0-9]+(?:\.[0-9]+)?`

// Monitoring Plugins Development Guidelines, 2.1 (output), 2.5 (ranges), 2.6
// (performance data).
var (
	nagiosRange = `((?:(?:~|` + decimal + `):)?` + decimal + `|` + decimal + `:)?`
	limitRange  = `(?:(?:` + decimal + `:)?` + decimal + `|` + decimal + `:)?`
	nagiosPart  = regexp.MustCompile(`^(?:'([^'=|]+)'|([^'=| ]+))=` + decimal + `(?:s|us|ms|%|B|KB|MB|GB|TB|c)?` +
		`(?:;` + nagiosRange + `(?:;` + nagiosRange + `(?:;(?:` + decimal + `)?(?:;(?:` + decimal + `)?)?)?)?)?$`)
	// A range without a colon begins at 0, so a negative one would be empty.
	nagiosEmpty  = regexp.MustCompile(`^-[0-9.]*[1-9][0-9.]*$`)
	nagiosQuoted = regexp.MustCompile(`'[^']*'[^ ]*|[^ ']+`)
)

func validNagios(doc string) error {
	if len(doc) > 4096 {
		return fmt.Errorf("%d bytes, want 4 KB at most", len(doc))
	}
	head, ok := strings.CutSuffix(doc, "\n")
	if !ok || strings.ContainsAny(head, "\n\r") {
		return fmt.Errorf("want one line with its end")
	}
	text, perfdata, has := strings.Cut(head, " | ")
	if !regexp.MustCompile(`^(OK|WARNING|CRITICAL|UNKNOWN)(: .+)?$`).MatchString(text) {
		return fmt.Errorf("the text %q begins with no state", text)
	}
	if strings.Contains(text, "|") || strings.Contains(perfdata, "|") {
		return fmt.Errorf("there is a second bar")
	}
	seen := map[string]bool{}
	for _, part := range nagiosQuoted.FindAllString(perfdata, -1) {
		m := nagiosPart.FindStringSubmatch(part)
		if m == nil {
			return fmt.Errorf("performance data %q is none", part)
		}
		if nagiosEmpty.MatchString(m[3]) || nagiosEmpty.MatchString(m[4]) {
			return fmt.Errorf("performance data %q has a range that is empty", part)
		}
		if seen[m[1]+m[2]] {
			return fmt.Errorf("label %q stands twice", m[1]+m[2])
		}
		seen[m[1]+m[2]] = true
	}
	if has && len(seen) == 0 {
		return fmt.Errorf("there is a bar without data")
	}
	return nil
}

// Checkmk, Local checks: state, quoted service, metrics without blanks, text,
// one blank between them.
var (
	checkmkLine   = regexp.MustCompile("^([0-3]) \"([^\"'`;~!$%^&*|<>?,()=]+)\" ([^ ]+) (.+)$")
	checkmkMetric = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*)=` + decimal + `(?:;` + limitRange + `(?:;` + limitRange + `(?:;(?:` + decimal + `)?(?:;(?:` + decimal + `)?)?)?)?)?$`)
)

func validCheckmk(doc string) error {
	head, ok := strings.CutSuffix(doc, "\n")
	if !ok || strings.ContainsAny(head, "\n\r\x00") {
		return fmt.Errorf("want one line with its end")
	}
	m := checkmkLine.FindStringSubmatch(head)
	if m == nil {
		return fmt.Errorf("not state, service, metrics and text")
	}
	if strings.TrimSpace(m[2]) != m[2] || strings.TrimSpace(m[4]) != m[4] {
		return fmt.Errorf("blanks around service or text")
	}
	if strings.Contains(m[4], `\n`) {
		return fmt.Errorf("the text would be cut into lines")
	}
	if m[3] == "-" {
		return nil
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(m[3], "|") {
		metric := checkmkMetric.FindStringSubmatch(part)
		if metric == nil {
			return fmt.Errorf("metric %q is none", part)
		}
		if seen[metric[1]] {
			return fmt.Errorf("metric %q stands twice", metric[1])
		}
		seen[metric[1]] = true
	}
	return nil
}

// PRTG Manual, Custom Sensors: advanced elements. A message ends at a number
// sign.
var prtgUnitNames = regexp.MustCompile(`^(BytesBandwidth|BytesDisk|Temperature|Percent|TimeResponse|TimeSeconds|Custom|Count|CPU|BytesFile|SpeedDisk|SpeedNet|TimeHours)$`)

func validPRTG(doc string) error {
	var whole map[string]map[string]any
	if err := json.Unmarshal([]byte(doc), &whole); err != nil {
		return err
	}
	sensor, ok := whole["prtg"]
	if !ok || len(whole) != 1 {
		return fmt.Errorf("want one object prtg")
	}
	text, _ := sensor["text"].(string)
	if n := utf8.RuneCountInString(text); n == 0 || n > 2000 {
		return fmt.Errorf("the text has %d characters", n)
	}
	if strings.Contains(text, "#") {
		return fmt.Errorf("PRTG would cut the text at its number sign: %s", text)
	}
	results, _ := sensor["result"].([]any)
	if failed, ok := sensor["error"]; ok {
		if failed != 1.0 || len(results) > 0 {
			return fmt.Errorf("an error is 1, without channels")
		}
		return nil
	}
	if len(results) == 0 || len(results) > 50 {
		return fmt.Errorf("%d channels, want 1 to 50", len(results))
	}
	seen := map[string]bool{}
	for _, r := range results {
		if err := validChannel(r.(map[string]any), seen); err != nil {
			return err
		}
	}
	return nil
}

func validChannel(ch map[string]any, seen map[string]bool) error {
	name, _ := ch["channel"].(string)
	if strings.TrimSpace(name) == "" || strings.ContainsAny(name, "\r\n\t") || seen[strings.ToLower(name)] {
		return fmt.Errorf("channel %q is empty, of several lines or stands twice", name)
	}
	seen[strings.ToLower(name)] = true
	unit, _ := ch["unit"].(string)
	if !prtgUnitNames.MatchString(unit) {
		return fmt.Errorf("there is no unit %q", unit)
	}
	if custom, ok := ch["customunit"]; ok && (unit != "Custom" || custom == "") {
		return fmt.Errorf("customunit without unit Custom")
	}
	limits := false
	for key, value := range ch {
		isLimit := strings.HasPrefix(key, "limitm") && key != "limitmode"
		limits = limits || isLimit
		if key != "value" && !isLimit {
			continue
		}
		text, _ := value.(string)
		if !regexp.MustCompile(`^` + decimal + `$`).MatchString(text) {
			return fmt.Errorf("%s of channel %q is %v, want a number", key, name, value)
		}
		if ch["float"] != 1.0 && strings.Contains(text, ".") {
			return fmt.Errorf("channel %q has a fraction and is none for fractions", name)
		}
	}
	if mode := ch["limitmode"]; limits != (mode == 1.0) {
		return fmt.Errorf("channel %q: limits %v, limitmode %v", name, limits, mode)
	}
	return nil
}

// Zabbix: a JSON text of 64 KB at most, whose metrics low-level discovery and
// JSONPath can take apart.
func validZabbix(doc string) error {
	if len(doc) > 64<<10 {
		return fmt.Errorf("%d bytes, want 64 KB at most", len(doc))
	}
	var z struct {
		Name, State, Text *string
		Code              *int
		Metrics           []struct {
			Name       string
			Value      *float64
			Unit       *string
			Warn, Crit string
		}
	}
	if err := json.Unmarshal([]byte(doc), &z); err != nil {
		return err
	}
	if z.Name == nil || z.State == nil || z.Text == nil || z.Code == nil || z.Metrics == nil {
		return fmt.Errorf("a key is missing")
	}
	if states := []string{"ok", "warning", "critical", "unknown"}; *z.Code < 0 || *z.Code > 3 || states[*z.Code] != *z.State {
		return fmt.Errorf("code %d is not that of %s", *z.Code, *z.State)
	}
	seen := map[string]bool{}
	for _, m := range z.Metrics {
		if m.Name == "" || strings.ContainsAny(m.Name, `'"\`) || seen[m.Name] || m.Value == nil || m.Unit == nil {
			return fmt.Errorf("metric %q is incomplete, stands twice or cannot stand between quotes", m.Name)
		}
		seen[m.Name] = true
		for _, limit := range []string{m.Warn, m.Crit} {
			if low, high, _ := strings.Cut(limit, ":"); !numeric(low) || !numeric(high) {
				return fmt.Errorf("limit %q of metric %q", limit, m.Name)
			}
		}
	}
	return nil
}

func numeric(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return text == "" || err == nil
}
