// Package source reads the text of a playbook: it refuses what is no playbook
// or too much of one, says where a syntax error is, reads the declaration that
// stands first without executing it, and compiles the rest. Start at Parse.
// Module reads the declaration of a library module off its comments. The package
// and those above and beside it in luavm are the only ones that know the parser
// of gopher-lua.
package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// Limits of a source text. The parser and the compiler recurse, and some of
// their steps are quadratic; below these limits a text compiles in well under a
// second whatever it holds.
const (
	MaxSize      = 256 << 10 // bytes
	MaxNesting   = 200       // blocks and brackets inside one another
	MaxChain     = 1000      // operators, calls or elseif in one chain
	MaxConstants = 10_000    // different names, texts and numbers in one function
)

// Chunk is a parsed playbook or Lua module. It never changes and may be shared.
type Chunk struct {
	File string // as shown to people

	playbook decl.Playbook
	proto    *lua.FunctionProto
}

// Parse parses and compiles text. A byte order mark and a first line that
// begins with # are accepted. Errors are *fault.Error: kind usage with the
// place, for syntax errors around a *SyntaxError and with the source line and a
// caret in Details; kind limit for a text beyond the limits.
func Parse(file string, text []byte) (*Chunk, error) {
	text, err := accept(file, text)
	if err != nil {
		return nil, err
	}
	s := &source{file: file, text: string(text)}
	if err := s.checkNesting(); err != nil {
		return nil, err
	}
	stmts, err := parse.Parse(strings.NewReader(s.text), file)
	if err != nil {
		if csv := s.refuseCSV(); csv != nil {
			return nil, csv
		}
		return nil, s.parserError(err)
	}
	chunk := &Chunk{File: file}
	if err := s.checkTree(stmts); err != nil {
		return nil, err
	}
	if chunk.playbook, stmts, err = s.declaration(stmts); err != nil {
		return nil, err
	}
	chunk.proto, err = s.compile(stmts)
	return chunk, err
}

// Playbook returns the declaration that stands first in the text; its zero
// value when there is none.
func (c *Chunk) Playbook() decl.Playbook { return c.playbook }

// Proto returns the compiled text without its declaration. It may be run in
// any number of states.
func (c *Chunk) Proto() *lua.FunctionProto { return c.proto }

func (s *source) compile(stmts []ast.Stmt) (proto *lua.FunctionProto, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &fault.Error{Kind: fault.Internal, Op: "compile " + s.file, Message: fmt.Sprint(p)}
		}
	}()
	proto, err = lua.Compile(stmts, s.file)
	if bad, ok := errors.AsType[*lua.CompileError](err); ok {
		// For a goto the compiler gives the last line of the function.
		if _, line, found := strings.Cut(bad.Message, "<goto> at line "); found {
			if n, err := strconv.Atoi(line); err == nil {
				bad.Line = n
			}
		}
		return nil, s.errorAt(place{line: bad.Line}, bad.Message)
	}
	return proto, err
}
