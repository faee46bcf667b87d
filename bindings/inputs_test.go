package bindings

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// neverAsked fails the test when a secret is asked for.
func neverAsked(t *testing.T) func(string) (secret.Secret, error) {
	return func(name string) (secret.Secret, error) {
		t.Errorf("secret %s was asked for", name)
		return secret.Secret{}, nil
	}
}

func TestReadInputsTakes(t *testing.T) {
	current, playbook := t.TempDir(), t.TempDir()
	write(t, filepath.Join(current, "here.csv"))
	write(t, filepath.Join(playbook, "beside.csv"))
	tests := []struct {
		name  string
		input decl.Input
		value any
		want  any
	}{
		{"text as it is", decl.Input{Type: decl.InputString}, " a b ", " a b "},
		{"a text that looks like a number", decl.Input{Type: decl.InputString}, "0042", "0042"},
		{"an empty text", decl.Input{Type: decl.InputString}, "", ""},
		{"a number in digits", decl.Input{Type: decl.InputNumber}, "42", 42.0},
		{"a negative number with a fraction", decl.Input{Type: decl.InputNumber}, "-1.5", -1.5},
		{"a number with an exponent", decl.Input{Type: decl.InputNumber}, "1e3", 1000.0},
		{"a number of JSON", decl.Input{Type: decl.InputNumber}, 7.0, 7.0},
		{"a number of JSON kept as text", decl.Input{Type: decl.InputNumber}, json.Number("8"), 8.0},
		{"true", decl.Input{Type: decl.InputBoolean}, "true", true},
		{"No for false", decl.Input{Type: decl.InputBoolean}, "No", false},
		{"a boolean of JSON", decl.Input{Type: decl.InputBoolean}, false, false},
		{"a duration as it is", decl.Input{Type: decl.InputDuration}, "1d12h", "1d12h"},
		{"a value of an enum", decl.Input{Type: decl.InputEnum, Values: []string{"login", "admin"}}, "admin", "admin"},
		{"a list with commas and blanks", decl.Input{Type: decl.InputList}, "a, b,c", []string{"a", "b", "c"}},
		{"a list in JSON text", decl.Input{Type: decl.InputList}, `["a,b"]`, []string{"a,b"}},
		{"a list of JSON", decl.Input{Type: decl.InputList}, []any{"x"}, []string{"x"}},
		{"an empty list", decl.Input{Type: decl.InputList}, "", []string{}},
		{"a file in the current folder", decl.Input{Type: decl.InputFile}, "here.csv", filepath.Join(current, "here.csv")},
		{"a file by its full path", decl.Input{Type: decl.InputFile}, filepath.Join(playbook, "beside.csv"), filepath.Join(playbook, "beside.csv")},
		{"the default when nothing is given", decl.Input{Type: decl.InputNumber, Default: 3.0}, nil, 3.0},
		{"a default file beside the playbook", decl.Input{Type: decl.InputFile, Default: "beside.csv"}, nil, filepath.Join(playbook, "beside.csv")},
		{"a default list", decl.Input{Type: decl.InputList, Default: []any{"a"}}, nil, []string{"a"}},
		{"nothing for an optional input", decl.Input{Type: decl.InputString}, nil, nil},
		{"nothing for an optional secret", decl.Input{Type: decl.InputSecret}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.input.Name = "x"
			var given []Given
			if tt.value != nil {
				given = []Given{{Name: "x", Value: tt.value, Origin: OriginArgument}}
			}
			in, err := ReadInputs(decl.Playbook{Inputs: []decl.Input{tt.input}}, given, playbook, current, neverAsked(t))
			if err != nil {
				t.Fatalf("ReadInputs(%v): %v", tt.value, err)
			}
			if got := in.values["x"]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("ReadInputs(%v) = %#v, want %#v", tt.value, got, tt.want)
			}
		})
	}
}

func TestReadInputsRefuses(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name  string
		input decl.Input
		value any
		want  string
	}{
		{"a text for a number", decl.Input{Type: decl.InputNumber, Line: 4}, "many", `input x: want a number, got "many" (argument; declared in line 4)`},
		{"a hexadecimal number", decl.Input{Type: decl.InputNumber}, "0x10", `input x: want a number, got "0x10" (argument)`},
		{"no number", decl.Input{Type: decl.InputNumber}, "nan", `input x: want a number, got "nan" (argument)`},
		{"a number that floats cannot keep", decl.Input{Type: decl.InputNumber}, "9007199254740993", "input x: 9007199254740993 is too large to be kept exactly; declare it as a string (argument)"},
		{"an endless number", decl.Input{Type: decl.InputNumber}, "1e999", "input x: 1e999 is too large to be kept exactly; declare it as a string (argument)"},
		{"a truth for a number", decl.Input{Type: decl.InputNumber}, true, "input x: want a number, got true or false (argument)"},
		{"a maybe", decl.Input{Type: decl.InputBoolean}, "maybe", `input x: want true or false, got "maybe" (argument)`},
		{"a number for a truth", decl.Input{Type: decl.InputBoolean}, 1.0, "input x: want true or false, got a number (argument)"},
		{"a number for a text", decl.Input{Type: decl.InputString}, 1.0, "input x: want text, got a number (argument)"},
		{"an object for a text", decl.Input{Type: decl.InputString}, map[string]any{}, "input x: want text, got an object (argument)"},
		{"no duration", decl.Input{Type: decl.InputDuration}, "90", `input x: want a duration such as 90s, 24h or 7d, got "90" (argument)`},
		{"a duration below nothing", decl.Input{Type: decl.InputDuration}, "-1h", `input x: want a duration such as 90s, 24h or 7d, got "-1h" (argument)`},
		{"what is not in the enum", decl.Input{Type: decl.InputEnum, Values: []string{"login", "admin"}}, "amdin", `input x: want "login" or "admin", got "amdin"; did you mean admin? (argument)`},
		{"an empty element", decl.Input{Type: decl.InputList}, "a,,b", `input x: element 2 of "a,,b" is empty (argument)`},
		{"a list that is no JSON", decl.Input{Type: decl.InputList}, "[a", `input x: want a,b,c or a JSON list, got "[a": invalid character 'a' looking for beginning of value (argument)`},
		{"a number in a list", decl.Input{Type: decl.InputList}, []any{"a", 1.0}, "input x: element 2 is a number, want text (argument)"},
		{"an object for a list", decl.Input{Type: decl.InputList}, map[string]any{}, "input x: want a list, got an object (argument)"},
		{"a file that is not there", decl.Input{Type: decl.InputFile}, "no.csv", "input x: there is no file " + filepath.Join(dir, "no.csv") + " (argument)"},
		{"a folder for a file", decl.Input{Type: decl.InputFile}, ".", "input x: " + dir + " is no regular file (argument)"},
		{"no path", decl.Input{Type: decl.InputFile}, "", "input x: want the path of a file, got nothing (argument)"},
		{"a secret on the command line", decl.Input{Type: decl.InputSecret}, "hunter2", "input x: a secret cannot stand on the command line, where others can read it (argument)"},
		{"a secret in the playbook", decl.Input{Type: decl.InputSecret, Default: "hunter2"}, nil, "input x: a secret takes no default: it would stand in the playbook (default)"},
		{"an empty secret", decl.Input{Type: decl.InputSecret}, secret.New(""), "input x: the secret is empty (argument)"},
		{"a default of another type", decl.Input{Type: decl.InputNumber, Default: "x", Line: 2}, nil, `input x: want a number, got "x" (default; declared in line 2)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.input.Name = "x"
			var given []Given
			if tt.value != nil {
				given = []Given{{Name: "x", Value: tt.value, Origin: OriginArgument}}
			}
			_, err := ReadInputs(decl.Playbook{Inputs: []decl.Input{tt.input}}, given, dir, dir, neverAsked(t))
			if err == nil || err.Error() != tt.want {
				t.Errorf("ReadInputs(%v) = %v, want %s", tt.value, err, tt.want)
			}
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("kind of the error of ReadInputs(%v) is %s, want usage", tt.value, fault.KindOf(err))
			}
		})
	}
}

func TestReadInputsNamesEverythingAtOnce(t *testing.T) {
	p := decl.Playbook{Inputs: []decl.Input{
		{Name: "users", Type: decl.InputFile, Required: true},
		{Name: "role", Type: decl.InputEnum, Values: []string{"login", "admin"}, Required: true},
		{Name: "count", Type: decl.InputNumber},
	}}
	_, err := ReadInputs(p, []Given{{Name: "cuont", Value: "1", Origin: OriginArgument}, {Name: "count", Value: "x", Origin: "in.json"}}, "", "", nil)
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("ReadInputs = %v, want a fault", err)
	}
	want := `no input cuont is declared; did you mean count?
input count: want a number, got "x" (in.json)
inputs users, role must be given`
	if e.Message != "3 inputs are wrong" || e.Details != want {
		t.Errorf("ReadInputs = %q with details\n%s\nwant 3 inputs are wrong with\n%s", e.Message, e.Details, want)
	}
	if want := "add to the command: users=FILE role=login|admin"; e.Hint != want {
		t.Errorf("hint = %q, want %q", e.Hint, want)
	}
}

func TestReadInputsWithoutDeclaration(t *testing.T) {
	_, err := ReadInputs(decl.Playbook{}, []Given{{Name: "a", Value: "1"}}, "", "", nil)
	if want := "inputs: no input a: the playbook declares none"; err == nil || err.Error() != want {
		t.Errorf("ReadInputs of a playbook without inputs = %v, want %s", err, want)
	}
}

func TestLaterValueCounts(t *testing.T) {
	p := decl.Playbook{Inputs: []decl.Input{{Name: "x", Type: decl.InputString}}}
	in, err := ReadInputs(p, []Given{{"x", "file", "in.json"}, {"x", "argument", OriginArgument}}, "", "", nil)
	if err != nil || in.values["x"] != "argument" {
		t.Errorf("ReadInputs = %v, %v, want the argument", in.values["x"], err)
	}
}

func TestRequiredSecretIsAskedFor(t *testing.T) {
	p := decl.Playbook{Inputs: []decl.Input{{Name: "password", Type: decl.InputSecret, Required: true}}}
	in, err := ReadInputs(p, nil, "", "", func(name string) (secret.Secret, error) { return secret.New("for " + name), nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := in.Secrets(); len(got) != 1 || got[0].Reveal() != "for password" {
		t.Errorf("Secrets() has %d secrets, want the one that was asked for", len(got))
	}
	_, err = ReadInputs(p, nil, "", "", func(string) (secret.Secret, error) { return secret.Secret{}, errors.New("no terminal") })
	if want := "input password must be given: no terminal"; err == nil || err.Error() != want {
		t.Errorf("ReadInputs without a terminal = %v, want %s", err, want)
	}
	said := &fault.Error{Kind: fault.Usage, Op: "run", Message: "the secret input password is not given", Hint: "give it"}
	_, err = ReadInputs(p, nil, "", "", func(string) (secret.Secret, error) { return secret.Secret{}, said })
	e, ok := errors.AsType[*fault.Error](err)
	if want := "input password must be given"; !ok || e.Error() != want || e.Hint != "give it" {
		t.Errorf("ReadInputs where nobody is asked = %v, want %s, once", err, want)
	}
}

func TestLongValuesAreCutInMessages(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, typ := range []decl.InputType{decl.InputNumber, decl.InputBoolean, decl.InputEnum, decl.InputFile} {
		p := decl.Playbook{Inputs: []decl.Input{{Name: "a", Type: typ, Values: []string{"y"}}}}
		_, err := ReadInputs(p, []Given{{"a", long, OriginArgument}}, "", "", nil)
		if err == nil || len(err.Error()) > 800 || !strings.Contains(err.Error(), "…") {
			t.Errorf("%s: ReadInputs of a long value = %.900v, want it cut with …", typ, err)
		}
	}
}

func TestSecretOfAFileIsTakenAndNeverShown(t *testing.T) {
	p := decl.Playbook{Inputs: []decl.Input{{Name: "password", Type: decl.InputSecret}}}
	in, err := ReadInputs(p, []Given{{"password", "hunter2-canary", "in.json"}}, "", "", nil)
	if err != nil || len(in.Secrets()) != 1 {
		t.Fatalf("ReadInputs = %v, %v, want one secret", in, err)
	}
	_, err = ReadInputs(p, []Given{{"password", "hunter2-canary", OriginArgument}}, "", "", nil)
	if e, _ := errors.AsType[*fault.Error](err); strings.Contains(err.Error()+e.Hint+e.Details, "hunter2") {
		t.Errorf("the error shows the secret: %v", err)
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}
