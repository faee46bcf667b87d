package display

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"moonpost/engine/columns"
	"moonpost/engine/fault"
)

const users = `[
 {"userName":"ada","fullName":"Ada Lovelace","privileges":["login","changePassword"],"size":12,"active":true,"note":null},
 {"userName":"日本 太郎","fullName":"太郎","privileges":[],"size":1234.50,"active":false,"profile":{"b":1,"a":[{"x":null}]}},
 {"userName":"evil\u001b[2J\n","fullName":"=1+1","privileges":["a","b,c"],"size":-3,"active":true,"phone":"+49 30 1"}
]`

const one = `{"serverName":"mail","version":"25.3","longText":"line 1\nline 2","count":3,"list":[1,"two",true],"nested":{"k":[1,2]},"none":null}`

func TestWriteResult(t *testing.T) {
	for _, c := range []struct {
		name, json string
		format     Format
		opts       ResultOptions
	}{
		{"table_list", users, Table, ResultOptions{}},
		{"table_list_200", users, Table, ResultOptions{Width: 200}},
		{"table_list_80", users, Table, ResultOptions{Width: 80}},
		{"table_list_60_ascii", users, Table, ResultOptions{Width: 60, ASCII: true}},
		{"table_list_20", users, Table, ResultOptions{Width: 20}},
		{"table_columns", users, Table, ResultOptions{Columns: []string{"size", "userName"}}},
		{"table_preferred", users, Table, ResultOptions{Preferred: []string{"size", "instance", "userName"}}},
		{"table_object", one, Table, ResultOptions{Width: 20}},
		{"json_list", users, JSON, ResultOptions{}},
		{"json_columns", users, JSON, ResultOptions{Columns: []string{"note", "userName"}}},
		{"csv_list", users, CSV, ResultOptions{}},
		{"csv_object", one, CSV, ResultOptions{Columns: []string{"version", "list", "nested"}}},
	} {
		var b strings.Builder
		if err := WriteResult(&b, []byte(c.json), c.format, c.opts); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		golden(t, c.name, b.String())
		if c.format == Table && c.opts.Width > 0 && strings.HasPrefix(c.json, "[") {
			for line := range strings.Lines(b.String()) {
				if got := columns.Width(strings.TrimSuffix(line, "\n")); got > c.opts.Width {
					t.Errorf("%s: a line has %d columns: %q", c.name, got, line)
				}
			}
		}
	}
}

func TestWriteResultOfSmallValues(t *testing.T) {
	for _, c := range []struct{ json, table, compact, csv string }{
		{``, "", "null\n", ""},
		{`null`, "", "null\n", ""},
		{`true`, "true\n", "true\n", "value\ntrue\n"},
		{`-1.50`, "-1.50\n", "-1.50\n", "value\n-1.50\n"},
		{`12345678901234567890`, "12345678901234567890\n", "12345678901234567890\n", "value\n12345678901234567890\n"},
		{`"a\tb\u001b\n"`, "a\tb\\x1b\n\n", "\"a\\tb\\u001b\\n\"\n", "value\n\"a\tb\x1b\n\"\n"},
		{`"-2"`, "-2\n", "\"-2\"\n", "value\n-2\n"},
		{`"=2+3"`, "=2+3\n", "\"=2+3\"\n", "value\n'=2+3\n"},
		{`"a\u202eb\u009bc\u00ad\ud83d\ude00\udb40\udc41"`, "a\\u202eb\\x9bc\u00ad😀\\U000e0041\n",
			"\"a\\u202eb\\u009bc\u00ad😀\\udb40\\udc41\"\n", "value\na\u202eb\u009bc\u00ad😀\U000E0041\n"},
		{`[]`, "", "[]\n", ""},
		{`{}`, "", "{}\n", ""},
		{`[{}]`, "", "[\n  {}\n]\n", ""},
		{`["a","b"]`, "a\nb\n", "[\n  \"a\",\n  \"b\"\n]\n", "value\na\nb\n"},
		{`[1,{"a":2},[3]]`, "1\n{\"a\":2}\n3\n", "[\n  1,\n  {\n    \"a\": 2\n  },\n  [\n    3\n  ]\n]\n", "value\n1\n\"{\"\"a\"\":2}\"\n3\n"},
		{`{"b":1,"a":{},"b":2}`, "b  1\na  {}\nb  2\n", "{\n  \"b\": 1,\n  \"a\": {},\n  \"b\": 2\n}\n", "b,a\n2,{}\n"},
	} {
		for format, want := range map[Format]string{Table: c.table, JSON: c.compact, CSV: c.csv} {
			var b strings.Builder
			err := WriteResult(&b, []byte(c.json), format, ResultOptions{})
			if got := b.String(); err != nil || got != want {
				t.Errorf("WriteResult(%s, %s) = %q, %v, want %q", c.json, format, got, err, want)
			}
		}
	}
}

func TestWriteResultRefuses(t *testing.T) {
	for _, c := range []struct {
		name, json string
		format     Format
		columns    []string
		kind       fault.Kind
		text, hint string
	}{
		{"another format", `1`, "xml", nil, fault.Usage, `there is no format "xml"`, ""},
		{"text that is no JSON", `[1,`, JSON, nil, fault.Internal, "the result is no JSON", ""},
		{"more than one value", `1 2`, JSON, nil, fault.Internal, "the result is no JSON", ""},
	} {
		var b strings.Builder
		err := WriteResult(&b, []byte(c.json), c.format, ResultOptions{Columns: c.columns})
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != c.kind || !strings.Contains(e.Error(), c.text) || e.Hint != c.hint {
			t.Errorf("%s: %v, hint %q, want kind %s, %q, hint %q", c.name, err, fmt.Sprint(e.Hint), c.kind, c.text, c.hint)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %q is written, want nothing", c.name, b.String())
		}
	}
}

func TestAResultIsWrittenWholeWhenItsColumnsCannotBeChosen(t *testing.T) {
	for _, c := range []struct {
		name, json string
		columns    []string
		text, hint string
	}{
		{"an unknown column", users, []string{"userName", "fulName"}, `there is no column "fulName"`,
			"did you mean fullName? columns are: userName, fullName, privileges, size, active, note, profile, phone"},
		{"columns of a scalar", `1`, []string{"a"}, "the result has no columns to choose from", ""},
	} {
		for _, format := range []Format{Table, JSON, CSV} {
			var whole, got strings.Builder
			if err := WriteResult(&whole, []byte(c.json), format, ResultOptions{}); err != nil {
				t.Fatal(err)
			}
			err := WriteResult(&got, []byte(c.json), format, ResultOptions{Columns: c.columns})
			e, ok := errors.AsType[*fault.Error](err)
			if !ok || e.Kind != fault.Invalid || !strings.Contains(e.Error(), c.text) || e.Hint != c.hint {
				t.Errorf("%s as %s: %v, want kind invalid, %q, hint %q", c.name, format, err, c.text, c.hint)
			}
			if got.String() != whole.String() {
				t.Errorf("%s as %s: %q is written, want %q", c.name, format, got.String(), whole.String())
			}
		}
	}
}

func TestNothingHasEveryColumn(t *testing.T) {
	for _, nothing := range []string{"[]", "null"} {
		var b strings.Builder
		err := WriteResult(&b, []byte(nothing), JSON, ResultOptions{Columns: []string{"any"}})
		if got, want := b.String(), nothing+"\n"; err != nil || got != want {
			t.Errorf("WriteResult(%s) with a column = %q, %v, want %q", nothing, got, err, want)
		}
	}
}

func TestWriteResultPassesErrorsOn(t *testing.T) {
	full := errors.New("disk full")
	for _, format := range []Format{Table, JSON, CSV} {
		if err := WriteResult(failing{full}, []byte(users), format, ResultOptions{}); !errors.Is(err, full) {
			t.Errorf("WriteResult to a full disk as %s = %v, want %v", format, err, full)
		}
	}
}

// Tables fit at every width, and JSON keeps its value.
func FuzzWriteResult(f *testing.F) {
	f.Add([]byte(users), 40)
	f.Add([]byte(one), 3)
	f.Add([]byte(`[{"\u001b":"\u0000","日本":[[]]},{"":{"a":1}}]`), 1)
	f.Fuzz(func(t *testing.T, text []byte, width int) {
		width %= 300
		var value any
		valid := json.Valid(text) && json.Unmarshal(text, &value) == nil
		for _, ascii := range []bool{false, true} {
			var b strings.Builder
			err := WriteResult(&b, text, Table, ResultOptions{Width: width, ASCII: ascii})
			if valid && err != nil {
				t.Fatalf("WriteResult(%q) = %v, want nil", text, err)
			}
			if got := b.String(); strings.ContainsAny(got, "\x00\x1b\r\x7f\u009b\u202e") {
				t.Fatalf("WriteResult(%q) = %q, want no character that acts on a terminal", text, got)
			}
			if rows, ok := value.([]any); ok && width > 0 && valid {
				for _, row := range rows {
					_, object := row.(map[string]any)
					ok = ok && object
				}
				for line := range strings.Lines(b.String()) {
					if got := columns.Width(strings.TrimSuffix(line, "\n")); ok && got > max(width, 1) {
						t.Fatalf("WriteResult(%q) at width %d has a line of %d columns: %q", text, width, got, line)
					}
				}
			}
		}
		var b bytes.Buffer
		if err := WriteResult(&b, text, JSON, ResultOptions{}); err != nil || !valid {
			return
		}
		var again any
		if err := json.Unmarshal(b.Bytes(), &again); err != nil {
			t.Fatalf("WriteResult(%q) = %q, which is no JSON: %v", text, b.String(), err)
		}
		before, _ := json.Marshal(value)
		after, _ := json.Marshal(again)
		if !bytes.Equal(before, after) {
			t.Errorf("WriteResult(%q) = %q, want the same value", text, b.String())
		}
	})
}
