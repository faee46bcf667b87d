package source

import (
	"fmt"
	"strings"

	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"moonpost/engine/fault"
)

// source is a text that is being parsed.
type source struct {
	file string
	text string
}

// scanner walks over the tokens of a text with the parser's own lexer and keeps
// what is open.
type scanner struct {
	lexer  *parse.Scanner
	state  parse.Lexer
	token  ast.Token
	end    ast.Position // last character of token; Line is parse.EOF at the end of the text
	last   ast.Position // last character of the token before
	open   []opener
	elseIf bool // "else if" was met on one line
}

// opener is a token that something later must close.
type opener struct {
	ast.Token
	closer    string
	condition bool // between if, while or for and its then or do
}

var closers = map[int]string{
	'(': ")", '{': "}", '[': "]",
	parse.TFunction: "end", parse.TIf: "end", parse.TWhile: "end", parse.TFor: "end", parse.TDo: "end",
	parse.TRepeat: "until",
}

func (s *source) scan() *scanner {
	return &scanner{lexer: parse.NewScanner(strings.NewReader(s.text), s.file)}
}

// next reads one token; its error is the lexer's. At the end of the text the
// token's type is parse.EOF.
func (sc *scanner) next() error {
	before := sc.token
	sc.last = sc.end
	var err error
	sc.token, err = sc.lexer.Scan(&sc.state)
	sc.end = sc.lexer.Pos
	sc.elseIf = sc.elseIf ||
		before.Type == parse.TElse && sc.token.Type == parse.TIf && before.Pos.Line == sc.token.Pos.Line
	return err
}

// nest follows what the token opens and closes. It reports false where a
// closing token does not fit what is open; the parser refuses that token too.
func (sc *scanner) nest() bool {
	top := sc.top()
	switch sc.token.Type {
	case parse.TThen, parse.TDo:
		if top != nil && top.condition {
			top.condition = false
			return true
		}
	case parse.TElseIf:
		if top != nil && top.Type == parse.TIf {
			top.condition = true
		}
	case ')', '}', ']', parse.TEnd, parse.TUntil:
		if top == nil || top.closer != sc.token.Str {
			return false
		}
		sc.open = sc.open[:len(sc.open)-1]
	}
	if closer, ok := closers[sc.token.Type]; ok {
		head := sc.token.Type == parse.TIf || sc.token.Type == parse.TWhile || sc.token.Type == parse.TFor
		sc.open = append(sc.open, opener{sc.token, closer, head})
	}
	return true
}

func (sc *scanner) top() *opener {
	if len(sc.open) == 0 {
		return nil
	}
	return &sc.open[len(sc.open)-1]
}

// checkNesting refuses a text that is nested too deeply for the parser and the
// compiler. Lexical errors are left to the parser.
func (s *source) checkNesting() error {
	sc := s.scan()
	for sc.next() == nil && sc.token.Type != parse.EOF {
		if !sc.nest() {
			return nil
		}
		if len(sc.open) > MaxNesting {
			return s.tooMuch(sc.token.Pos.Line, fmt.Sprintf("too deep: more than %d blocks and brackets inside one another", MaxNesting))
		}
	}
	return nil
}

// tooMuch reports a text beyond a limit.
func (s *source) tooMuch(line int, message string) *fault.Error {
	place := s.file
	if line > 0 {
		place = fmt.Sprintf("%s:%d", s.file, line)
	}
	return &fault.Error{Kind: fault.Limit, Message: place + ": " + message}
}

const hintData = "keep data in files of its own: a playbook reads CSV and JSON"
