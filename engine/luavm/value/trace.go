package value

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Trace returns the calls of the playbook that led to where L is now, innermost
// first, one a line: "users.lua:7: in function 'create'". Go functions are left
// out.
func Trace(L *lua.LState) string {
	var lines []string
	for level := 0; len(lines) < 10; level++ {
		place, name, ok := frame(L, level)
		if !ok {
			break
		}
		if place == "" {
			continue
		}
		if name == "main chunk" || name == "corountine" || strings.HasPrefix(name, "?") {
			lines = append(lines, place)
		} else {
			lines = append(lines, fmt.Sprintf("%s: in function '%s'", place, strings.Trim(name, "<>")))
		}
	}
	return strings.Join(lines, "\n")
}

// Where returns the innermost place of the playbook: "users.lua:7"; "" when
// there is none.
func Where(L *lua.LState) string {
	for level := 0; ; level++ {
		place, _, ok := frame(L, level)
		if !ok || place != "" {
			return place
		}
	}
}

// frame describes one call; place is empty for a Go function.
func frame(L *lua.LState, level int) (place, name string, ok bool) {
	at, ok := L.GetStack(level)
	if !ok {
		return "", "", false
	}
	if _, err := L.GetInfo("Sln", at, lua.LNil); err != nil || at.Source == "" || at.CurrentLine <= 0 {
		return "", "", true
	}
	return fmt.Sprintf("%s:%d", at.Source, at.CurrentLine), at.Name, true
}

// playbookLines keeps of an interpreter's stack trace what Trace would say.
func playbookLines(trace string) string {
	var lines []string
	for line := range strings.Lines(trace) {
		place, name, ok := strings.Cut(strings.TrimSpace(line), ": in ")
		if !ok || place == "[G]" {
			continue
		}
		if name = strings.TrimPrefix(name, "function "); name == "main chunk" || name == "corountine" || name == "'?'" {
			lines = append(lines, place)
		} else {
			lines = append(lines, fmt.Sprintf("%s: in function '%s'", place, strings.Trim(name, "'<>")))
		}
	}
	return strings.Join(lines, "\n")
}
