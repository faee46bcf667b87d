package command

import (
	"strings"
	"testing"

	"moonpost/engine"
	"moonpost/engine/fault"
	"moonpost/stdlib/csvfile"
)

func TestTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"plain":                     "plain",
		"{a}":                       "<a>",
		"{a b}-{c}@x":               "<a b>-<c>@x",
		"{{a}}":                     "{a}",
		"{{{a}}}":                   "{<a>}",
		"{":                         "!",
		"}":                         "!",
		"{}":                        "!",
		"{a{b}}":                    "!",
		"a}b":                       "!",
		"{a":                        "!",
		"{Straße}{日本}":              "<Straße><日本>",
		"{{\"k\":\"{v}\",\"n\":1}}": `{"k":"<v>","n":1}`,
	} {
		parts, err := parseTemplate(text)
		got := strings.Builder{}
		for _, p := range parts {
			if p.column {
				got.WriteString("<" + p.text + ">")
			} else {
				got.WriteString(p.text)
			}
		}
		if err != nil {
			got.Reset()
			got.WriteString("!")
		}
		if got.String() != want {
			t.Errorf("parseTemplate(%q) = %q, want %q", text, got.String(), want)
		}
	}
}

// FuzzEachPlaybook holds that whatever stands in an operand, a column name or a
// path, the calls are made by a playbook that the parser takes, or refused as
// wrong usage.
func FuzzEachPlaybook(f *testing.F) {
	f.Add("userName={login}", "login")
	f.Add(`properties:={"a":["{x}",1,null,true,{"b":"{x}"}]}`, "x")
	f.Add("fullName=a\"b\\n\x00{c\"]}", "c\"]")
	f.Add("a:=1e400", "a")
	f.Fuzz(func(t *testing.T, operand, column string) {
		rows := &eachRows{name: "u.csv", header: []string{column}}
		w, err := rows.playbook("CreateProfile", []string{operand}, &reader{dir: t.TempDir(), stdin: strings.NewReader("")})
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Fatalf("playbook(%q) = %v, want a usage error", operand, err)
			}
			return
		}
		text := w.text(eachFlags{})
		if _, err := engine.Describe("each", text); err != nil {
			t.Fatalf("playbook(%q, %q) is not Lua: %v\n%s", operand, column, err, text)
		}
	})
}

func TestRowsKeepTheirFields(t *testing.T) {
	rows := &eachRows{header: []string{"a", errorColumn, "b"}, found: csvfile.Found{Delimiter: ";"}}
	if got, want := strings.Join(rows.ending([]string{"1", "old", "2"}, "new"), ","), "1,2,new"; got != want {
		t.Errorf("ending() = %q, want %q", got, want)
	}
}
