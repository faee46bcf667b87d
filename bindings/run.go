package bindings

import "moonpost/engine/luavm"

// Run is what a playbook sees of its own run.
type Run struct {
	ID       string  `luar:"id"`
	Target   string  `luar:"target"`
	Instance string  `luar:"instance"`
	Playbook string  `luar:"playbook"`
	Started  float64 `luar:"started"` // seconds since 1970
}

func (b *binding) runModule() luavm.Module {
	return luavm.Module{
		Name:   "run",
		Doc:    "This run. Its fields cannot be changed.",
		Global: true,
		Funcs:  []luavm.Func{b.finishFunc()},
		View:   b.host.Run,
		Values: []luavm.Value{
			{Name: "id", Type: luavm.String, Doc: "id of the run"},
			{Name: "target", Type: luavm.String, Doc: `where its calls go, "" when no target was named`},
			{Name: "instance", Type: luavm.String, Doc: `the instance that --instance named, "" without one`},
			{Name: "playbook", Type: luavm.String, Doc: "file of the playbook, or the name of a shipped one"},
			{Name: "started", Type: luavm.Number, Doc: "when it began, in seconds since 1970; it stays the same while the run lasts"},
		},
	}
}
