package event

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// forms has every event with all its fields set and with none. The texts are
// read by other programs: they may grow and never change.
var forms = []struct {
	full      Event
	want      string // after "type" and "at"
	wantEmpty string // of the zero value
}{
	{
		RunStarted{Run: "r1", Playbook: "a.lua", Target: "mail"},
		`"run":"r1","playbook":"a.lua","target":"mail"`,
		`"run":"","playbook":""`,
	},
	{
		RunEnded{Run: "r1", State: "failed", Code: 1, Counts: Counts{1, 2, 3, 4, 5, 6}, Elapsed: 1.5, Error: json.RawMessage(`{"kind":"script"}`)},
		`"run":"r1","state":"failed","code":1,"counts":{"calls":1,"changes":2,"items":3,"failed":4,"unknown":5,"warnings":6},"elapsed":1.5,"error":{"kind":"script"}`,
		`"run":"","state":"","code":0,"counts":{"calls":0,"changes":0,"items":0,"failed":0,"unknown":0,"warnings":0},"elapsed":0`,
	},
	{
		CallStarted{Call: 1, Fn: "GetUsers", Item: 2},
		`"call":1,"fn":"GetUsers","item":2`,
		`"call":0,"fn":""`,
	},
	{
		CallEnded{Call: 1, Fn: "CreateUser", Item: 2, Outcome: OutcomeFailed, Changing: true, Attempts: 3, Elapsed: 0.25, Error: json.RawMessage(`{"kind":"server"}`)},
		`"call":1,"fn":"CreateUser","item":2,"outcome":"failed","changing":true,"attempts":3,"elapsed":0.25,"error":{"kind":"server"}`,
		`"call":0,"fn":"","outcome":"","attempts":0,"elapsed":0`,
	},
	{
		JobProgress{Call: 1, Fn: "VerifyStore", Label: "7", Version: 3, Status: "running", Percent: new(12.5), Text: "t", Log: "a\nb\n", Elapsed: 2},
		`"call":1,"fn":"VerifyStore","label":"7","version":3,"status":"running","percent":12.5,"text":"t","log":"a\nb\n","elapsed":2`,
		`"call":0,"fn":"","version":0,"status":"","elapsed":0`,
	},
	{
		CallWaiting{Fn: "GetUsers", Reason: "429", Delay: 0.5},
		`"fn":"GetUsers","reason":"429","delay":0.5`,
		`"fn":"","reason":"","delay":0`,
	},
	{
		MapStarted{Map: 1, Label: "users", Total: -1},
		`"map":1,"label":"users"`,
		`"map":0,"label":"","total":0`,
	},
	{
		ItemEnded{Map: 1, Index: 2, Key: "ada", Outcome: OutcomeFailed, Counted: true, Error: json.RawMessage(`{"kind":"server"}`)},
		`"map":1,"index":2,"key":"ada","outcome":"failed","counted":true,"error":{"kind":"server"}`,
		`"map":0,"index":0,"outcome":""`,
	},
	{
		MapEnded{Map: 1, Label: "users", OK: 2, Failed: 3, Unknown: 4, Cancelled: 1, Begun: 10, Total: 12},
		`"map":1,"label":"users","ok":2,"failed":3,"unknown":4,"cancelled":1,"begun":10,"total":12`,
		`"map":0,"label":"","ok":0,"failed":0,"begun":0,"total":0`,
	},
	{
		Log{Level: Warn, Message: "a \"b\"\n", Where: "a.lua:3"},
		`"level":"warn","message":"a \"b\"\n","where":"a.lua:3"`,
		`"level":"","message":""`,
	},
	{
		Printed{Text: "hello\n"},
		`"text":"hello\n"`,
		`"text":""`,
	},
}

var empty = []Event{
	RunStarted{}, RunEnded{}, CallStarted{}, CallEnded{}, JobProgress{}, CallWaiting{},
	MapStarted{}, ItemEnded{}, MapEnded{}, Log{}, Printed{},
}

func TestJSON(t *testing.T) {
	at := time.Date(2026, 11, 22, 18, 30, 1, 500, time.FixedZone("", 3600))
	for i, form := range forms {
		for _, c := range []struct {
			event  Event
			fields string
		}{{form.full, form.want}, {empty[i], form.wantEmpty}} {
			want := `{"type":"` + form.full.Type() + `","at":"2026-11-22T17:30:01.0000005Z",` + c.fields + `}`
			got, err := JSON(c.event, at)
			if err != nil || string(got) != want || !json.Valid(got) {
				t.Errorf("JSON(%#v) = %s, %v, want %s", c.event, got, err, want)
			}
		}
	}
}

func TestJSONNamesTheEventThatItCannotEncode(t *testing.T) {
	_, err := JSON(RunEnded{Elapsed: math.NaN()}, time.Time{})
	if err == nil || !strings.Contains(err.Error(), "run_ended") {
		t.Errorf("JSON of a number that is none = %v, want an error with run_ended in it", err)
	}
}

// Every type of the package that has a Type method must have its form above.
func TestTheSetIsComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared, tested []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "Type" && f.Recv != nil {
			declared = append(declared, snake(f.Recv.List[0].Type.(*ast.Ident).Name))
		}
	}
	for _, form := range forms {
		tested = append(tested, form.full.Type())
	}
	slices.Sort(declared)
	slices.Sort(tested)
	if !slices.Equal(declared, tested) {
		t.Errorf("events are %q, the forms are of %q", declared, tested)
	}
}

// snake returns a type's name as its JSON name.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if 'A' <= r && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func TestFan(t *testing.T) {
	a, b := &kept{}, &kept{}
	sink := Fan(a, nil, Discard, b)
	sink.Emit(Log{Message: "x"})
	sink.Emit(Log{Message: "y"})
	for _, k := range []*kept{a, b} {
		if want := []Event{Log{Message: "x"}, Log{Message: "y"}}; !slices.Equal(k.all, want) {
			t.Errorf("a sink of Fan got %v, want %v", k.all, want)
		}
	}
	if got := Fan(nil, Discard); got != Discard {
		t.Errorf("Fan of nothing = %v, want Discard", got)
	}
	if got := Fan(Discard, a); got != Sink(a) {
		t.Errorf("Fan of one = %v, want that one", got)
	}
	Fan(sink, sink).Emit(Log{Message: "z"})
	if got := len(a.all); got != 4 {
		t.Errorf("a sink in a fan of fans has %d events, want 4", got)
	}
}
