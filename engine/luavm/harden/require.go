package harden

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

func (l *library) require(L *lua.LState) int {
	name := l.string(L, 1)
	v, ok := l.loaded[name]
	if !ok {
		v = l.load(L, name)
		l.loaded[name] = v
	}
	L.Push(v)
	return 1
}

func (l *library) load(L *lua.LState, name string) lua.LValue {
	if !isModuleName(name) {
		l.raise(L, fault.Script, "%q is not an allowed module name: letters, digits, _ and -, folders separated by dots", name)
	}
	if l.Require == nil {
		l.raise(L, fault.Script, "there is no module %q", name)
	}
	task := L // modules are loaded by one task inside one another
	for by := task; by != nil; by = l.Caller(by) {
		task = by
	}
	outer := l.loading[task]
	if i := slices.Index(outer, name); i >= 0 {
		chain := append(slices.Clone(outer[i:]), name)
		l.raise(L, fault.Script, "modules require one another in a circle: %s", strings.Join(chain, " -> "))
	}
	l.loading[task] = append(outer, name)
	defer func() {
		l.loading[task] = outer
		if len(outer) == 0 {
			delete(l.loading, task)
		}
	}()
	v, err := l.Require(L, name)
	if err != nil {
		l.Raise(L, err)
	}
	if v == nil || v == lua.LNil {
		return lua.LTrue
	}
	return v
}

func isModuleName(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if part == "" {
			return false
		}
		for i, c := range []byte(part) {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
			if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
				return false
			}
		}
	}
	return true
}
