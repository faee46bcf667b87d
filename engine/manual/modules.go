package manual

import (
	"slices"
	"strings"

	"moonpost/engine/luavm/decl"
)

// globals is the name of the module of functions that belong to no library.
const globals = "_G"

// modules makes the entries of Lua modules and of all that is in them.
func modules(all []decl.Module) []Entry {
	var entries []Entry
	for _, m := range all {
		entries = append(entries, module(m)...)
	}
	return entries
}

// module makes the entry of a module, and after it those of its members.
func module(m decl.Module) []Entry {
	e := Entry{Kind: Module, Name: m.Name, About: m.Doc}
	switch {
	case m.Name == globals:
	case m.Global:
		e.Facts = append(e.Facts, Fact{"use", "It is a global: nothing has to be required."})
	default:
		e.Usage = []string{required(m.Name)}
	}
	var members []Entry
	add := func(group string, these ...Entry) {
		if len(these) == 0 {
			return
		}
		g := Group{Title: group}
		for _, one := range these {
			g.Items = append(g.Items, one.item())
		}
		e.Groups = append(e.Groups, g)
		members = append(members, these...)
	}
	if m.Callable != nil {
		f := function(m.Name, *m.Callable)
		f.Name = m.Name
		e.Usage = append(e.Usage, f.Usage...)
		e.Params, e.Returns, e.Examples, e.Facts = f.Params, f.Returns, f.Examples, append(e.Facts, f.Facts...)
		e.Details = append(e.Details, f.About)
	}
	var functions []Entry
	for _, f := range m.Funcs {
		functions = append(functions, function(m.Name, f))
	}
	add("functions", functions...)
	var values []Entry
	for _, v := range m.Values {
		p := param(decl.Param{Name: v.Name, Type: v.Type, Doc: v.Doc})
		values = append(values, Entry{
			Kind: Value, Name: qualified(m.Name, v.Name), About: v.Doc, Module: m.Name, Returns: unnamed(p),
		})
	}
	add("values", values...)
	for _, o := range m.Objects {
		own := Entry{Kind: Object, Name: o.Name, About: o.Doc, Module: m.Name, Fields: params(o.Fields)}
		var methods []Entry
		for _, f := range o.Methods {
			f := function(m.Name, f)
			f.Kind, f.Name = Method, o.Name+":"+f.Name[strings.LastIndexByte(f.Name, '.')+1:]
			f.Usage[0] = o.Name + ":" + f.Usage[0][strings.LastIndexByte(f.Usage[0][:strings.IndexByte(f.Usage[0], '(')], '.')+1:]
			methods = append(methods, f)
		}
		if len(methods) > 0 {
			g := Group{Title: "methods"}
			for _, f := range methods {
				g.Items = append(g.Items, f.item())
			}
			own.Groups = []Group{g}
		}
		add("objects", append([]Entry{own}, methods...)...)
		last := &e.Groups[len(e.Groups)-1]
		last.Items = last.Items[:1]
	}
	return append([]Entry{e}, members...)
}

// required writes how a playbook gets a module that is no global.
func required(name string) string { return "local " + name + ` = require("` + name + `")` }

// qualified returns the name by which a playbook reaches a member of a module.
func qualified(module, name string) string {
	if module == globals {
		return name
	}
	return module + "." + name
}

func function(module string, f decl.Func) Entry {
	e := Entry{
		Kind: Function, Name: qualified(module, f.Name), About: f.Doc, Module: module,
		Params: params(f.Params), Returns: params(f.Returns), Effect: f.Effect.String(),
	}
	e.Usage = []string{signature(e.Name, f.Params)}
	switch f.Effect {
	case decl.Reads:
		e.Facts = append(e.Facts, Fact{"effect", "It reads files or asks the server."})
	case decl.Writes:
		e.Facts = append(e.Facts, Fact{"effect", "It may change files or the server."})
	case decl.Sends:
		e.Facts = append(e.Facts, Fact{"effect", "It sends something that cannot be taken back."})
	}
	if f.Example != "" {
		e.Examples = []Sample{{Language: "lua", Text: f.Example}}
	}
	return e
}

// signature writes how a function is called: "csv.rows(path, [opts])".
func signature(name string, params []decl.Param) string {
	parts := make([]string, len(params))
	for i, p := range params {
		switch {
		case p.Variadic:
			parts[i] = "..."
		case p.Optional:
			parts[i] = "[" + p.Name + "]"
		default:
			parts[i] = p.Name
		}
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// params lays out parameters, results or fields.
func params(list []decl.Param) []Param {
	var all []Param
	for _, p := range list {
		all = append(all, param(p))
	}
	return all
}

func param(p decl.Param) Param {
	to := Param{
		Name: p.Name, Type: p.Type.String(), About: p.Doc, Optional: p.Optional, Default: p.Default, Variadic: p.Variadic,
	}
	to.Fields, to.Params = parts(p.Type)
	if p.Type.Kind == decl.KindEnum {
		to.Type, to.Values = decl.String.String(), slices.Clone(p.Type.Values)
	}
	return to
}

// parts returns what a type consists of: the fields of a table, of the elements
// of a list, or of the one table among several choices, and the parameters of a
// function.
func parts(t decl.Type) (fields, parameters []Param) {
	switch t.Kind {
	case decl.KindRecord:
		return params(t.Fields), nil
	case decl.KindFunction:
		if len(t.Fields) == 0 { // an iterator: what it gives is what counts
			return params(t.Results), nil
		}
		return nil, params(t.Fields)
	case decl.KindList, decl.KindMap:
		return parts(*t.Elem)
	case decl.KindUnion:
		for _, option := range t.Options {
			f, p := parts(option)
			fields, parameters = append(fields, f...), append(parameters, p...)
		}
	}
	return fields, parameters
}

// unnamed returns p as the one result of reading a value.
func unnamed(p Param) []Param {
	p.Name, p.About = "value", ""
	return []Param{p}
}
