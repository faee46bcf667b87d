package value

import (
	"math"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

var decodeNulls = decl.DecodeOptions{Nulls: true}

func TestDecode(t *testing.T) {
	L, _ := state(t)
	for name, c := range map[string]struct {
		json, lua string
		opts      decl.DecodeOptions
	}{
		"null alone is nil":                     {`null`, `return v == nil`, decl.DecodeOptions{}},
		"null fields are absent":                {`{"a":null,"b":1}`, `return next(v) == "b" and v.a == nil`, decl.DecodeOptions{}},
		"null fields are kept when asked for":   {`{"a":null}`, `return v.a == null`, decodeNulls},
		"null elements are json.null":           {`[null,1]`, `return #v == 2 and v[1] == null and v[2] == 1`, decl.DecodeOptions{}},
		"fields keep their order":               {`{"z":1,"a":2,"m":3}`, `local s = "" for k in pairs(v) do s = s .. k end return s == "zam"`, decl.DecodeOptions{}},
		"2^53-1 is a number":                    {`9007199254740991`, `return v == 9007199254740991`, decl.DecodeOptions{}},
		"2^53 is a text":                        {`9007199254740992`, `return v == "9007199254740992"`, decl.DecodeOptions{}},
		"-2^53-1 is a text":                     {`-9007199254740993`, `return v == "-9007199254740993"`, decl.DecodeOptions{}},
		"a large integer is a text":             {`123456789012345678901234567890`, `return v == "123456789012345678901234567890"`, decl.DecodeOptions{}},
		"a large float is a number":             {`1e300`, `return v == 1e300`, decl.DecodeOptions{}},
		"fractions":                             {`-0.5`, `return v == -0.5`, decl.DecodeOptions{}},
		"escapes":                               {`"a\u00e4\n\ud83d\ude00"`, "return v == 'aä\\n😀'", decl.DecodeOptions{}},
		"a lone surrogate is replaced":          {`"a\ud800b"`, "return v == 'a\ufffdb'", decl.DecodeOptions{}},
		"bytes that are no UTF-8 are replaced":  {"[\"a\xffb\"]", "return v[1] == 'a\ufffdb'", decl.DecodeOptions{}},
		"names that are no UTF-8 are replaced":  {"{\"\xff\":1}", "return v['\ufffd'] == 1", decl.DecodeOptions{}},
		"CRLF and blanks between":               {"{\r\n  \"a\": [\r\n  ]\r\n}\r\n", `return #v.a == 0`, decl.DecodeOptions{}},
		"the array mark is not visible":         {`[1]`, `local n = 0 for k in pairs(v) do n = n + 1 end return n == 1 and getmetatable(v) == false`, decl.DecodeOptions{}},
		"the array mark cannot be taken away":   {`[]`, `return not pcall(setmetatable, v, {})`, decl.DecodeOptions{}},
		"objects may get a metatable":           {`{}`, `return setmetatable(v, {}) == v`, decl.DecodeOptions{}},
		"more elements than a first allocation": {"[" + strings.Repeat("1,", 5000) + "2]", `return #v == 5001 and v[5001] == 2`, decl.DecodeOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := Decode([]byte(c.json), c.opts)
			if err != nil {
				t.Fatalf("Decode(%s): %v", clip(c.json), err)
			}
			L.SetGlobal("v", v)
			if got := one(t, L, c.lua); got != lua.LTrue {
				t.Errorf("Decode(%s): %s = %v, want true", clip(c.json), c.lua, got)
			}
		})
	}
}

// TestObjectsOfOneKindAreTheirOwn reads objects with the same fields, which are
// copied from one another, and changes them.
func TestObjectsOfOneKindAreTheirOwn(t *testing.T) {
	L, _ := state(t)
	v, err := Decode([]byte(`[`+strings.Repeat(`{"b":1,"a":{"x":1},"c":"t"},`, 6)+`{"a":2,"b":1,"c":"t"}]`), decl.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	L.SetGlobal("v", v)
	got := one(t, L, `
		v[4].new, v[4].b, v[5].c, v[6].other = 1, nil, "u", 2
		v[3].a.x = 9
		local lines = {}
		for i, o in ipairs(v) do
			local line = ""
			for k, f in pairs(o) do line = line .. k .. "=" .. (type(f) == "table" and f.x or f) .. " " end
			lines[i] = line
		end
		return table.concat(lines, "| ")`).String()
	want := "b=1 a=1 c=t | b=1 a=1 c=t | b=1 a=9 c=t | a=1 c=t new=1 | b=1 a=1 c=u | b=1 a=1 c=t other=2 | a=2 b=1 c=t "
	if got != want {
		t.Errorf("objects = %s, want %s", got, want)
	}
	again, err := Decode([]byte(`[{"b":1,"a":2,"c":3}]`), decl.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	L.SetGlobal("v", again)
	if got := one(t, L, `local s = "" for k, f in pairs(v[1]) do s = s .. k .. f end return s`).String(); got != "b1a2c3" {
		t.Errorf("a later object = %s, want b1a2c3", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ json, want string }{
		"nothing":            {``, "json: the text ends too early (byte 1)"},
		"a cut text":         {`{"a":[1,`, "json: the text ends too early in /a/0 (byte 9)"},
		"HTML":               {`<html>`, "json: invalid character '<' at start of value (byte 1)"},
		"two values":         {`1 2`, "json: more than one JSON value (byte 4)"},
		"a name twice":       {`{"a":1,"a":2}`, `json: duplicate object member name in /a (byte 8)`},
		"a name twice again": {`{"a":1,"\u0061":2}`, `json: duplicate object member name in /a (byte 8)`},
		"a gigantic number":  {`[1e999]`, "json: number 1e999 is too large in /0 (byte 7)"},
		"too deep":           {strings.Repeat("[", 300) + strings.Repeat("]", 300), "json: nested more than 200 deep"},
		"NaN":                {`[NaN]`, "json: invalid character 'N' at start of value (byte 2)"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := Decode([]byte(c.json), decl.DecodeOptions{})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("Decode(%s) = %v, %v, want %s", clip(c.json), v, err, c.want)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	L, _ := state(t)
	for name, c := range map[string]struct {
		lua, json string
		opts      decl.EncodeOptions
	}{
		"an empty table is an object":    {`{}`, `{}`, decl.EncodeOptions{}},
		"an empty array stays one":       {`decode("[]")`, `[]`, decl.EncodeOptions{}},
		"an array made by hand":          {`array{}`, `[]`, decl.EncodeOptions{}},
		"elements are an array":          {`{1,"a",true,null}`, `[1,"a",true,null]`, decl.EncodeOptions{}},
		"null":                           {`null`, `null`, decl.EncodeOptions{}},
		"false and 0 and empty text":     {`{a=false}`, `{"a":false}`, decl.EncodeOptions{}},
		"whole numbers have no fraction": {`{1e15, -0.0, 2^53-1}`, `[1000000000000000,0,9007199254740991]`, decl.EncodeOptions{}},
		"fractions":                      {`{0.1, 1e-7}`, `[0.1,1e-7]`, decl.EncodeOptions{}},
		"texts":                          {`"a\"\\\n\0ä<&>"`, `"a\"\\\n\u0000ä<&>"`, decl.EncodeOptions{}},
		"secrets are masked":             {`{p=password}`, `{"p":"***"}`, decl.EncodeOptions{}},
		"secrets are revealed":           {`{p=password}`, `{"p":"hunter2"}`, decl.EncodeOptions{Reveal: true}},
		"sorted":                         {`decode('{"b":1,"a":{"d":1,"c":2}}')`, `{"a":{"c":2,"d":1},"b":1}`, decl.EncodeOptions{Sorted: true}},
		"in the table's order":           {`decode('{"b":1,"a":2}')`, `{"b":1,"a":2}`, decl.EncodeOptions{}},
		"indented":                       {`{a={1,{}}}`, "{\n  \"a\": [\n    1,\n    {}\n  ]\n}", decl.EncodeOptions{Indent: "  "}},
		"a table twice":                  {`(function() local x = {1} return {x, x} end)()`, `[[1],[1]]`, decl.EncodeOptions{}},
		"fields that were removed":       {`(function() local x = {a=1, b=2} x.a = nil return x end)()`, `{"b":2}`, decl.EncodeOptions{}},
		"elements that were removed":     {`(function() local x = {1, 2} x[2] = nil return x end)()`, `[1]`, decl.EncodeOptions{}},
		"an array that was emptied":      {`(function() local x = decode("[1]") x[1] = nil return x end)()`, `[]`, decl.EncodeOptions{}},
		"an error":                       {`select(2, pcall(fail))`, `{"kind":"server","message":"refused: gone","op":"call","status":500}`, decl.EncodeOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Encode(one(t, L, "return "+c.lua), c.opts)
			if err != nil || string(got) != c.json {
				t.Errorf("Encode(%s) = %s, %v, want %s", c.lua, got, err, c.json)
			}
		})
	}
	var met bool
	if _, err := Encode(one(t, L, `return {a={password}}`), decl.EncodeOptions{Secret: &met}); err != nil || !met {
		t.Errorf("Encode with a secret: Secret = %v, %v, want true", met, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	L, _ := state(t)
	for name, c := range map[string]struct{ lua, want string }{
		"NaN":                     {`{a={0/0}}`, "json: a[1]: the number is not finite"},
		"infinity":                {`1/0`, "json: the number is not finite"},
		"2^53":                    {`{users={{id=2^53}}}`, "json: users[1].id: the number 9007199254740992 is not exact: numbers of 2^53 and more must be texts"},
		"-2^53":                   {`-2^53`, "json: the number -9007199254740992 is not exact: numbers of 2^53 and more must be texts"},
		"a table inside itself":   {`(function() local x = {} x.a = {x} return x end)()`, "json: a[1]: the table is inside itself"},
		"elements and fields":     {`{{1, name=2}}`, `json: [1]: the table has elements and the key "name": neither an array nor an object`},
		"fields and a number":     {`(function() local x = {a=1} x[0] = 1 return x end)()`, "json: the table has the key [0] beside its fields"},
		"a hole":                  {`{1, nil, 3}`, "json: [2]: the array has a hole here: use json.null"},
		"a number far away":       {`{[5e9]=1}`, "json: the table has elements and the key [5000000000]: neither an array nor an object"},
		"a function":              {`{a={["b c"]=print}}`, `json: a["b c"]: a function has no JSON`},
		"a coroutine":             {`coroutine.create(print)`, "json: a thread has no JSON"},
		"a boolean key":           {`{[true]=1}`, "json: the table has elements and the key of type boolean: neither an array nor an object"},
		"text that is no UTF-8":   {`{name="\255"}`, `json: name: the text "\xff" is not UTF-8`},
		"a name that is no UTF-8": {`{["\255"]=1}`, `json: ["\xff"]: the text "\xff" is not UTF-8`},
		"too deep":                {`(function() local x = {} for i = 1, 300 do x = {x} end return x end)()`, "json: " + strings.Repeat("[1]", 4) + "…" + strings.Repeat("[1]", 4) + ": nested more than 200 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Encode(one(t, L, "return "+c.lua), decl.EncodeOptions{})
			if err == nil || err.Error() != c.want || fault.KindOf(err) != fault.Invalid {
				t.Errorf("Encode(%s) = %s, %v, want %s", c.lua, got, err, c.want)
			}
		})
	}
}

// FuzzDecode checks that what was read and written is read as the same again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`null`, `[]`, `{}`, `[null,{"a":[1,-2.5e10,"\u00e4",true,false]}]`, `9007199254740992`, `"` + "\xff" + `"`,
		`{"a":1,"a":2}`, `[[[[`, `1 2`, `-0`, `{"":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Decode(text, decodeNulls)
		if err != nil {
			return
		}
		first, err := Encode(v, decl.EncodeOptions{})
		if err != nil {
			if n, ok := find(v, func(n float64) bool { return math.Abs(n) >= maxExact }); ok {
				t.Skipf("number %v cannot be written", n)
			}
			t.Fatalf("Encode(Decode(%q)): %v", text, err)
		}
		again, err := Decode(first, decodeNulls)
		if err != nil {
			t.Fatalf("Decode(%q): %v", first, err)
		}
		second, err := Encode(again, decl.EncodeOptions{})
		if err != nil || string(second) != string(first) {
			t.Errorf("%q was written as %q, then as %q, %v", text, first, second, err)
		}
	})
}

func find(v lua.LValue, is func(float64) bool) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), is(float64(v))
	case *lua.LTable:
		for k := range keys(v) {
			if n, ok := find(v.RawGet(k), is); ok {
				return n, true
			}
		}
	}
	return 0, false
}
