package source_test

import (
	"strings"
	"testing"

	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/source"
)

const words = `-- A line for those who read the code.

--- Counts words.
local words = {}

---@class count_options
---@field deep? boolean look inside (default false)
---@field how? "all"|"some"|"none" which ones (default "all")
---@field only? ("a"|"b")[]|string these, or
--- as text
---@field each? fun(word: string, n?: integer): boolean called for each

--- Counts the words of a text.
--- Case does not matter.
---@param text string the text
---@param opts? count_options how to count
---@return table<string, integer> counts how often
---@return null|secret rest? what is left (of the text)
---@effect reads
---@example
--- assert(words.count("a b").a == 1)
---   print("indented")
function words.count(text, opts)
end

-- A comment with two dashes may stand anywhere.
local function helper() end
---------------------------------------------------------------- a ruler too

--- Does nothing.
function words.nothing()
end

return words
`

func TestModule(t *testing.T) {
	m, err := source.Module("words", "words.lua", []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "words" || m.Doc != "Counts words." || m.Source.File != "words.lua" || string(m.Source.Text) != words || len(m.Funcs) != 2 {
		t.Fatalf("Module() = %+v", m)
	}
	f := m.Funcs[0]
	if f.Name != "count" || f.Doc != "Counts the words of a text. Case does not matter." || f.Effect != decl.Reads || f.Call != nil {
		t.Errorf("count is %+v", f)
	}
	if want := "assert(words.count(\"a b\").a == 1)\n  print(\"indented\")"; f.Example != want {
		t.Errorf("example %q, want %q", f.Example, want)
	}
	fields := f.Params[1].Type.Fields
	for _, tt := range []struct {
		p    decl.Param
		want string
	}{
		{f.Params[0], "text: string, the text"},
		{f.Params[1], "opts?: count_options, how to count"},
		{f.Returns[0], "counts: table of integer, how often"},
		{f.Returns[1], "rest?: json.null or secret, what is left (of the text)"},
		{fields[0], "deep?: boolean, look inside = false"},
		{fields[1], `how?: "all" or "some" or "none", which ones = "all"`},
		{fields[2], `only?: list of "a" or "b" or string, these, or as text`},
		{fields[3], "each?: function, called for each"},
		{fields[3].Type.Fields[1], "n?: integer, "},
		{fields[3].Type.Results[0], "result: boolean, "},
	} {
		got := tt.p.Name
		if tt.p.Optional {
			got += "?"
		}
		got += ": " + tt.p.Type.String() + ", " + tt.p.Doc
		if tt.p.Default != "" {
			got += " = " + tt.p.Default
		}
		if got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if m.Funcs[1].Name != "nothing" || m.Funcs[1].Params != nil || m.Funcs[1].Example != "" {
		t.Errorf("nothing is %+v", m.Funcs[1])
	}
}

func TestModuleRefuses(t *testing.T) {
	const head = "--- Doc.\nlocal m = {}\n"
	for name, tt := range map[string]struct{ text, want string }{
		"a module without words":        {"local m = {}", "m.lua:1: no sentence stands above: local m = {}"},
		"a function without words":      {head + "function m.f() end", "m.lua:3: no sentence stands above m.f"},
		"a tag that is none":            {head + "--- F.\n---@parm a string b\nfunction m.f(a) end", "m.lua:4: there is no tag @parm"},
		"a type that is none":           {head + "--- F.\n---@param a sting b\nfunction m.f(a) end", "m.lua:4: there is no type sting, did you mean string? (a class stands above its use)"},
		"a type that is missing":        {head + "--- F.\n---@param a\nfunction m.f(a) end", `m.lua:4: want a type, got ""`},
		"a parameter without words":     {head + "--- F.\n---@param a string\nfunction m.f(a) end", "m.lua:4: @param needs a name, a type and words that say what it is"},
		"a result without a name":       {head + "--- F.\n---@return string\nfunction m.f() end", "m.lua:4: @return needs a name, a type and words that say what it is"},
		"a parameter that is not there": {head + "--- F.\n---@param a string b\nfunction m.f() end", "m.lua:5: the parameters are (), the comment says (a)"},
		"a parameter nobody declares":   {head + "--- F.\nfunction m.f(a) end", "m.lua:4: the parameters are (a), the comment says ()"},
		"another order":                 {head + "--- F.\n---@param b any b\n---@param a any a\nfunction m.f(a, b) end", "m.lua:6: the parameters are (a, b), the comment says (b, a)"},
		"a function of another table":   {head + "--- F.\nfunction n.f() end", "m.lua:4: a function of n, want functions of m"},
		"a method":                      {head + "--- F.\nfunction m:f() end", "m.lua:4: functions of a module take no self: write m.f"},
		"a function twice":              {head + "--- F.\nfunction m.f() end\n--- F.\nfunction m.f() end", "m.lua:6: m.f stands twice"},
		"an effect that is none":        {head + "--- F.\n---@effect write\nfunction m.f() end", `m.lua:4: there is no effect "write", did you mean writes?`},
		"a field outside a class":       {head + "--- F.\n---@field a string b\nfunction m.f() end", "m.lua:4: @field belongs to a class"},
		"a class without fields":        {head + "---@class c\n", `m.lua:3: class "c" wants a name of its own and fields, and no sentences`},
		"a class twice":                 {head + "---@class c\n---@field a any a\n\n---@class c\n---@field a any a\n", `m.lua:6: class "c" wants a name of its own and fields, and no sentences`},
		"a class named like a type":     {head + "---@class any\n---@field a any a\n", `m.lua:3: class "any" wants a name of its own and fields, and no sentences`},
		"a class that holds itself":     {head + "---@class c\n---@field a c a\n", "m.lua:4: there is no type c"},
		"a parameter in a class":        {head + "---@class c\n---@param a any a\n", "m.lua:4: a class has fields only"},
		"words that belong to nothing":  {head + "--- F.\n\nfunction m.f() end", "m.lua:3: a comment with three dashes belongs above a function of the module, or a class; write two"},
		"words above a local function":  {head + "--- F.\nlocal function f() end", "m.lua:3: a comment with three dashes belongs above"},
		"a list of lists":               {head + "--- F.\n---@param a string[][] b\nfunction m.f(a) end", "m.lua:4: a list of lists; name the inner one with a class"},
		"an open text":                  {head + "--- F.\n---@param a \"b c\nfunction m.f(a) end", "m.lua:4: a text without its second quote"},
		"an open bracket":               {head + "--- F.\n---@param a (string b\nfunction m.f(a) end", `m.lua:4: want ")", got " b"`},
		"an open map":                   {head + "--- F.\n---@param a table<string, any b\nfunction m.f(a) end", `m.lua:4: want ">", got " b"`},
		"a map by number":               {head + "--- F.\n---@param a table<number, any> b\nfunction m.f(a) end", "m.lua:4: @param needs a name"},
		"a function without a colon":    {head + "--- F.\n---@param a fun(b) c\nfunction m.f(a) end", `m.lua:4: want ":", got ") c"`},
		"types too deep":                {head + "--- F.\n---@param a " + strings.Repeat("(", 20) + "\nfunction m.f(a) end", "m.lua:4: more than 10 types inside one another"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := source.Module("m", "m.lua", []byte(tt.text))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Module(%q) = %v, %v, want the error %s", tt.text, m, err, tt.want)
			}
		})
	}
}

func FuzzModule(f *testing.F) {
	f.Add(words)
	f.Add("--- D.\nlocal words = {}\n--- F.\n---@param a fun(b: (string|\"c\")[], d?: table<string, null>): any e (default f)\nfunction words.f(a) end")
	f.Add("---@class a\n---@field b? a c\n---\n---@")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := source.Module("words", "words.lua", []byte(text))
		if err != nil {
			return
		}
		if m.Doc == "" {
			t.Errorf("Module(%q) has no words", text)
		}
		for _, fn := range m.Funcs {
			if fn.Doc == "" || fn.Call != nil {
				t.Errorf("Module(%q): function %+v", text, fn)
			}
			for _, p := range append(fn.Params, fn.Returns...) {
				checkParam(t, text, p)
			}
		}
	})
}

// checkParam holds what is promised of every declared value, its parts included.
func checkParam(t *testing.T, text string, p decl.Param) {
	if p.Name == "" || strings.ContainsAny(p.Name, " ?|") || p.Type.String() == "" && p.Type.Kind != decl.KindEnum {
		t.Errorf("Module(%q): parameter %+v", text, p)
	}
	for _, part := range append(p.Type.Fields, p.Type.Results...) {
		checkParam(t, text, part)
	}
}
