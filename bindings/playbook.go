package bindings

import (
	"strings"

	"moonpost/engine/luavm"
	"moonpost/engine/luavm/decl"
)

func playbookModule() luavm.Module {
	return luavm.Module{
		Name: "playbook",
		Doc: "Declares what a playbook does and which inputs it takes. The declaration is the first " +
			"statement of the file, holds constants and tables only, and is read from the source " +
			"before anything runs.",
		Global: true,
		Callable: &luavm.Func{
			Name: "playbook",
			Doc: "Declares the playbook. Fields: about (a sentence); inputs, a table from name to " +
				"{ type, about, required, default, values }; columns, those of the result that a table shows " +
				"when nobody asks for others; examples, a list of command lines. Types of inputs: " +
				inputTypes() + "; a duration is a text such as 24h.",
			Params:  []luavm.Param{{Name: "declaration", Type: luavm.Table, Doc: "about, inputs, columns and examples"}},
			Example: `playbook { about = "Creates users from a spreadsheet." }`,
			// The source reader took the declaration before the first
			// instruction ran; nothing is left to do.
			Call: func(*luavm.Call) error { return nil },
		},
	}
}

func inputTypes() string {
	names := make([]string, len(decl.InputTypes))
	for i, t := range decl.InputTypes {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}
