// Package luavm runs playbooks: it is the only place that knows the Lua
// interpreter. Start at New, which builds a State from the modules of the
// bindings, and at State.Run, which runs one playbook in it. Declarations
// (package decl) say what Lua can call; their arguments are checked and
// converted here before a Go function sees them.
//
// It promises that a playbook reaches nothing but the modules it was given,
// that errors keep their Go value on the way through Lua, that a call which
// waits lets the other tasks run, and that nothing a playbook does keeps it
// from being stopped.
package luavm
