package source

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"moonpost/engine/luavm/decl"
)

// Module reads the declaration of a module that is written in Lua off its
// comments. What runs is checked when it is loaded; here only lines are read,
// so that a program can declare its modules at every start.
//
//	--- What the module is for.
//	local name = {}
//
//	---@class options
//	---@field deep? boolean what it says (default false)
//
//	--- What the function does.
//	---@param path string what it is
//	---@param opts? options how to do it
//	---@return integer n what comes out
//	---@effect reads
//	---@example
//	--- assert(name.count("a.txt") == 1)
//	function name.count(path, opts)
//
// Sentences stand above the first tag; a line with three dashes below a tag goes
// on with its words. A class stands above its use. Every function of the module
// is declared, with all its parameters. Errors are those of Parse.
func Module(name, file string, text []byte) (decl.Module, error) {
	r := &moduleReader{
		source:  &source{file: file, text: string(text)},
		module:  decl.Module{Name: name, Source: &decl.Source{File: file, Text: text}},
		records: map[string]decl.Type{},
	}
	var block comment
	line := 0
	for rest, more := string(text), true; more; {
		var code string
		code, rest, more = cutLine(rest)
		line++
		words, ours := strings.CutPrefix(code, "---")
		if ours && !strings.HasPrefix(words, "-") {
			err := block.add(line, words)
			if err == nil {
				continue
			}
			return decl.Module{}, r.errorAt(place{line: line}, err.Error())
		}
		if err := r.code(line, code, block); err != nil {
			return decl.Module{}, err
		}
		block = comment{}
	}
	if r.module.Doc == "" {
		return decl.Module{}, r.errorAt(place{line: 1}, fmt.Sprintf("no sentence stands above: local %s = {}", name))
	}
	return r.module, nil
}

// comment is lines with three dashes that stand together.
type comment struct {
	line int // of the first
	doc  string
	tags []tag
}

// tag is one @ of a comment with all its lines.
type tag struct {
	line       int
	name, text string
}

const exampleTag = "example"

func (c *comment) add(line int, words string) error {
	if c.line == 0 {
		c.line = line
	}
	if head, ok := strings.CutPrefix(words, "@"); ok {
		name, text, _ := strings.Cut(head, " ")
		if !slices.Contains([]string{"class", "field", "param", "return", "effect", exampleTag}, name) {
			return fmt.Errorf("there is no tag @%s", name)
		}
		c.tags = append(c.tags, tag{line, name, strings.TrimSpace(text)})
		return nil
	}
	words = strings.TrimPrefix(words, " ")
	switch n := len(c.tags); {
	case n == 0:
		c.doc = joined(c.doc, " ", strings.TrimSpace(words))
	case c.tags[n-1].name == exampleTag:
		c.tags[n-1].text = joined(c.tags[n-1].text, "\n", words)
	default:
		c.tags[n-1].text = joined(c.tags[n-1].text, " ", strings.TrimSpace(words))
	}
	return nil
}

func joined(a, between, b string) string {
	if a == "" {
		return b
	}
	return a + between + b
}

// moduleReader makes a declaration of comments and of the lines below them.
type moduleReader struct {
	*source
	module  decl.Module
	records map[string]decl.Type
}

var (
	localTable  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^local (\w+) = \{\}$`) })
	functionRow = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^function (\w+)([.:])(\w+)\(([^()]*)\)`) })
)

// code reads a line that is no comment, with the comment that stands above it.
func (r *moduleReader) code(line int, code string, above comment) error {
	fail := func(format string, args ...any) error {
		return r.errorAt(place{line: line}, fmt.Sprintf(format, args...))
	}
	if row := functionRow().FindStringSubmatch(code); row != nil {
		switch table, name := row[1], row[3]; {
		case table != r.module.Name:
			return fail("a function of %s, want functions of %s", table, r.module.Name)
		case row[2] == ":":
			return fail("functions of a module take no self: write %s.%s", table, name)
		case above.doc == "":
			return fail("no sentence stands above %s.%s", table, name)
		case slices.ContainsFunc(r.module.Funcs, func(f decl.Func) bool { return f.Name == name }):
			return fail("%s.%s stands twice", table, name)
		default:
			return r.function(line, name, row[4], above)
		}
	}
	if above.line == 0 {
		return nil
	}
	if len(above.tags) > 0 && above.tags[0].name == "class" {
		return r.class(above)
	}
	if row := localTable().FindStringSubmatch(code); row != nil && row[1] == r.module.Name {
		if len(above.tags) > 0 || r.module.Doc != "" {
			return fail("a module has one comment of sentences alone")
		}
		r.module.Doc = above.doc
		return nil
	}
	return r.errorAt(place{line: above.line}, "a comment with three dashes belongs above a function of the module, or a class; write two")
}

// class reads a record.
func (r *moduleReader) class(above comment) error {
	name := above.tags[0].text
	var fields []decl.Param
	for _, t := range above.tags[1:] {
		if t.name != "field" {
			return r.errorAt(place{line: t.line}, "a class has fields only")
		}
		f, err := r.named(t)
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	_, taken := r.records[name]
	if _, plain := plainTypes[name]; taken || plain || !isName(name) || len(fields) == 0 || above.doc != "" {
		return r.errorAt(place{line: above.line}, fmt.Sprintf("class %q wants a name of its own and fields, and no sentences", name))
	}
	r.records[name] = decl.Record(name, fields...)
	return nil
}

// function reads a function with the names that its code gives its parameters.
func (r *moduleReader) function(line int, name, names string, above comment) error {
	f := decl.Func{Name: name, Doc: above.doc}
	for _, t := range above.tags {
		var err error
		switch t.name {
		case "param":
			var p decl.Param
			p, err = r.named(t)
			f.Params = append(f.Params, p)
		case "return":
			var p decl.Param
			p, err = r.result(t)
			f.Returns = append(f.Returns, p)
		case "effect":
			f.Effect, err = r.effect(t)
		case exampleTag:
			f.Example = t.text
		default:
			err = r.errorAt(place{line: t.line}, "@"+t.name+" belongs to a class")
		}
		if err != nil {
			return err
		}
	}
	var declared []string
	for _, p := range f.Params {
		declared = append(declared, p.Name)
	}
	if want := strings.Join(declared, ", "); names != want {
		return r.errorAt(place{line: line}, fmt.Sprintf("the parameters are (%s), the comment says (%s)", names, want))
	}
	r.module.Funcs = append(r.module.Funcs, f)
	return nil
}

// named reads "name? type words", a parameter or a field.
func (r *moduleReader) named(t tag) (decl.Param, error) {
	name, rest, _ := strings.Cut(t.text, " ")
	p := decl.Param{Name: strings.TrimSuffix(name, "?"), Optional: strings.HasSuffix(name, "?")}
	var err error
	if p.Type, rest, err = readType(rest, r.records); err != nil {
		return p, r.errorAt(place{line: t.line}, err.Error())
	}
	return p, r.describe(t, &p, rest)
}

// result reads "type name? words".
func (r *moduleReader) result(t tag) (decl.Param, error) {
	typ, rest, err := readType(t.text, r.records)
	if err != nil {
		return decl.Param{}, r.errorAt(place{line: t.line}, err.Error())
	}
	name, words, _ := strings.Cut(strings.TrimSpace(rest), " ")
	p := decl.Param{Name: strings.TrimSuffix(name, "?"), Type: typ, Optional: strings.HasSuffix(name, "?")}
	return p, r.describe(t, &p, " "+words)
}

// describe takes the words of a parameter, which stand behind a blank, with the
// default at their end.
func (r *moduleReader) describe(t tag, p *decl.Param, words string) error {
	doc, separate := strings.CutPrefix(words, " ")
	if !separate || strings.TrimSpace(doc) == "" || !isName(p.Name) {
		return r.errorAt(place{line: t.line}, "@"+t.name+" needs a name, a type and words that say what it is")
	}
	p.Doc = strings.TrimSpace(doc)
	if before, ending, ok := strings.Cut(p.Doc, " (default "); ok && strings.HasSuffix(ending, ")") {
		p.Doc, p.Default = before, strings.TrimSuffix(ending, ")")
	}
	return nil
}

func isName(text string) bool {
	for i := range len(text) {
		if !isNameByte(text[i], i) {
			return false
		}
	}
	return text != ""
}

func (r *moduleReader) effect(t tag) (decl.Effect, error) {
	effects := map[string]decl.Effect{}
	for _, e := range []decl.Effect{decl.None, decl.Reads, decl.Writes, decl.Sends} {
		effects[e.String()] = e
	}
	e, ok := effects[t.text]
	if !ok {
		return e, r.errorAt(place{line: t.line}, fmt.Sprintf("there is no effect %q%s", t.text, mean(t.text, slices.Sorted(maps.Keys(effects)))))
	}
	return e, nil
}
