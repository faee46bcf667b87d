package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// checkTree refuses what the compiler would take silently or in quadratic time:
// long chains, too many constants, numbers that it reads as NaN; and puts the
// loops right that it would get wrong.
func (s *source) checkTree(stmts []ast.Stmt) error {
	w := &walker{source: s, constants: map[string]struct{}{}}
	w.first, _ = firstPlaybook(stmts)
	w.stmts(stmts)
	return w.err
}

// walker visits a syntax tree until it has found an error.
type walker struct {
	*source
	first     *ast.FuncCallExpr // the declaration
	depth     int
	constants map[string]struct{} // of the current function
	err       error
}

func (w *walker) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// enter counts the depth of the tree; the caller goes on when it is true and
// calls leave.
func (w *walker) enter(line int) bool {
	if w.err != nil {
		return false
	}
	if w.depth++; w.depth > MaxChain {
		w.fail(w.tooMuch(line, fmt.Sprintf("too deep: more than %d operators, calls or elseif in one chain", MaxChain)))
	}
	return w.err == nil
}

func (w *walker) leave() { w.depth-- }

func (w *walker) constant(line int, text string) {
	w.constants[text] = struct{}{}
	if len(w.constants) > MaxConstants {
		e := w.tooMuch(line, fmt.Sprintf("too long: more than %d different constants in one function", MaxConstants))
		e.Hint = hintData
		w.fail(e)
	}
}

func (w *walker) function(fn *ast.FunctionExpr) {
	outer := w.constants
	w.constants = map[string]struct{}{}
	w.stmts(fn.Stmts)
	w.constants = outer
}

func (w *walker) stmts(stmts []ast.Stmt) {
	for i, stmt := range stmts {
		w.stmt(stmt)
		if loop, ok := stmt.(*ast.GenericForStmt); ok {
			stmts[i] = apart(loop)
		}
	}
}

func (w *walker) stmt(stmt ast.Stmt) {
	if !w.enter(stmt.Line()) {
		return
	}
	defer w.leave()
	switch n := stmt.(type) {
	case *ast.AssignStmt:
		w.exprs(n.Lhs...)
		w.exprs(n.Rhs...)
	case *ast.LocalAssignStmt:
		w.exprs(n.Exprs...)
	case *ast.FuncCallStmt:
		w.exprs(n.Expr)
	case *ast.DoBlockStmt:
		w.stmts(n.Stmts)
	case *ast.WhileStmt:
		w.exprs(n.Condition)
		w.stmts(n.Stmts)
	case *ast.RepeatStmt:
		w.stmts(n.Stmts)
		w.exprs(n.Condition)
	case *ast.IfStmt:
		w.exprs(n.Condition)
		w.stmts(n.Then)
		w.stmts(n.Else)
	case *ast.NumberForStmt:
		w.exprs(n.Init, n.Limit, n.Step)
		w.stmts(n.Stmts)
	case *ast.GenericForStmt:
		w.exprs(n.Exprs...)
		w.stmts(n.Stmts)
	case *ast.FuncDefStmt:
		w.exprs(n.Name.Func, n.Name.Receiver)
		w.function(n.Func)
	case *ast.ReturnStmt:
		w.exprs(n.Exprs...)
	}
}

func (w *walker) exprs(exprs ...ast.Expr) {
	for _, e := range exprs {
		if e != nil {
			w.expr(e)
		}
	}
}

func (w *walker) expr(expr ast.Expr) {
	if !w.enter(expr.Line()) {
		return
	}
	defer w.leave()
	switch n := expr.(type) {
	case *ast.NumberExpr:
		w.constant(n.Line(), n.Value)
		if _, err := number(n.Value); err != nil {
			w.fail(w.errorAt(place{line: n.Line()}, err.Error()))
		}
	case *ast.StringExpr:
		w.constant(n.Line(), `"`+n.Value)
	case *ast.IdentExpr:
		w.constant(n.Line(), `"`+n.Value)
	case *ast.AttrGetExpr:
		w.exprs(n.Object, n.Key)
	case *ast.TableExpr:
		for _, field := range n.Fields {
			w.exprs(field.Key, field.Value)
		}
	case *ast.FuncCallExpr:
		w.declared(n)
		w.exprs(n.Func, n.Receiver)
		w.exprs(n.Args...)
	case *ast.LogicalOpExpr:
		w.exprs(n.Lhs, n.Rhs)
	case *ast.RelationalOpExpr:
		w.exprs(n.Lhs, n.Rhs)
	case *ast.StringConcatOpExpr:
		w.exprs(n.Lhs, n.Rhs)
	case *ast.ArithmeticOpExpr:
		w.exprs(n.Lhs, n.Rhs)
	case *ast.UnaryMinusOpExpr:
		w.exprs(n.Expr)
	case *ast.UnaryNotOpExpr:
		w.exprs(n.Expr)
	case *ast.UnaryLenOpExpr:
		w.exprs(n.Expr)
	case *ast.FunctionExpr:
		w.function(n)
	}
}

// number reads a number as the compiler does, and refuses what the compiler
// makes NaN of.
func number(text string) (float64, error) {
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(n), nil
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err != nil && len(text) > 1 && (text[1] == 'x' || text[1] == 'X'):
		return 0, fmt.Errorf("number %s is too large", text)
	case err != nil:
		return 0, fmt.Errorf("malformed number %s", strings.TrimSpace(strings.ToValidUTF8(text, "")))
	}
	return n, nil
}
