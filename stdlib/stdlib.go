// Package stdlib holds the general Lua modules, of which json is a global. Start
// at Library. Each module is one literal in the Go file of its name, or one Lua
// file, NAME.lua, that may call a server through the global api; its declarations
// are the manual.
//
// Paths of files are taken relative to the playbook's folder. Of the files of a
// machine fs and hash reach those in that folder and the declared inputs; csv
// takes a path as it is. What a module finds out by itself about a file it says
// in the log.
package stdlib

import (
	"maps"
	"path/filepath"
	"slices"
	"time"

	"moonpost/engine/event"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// Host is what the modules see of the run. Its zero value has the current
// folder, no listener and the system's clock.
type Host struct {
	Dir     string           // folder of the playbook
	Inputs  []string         // full paths of the file inputs, which may be read wherever they are
	Sink    event.Sink       // gets log lines and what goes to standard output
	Secrets *secret.Redactor // gets the values of secret columns
	Now     func() time.Time
	Screen  Screen
}

// Screen is what standard output takes. Its zero value takes lines of any width.
type Screen struct {
	Width int  // columns of the terminal; 0: none
	ASCII bool // only ASCII characters can be drawn with
}

// Globals returns the modules of one run that are globals.
func Globals() []luavm.Module { return []luavm.Module{jsonModule()} }

// Library returns the modules of one run by name, which are declared when they
// are required. Declaring has no side effects.
func Library(h Host) map[string]func() luavm.Module {
	if h.Sink == nil {
		h.Sink = event.Discard
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	library := map[string]func() luavm.Module{
		"csv":      func() luavm.Module { return csvModule(h) },
		"time":     func() luavm.Module { return timeModule(h) },
		"expect":   expectModule,
		"grid":     func() luavm.Module { return gridModule(h) },
		"text":     textModule,
		"retry":    func() luavm.Module { return retryModule(h) },
		"fs":       func() luavm.Module { return fsModule(h) },
		"hash":     func() luavm.Module { return hashModule(h) },
		"template": func() luavm.Module { return templateModule(h) },
	}
	maps.Copy(library, written)
	return library
}

// Modules returns all of them, declared, in the order of their names.
func Modules(h Host) []luavm.Module {
	modules, library := Globals(), Library(h)
	for _, name := range slices.Sorted(maps.Keys(library)) {
		modules = append(modules, library[name]())
	}
	return modules
}

// path returns the place of a file that a playbook names.
func (h Host) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(h.Dir, name)
}
