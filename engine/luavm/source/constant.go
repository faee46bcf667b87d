package source

import (
	"fmt"
	"iter"

	"github.com/yuin/gopher-lua/ast"
)

// fields iterates over the named fields of a table constructor in the order of
// the source, those that are nil left out.
func (r *reader) fields(e ast.Expr, what string) iter.Seq2[string, ast.Expr] {
	return func(yield func(string, ast.Expr) bool) {
		table, ok := e.(*ast.TableExpr)
		if !ok {
			r.fail(e.Line(), "%s must be a table, not %s", what, kindOf(e))
			return
		}
		seen := map[string]bool{}
		for _, field := range table.Fields {
			if field.Key == nil {
				r.fail(field.Value.Line(), "%s has fields with names only: name = value", what)
				return
			}
			name := constant[string](r, what+": a field's name", field.Key)
			if seen[name] {
				r.fail(field.Key.Line(), "%s: %s stands twice", what, name)
			}
			seen[name] = true
			if r.err != nil {
				return
			}
			if _, isNil := field.Value.(*ast.NilExpr); isNil {
				continue
			}
			if !yield(name, field.Value) || r.err != nil {
				return
			}
		}
	}
}

// texts reads a table of strings; an empty one is not nil.
func (r *reader) texts(what string, e ast.Expr) []string {
	table, ok := e.(*ast.TableExpr)
	if !ok {
		r.fail(e.Line(), "%s must be a list of texts, not %s", what, kindOf(e))
		return nil
	}
	texts := make([]string, 0, len(table.Fields))
	for _, field := range table.Fields {
		if field.Key != nil {
			r.fail(field.Value.Line(), "%s must be a list: values without names", what)
		}
		texts = append(texts, constant[string](r, what, field.Value))
	}
	return texts
}

// constant reads a constant of type T; nothing is executed for it.
func constant[T string | float64 | bool](r *reader, what string, e ast.Expr) T {
	v, ok := evaluate(e)
	t, fits := v.(T)
	switch {
	case !ok:
		r.fail(e.Line(), "%s must be a constant, not %s: the declaration is read without being executed", what, kindOf(e))
	case !fits:
		names := map[string]string{"string": "a text", "float64": "a number", "bool": "true or false"}
		r.fail(e.Line(), "%s must be %s, not %s", what, names[fmt.Sprintf("%T", t)], kindOf(e))
	}
	return t
}

// evaluate returns the value of a constant: string, float64 or bool.
func evaluate(e ast.Expr) (any, bool) {
	switch n := e.(type) {
	case *ast.StringExpr:
		return n.Value, true
	case *ast.TrueExpr:
		return true, true
	case *ast.FalseExpr:
		return false, true
	case *ast.NumberExpr:
		v, err := number(n.Value)
		return v, err == nil
	case *ast.UnaryMinusOpExpr:
		v, _ := evaluate(n.Expr)
		f, ok := v.(float64)
		return -f, ok
	case *ast.TableExpr, *ast.NilExpr:
		return nil, true
	}
	return nil, false
}

// kindOf names an expression for people.
func kindOf(e ast.Expr) string {
	switch n := e.(type) {
	case *ast.StringExpr:
		return "a text"
	case *ast.NumberExpr:
		return "a number"
	case *ast.TrueExpr, *ast.FalseExpr:
		return "a boolean"
	case *ast.NilExpr:
		return "nil"
	case *ast.TableExpr:
		return "a table"
	case *ast.FunctionExpr:
		return "a function"
	case *ast.IdentExpr:
		return "the variable " + n.Value
	case *ast.FuncCallExpr:
		return "a call"
	case *ast.Comma3Expr:
		return "..."
	case *ast.StringConcatOpExpr:
		return "joined texts (write one text, a long one in [[…]])"
	}
	return "a computed value"
}
