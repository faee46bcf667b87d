package harden

import (
	"strings"

	"moonpost/engine/luavm/decl"
)

// line declares one function: "rep(s string, n integer, sep? string) text
// string" and what it does.
type line [2]string

// Modules declares what Open gives to a playbook: Lua's own libraries, the
// functions without a library as module _G. The declarations have no Go function
// behind them.
func Modules() []decl.Module {
	return []decl.Module{
		declaration("_G", "The functions of Lua that belong to no library. A playbook is Lua 5.1; goto and labels are there, too. "+
			"There is no way to read text as code (load, loadstring, loadfile, dofile), to change the environment of a function "+
			"(setfenv, getfenv), and no collectgarbage, newproxy, module or package. An assignment to a name that is not "+
			"declared local makes a global, as usual.", globalLines,
			decl.Value{Name: "_G", Type: decl.Table, Doc: "the table of all globals"},
			decl.Value{Name: "_VERSION", Type: decl.String, Doc: `"Lua 5.1"`},
			decl.Value{Name: "arg", Type: decl.List(decl.String), Doc: "what stood after -- on the command line"}),
		declaration("string", "Texts. The functions are also methods: name:lower(). A text is at most 64 MiB. "+
			"Patterns are Lua's own, not regular expressions; one that would take too long is given up. There is no string.dump.", stringLines),
		declaration("table", "Lists. A list has 4,194,303 elements at most. The library tables themselves cannot be changed.", tableLines),
		declaration("math", "Numbers, which are all floating point: whole ones are exact up to 2^53.", mathLines,
			decl.Value{Name: "pi", Type: decl.Number, Doc: "3.14159…"},
			decl.Value{Name: "huge", Type: decl.Number, Doc: "larger than any other number"}),
		declaration("os", "Time. There is no way to run programs, to touch files or to see the environment: os.execute, os.exit, "+
			"os.getenv, os.remove, os.rename, os.setlocale, os.tmpname and the library io are left out.", osLines),
		declaration("coroutine", "Functions that hand over and go on later. To do several things at a time see the module task.", coroutineLines),
		declaration("debug", "A look at the calls that led here, and nothing else of Lua's debug library.", debugLines),
	}
}

func declaration(name, doc string, lines []line, values ...decl.Value) decl.Module {
	m := decl.Module{Name: name, Doc: doc, Global: true, Values: values}
	for _, l := range lines {
		m.Funcs = append(m.Funcs, l.declare())
	}
	return m
}

// declare reads a line.
func (l line) declare() decl.Func {
	head, results, _ := strings.Cut(l[0], ")")
	name, params, _ := strings.Cut(head, "(")
	return decl.Func{Name: name, Doc: l[1], Params: declared(params), Returns: declared(results)}
}

var types = map[string]decl.Type{
	"any": decl.Any, "string": decl.String, "number": decl.Number, "integer": decl.Integer, "boolean": decl.Bool,
	"table": decl.Table, "list": decl.List(decl.Any), "function": decl.Function,
	"coroutine": {Kind: decl.KindObject, Name: "coroutine"},
}

// declared reads "name type, name? type, ... type".
func declared(text string) []decl.Param {
	var params []decl.Param
	for part := range strings.SplitSeq(text, ",") {
		name, kind, ok := strings.Cut(strings.TrimSpace(part), " ")
		if !ok {
			continue
		}
		p := decl.Param{Name: strings.TrimSuffix(name, "?"), Type: types[kind], Optional: strings.HasSuffix(name, "?")}
		if name == "..." {
			p.Name, p.Variadic, p.Optional = "values", true, true
		}
		params = append(params, p)
	}
	return params
}
