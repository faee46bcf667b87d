package fault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"moonpost/engine/fault"
)

// TestEveryKindIsDescribed compares the table with the constants of the source.
func TestEveryKindIsDescribed(t *testing.T) {
	var described []string
	for _, k := range fault.Kinds() {
		described = append(described, strconv.Quote(string(k.Kind)))
		for _, sentence := range []string{k.Meaning, k.Advice} {
			if !strings.HasSuffix(sentence, ".") {
				t.Errorf("%s: %q is no sentence", k.Kind, sentence)
			}
		}
		if got := k.Kind.Info(); got != k {
			t.Errorf("%q.Info() = %+v, want %+v", k.Kind, got, k)
		}
	}
	if declared := constants(t, "fault.go", ""); !slices.Equal(described, declared) {
		t.Errorf("Kinds() has %q, the constants are %q", described, declared)
	}
}

func TestEveryExitCodeIsDescribed(t *testing.T) {
	var described []string
	codes := map[int]bool{}
	for _, c := range fault.ExitCodes() {
		described = append(described, strconv.Itoa(c.Code))
		codes[c.Code] = true
		if !strings.HasSuffix(c.Meaning, ".") {
			t.Errorf("%d: %q is no sentence", c.Code, c.Meaning)
		}
	}
	if declared := constants(t, "exit.go", "Exit"); !slices.Equal(described, declared) {
		t.Errorf("ExitCodes() has %q, the constants are %q", described, declared)
	}
	for _, k := range fault.Kinds() {
		if !codes[k.Exit] {
			t.Errorf("%s ends with %d, which is no exit code", k.Kind, k.Exit)
		}
	}
	for _, code := range fault.Precedence() {
		if !codes[code] {
			t.Errorf("Precedence() has %d, which is no exit code", code)
		}
	}
}

func TestWhichKindsCannotBeCaught(t *testing.T) {
	fatal := []fault.Kind{fault.Denied, fault.Certificate, fault.State, fault.Limit, fault.Internal}
	for _, k := range fault.Kinds() {
		if got, want := k.Kind.Fatal(), slices.Contains(fatal, k.Kind); got != want {
			t.Errorf("%q.Fatal() = %v, want %v", k.Kind, got, want)
		}
	}
}

// constants returns the values of the constants of a file whose names begin
// with prefix, in their order.
func constants(t *testing.T, file, prefix string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, prefix) {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				values = append(values, value.Value)
			}
		}
		return true
	})
	return values
}
