package world

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// shape is what the catalogue says of a result, one of its alternatives: a
// word (string, number, …), an object, a list, or one of some texts.
type shape struct {
	word   string // "" for an object and a list
	fields map[string][]shape
	open   bool // an object may have further keys, a text may be another
	item   []shape
}

// parser reads the notation of functions.json.
type parser struct{ rest string }

func (p *parser) take(text string) bool {
	rest, ok := strings.CutPrefix(p.rest, text)
	p.rest = rest
	return ok
}

// until takes all before the first of some letters.
func (p *parser) until(letters string) string {
	i := strings.IndexAny(p.rest, letters)
	if i < 0 {
		i = len(p.rest)
	}
	text := p.rest[:i]
	p.rest = p.rest[i:]
	return text
}

// alternatives reads shapes that are parted by bars.
func (p *parser) alternatives() []shape {
	list := []shape{p.shape()}
	for p.take("|") {
		if p.take("...") {
			list[0].open = true
			continue
		}
		list = append(list, p.shape())
	}
	return list
}

func (p *parser) shape() shape {
	switch {
	case p.take("{"):
		s := shape{fields: map[string][]shape{}}
		for !p.take("}") {
			if p.take("...") {
				s.open = true
				p.until(",}")
			} else {
				key := strings.Trim(p.until(":"), `"`)
				p.take(":")
				s.fields[key] = p.alternatives()
			}
			p.take(",")
		}
		return s
	case p.take("["):
		s := shape{item: p.alternatives()}
		p.take("]")
		return s
	case p.take(`"`):
		text := p.until(`"`)
		p.take(`"`)
		return shape{word: `"` + text}
	}
	return shape{word: p.until("|,]} ")}
}

var (
	dateForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)
	guidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	timeForm = regexp.MustCompile(`^\d\d:\d\d:\d\d$`)
)

// fitsWord reports whether a value is what a word says.
func (s shape) fitsWord(v any) bool {
	text, isText := v.(string)
	switch s.word {
	case "string":
		return isText
	case "number":
		_, ok := v.(float64)
		return ok
	case "bool":
		_, ok := v.(bool)
		return ok
	case "null":
		return v == nil
	case "date":
		return dateForm.MatchString(text)
	case "guid":
		return guidForm.MatchString(text)
	case `"HH:mm:ss`:
		return timeForm.MatchString(text)
	}
	return isText && s.word == `"`+text
}

// misfits says where a value is none of the shapes; optional keys may be absent
// or there beside those of the catalogue.
func misfits(shapes []shape, v any, path string, optional []string) []string {
	if v == nil && slices.Contains(optional, path) {
		return nil
	}
	for _, s := range shapes {
		object, isObject := v.(map[string]any)
		list, isList := v.([]any)
		switch {
		case s.fields != nil && isObject:
			return s.misfitKeys(object, path, optional)
		case s.item != nil && isList:
			wrong := []string{}
			for _, item := range list {
				wrong = append(wrong, misfits(s.item, item, path+"[]", optional)...)
			}
			return wrong
		case s.word != "" && (s.fitsWord(v) || s.open):
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %v", path, v)}
}

func (s shape) misfitKeys(object map[string]any, path string, optional []string) []string {
	wrong := []string{}
	for key, shapes := range s.fields {
		below := path + "." + key
		value, there := object[key]
		if there {
			wrong = append(wrong, misfits(shapes, value, below, optional)...)
		} else if !slices.Contains(optional, below) {
			wrong = append(wrong, below+" is missing")
		}
	}
	for key := range object {
		below := path + "." + key
		if _, known := s.fields[key]; !known && !s.open && !slices.Contains(optional, below) {
			wrong = append(wrong, below+" is not in the catalogue")
		}
	}
	return wrong
}

// TestResultsHaveTheShapeOfTheCatalogue holds what every reading function
// answers to the shape that the catalogue gives for it: keys, types and which
// of them may be null.
func TestResultsHaveTheShapeOfTheCatalogue(t *testing.T) {
	optional := []string{
		"GetUserInfo.privilegesOnFolders",
		"GetStores[].type",                                               // on a Server
		"GetJobs[].schedule.time",                                        // one with an interval
		"GetJobs[].schedule.interval",                                    // the same
		"GetJobs[].schedule.dayOfWeek",                                   // one of a week
		"GetWorkerResults[].profileId", "GetWorkerResults[].profileName", // of a temporary profile
		"GetClientAccessServers[].active", "GetClientAccessServers[].systemProperties", // with the service status
	}
	window := []string{"fromIncluding=2000-01-01T00:00:00", "toExcluding=2100-01-01T00:00:00"}
	forms := map[string][]string{
		"GetWorkerResults":             append(window, "timeZoneID=UTC"),
		"GetJobResults":                append(slices.Clone(window), "timeZoneId=UTC"),
		"GetUserInfo":                  {"userName=agnes.szabo"},
		"GetInstances":                 {"instanceFilter=*"},
		"GetProfiles":                  {"raw=true"},
		"GetClientAccessServers":       {"withServiceStatus=true"},
		"GetDirectoriesOnInstanceHost": {"serverName=MAILSTORE"},
	}
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		w := New(Options{Edition: edition, Seed: 1})
		instance := []string{}
		if edition == catalogue.SPE {
			instance = append(instance, "instanceID=alpha")
		}
		finish(t, w, "SyncUsersWithDirectoryServices", instance...)
		held := 0
		for _, f := range catalogue.All() {
			fn := w.functions[f.Name]
			if fn == nil || !f.ReadOnly || strings.HasPrefix(f.Result, "unknown") {
				continue
			}
			form := forms[f.Name]
			for _, a := range fn.args {
				if a.Name == "instanceID" {
					form = append(slices.Clone(form), instance...)
				} else if !a.Optional && !slices.ContainsFunc(form, func(s string) bool { return strings.HasPrefix(s, a.Name+"=") }) {
					form = append(slices.Clone(form), a.Name+"="+sample(a))
				}
			}
			s := w.Invoke(f.Name, args(form...), Straight)
			if s.Code == answer.Running {
				s = finish(t, w, f.Name, form...)
			}
			if s.Error != nil {
				t.Errorf("%s(%v) on %s = %s", f.Name, form, edition, s.Error.Message)
				continue
			}
			held++
			var got any
			if err := json.Unmarshal([]byte(compact(t, s.Result)), &got); err != nil {
				t.Fatal(err)
			}
			for _, wrong := range misfits((&parser{f.Result}).alternatives(), got, f.Name, optional) {
				t.Errorf("%s: %s, want %s", edition, wrong, f.Result)
			}
		}
		if held < 18 {
			t.Errorf("%s: held %d results to their shape, want those of all reading functions", edition, held)
		}
	}
}

// TestShapes shows that a wrong answer does not pass.
func TestShapes(t *testing.T) {
	tests := []struct{ shape, value, want string }{
		{"null (findings are in logOutput)", "null", ""},
		{"bool", `"true"`, "x is true"},
		{"[string]", `["a",1]`, "x[] is 1"},
		{`{"a":string|null}`, `{"a":null}`, ""},
		{`{"a":string|null}`, `{"a":7}`, "x.a is 7"},
		{`{"a":string}`, `{}`, "x.a is missing"},
		{`{"a":string}`, `{"a":"","A":""}`, "x.A is not in the catalogue"},
		{`{"a":"one"|"two"}`, `{"a":"three"}`, "x.a is three"},
		{`{"a":"one"|...}`, `{"a":"three"}`, ""},
		{`{...,"a":null}`, `{"a":null,"b":1}`, ""},
		{`{"a":string,...fields by type...}`, `{"b":1}`, "x.a is missing"},
		{`{"a":{...}|null,"b":date}`, `{"a":{"c":1},"b":"2024-01-01T00:00:00"}`, ""},
		{`{"b":date}`, `{"b":"2024-01-01T00:00:00Z"}`, "x.b is 2024-01-01T00:00:00Z"},
	}
	for _, tt := range tests {
		var v any
		if err := json.Unmarshal([]byte(tt.value), &v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(misfits((&parser{tt.shape}).alternatives(), v, "x", nil), "; "); got != tt.want {
			t.Errorf("misfits of %s in %s = %q, want %q", tt.value, tt.shape, got, tt.want)
		}
	}
}
