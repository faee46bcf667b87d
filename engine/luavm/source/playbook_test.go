package source_test

import (
	"reflect"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/source"
)

func TestPlaybook(t *testing.T) {
	tests := map[string]struct {
		text string
		want decl.Playbook
	}{
		"there need not be one":      {"return 1", decl.Playbook{}},
		"comments may stand before":  {"-- a\n--[[ b ]]\nplaybook { about = 'x' }", decl.Playbook{About: "x", Line: 3}},
		"parentheses are allowed":    {"playbook({ about = 'x' })", decl.Playbook{About: "x", Line: 1}},
		"a long text has many lines": {"playbook { about = [[x\ny]] }", decl.Playbook{About: "x\ny", Line: 1}},
		"columns are names":          {`playbook { columns = { "store", "size" } }`, decl.Playbook{Columns: []string{"store", "size"}, Line: 1}},
		"examples are command lines": {`playbook { examples = { "moonpost run a.lua", "moonpost run a.lua -o csv" } }`,
			decl.Playbook{Examples: []string{"moonpost run a.lua", "moonpost run a.lua -o csv"}, Line: 1}},
		"nil is as if it were absent": {"playbook { about = nil, inputs = {} }", decl.Playbook{Line: 1}},
		"inputs come in the order of the source": {`playbook {
  inputs = {
    users    = { type = "file", required = true, about = "CSV" },
    role     = { type = "enum", values = { "login", "admin" }, default = "login" },
    password = { type = "secret" },
    ["n-1"]  = { type = "number", default = -0x10 },
    all      = { type = "boolean", default = false },
    tags     = { type = "list", default = { "a", "b" } },
    none     = { type = "list", default = {} },
    plain    = {},
  },
}`, decl.Playbook{Line: 1, Inputs: []decl.Input{
			{Name: "users", Type: decl.InputFile, Required: true, About: "CSV", Line: 3},
			{Name: "role", Type: decl.InputEnum, Values: []string{"login", "admin"}, Default: "login", Line: 4},
			{Name: "password", Type: decl.InputSecret, Line: 5},
			{Name: "n-1", Type: decl.InputNumber, Default: -16.0, Line: 6},
			{Name: "all", Type: decl.InputBoolean, Default: false, Line: 7},
			{Name: "tags", Type: decl.InputList, Default: []any{"a", "b"}, Line: 8},
			{Name: "none", Type: decl.InputList, Default: []any{}, Line: 9},
			{Name: "plain", Type: decl.InputString, Line: 10},
		}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			chunk, err := source.Parse("a.lua", []byte(tt.text))
			if err != nil {
				t.Fatalf("Parse(%q) = %v, want no error", tt.text, err)
			}
			if got := chunk.Playbook(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Playbook of %q =\n%+v, want\n%+v", tt.text, got, tt.want)
			}
		})
	}
}

func TestPlaybookErrors(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"not first":               {"local x = 1\nplaybook { }", "a.lua:2: playbook{…} stands once and is the first statement of the file"},
		"joined texts":            {"playbook {\n  about = 'x' .. \"y\" }", "a.lua:2: about must be a constant, not joined texts (write one text, a long one in [[…]]): the declaration is read without being executed"},
		"twice":                   {"playbook { }\n\nplaybook { }", "a.lua:3: playbook{…} stands once and is the first statement of the file"},
		"in a function":           {"local function f()\n  playbook { }\nend", "a.lua:2: playbook{…} stands once and is the first statement of the file"},
		"its value is used":       {"local p = playbook { }", "a.lua:1: playbook{…} stands once and is the first statement of the file"},
		"no table":                {"playbook 'x'", "a.lua:1: playbook must be a table, not a text"},
		"no argument":             {"playbook()", "a.lua:1: playbook takes one table"},
		"two arguments":           {"playbook({}, {})", "a.lua:1: playbook takes one table"},
		"an unknown field":        {"playbook { abuot = 'x' }", `a.lua:1: playbook has no field "abuot", did you mean about?`},
		"a field of another tool": {"playbook { hosts = 'x' }", `a.lua:1: playbook has no field "hosts"; there are about, inputs, columns, examples`},
		"a value without name":    {"playbook { 'x' }", "a.lua:1: playbook has fields with names only: name = value"},
		"a call":                  {"playbook {\n  about = os.date() }", "a.lua:2: about must be a constant, not a call: the declaration is read without being executed"},
		"a variable":              {"playbook { about = name }", "a.lua:1: about must be a constant, not the variable name: the declaration is read without being executed"},
		"a function":              {"playbook { about = function() end }", "a.lua:1: about must be a constant, not a function: the declaration is read without being executed"},
		"a computed key":          {"playbook { [x] = 1 }", "a.lua:1: playbook: a field's name must be a constant, not the variable x: the declaration is read without being executed"},
		"about is no text":        {"playbook { about = 1 }", "a.lua:1: about must be a text, not a number"},
		"inputs is no table":      {"playbook { inputs = 'users' }", "a.lua:1: inputs must be a table, not a text"},
		"an input is no table":    {"playbook { inputs = { users = 'file' } }", "a.lua:1: input users must be a table, not a text"},
		"an input twice":          {"playbook { inputs = { a = {},\n a = {} } }", "a.lua:2: inputs: a stands twice"},
		"a field twice":           {"playbook { inputs = { a = { type = 'file', type = 'file' } } }", "a.lua:1: input a: type stands twice"},
		"a bad name":              {"playbook { inputs = { ['a=b'] = {} } }", `a.lua:1: input "a=b": a name has letters, digits, _ and - and begins with a letter`},
		"an unknown field of one": {"playbook { inputs = { a = {\n requierd = true } } }", `a.lua:2: input a has no field "requierd", did you mean required?`},
		"an unknown type":         {"playbook { inputs = { a = { type = 'secrte' } } }", `a.lua:1: input a: there is no type "secrte", did you mean secret?`},
		"an enum without values":  {"playbook { inputs = { a = { type = 'enum' } } }", `a.lua:1: input a: an enum needs values = { "…", "…" }`},
		"an enum of numbers":      {"playbook { inputs = { a = { type = 'enum', values = { 1 } } } }", "a.lua:1: input a: values must be a text, not a number"},
		"a value twice":           {"playbook { inputs = { a = { type = 'enum', values = { 'x', 'x' } } } }", `a.lua:1: input a: value "x" stands twice`},
		"values of no enum":       {"playbook { inputs = { a = { values = { 'x' } } } }", "a.lua:1: input a: only an enum has values; its type is string"},
		"a default that is none of the values": {"playbook { inputs = { a = { type = 'enum', default = 'logn', values = { 'login', 'admin' } } } }",
			`a.lua:1: input a: default "logn" is none of its values, did you mean login?`},
		"a default that is no duration": {"playbook { inputs = { a = { type = 'duration', default = 'soon' } } }",
			`a.lua:1: input a: default "soon" is no duration such as 90s, 24h or 7d`},
		"a default of another type": {"playbook { inputs = { a = { type = 'number', default = '1' } } }", "a.lua:1: input a: default must be a number, not a text"},
		"a table for a text":        {"playbook { inputs = { a = { default = {} } } }", "a.lua:1: input a: default must be a text, not a table"},
		"required with default":     {"playbook { inputs = { a = { required = true, default = 'x' } } }", "a.lua:1: input a: what has a default is not required"},
		"required is no boolean":    {"playbook { inputs = { a = { required = 'yes' } } }", "a.lua:1: input a: required must be true or false, not a text"},
		"a secret in clear":         {"playbook { inputs = { a = { type = 'secret', default = 'x' } } }", "a.lua:1: input a: a secret has no default, it would stand in the file in clear"},
		"a list with names":         {"playbook { inputs = { a = { type = 'list', default = { x = 'y' } } } }", "a.lua:1: input a: default must be a list: values without names"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := source.Parse("a.lua", []byte(tt.text))
			if fault.KindOf(err) != fault.Usage {
				t.Fatalf("Parse(%q) = %v, want kind usage", tt.text, err)
			}
			if err.Error() != tt.want {
				t.Errorf("Parse(%q) = %q, want %q", tt.text, err, tt.want)
			}
		})
	}
}
