package engine

import (
	"slices"

	"moonpost/bindings"
	"moonpost/engine/luavm"
	"moonpost/stdlib"
)

// Modules returns the declarations of all that a playbook can use: Lua's own
// libraries, the globals of moonpost and what require finds. There is no run
// behind them.
func Modules() []luavm.Module {
	return slices.Concat(luavm.Libraries(), bindings.Modules(bindings.Host{}), stdlib.Modules(stdlib.Host{}))
}
