package stdlib

import (
	"fmt"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

func jsonModule() luavm.Module {
	return luavm.Module{
		Name:   "json",
		Global: true,
		Doc:    "Reads and writes JSON. Lists from JSON stay lists when they are empty; json.null is a null that a table can hold.",
		Values: []luavm.Value{{
			Name: "null", Type: luavm.Any,
			Doc: "JSON's null. Its truth value is true, so compare: value == json.null.",
			Of:  func(*luavm.Call) (any, error) { return luavm.JSONNull{}, nil },
		}},
		Funcs: []luavm.Func{
			{
				Name: "decode",
				Doc: "Returns the value of a JSON text. Null fields of objects are left out unless opts.nulls is set, null elements of " +
					"lists are json.null. Whole numbers of 2^53 and more become texts, as a number would lose digits. An error of kind " +
					"invalid says where the text is wrong.",
				Params: []luavm.Param{
					{Name: "text", Type: luavm.String, Doc: "one JSON value"},
					{Name: "opts", Type: luavm.Record("json_decode_options",
						luavm.Param{Name: "nulls", Type: luavm.Bool, Doc: "keep null fields as json.null", Optional: true, Default: "false"},
					), Doc: "how to read", Optional: true},
				},
				Returns: []luavm.Param{{Name: "value", Type: luavm.Any, Doc: "table, text, number, boolean, or nil for null"}},
				Example: `local user = json.decode('{"name":"ada","rights":["login"]}')
assert(user.name == "ada" and user.rights[1] == "login")`,
				Call: decodeJSON,
			},
			{
				Name: "encode",
				Doc: "Returns a value as JSON text, on one line unless opts.indent says otherwise. A table with elements 1 to n is a list, " +
					"any other is an object, an empty one too unless it came from JSON or json.array. Secrets are written as ***. Functions, " +
					"tables inside themselves and numbers that are not finite are refused.",
				Params: []luavm.Param{
					{Name: "value", Type: luavm.Any, Doc: "what to write"},
					{Name: "opts", Type: luavm.Record("json_encode_options",
						luavm.Param{Name: "indent", Type: luavm.Integer, Doc: "blanks for each level, up to 16", Optional: true, Default: "0, all on one line"},
						luavm.Param{Name: "sorted", Type: luavm.Bool, Doc: "order the fields of objects by name", Optional: true, Default: "false"},
					), Doc: "how to write", Optional: true},
				},
				Returns: []luavm.Param{{Name: "text", Type: luavm.String, Doc: "JSON without line end"}},
				Example: `assert(json.encode({ b = 1, a = { true, json.null } }, { sorted = true }) == '{"a":[true,null],"b":1}')`,
				Call:    encodeJSON,
			},
			{
				Name: "array",
				Doc:  "Marks a table as a list, so that it is written as [] when it is empty, and returns it.",
				Params: []luavm.Param{
					{Name: "list", Type: luavm.List(luavm.Any), Doc: "table with elements only", Optional: true, Default: "{}"},
				},
				Returns: []luavm.Param{{Name: "list", Type: luavm.List(luavm.Any), Doc: "the same table"}},
				Example: `assert(json.encode({ addresses = json.array{} }) == '{"addresses":[]}')`,
				Call: func(c *luavm.Call) error {
					list := c.Table(0)
					if list == nil {
						list = c.NewTable(0, 0)
					}
					list.SetArray()
					return c.Return(list)
				},
			},
		},
	}
}

func decodeJSON(c *luavm.Call) error {
	var opts luavm.DecodeOptions
	if t := c.Table(1); t != nil {
		opts.Nulls, _ = t.Get("nulls").(bool)
	}
	value, err := c.DecodeJSON([]byte(c.String(0)), opts)
	if err != nil {
		return err
	}
	return c.Return(value)
}

func encodeJSON(c *luavm.Call) error {
	var opts luavm.EncodeOptions
	if t := c.Table(1); t != nil {
		opts.Sorted, _ = t.Get("sorted").(bool)
		indent, _ := t.Get("indent").(int64)
		if indent < 0 || indent > 16 {
			return &fault.Error{Kind: fault.Invalid, Op: "json.encode", Message: fmt.Sprintf("indent is %d, want 0 to 16", indent)}
		}
		opts.Indent = strings.Repeat(" ", int(indent))
	}
	text, err := c.EncodeJSON(c.Arg(0), opts)
	if err != nil {
		return err
	}
	return c.Return(text)
}
