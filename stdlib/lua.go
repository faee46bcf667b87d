package stdlib

import (
	_ "embed"
	"sync"

	"moonpost/engine/luavm"
)

//go:embed ensure.lua
var ensureText []byte

// written holds the modules that are written in Lua, stdlib/NAME.lua for the
// module NAME. Each is read once, when it is first needed.
var written = map[string]func() luavm.Module{
	"ensure": read("ensure", ensureText),
}

// read returns what reads the declaration of a module. A comment that does not
// declare what it should fails the tests of this package, so it cannot happen
// in a release.
func read(name string, text []byte) func() luavm.Module {
	return sync.OnceValue(func() luavm.Module {
		m, err := luavm.ReadModule(name, name+".lua", text)
		if err != nil {
			panic("stdlib: " + err.Error())
		}
		return m
	})
}
