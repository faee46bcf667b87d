// Package scripts holds the playbooks that are shipped inside the program: each
// is a file here, and is run by its name without the ending. They are ordinary
// playbooks; whoever wants another one copies the file and changes it.
package scripts

import (
	"embed"
	"strings"
)

//go:embed *.lua
var files embed.FS

// Script is one shipped playbook.
type Script struct {
	Name   string // as it is called: verify-stores
	Source []byte
}

// All returns the shipped playbooks, ordered by name.
func All() []Script {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the files are part of the program
	}
	all := make([]Script, len(entries))
	for i, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		all[i] = Script{Name: strings.TrimSuffix(e.Name(), ".lua"), Source: text}
	}
	return all
}

// Find returns the shipped playbook of that name.
func Find(name string) (Script, bool) {
	for _, s := range All() {
		if s.Name == name {
			return s, true
		}
	}
	return Script{}, false
}
