package stdlib

import (
	"embed"
	"path"
	"strings"
	"sync"

	"moonpost/engine/luavm"
)

// The modules that are written in Lua: stdlib/NAME.lua is the module NAME.
//
//go:embed *.lua
var luaFiles embed.FS

// luaModules reads the declarations of the modules that are written in Lua. A
// comment that does not declare what it should fails the tests of this package.
var luaModules = sync.OnceValue(func() []luavm.Module {
	files, err := luaFiles.ReadDir(".")
	must(err)
	modules := make([]luavm.Module, len(files))
	for i, f := range files {
		text, err := luaFiles.ReadFile(f.Name())
		must(err)
		modules[i], err = luavm.ReadModule(strings.TrimSuffix(f.Name(), path.Ext(f.Name())), f.Name(), text)
		must(err)
	}
	return modules
})

// must panics for an error in what is embedded: it cannot happen in a release.
func must(err error) {
	if err != nil {
		panic("stdlib: " + err.Error())
	}
}
