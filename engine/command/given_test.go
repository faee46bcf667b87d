package command

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"moonpost/engine/call"
	"moonpost/engine/fault"
)

func TestAssignments(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("two\r\nlines\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, operand string
		want          assignment
	}{
		{"text is taken as it stands", "a= x=y ", assignment{name: "a", text: " x=y "}},
		{"text may be empty", "a=", assignment{name: "a"}},
		{"a file gives its content without the last line end", "a=@secret.txt", assignment{name: "a", text: "two\r\nlines", file: "secret.txt"}},
		{"a dash is standard input", "a=@-", assignment{name: "a", text: "typed", file: "-"}},
		{"JSON is one value", `a:= {"b": [1, 2]}`, assignment{name: "a", json: jsontext.Value(`{"b":[1,2]}`)}},
		{"an at sign in JSON is itself", `a:="@x"`, assignment{name: "a", json: jsontext.Value(`"@x"`)}},
	} {
		got, err := assignments("call", []string{test.operand}, &reader{dir: dir, stdin: strings.NewReader("typed\n")})
		if err != nil {
			t.Errorf("%s: assignments(%q): %v", test.name, test.operand, err)
			continue
		}
		if !reflect.DeepEqual(got, []assignment{test.want}) {
			t.Errorf("%s: assignments(%q) = %+v, want %+v", test.name, test.operand, got, test.want)
		}
	}
}

func TestWrongAssignmentsAreUsageErrors(t *testing.T) {
	for _, test := range []struct{ name, operands, want string }{
		{"no equals sign", "ada", `"ada" is not of the form name=value`},
		{"no name", "=x", `"=x" is not of the form name=value`},
		{"no name before JSON", ":=1", `":=1" is not of the form name=value`},
		{"a name twice", "a=1 a:=2", "a is given twice"},
		{"a file that is not there", "a=@none", "a: open none: no such file or directory"},
		{"no file name", "a=@", "a: no file name after @"},
		{"standard input twice", "a=@- b=@-", "b: standard input can be read once"},
		{"no JSON", "a:=nope", "a: not JSON"},
		{"two JSON values", "a:=1,2", "a: not JSON"},
		{"one name twice in JSON", `a:={"b":1,"b":2}`, "a: not JSON"},
	} {
		_, err := assignments("call", strings.Fields(test.operands), &reader{stdin: strings.NewReader("")})
		if fault.KindOf(err) != fault.Usage || !strings.HasPrefix(err.Error(), "call: "+test.want) {
			t.Errorf("%s: assignments(%q) = %v, want usage error %q", test.name, test.operands, err, test.want)
		}
	}
}

func TestArgumentOfJSON(t *testing.T) {
	for _, test := range []struct {
		name, json string
		want       any
	}{
		{"null is left out on purpose", "null", call.Null{}},
		{"text", `"x"`, "x"},
		{"number", "1.5", 1.5},
		{"truth", "true", true},
		{"the largest whole number", "9007199254740991", 9007199254740991.0},
		{"objects stay text, with every digit", `{"id":9007199254740993}`, call.JSON{Text: []byte(`{"id":9007199254740993}`)}},
		{"arrays stay text", `["a"]`, call.JSON{Text: []byte(`["a"]`)}},
	} {
		got, err := argument(jsontext.Value(test.json))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: argument(%s) = %#v, %v, want %#v", test.name, test.json, got, err, test.want)
		}
	}
	for _, number := range []string{"9007199254740992", "9007199254740993", "-9007199254740993", "1e400", "[1e16]"} {
		if got, err := decoded(jsontext.Value(number)); err == nil {
			t.Errorf("decoded(%s) = %v, want an error", number, got)
		}
	}
}

func FuzzAssignments(f *testing.F) {
	for _, seed := range []string{"a=b", "a:=1", "a:={\"b\":[null]}", "a=@", ":=", "=", "a:=\"\\ud800\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, operand string) {
		if strings.Contains(operand, "=@") {
			t.Skip("reads files")
		}
		got, err := assignments("call", []string{operand}, &reader{})
		if err != nil {
			return
		}
		for _, a := range got {
			if a.name == "" {
				t.Errorf("assignments(%q) has no name", operand)
			}
			if a.json != nil {
				_, _ = argument(a.json) // returns
			} else if a.name+"="+a.text != operand {
				t.Errorf("assignments(%q) = %q=%q", operand, a.name, a.text)
			}
		}
	})
}
