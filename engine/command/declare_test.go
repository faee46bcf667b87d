package command

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"moonpost/engine/process"
)

func TestCommandsAreDeclaredAlike(t *testing.T) {
	all := newProgram(&process.Process{}).commands
	takesValue := map[string]bool{}
	for _, c := range all {
		if got := strings.Count(strings.TrimSpace(c.UsageText), "\n") + 1; got < 2 {
			t.Errorf("%s has %d examples, want two", c.Name, got)
		}
		for example := range strings.Lines(c.UsageText) {
			if !strings.HasPrefix(strings.TrimSpace(example), "moonpost "+c.Name) {
				t.Errorf("%s: example %q does not call it", c.Name, example)
			}
		}
		if !strings.HasSuffix(c.Usage, ".") {
			t.Errorf("%s: %q is no sentence", c.Name, c.Usage)
		}
		for _, f := range c.flags() {
			placeholder, sentence := f.told()
			if (placeholder != "") != f.takesValue() || sentence == "" {
				t.Errorf("%s --%s: help says %q %q", c.Name, f.name(), placeholder, sentence)
			}
			if f.category() == "" {
				t.Errorf("%s --%s has no category", c.Name, f.name())
			}
			for _, spelled := range f.spellings() {
				// arrange looks for values before it knows the command.
				if before, ok := takesValue[spelled]; ok && before != f.takesValue() {
					t.Errorf("%s %s: takes a value in one command and none in another", c.Name, spelled)
				}
				takesValue[spelled] = f.takesValue()
			}
			// The parser would set it a second time, to no text.
			if f.repeatable() && len(f.spellings()) > 1 {
				t.Errorf("%s --%s is repeatable and has a short name", c.Name, f.name())
			}
		}
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	p := newProgram(&process.Process{})
	var out bytes.Buffer
	writeOverview(&out, p.commands)
	for _, c := range p.commands {
		c.UsageText = "" // examples are copied: they stay whole
		writeCommand(&out, c)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}
