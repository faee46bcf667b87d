package value

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

func TestArgs(t *testing.T) {
	user := decl.Record("user",
		decl.Param{Name: "name", Type: decl.String},
		decl.Param{Name: "age", Type: decl.Integer, Optional: true},
	)
	for name, c := range map[string]struct {
		params []decl.Param
		lua    string
		want   string // what the arguments became
		err    string
		hint   string
	}{
		"string":                   {params: text, lua: `"a"`, want: `string a`},
		"string refuses number":    {params: text, lua: `1`, err: "hash.sha256: argument text: want string, got number"},
		"string refuses nil":       {params: text, lua: `nil`, err: "hash.sha256: argument text: missing, want string"},
		"string refuses nothing":   {params: text, lua: ``, err: "hash.sha256: argument text: missing, want string"},
		"string refuses secret":    {params: text, lua: `password`, err: "hash.sha256: argument text: want string, got secret"},
		"string refuses null":      {params: text, lua: `null`, err: "hash.sha256: argument text: want string, got json.null"},
		"too many":                 {params: text, lua: `"a", 2`, err: "hash.sha256: want at most 1 argument, got 2"},
		"too many of none":         {lua: `1`, err: "hash.sha256: want no arguments, got 1"},
		"nils at the end":          {params: text, lua: `"a", nil, nil`, want: `string a`},
		"number":                   {params: p(decl.Number), lua: `1.5`, want: `float64 1.5`},
		"number of digits":         {params: p(decl.Number), lua: `"-12.50"`, want: `float64 -12.5`},
		"number refuses text":      {params: p(decl.Number), lua: `"1e5"`, err: `hash.sha256: argument v: want number, got the text "1e5"`},
		"number refuses NaN":       {params: p(decl.Number), lua: `0/0`, err: `hash.sha256: argument v: want number, got NaN`},
		"number refuses bool":      {params: p(decl.Number), lua: `true`, err: `hash.sha256: argument v: want number, got boolean`},
		"digits that are not held": {params: p(decl.Number), lua: `"9007199254740993"`, err: `hash.sha256: argument v: the number 9007199254740993 is not exact`},
		"integer":                  {params: p(decl.Integer), lua: `7`, want: `int64 7`},
		"integer of digits":        {params: p(decl.Integer), lua: `"007"`, want: `int64 7`},
		"integer refuses fraction": {params: p(decl.Integer), lua: `1.5`, err: `hash.sha256: argument v: want a whole number, got 1.5`},
		"integer refuses 2^53":     {params: p(decl.Integer), lua: `2^53`, err: `hash.sha256: argument v: the number 9007199254740992 is not exact`},
		"boolean":                  {params: p(decl.Bool), lua: `false`, want: `bool false`},
		"boolean refuses text":     {params: p(decl.Bool), lua: `"true"`, err: `hash.sha256: argument v: want boolean, got string`},
		"duration in seconds":      {params: p(decl.Duration), lua: `0.5`, want: `time.Duration 500ms`},
		"duration in digits":       {params: p(decl.Duration), lua: `"90"`, want: `time.Duration 1m30s`},
		"duration as text":         {params: p(decl.Duration), lua: `"1h30m"`, want: `time.Duration 1h30m0s`},
		"a long path is cut":       {params: p(decl.List(decl.Map(decl.List(decl.Map(decl.List(decl.Map(decl.List(decl.Map(decl.List(decl.Map(decl.String))))))))))), lua: `{{a={{a={{a={{a={{a=1}}}}}}}}}}`, err: `hash.sha256: argument v[1].a[1].a…[1].a[1].a: want string, got number`},
		"a long name is cut":       {params: p(decl.Map(decl.String)), lua: `{[("x"):rep(100)] = 1}`, err: `hash.sha256: argument v.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…: want string, got number`},
		"a record is a table":      {params: p(decl.Record("place", decl.Param{Name: "x", Type: decl.Number}, decl.Param{Name: "y", Type: decl.Number, Optional: true})), lua: `nil`, err: `hash.sha256: argument v: missing, want a table like { x = … }`},
		"duration in days":         {params: p(decl.Duration), lua: `"1w1d"`, want: `time.Duration 192h0m0s`},
		"duration refuses text":    {params: p(decl.Duration), lua: `"soon"`, err: `hash.sha256: argument v: want duration, got the text "soon"`, hint: `seconds as a number, or text like "90s", "15m", "2h", "7d", "2w"`},
		"duration refuses minus":   {params: p(decl.Duration), lua: `-1`, err: `hash.sha256: argument v: want duration, got -1 seconds`, hint: `seconds as a number, or text like "90s", "15m", "2h", "7d", "2w"`},
		"secret":                   {params: p(decl.Secret), lua: `password`, want: `secret.Secret ***`},
		"text becomes a secret":    {params: p(decl.Secret), lua: `"x"`, want: `secret.Secret ***`},
		"enum":                     {params: p(decl.Enum("login", "admin")), lua: `"admin"`, want: `string admin`},
		"enum refuses others":      {params: p(decl.Enum("login", "admin")), lua: `"admim"`, err: `hash.sha256: argument v: want "login" or "admin", got "admim"`, hint: "did you mean admin?"},
		"function":                 {params: p(decl.Function), lua: `print`, want: `*value.Fn`},
		"function refuses table":   {params: p(decl.Function), lua: `{}`, err: `hash.sha256: argument v: want function, got table`},
		"null":                     {params: p(decl.Null), lua: `null`, want: `decl.JSONNull {}`},
		"null refuses text":        {params: p(decl.Union(decl.List(decl.String), decl.Null)), lua: `"x"`, err: `hash.sha256: argument v: want list of string or json.null, got string`},
		"any":                      {params: p(decl.Any), lua: `null`, want: `decl.JSONNull {}`},
		"table":                    {params: p(decl.Table), lua: `{1}`, want: `*value.Tab`},
		"table refuses text":       {params: p(decl.Table), lua: `"{}"`, err: `hash.sha256: argument v: want table, got string`},
		"list":                     {params: p(decl.List(decl.String)), lua: `{"a", "b"}`, want: `*value.Tab`},
		"list refuses element":     {params: p(decl.List(decl.String)), lua: `{"a", 2}`, err: `hash.sha256: argument v[2]: want string, got number`},
		"list refuses one field":   {params: p(decl.List(decl.Any)), lua: `{a = 2}`, err: `hash.sha256: argument v: want list of any, got a table with the key "a"`},
		"list refuses fields":      {params: p(decl.List(decl.Any)), lua: `{1, a = 2}`, err: `hash.sha256: argument v: want list of any, got a table with the key "a"`},
		"list refuses holes":       {params: p(decl.List(decl.Any)), lua: `{1, nil, 2}`, err: `hash.sha256: argument v[2]: missing, want any`},
		"map":                      {params: p(decl.Map(decl.Number)), lua: `{a = 1}`, want: `*value.Tab`},
		"map refuses value":        {params: p(decl.Map(decl.Number)), lua: `{["a b"] = true}`, err: `hash.sha256: argument v["a b"]: want number, got boolean`},
		"map refuses elements":     {params: p(decl.Map(decl.Number)), lua: `{1}`, err: `hash.sha256: argument v: want table of number, got the key [1]`},
		"record":                   {params: p(user), lua: `{name = "ada"}`, want: `*value.Tab`},
		"record refuses unknown":   {params: p(user), lua: `{nmae = "ada"}`, err: `hash.sha256: argument v: unknown field "nmae"`, hint: "did you mean name?"},
		"record lists its fields":  {params: p(user), lua: `{colour = "red"}`, err: `hash.sha256: argument v: unknown field "colour"`, hint: "its fields are name, age"},
		"record misses a field":    {params: p(user), lua: `{age = 1}`, err: `hash.sha256: argument v.name: missing, want string`},
		"record in a list":         {params: p(decl.List(user)), lua: `{{name = "a"}, {name = "b", age = "x"}}`, err: `hash.sha256: argument v[2].age: want integer, got the text "x"`},
		"union takes the first":    {params: p(decl.Union(decl.Number, decl.String)), lua: `"12"`, want: `float64 12`},
		"union takes the second":   {params: p(decl.Union(decl.Function, user)), lua: `{name = "a"}`, want: `*value.Tab`},
		"union refuses":            {params: p(decl.Union(decl.Function, user)), lua: `1`, err: `hash.sha256: argument v: want function or user, got number`},
		"union looks inside":       {params: p(decl.Union(decl.Function, user)), lua: `{name = 1}`, err: `hash.sha256: argument v.name: want string, got number`},
		"handle refuses others":    {params: p(decl.Handle("job")), lua: `{}`, err: `hash.sha256: argument v: want job, got table`},
		"optional is left out":     {params: optional, lua: ``, want: ``},
		"optional in the middle":   {params: optional, lua: `nil, 2`, want: `<nil> | float64 2`},
		"variadic takes none":      {params: variadic, lua: `"a"`, want: `string a`},
		"variadic takes many":      {params: variadic, lua: `"a", 1, "2"`, want: `string a | float64 1 | float64 2`},
		"variadic refuses":         {params: variadic, lua: `"a", 1, {}`, err: `hash.sha256: argument rest[2]: want number, got table`},
	} {
		t.Run(name, func(t *testing.T) {
			L, env := state(t)
			L.SetGlobal("check", L.NewFunction(func(L *lua.LState) int {
				args, err := env.Args("hash.sha256", c.params, L, 1, nil)
				var got string
				for i, arg := range args {
					if i > 0 {
						got += " | "
					}
					switch arg.(type) {
					case *Tab, *Fn:
						got += fmt.Sprintf("%T", arg)
					case nil:
						got += "<nil>"
					default:
						got += fmt.Sprintf("%T %v", arg, arg)
					}
				}
				if c.err == "" && (err != nil || got != c.want) {
					t.Errorf("Args(%s) = %s, %v, want %s", c.lua, got, err, c.want)
				}
				if c.err != "" {
					e, ok := errors.AsType[*fault.Error](err)
					if !ok || e.Error() != c.err || e.Hint != c.hint || e.Kind != fault.Invalid {
						t.Errorf("Args(%s) = %v, %#v, want %q, hint %q", c.lua, err, e, c.err, c.hint)
					}
				}
				return 0
			}))
			eval(t, L, "check("+c.lua+")")
		})
	}
}

var (
	text     = []decl.Param{{Name: "text", Type: decl.String}}
	optional = []decl.Param{{Name: "a", Type: decl.Number, Optional: true}, {Name: "b", Type: decl.Number, Optional: true}}
	variadic = []decl.Param{{Name: "a", Type: decl.String}, {Name: "rest", Type: decl.Number, Variadic: true}}
)

func p(t decl.Type) []decl.Param { return []decl.Param{{Name: "v", Type: t}} }

func TestPartsConvertLikeArguments(t *testing.T) {
	L, env := state(t)
	typ := decl.Record("opts",
		decl.Param{Name: "timeout", Type: decl.Duration, Optional: true},
		decl.Param{Name: "ids", Type: decl.List(decl.Integer), Optional: true},
		decl.Param{Name: "sizes", Type: decl.Map(decl.Number), Optional: true},
	)
	v := one(t, L, `return { timeout = "2h", ids = { "7", 8 }, sizes = { a = "1" } }`)
	got, bad := env.convert(&typ, v)
	if bad != nil {
		t.Fatal(bad)
	}
	opts := got.(*Tab)
	if d := fmt.Sprint(opts.Get("timeout")); d != "2h0m0s" {
		t.Errorf("timeout = %s, want 2h0m0s", d)
	}
	ids := opts.Get("ids").(*Tab)
	if ids.Index(1) != int64(7) || ids.Index(2) != int64(8) || ids.Index(3) != nil || ids.Len() != 2 {
		t.Errorf("ids = %v, %v, %v, want 7, 8, nil", ids.Index(1), ids.Index(2), ids.Index(3))
	}
	if size := opts.Get("sizes").(*Tab).Get("a"); size != 1.0 {
		t.Errorf("size = %v, want 1", size)
	}
	var keys []string
	opts.Each(func(key, _ any) bool {
		keys = append(keys, key.(string))
		return true
	})
	if !slices.Equal(keys, []string{"timeout", "ids", "sizes"}) {
		t.Errorf("Each gave %v, want the fields in their order", keys)
	}
}

func TestShapeMakesAbsenceAnError(t *testing.T) {
	L, env := state(t)
	shape := &decl.Shape{Missing: func(key string) error {
		return &fault.Error{Kind: fault.Script, Op: "row 3", Message: "no column " + key}
	}}
	for range 2 {
		row := env.NewTable(0, 2)
		row.Set("userName", "ada")
		row.SetShape(shape)
		L.SetGlobal("row", env.ToLua(row))
		if got := one(t, L, `return row.userName .. ": " .. select(2, pcall(function() return row.usrName end))`).String(); got != "ada: row 3: no column usrName" {
			t.Errorf("row = %q, want %q", got, "ada: row 3: no column usrName")
		}
	}
}
