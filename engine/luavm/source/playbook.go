package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// isPlaybook reports whether e is a call of the name playbook.
func isPlaybook(e ast.Expr) (*ast.FuncCallExpr, bool) {
	call, ok := e.(*ast.FuncCallExpr)
	if !ok || call.Func == nil {
		return nil, false
	}
	name, ok := call.Func.(*ast.IdentExpr)
	return call, ok && name.Value == "playbook"
}

// declared refuses a call of playbook other than the declaration.
func (w *walker) declared(call *ast.FuncCallExpr) {
	if _, ok := isPlaybook(call); ok && call != w.first {
		w.fail(w.errorAt(place{line: call.Line()}, "playbook{…} stands once and is the first statement of the file"))
	}
}

// firstPlaybook returns the declaration that stands first.
func firstPlaybook(stmts []ast.Stmt) (*ast.FuncCallExpr, bool) {
	if len(stmts) == 0 {
		return nil, false
	}
	stmt, ok := stmts[0].(*ast.FuncCallStmt)
	if !ok {
		return nil, false
	}
	return isPlaybook(stmt.Expr)
}

// declaration returns the declaration that stands first and the statements
// after it.
func (s *source) declaration(stmts []ast.Stmt) (decl.Playbook, []ast.Stmt, error) {
	call, ok := firstPlaybook(stmts)
	if !ok {
		return decl.Playbook{}, stmts, nil
	}
	r := reader{source: s}
	p := decl.Playbook{Line: call.Line()}
	if len(call.Args) == 1 {
		r.playbook(call.Args[0], &p)
	} else {
		r.fail(call.Line(), "playbook takes one table")
	}
	return p, stmts[1:], r.err
}

// reader turns a declaration into values and keeps the first error.
type reader struct {
	*source
	err error
}

func (r *reader) fail(line int, format string, args ...any) {
	if r.err == nil {
		r.err = r.errorAt(place{line: line}, fmt.Sprintf(format, args...))
	}
}

// mean is a suffix with the name that was meant, or with all that there are.
func mean(name string, all []string) string {
	if hint := fault.DidYouMean(name, all); hint != "" {
		return ", " + hint
	}
	return "; there are " + strings.Join(all, ", ")
}

func (r *reader) playbook(e ast.Expr, p *decl.Playbook) {
	known := []string{"about", "inputs", "columns", "examples"}
	for name, value := range r.fields(e, "playbook") {
		switch name {
		case "about":
			p.About = constant[string](r, "about", value)
		case "inputs":
			for name, value := range r.fields(value, "inputs") {
				p.Inputs = append(p.Inputs, r.input(name, value))
			}
		case "columns":
			p.Columns = r.texts("columns", value)
		case "examples":
			p.Examples = r.texts("examples", value)
		default:
			r.fail(value.Line(), "playbook has no field %q%s", name, mean(name, known))
		}
	}
}

func (r *reader) input(name string, e ast.Expr) decl.Input {
	in := decl.Input{Name: name, Type: decl.InputString, Line: e.Line()}
	if !isInputName(name) {
		r.fail(e.Line(), "input %q: a name has letters, digits, _ and - and begins with a letter", name)
	}
	what := "input " + name
	known := []string{"type", "about", "required", "default", "values"}
	var byDefault ast.Expr
	for field, value := range r.fields(e, what) {
		at := what + ": " + field
		switch field {
		case "type":
			in.Type = decl.InputType(constant[string](r, at, value))
			if r.err == nil && !slices.Contains(decl.InputTypes, in.Type) {
				r.fail(value.Line(), "%s: there is no type %q%s", what, in.Type, mean(string(in.Type), inputTypes()))
			}
		case "about":
			in.About = constant[string](r, at, value)
		case "required":
			in.Required = constant[bool](r, at, value)
		case "values":
			in.Values = r.texts(at, value)
		case "default":
			byDefault = value
		default:
			r.fail(value.Line(), "%s has no field %q%s", what, field, mean(field, known))
		}
	}
	r.checkValues(&in)
	if byDefault != nil {
		r.byDefault(&in, byDefault)
	}
	return in
}

func (r *reader) checkValues(in *decl.Input) {
	switch {
	case in.Type != decl.InputEnum && in.Values != nil:
		r.fail(in.Line, "input %s: only an enum has values; its type is %s", in.Name, in.Type)
	case in.Type == decl.InputEnum && len(in.Values) == 0:
		r.fail(in.Line, "input %s: an enum needs values = { \"…\", \"…\" }", in.Name)
	}
	for i, v := range in.Values {
		if slices.Contains(in.Values[:i], v) {
			r.fail(in.Line, "input %s: value %q stands twice", in.Name, v)
		}
	}
}

func (r *reader) byDefault(in *decl.Input, e ast.Expr) {
	if in.Required {
		r.fail(e.Line(), "input %s: what has a default is not required", in.Name)
	}
	at := "input " + in.Name + ": default"
	switch in.Type {
	case decl.InputSecret:
		r.fail(e.Line(), "input %s: a secret has no default, it would stand in the file in clear", in.Name)
	case decl.InputNumber:
		in.Default = constant[float64](r, at, e)
	case decl.InputBoolean:
		in.Default = constant[bool](r, at, e)
	case decl.InputList:
		list := []any{}
		for _, text := range r.texts(at, e) {
			list = append(list, text)
		}
		in.Default = list
	default:
		text := constant[string](r, at, e)
		if d, err := decl.ParseDuration(text); in.Type == decl.InputDuration && r.err == nil && (err != nil || d < 0) {
			r.fail(e.Line(), "%s %q is no duration such as 90s, 24h or 7d", at, text)
		}
		if in.Type == decl.InputEnum && r.err == nil && !slices.Contains(in.Values, text) {
			r.fail(e.Line(), "%s %q is none of its values%s", at, text, mean(text, in.Values))
		}
		in.Default = text
	}
}

func inputTypes() []string {
	names := make([]string, len(decl.InputTypes))
	for i, t := range decl.InputTypes {
		names[i] = string(t)
	}
	return names
}

func isInputName(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != ""
}
