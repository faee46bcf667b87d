// Package stdlib holds the general Lua modules, of which json is a global. Start
// at Modules. Each module is one literal in the Go file of its name, or one Lua
// file, NAME.lua, that may call a server through the global api; its declarations
// are the manual.
//
// Paths of files are taken relative to the playbook's folder. Of the files of a
// machine fs and hash reach those in that folder and the declared inputs; csv
// takes a path as it is. What a module finds out by itself about a file it says
// in the log.
package stdlib

import (
	"path/filepath"
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

// Modules returns the modules for one run. Declaring has no side effects.
func Modules(h Host) []luavm.Module {
	if h.Sink == nil {
		h.Sink = event.Discard
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	return append(
		[]luavm.Module{
			jsonModule(), csvModule(h), timeModule(h), expectModule(), gridModule(h), textModule(),
			retryModule(h), fsModule(h), hashModule(h), templateModule(h),
		},
		luaModules()...,
	)
}

// path returns the place of a file that a playbook names.
func (h Host) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(h.Dir, name)
}
