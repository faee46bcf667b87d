// Moonpost runs Lua playbooks against the MailStore Administration API. The
// program is put together in engine/command.
package main

import (
	"context"
	"os"

	"moonpost/engine/command"
	"moonpost/engine/process"
)

func main() {
	process.Tune()
	os.Exit(command.Main(context.Background(), process.FromOS()))
}
