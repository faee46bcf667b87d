package scripts_test

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"moonpost/engine/luavm/source"
	"moonpost/scripts"
)

// TestEveryScriptSaysWhatItDoes keeps lists and help readable: one sentence
// that fits beside the name in 80 columns, examples that name the playbook, and
// a word about every input.
func TestEveryScriptSaysWhatItDoes(t *testing.T) {
	all := scripts.All()
	if len(all) == 0 {
		t.Fatal("no playbook is shipped")
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(s.Name) {
				t.Errorf("the name %q is no lower-case words with hyphens between them", s.Name)
			}
			chunk, err := source.Parse(s.Name, s.Source)
			if err != nil {
				t.Fatal(err)
			}
			p := chunk.Playbook()
			if n := utf8.RuneCountInString(p.About); n == 0 || n > 60 {
				t.Errorf("about has %d characters, want 1 to 60: %q", n, p.About)
			}
			if len(p.Examples) == 0 {
				t.Error("it shows no examples")
			}
			for _, example := range p.Examples {
				if !regexp.MustCompile(`^moonpost run ` + s.Name + `( |$)`).MatchString(example) {
					t.Errorf("example %q does not run %s", example, s.Name)
				}
			}
			for _, in := range p.Inputs {
				if in.About == "" {
					t.Errorf("input %s says nothing about itself", in.Name)
				}
			}
		})
	}
}

func TestFind(t *testing.T) {
	for _, want := range scripts.All() {
		got, ok := scripts.Find(want.Name)
		if !ok || got.Name != want.Name || string(got.Source) != string(want.Source) {
			t.Errorf("Find(%q) = %q, %v, want the playbook", want.Name, got.Name, ok)
		}
	}
	for _, name := range []string{"", "verify-stores.lua", "../scripts", "VERIFY-STORES"} {
		if s, ok := scripts.Find(name); ok {
			t.Errorf("Find(%q) = %q, want none", name, s.Name)
		}
	}
}
