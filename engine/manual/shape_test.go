package manual

import (
	"strings"
	"testing"

	"moonpost/engine/catalogue"
)

func TestResultsAreLaidOut(t *testing.T) {
	for shape, want := range map[string]string{
		`bool`:                               "boolean",
		`string|null`:                        "string or null",
		`[{"id":number,"open":bool}]`:        "list of table{id number, open boolean}",
		`{"a":"x"|"y","b":[string]}`:         "table{a string(x y), b list of string}",
		`{"time":"HH:mm:ss"}`:                "table{time string HH:mm:ss}",
		`{"a":{"b":guid},...}`:               "table{a table{b guid}, … any other fields}",
		`{"a":"x"|...,...fields by type...}`: "table{a string(x) there may be other values, … any fields by type}",
		`{...,"password":null}`:              "table{… any other fields, password null}",
		`{...}|null`:                         "table or null",
		`unknown, probably the new id`:       "any unknown, probably the new id",
		`{"a":`:                              `any {"a":`,
		``:                                   "any",
	} {
		if got := shown(result(shape)); got != want {
			t.Errorf("result(%q) = %q, want %q", shape, got, want)
		}
	}
}

func shown(p Param) string {
	text := p.Type
	if len(p.Values) > 0 {
		text += "(" + strings.Join(p.Values, " ") + ")"
	}
	if len(p.Fields) > 0 {
		var fields []string
		for _, f := range p.Fields {
			fields = append(fields, f.Name+" "+shown(f))
		}
		text += "{" + strings.Join(fields, ", ") + "}"
	}
	return strings.TrimSpace(text + " " + p.About)
}

// TestKnownResultsAreRead: what the catalogue writes as a shape must not end up
// as a sentence.
func TestKnownResultsAreRead(t *testing.T) {
	for _, f := range catalogue.All() {
		p := result(f.Result)
		if strings.ContainsAny(p.About, "{[") {
			t.Errorf("%s: the result %s is not read", f.Name, f.Result)
		}
	}
}

func FuzzResult(f *testing.F) {
	for _, known := range catalogue.All() {
		f.Add(known.Result)
	}
	f.Fuzz(func(t *testing.T, shape string) {
		if p := result(shape); p.Name != "result" || p.Type == "" {
			t.Errorf("result(%q) = %+v, want a result with a type", shape, p)
		}
	})
}
