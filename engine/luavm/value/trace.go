package value

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Stdlib begins the file of every Lua function of the standard library. Traces
// show it; the place of a playbook is never one of them.
const Stdlib = "(stdlib) "

// caller is what the context of a thread can say: from which thread it was
// called. Protected calls run on threads of their own.
type caller interface {
	context.Context
	Caller(L *lua.LState) *lua.LState
}

// frames calls fn for every call in Lua that led to where L is now, innermost
// first, until it returns false: its place "users.lua:7" and its
// function, "" for a chunk or a coroutine. Go functions are left out.
func frames(L *lua.LState, fn func(place, name string) bool) {
	for L != nil {
		for level := 0; ; level++ {
			at, ok := L.GetStack(level)
			if !ok {
				break
			}
			if _, err := L.GetInfo("Sln", at, lua.LNil); err != nil || at.Source == "" || at.CurrentLine <= 0 {
				continue
			}
			name := "function '" + at.Name + "'"
			switch {
			case at.LineDefined == 0, at.Name == "main chunk", at.Name == "corountine": // the interpreter's spelling
				name = ""
			case strings.HasPrefix(at.Name, "<"), at.Name == "?":
				name = fmt.Sprintf("function <%s:%d>", at.Source, at.LineDefined)
			}
			if !fn(fmt.Sprintf("%s:%d", at.Source, at.CurrentLine), name) {
				return
			}
		}
		by, ok := L.Context().(caller)
		if !ok {
			return
		}
		L = by.Caller(L)
	}
}

// Trace returns the calls in Lua that led to where L is now, innermost first,
// one a line and at most ten: "users.lua:7: in function 'create'".
func Trace(L *lua.LState) string { return trace(L, true) }

// trace leaves the calls within the standard library out that stand before the
// playbook's own, unless within is set.
func trace(L *lua.LState, within bool) string {
	var lines []string
	frames(L, func(place, name string) bool {
		if len(lines) == 0 && !within && strings.HasPrefix(place, Stdlib) {
			return true
		}
		if name != "" {
			place += ": in " + name
		}
		lines = append(lines, place)
		return len(lines) < 10
	})
	return strings.Join(lines, "\n")
}

// Where returns the innermost place of the playbook: "users.lua:7"; "" when
// there is none.
func Where(L *lua.LState) string {
	var where string
	frames(L, func(place, _ string) bool {
		if strings.HasPrefix(place, Stdlib) {
			return true
		}
		where = place
		return false
	})
	return where
}
