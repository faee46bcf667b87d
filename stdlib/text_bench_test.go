package stdlib_test

import (
	"testing"

	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
	"moonpost/stdlib"
)

// BenchmarkModules runs playbooks over 100,000 names, a fifth of which are not
// ASCII, and prints a table of 10,000 rows.
//
//	go test -run xxx -bench Modules ./stdlib
func BenchmarkModules(b *testing.B) {
	const names = `local names = {}
for i = 1, 100000 do names[i] = (i % 5 == 0 and "Jürgen Łukasiewicz " or "Ada King Lovelace ") .. i end
`
	for name, body := range map[string]string{
		"none":  ``,
		"slug":  `local text = require("text") for _, n in ipairs(names) do text.slug(n, ".") end`,
		"title": `local text = require("text") for _, n in ipairs(names) do text.title(n) end`,
		"fold":  `local text = require("text") for _, n in ipairs(names) do text.fold(n) end`,
		"split": `local text = require("text") for _, n in ipairs(names) do text.split(n, " ") end`,
		"grid": `local rows = {}
for i = 1, 10000 do rows[i] = { userName = names[i], fullName = names[i], mails = i, note = "remark", active = true, quota = 5.5 } end
require("grid").format(rows, { max_width = 120 })`,
	} {
		chunk, err := source.Parse("bench.lua", []byte(names+body))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				state, err := luavm.New(luavm.Options{Modules: stdlib.Modules(stdlib.Host{})})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := state.Run(b.Context(), chunk, nil); err != nil {
					b.Fatal(err)
				}
				state.Close()
			}
		})
	}
}
