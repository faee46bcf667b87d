package source

import "github.com/yuin/gopher-lua/ast"

// apart takes the expressions of a loop out of it, as the manual of Lua
// explains what "for" means: "for x in f().rows() do … end" becomes
// "do local a, b, c = f().rows(); for x in a, b, c do … end end". The compiler
// would put the arguments of a call over the function where another call says
// which function it is. Other loops stay as they are.
func apart(loop *ast.GenericForStmt) ast.Stmt {
	if len(loop.Exprs) == 0 || !callsFirst(loop.Exprs[0]) {
		return loop
	}
	local := &ast.LocalAssignStmt{Names: []string{"(for f)", "(for s)", "(for v)"}, Exprs: loop.Exprs}
	local.SetLine(loop.Line())
	local.SetLastLine(loop.Line())
	loop.Exprs = nil
	for _, name := range local.Names {
		ident := &ast.IdentExpr{Value: name}
		ident.SetLine(loop.Line())
		ident.SetLastLine(loop.Line())
		loop.Exprs = append(loop.Exprs, ident)
	}
	block := &ast.DoBlockStmt{Stmts: []ast.Stmt{local, loop}}
	block.SetLine(loop.Line())
	block.SetLastLine(loop.LastLine())
	return block
}

// callsFirst reports whether a call has to be made before it is known what e
// itself calls or reads.
func callsFirst(e ast.Expr) bool {
	switch n := e.(type) {
	case *ast.FuncCallExpr:
		if n.Func != nil {
			return hasCall(n.Func)
		}
		return hasCall(n.Receiver)
	case *ast.IdentExpr:
		return false
	}
	return hasCall(e)
}

// hasCall reports whether e is no plain name or path of names.
func hasCall(e ast.Expr) bool {
	switch n := e.(type) {
	case *ast.IdentExpr, *ast.StringExpr, *ast.NumberExpr:
		return false
	case *ast.AttrGetExpr:
		return hasCall(n.Object) || hasCall(n.Key)
	}
	return true
}
