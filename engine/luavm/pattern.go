package luavm

import "moonpost/engine/luavm/harden"

// Matches reports whether a Lua pattern matches somewhere in text, as
// string.find does. The error says what is wrong with the pattern.
func Matches(text, pattern string) (bool, error) { return harden.Matches(text, pattern) }
