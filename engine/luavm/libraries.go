package luavm

import "moonpost/engine/luavm/harden"

// Libraries declares Lua's own functions and libraries as every State has them:
// those without a library as module _G. Nothing can be called through the
// declarations.
func Libraries() []Module { return harden.Modules() }
