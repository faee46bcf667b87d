package bindings

import (
	"context"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// functionFields are what functions and describe both say of a function.
var functionFields = []luavm.Param{
	{Name: "name", Type: luavm.String, Doc: "name of the function"},
	{Name: "about", Type: luavm.String, Doc: "what it does"},
	{Name: "changing", Type: luavm.Bool, Doc: "it may change the server"},
	{Name: "destructive", Type: luavm.Bool, Doc: "it may destroy data"},
	{Name: "long_running", Type: luavm.Enum("yes", "no", "likely", "unknown"), Doc: "it runs as a job"},
}

var (
	functionType = luavm.Record("server function", functionFields...)

	argumentType = luavm.Record("argument",
		luavm.Param{Name: "name", Type: luavm.String, Doc: "name of the argument"},
		luavm.Param{Name: "type", Type: luavm.String, Doc: "what it takes"},
		luavm.Param{Name: "about", Type: luavm.String, Doc: "what it means"},
		luavm.Param{Name: "required", Type: luavm.Bool, Doc: "it must be given"},
		luavm.Param{Name: "default", Type: luavm.String, Optional: true, Doc: "what is sent when it is not given"},
		luavm.Param{Name: "values", Type: luavm.List(luavm.String), Optional: true, Doc: "the values it can have, of a list those of its elements"},
	)

	descriptionType = luavm.Record("description", append(functionFields[:len(functionFields):len(functionFields)],
		luavm.Param{Name: "edition", Type: luavm.String, Doc: "where the function exists"},
		luavm.Param{Name: "source", Type: luavm.String, Doc: "who says so: metadata, catalogue or both"},
		luavm.Param{Name: "params", Type: luavm.List(argumentType), Doc: "its arguments"},
		luavm.Param{Name: "returns", Type: luavm.Any, Optional: true, Doc: "what it returns, in words"},
	)...)
)

func (r *remote) functionsFunc() luavm.Func {
	return luavm.Func{
		Name: "functions",
		Doc:  "Lists the functions that the server offers, by name.",
		Params: []luavm.Param{{
			Name: "pattern", Type: luavm.String, Optional: true, Default: "all",
			Doc: `part of the name, or the whole name with * for any text: "Get*"; case does not matter`,
		}},
		Returns: []luavm.Param{{Name: "functions", Type: luavm.List(functionType), Doc: "one row for each"}},
		Example: `for _, f in ipairs(api.functions("Get*")) do print(f.name, f.about) end`,
		Effect:  luavm.Reads,
		Call: func(c *luavm.Call) error {
			o, err := r.connected(c)
			if err != nil {
				return err
			}
			rows := []any{}
			for i := range o.functions {
				if f := &o.functions[i]; f.Matches(c.String(0)) {
					rows = append(rows, describe(c, f))
				}
			}
			return c.Return(rows)
		},
	}
}

func (r *remote) describeFunc() luavm.Func {
	return luavm.Func{
		Name:    "describe",
		Doc:     "Describes one function of the server.",
		Params:  []luavm.Param{fnParam},
		Returns: []luavm.Param{{Name: "description", Type: descriptionType, Doc: "its arguments and what is known beyond them"}},
		Example: `local f = api.describe("CreateUser")
for _, p in ipairs(f.params) do print(p.name, p.type, p.required) end`,
		Effect: luavm.Reads,
		Call: func(c *luavm.Call) error {
			o, err := r.connected(c)
			if err != nil {
				return err
			}
			f, err := o.find(c.String(0))
			if err != nil {
				return err
			}
			t := describe(c, f)
			t.Set("edition", f.Edition)
			t.Set("source", f.Source)
			params := make([]any, len(f.Params))
			for i, p := range f.Params {
				params[i] = describeArgument(c, p)
			}
			t.Set("params", params)
			if len(f.Returns) > 0 {
				t.Set("returns", f.Returns[0].Doc)
			}
			return c.Return(t)
		},
	}
}

func (r *remote) hasFunc() luavm.Func {
	return luavm.Func{
		Name:    "has",
		Doc:     "Tells whether the server offers a function of exactly that name.",
		Params:  []luavm.Param{fnParam},
		Returns: []luavm.Param{{Name: "has", Type: luavm.Bool, Doc: "true when it does"}},
		Example: `assert(api.has("GetUsers") and not api.has("getusers"))`,
		Effect:  luavm.Reads,
		Call: func(c *luavm.Call) error {
			o, err := r.connected(c)
			if err != nil {
				return err
			}
			return c.Return(o.byName[c.String(0)] != nil)
		},
	}
}

// connected opens the server, from outside a wait.
func (r *remote) connected(c *luavm.Call) (*offer, error) {
	var o *offer
	err := c.Wait(func(ctx context.Context) (err error) {
		o, err = r.offer(ctx)
		return err
	})
	return o, r.noted(c, err)
}

// describe makes a table of the fields that every description has.
func describe(c *luavm.Call, f *call.Function) luavm.Tab {
	t := c.NewTable(0, 8)
	t.Set("name", f.Name)
	t.Set("about", f.Doc)
	t.Set("changing", f.Changing)
	t.Set("destructive", f.Destructive)
	t.Set("long_running", f.LongRunning)
	return t
}

func describeArgument(c *luavm.Call, p luavm.Param) luavm.Tab {
	t := c.NewTable(0, 6)
	t.Set("name", p.Name)
	t.Set("type", p.Type.String())
	t.Set("about", p.Doc)
	t.Set("required", !p.Optional)
	if p.Default != "" {
		t.Set("default", p.Default)
	}
	of := p.Type
	if of.Elem != nil {
		of = *of.Elem
	}
	if len(of.Values) > 0 {
		t.Set("values", of.Values)
	}
	return t
}

// unknownFunction is the error for a name that the server does not have.
func unknownFunction(op, name string, names []string) error {
	return &fault.Error{
		Kind: fault.Invalid, Op: op, Fn: name, Message: "the server has no function " + name + suggestion(name, names),
		Hint: "list its functions with: moonpost functions",
	}
}

// suggestion returns "; did you mean X?", or "" when nothing is close.
func suggestion(name string, candidates []string) string {
	if text := fault.DidYouMean(name, candidates); text != "" {
		return "; " + text
	}
	return ""
}
