package answer

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestTextIsIndentedByTwoWithCRLF(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"null", nil, "null"},
		{"numbers keep their form", List{1, int64(-7), 2.5, 100.0, json.Number("9007199254740993")}, "[\n  1,\n  -7,\n  2.5,\n  100,\n  9007199254740993\n]"},
		{"an empty list stays on its line", List{}, "[]"},
		{"an empty object stays on its line", Object{}, "{}"},
		{"keys keep their order", Obj("z", true, "a", []string{"x"}), "{\n  \"z\": true,\n  \"a\": [\n    \"x\"\n  ]\n}"},
		{"control characters are escaped, letters are not", "a\"\\\r\n\t\x01ü€", `"a\"\\\r\n\t\u0001ü€"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := BOM + strings.ReplaceAll(tt.want, "\n", "\r\n")
			if got := string(Text(tt.v)); got != want {
				t.Errorf("Text(%v) = %q, want %q", tt.v, got, want)
			}
		})
	}
}

func TestStatusHasEightKeysInOrder(t *testing.T) {
	s := Status{
		Error: &Failure{"no", "System.Exception: no\r\n   at X"}, Token: "t", Version: 9, Code: Running,
		Percent: 12.5, Text: "half", Result: Obj("a", 1), Log: "line\r\n",
	}
	want := BOM + strings.ReplaceAll(`{
  "error": {
    "message": "no",
    "details": "System.Exception: no\r\n   at X"
  },
  "token": "t",
  "statusVersion": 9,
  "statusCode": "running",
  "percentProgress": 12.5,
  "statusText": "half",
  "result": {
    "a": 1
  },
  "logOutput": "line\r\n"
}`, "\n", "\r\n")
	if got := string(s.Append(nil)); got != want {
		t.Errorf("Append() = %q, want %q", got, want)
	}
}

func TestObjectsAreChangedInCopies(t *testing.T) {
	o := Obj("a", 1, "b", 2)
	with, without := o.With("b", 3).With("c", 4), o.Without("a")
	if got := string(Text(List{o, with, without})); got != string(Text(List{Obj("a", 1, "b", 2), Obj("a", 1, "b", 3, "c", 4), Obj("b", 2)})) {
		t.Errorf("With and Without gave %s", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"two values":         "1 2",
		"half an object":     `{"a": 1`,
		"a key given twice":  `{"a": 1, "a": 2}`,
		"a deep key twice":   `[{"a": {"b": 1, "b": 2}}]`,
		"nesting beyond 64":  strings.Repeat("[", 70) + strings.Repeat("]", 70),
		"text after a value": `{} x`,
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := Parse(text); err == nil {
				t.Errorf("Parse(%.40q) = %v, want an error", text, v)
			}
		})
	}
}

// FuzzParse holds what Parse reads against encoding/json: the same data comes
// out of both.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a": [1, null, "ü\u0001"], "b": {"c": false}}`, `[]`, `"x"`, `1e400`, `{"a":1,"a":2}`, `[[[`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		got := bytes.TrimPrefix(Text(v), []byte(BOM))
		var want, have any
		for _, side := range []struct {
			text []byte
			into *any
		}{{[]byte(text), &want}, {got, &have}} {
			d := json.NewDecoder(bytes.NewReader(side.text))
			d.UseNumber()
			if err := d.Decode(side.into); err != nil {
				t.Fatalf("Parse(%q) gave %q, which encoding/json refuses: %v", text, side.text, err)
			}
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(have)
		if !bytes.Equal(a, b) {
			t.Errorf("Text(Parse(%q)) = %s, want %s", text, b, a)
		}
	})
}
