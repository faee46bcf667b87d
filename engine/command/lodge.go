package command

import (
	"fmt"
	"sync"

	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
	"moonpost/engine/targets"
)

// lodge enters the server as a named target until leave is called.
func (o *sandboxOptions) lodge(server *sandbox.Server) (leave func(), err error) {
	in, err := targets.Lodge(o.program.book(), o.program.passwords(), targets.Target{
		Name: o.name, URL: server.URL(), User: server.User(), Fingerprint: server.Fingerprint(),
		Edition: server.Edition(),
	}, secret.New(server.Password()))
	if err != nil {
		return func() {}, err
	}
	if in.Replaced {
		fmt.Fprintf(o.program.stderr, "target %s was that of a sandbox that did not end in order; it is replaced\n", o.name)
	}
	return sync.OnceFunc(func() {
		if err := in.Leave(); err != nil {
			fmt.Fprintf(o.program.stderr, "warning: target %s is still there: %v\n", o.name, err)
		}
	}), nil
}
