package harden_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"moonpost/engine/luavm/harden"
)

// TestLikeLua51 runs a script whose output was taken from the reference
// implementation.
func TestLikeLua51(t *testing.T) {
	code, want := read(t, "testdata/lua51.lua"), strings.Split(read(t, "testdata/lua51.txt"), "\n")
	line := 0
	L := state(t, harden.Options{Print: func(text string) {
		for got := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
			if line >= len(want) || got != want[line] {
				t.Errorf("line %d = %q, want %q", line+1, got, want[min(line, len(want)-1)])
			}
			line++
		}
	}})
	t.Setenv("TZ", "UTC")
	if _, err := eval(t, L, code); err != nil {
		t.Fatal(err)
	}
	if line != len(want)-1 {
		t.Errorf("printed %d lines, want %d", line, len(want)-1)
	}
}

// TestPatternsLikeLua51 compares find and gsub with what the reference
// implementation gives for random patterns and texts.
func TestPatternsLikeLua51(t *testing.T) {
	L := state(t, harden.Options{})
	for row := range strings.Lines(read(t, "testdata/patterns.txt")) {
		cells := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		for i, call := range []string{"(%q):find(%q)", `(%q):gsub(%q, "<%%1>")`} {
			call = fmt.Sprintf(call, cells[0], cells[1])
			got, err := eval(t, L, "local function join(...) local t = {...}; for i = 1, #t do t[i] = tostring(t[i]) end; return table.concat(t, '|') end; return join("+call+")")
			if got != cells[2+i] && !(got == "" && cells[2+i] == "nil") {
				t.Errorf("%s = %q, %v, want %q", call, got, err, cells[2+i])
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
