package bindings

import (
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// Inputs are the values of a playbook's declared inputs; ReadInputs makes them.
type Inputs struct {
	declared []luavm.Input
	values   map[string]any
}

// Secrets returns the secret ones, to be masked wherever text leaves the
// process.
func (in Inputs) Secrets() []secret.Secret {
	var secrets []secret.Secret
	for _, v := range in.values {
		if s, ok := v.(secret.Secret); ok {
			secrets = append(secrets, s)
		}
	}
	return secrets
}

// Files returns the full paths of those that are files.
func (in Inputs) Files() []string {
	var files []string
	for _, d := range in.declared {
		if path, ok := in.values[d.Name].(string); ok && d.Type == decl.InputFile {
			files = append(files, path)
		}
	}
	return files
}

func (in Inputs) names() []string {
	names := make([]string, len(in.declared))
	for i, d := range in.declared {
		names[i] = d.Name
	}
	return names
}

func inputsModule(in Inputs) luavm.Module {
	m := luavm.Module{
		Name: "inputs",
		Doc: "The inputs that the playbook declares, as they were given: inputs.users. One that is optional " +
			"and was not given is nil; one that is not declared is an error.",
		Global: true,
		Missing: func(_ *luavm.Call, name string) (any, error) {
			return nil, undeclared(fault.Script, name, in.names())
		},
	}
	for _, d := range in.declared {
		m.Values = append(m.Values, luavm.Value{
			Name: d.Name, Type: inputType(d), Doc: d.About,
			Of: func(*luavm.Call) (any, error) { return in.values[d.Name], nil },
		})
	}
	return m
}

// undeclared is the error for an input that the playbook does not declare.
func undeclared(kind fault.Kind, name string, declared []string) *fault.Error {
	if len(declared) == 0 {
		return &fault.Error{
			Kind: kind, Op: "inputs", Message: "no input " + name + ": the playbook declares none",
			Hint: "declare it in the first statement: playbook { inputs = { " + name + ` = { type = "string" } } }`,
		}
	}
	return &fault.Error{Kind: kind, Op: "inputs", Message: "no input " + name + " is declared" + suggestion(name, declared)}
}

// inputType is the type that an input has in Lua.
func inputType(d luavm.Input) luavm.Type {
	switch d.Type {
	case decl.InputNumber:
		return luavm.Number
	case decl.InputBoolean:
		return luavm.Bool
	case decl.InputEnum:
		return luavm.Enum(d.Values...)
	case decl.InputList:
		return luavm.List(luavm.String)
	case decl.InputSecret:
		return luavm.Secret
	}
	return luavm.String
}
