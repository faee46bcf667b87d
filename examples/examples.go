// Package examples holds playbooks to read and to copy. They are run from their
// folder; inside the program they are part of the manual.
package examples

import (
	"embed"
	"strings"
)

//go:embed *.lua
var files embed.FS

// Example is one playbook.
type Example struct {
	Name   string // without its ending
	Source []byte
}

// All returns the examples, ordered by name.
func All() []Example {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the files are part of the program
	}
	all := make([]Example, len(entries))
	for i, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		all[i] = Example{Name: strings.TrimSuffix(e.Name(), ".lua"), Source: text}
	}
	return all
}
