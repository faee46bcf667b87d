// Command hello is the smallest program of moonpost's kind: a command line and a
// Lua interpreter with nothing else. It runs a file, and is what start-up and
// interpreter speed are held against.
package main

import (
	"log"
	"os"

	"github.com/urfave/cli/v2"
	lua "github.com/yuin/gopher-lua"
)

func main() {
	app := &cli.App{
		Name: "hello",
		Action: func(c *cli.Context) error {
			// The registry grows as moonpost's does: with the default one
			// table.concat fails above 2,558 elements.
			L := lua.NewState(lua.Options{RegistrySize: 1024, RegistryMaxSize: 1 << 24, RegistryGrowStep: 65536, CallStackSize: 4096, MinimizeStackMemory: true})
			defer L.Close()
			return L.DoFile(c.Args().First())
		},
	}
	if err := app.Run(os.Args); err != nil {
		log.Fatal(err)
	}
}
