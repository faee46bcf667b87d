package source

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"moonpost/engine/fault"
)

// SyntaxError says where a text is no playbook.
type SyntaxError struct {
	File       string
	Line       int // from 1; 0 when it is not known
	Column     int // in characters, from 1; 0 when it is not known
	Message    string
	Incomplete bool // the text ends too early: more of it may make it right
}

// Error returns the place and the message on one line.
func (e *SyntaxError) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Incomplete reports whether err says that a text ends too early, so that a
// console should ask for the next line.
func Incomplete(err error) bool {
	e, ok := errors.AsType[*SyntaxError](err)
	return ok && e.Incomplete
}

// place is a position as the lexer counts it: the column in bytes from 1, 0 for
// the whole line.
type place struct{ line, column int }

func at(p ast.Position) place { return place{p.Line, p.Column} }

func (s *source) errorAt(p place, message string) *fault.Error {
	e := &SyntaxError{File: s.file, Line: max(p.line, 0), Message: message}
	line := s.line(p.line)
	if p.column > 0 {
		e.Column = utf8.RuneCountInString(line[:min(p.column-1, len(line))]) + 1
	}
	return &fault.Error{Kind: fault.Usage, Details: excerpt(line, e.Column), Err: e}
}

// parserError turns an error of the parser into one for people. It reads the
// tokens again up to the one that the parser did not like.
func (s *source) parserError(err error) error {
	bad, ok := errors.AsType[*parse.Error](err)
	if !ok {
		return &fault.Error{Kind: fault.Internal, Op: "parse " + s.file, Err: err}
	}
	sc := s.scan()
	for {
		lexical := sc.next()
		switch {
		case lexical != nil:
			return s.lexicalError(sc, lexical)
		case sc.token.Type == parse.EOF:
			return s.endError(sc)
		case sc.end == bad.Pos:
			return s.tokenError(sc, bad)
		}
		sc.nest()
	}
}

// lexicalError reports a token that is none.
func (s *source) lexicalError(sc *scanner, err error) error {
	text := s.from(sc.token.Pos)
	unfinished := sc.end.Line == parse.EOF
	fail := func(message, hint string, incomplete bool) error {
		e := s.errorAt(at(sc.token.Pos), message)
		e.Hint = hint
		e.Err.(*SyntaxError).Incomplete = incomplete
		return e
	}
	switch {
	case strings.HasPrefix(text, "--"):
		return fail("unfinished long comment", "", unfinished)
	case strings.HasPrefix(text, "["):
		return fail("unfinished long string", "", unfinished)
	case strings.HasPrefix(text, `"`), strings.HasPrefix(text, "'"):
		return fail("unfinished string", "", false)
	case strings.HasPrefix(text, "0x"), strings.HasPrefix(text, "0X"):
		return fail("malformed number", "", false)
	}
	hint := ""
	switch r, _ := utf8.DecodeRuneInString(text); r {
	case '!', '~':
		hint = "not equal is written ~=, not is written not"
	case '&':
		hint = "and is written and"
	case '|':
		hint = "or is written or"
	case '\u201c', '\u201d', '\u201e', '\u2018', '\u2019', '\u00ab', '\u00bb':
		hint = `texts stand in straight quotes: "…"`
	case '\u00a0', '\u200b', '\ufeff', '\u2028':
		hint = "delete the invisible character"
	}
	return fail("unexpected "+character(text), hint, false)
}

// character shows the first character of text.
func character(text string) string {
	r, _ := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError:
		return fmt.Sprintf("byte 0x%02x", text[0])
	case r < utf8.RuneSelf && unicode.IsPrint(r):
		return fmt.Sprintf("'%c'", r)
	case unicode.IsPrint(r):
		return fmt.Sprintf("'%c' (U+%04X)", r, r)
	}
	return fmt.Sprintf("character U+%04X", r)
}

// endError reports that the text ends too early.
func (s *source) endError(sc *scanner) error {
	message := "unexpected end of file"
	if top := sc.top(); top != nil {
		message += ", " + top.wanted()
	}
	e := s.errorAt(place{sc.last.Line, sc.last.Column + 1}, message)
	e.Err.(*SyntaxError).Incomplete = true
	if sc.elseIf {
		e.Hint = "elseif is one word; \"else if\" needs an end of its own"
	}
	return e
}

func (o *opener) wanted() string {
	return fmt.Sprintf("'%s' is missing to close '%s' at line %d", o.closer, o.Str, o.Pos.Line)
}

// tokenError reports a token that stands where it must not.
func (s *source) tokenError(sc *scanner, bad *parse.Error) error {
	what := "'" + sc.token.Str + "'"
	switch sc.token.Type {
	case parse.TString:
		what = "string"
	case parse.TNumber:
		what = "number " + sc.token.Str
	case parse.TIdent:
		what = "name '" + sc.token.Str + "'"
	}
	message, hint := "unexpected "+what, ""
	top := sc.top()
	after := s.from(sc.end)
	switch {
	case len(after) > 1 && after[1] == '=' && strings.ContainsRune("+-*/%^", rune(sc.token.Type)):
		hint = "Lua has no " + sc.token.Str + "=: write x = x " + sc.token.Str + " 1"
	case bad.Message == "parse error":
		message += ", the expression before it is no statement"
	case !sc.nest() && top != nil:
		message += ", " + top.wanted()
	case top == nil && sc.token.Type == parse.TEnd:
		message += ", nothing is open that it could close"
	case sc.token.Type == '=' && top != nil && top.condition && top.Type != parse.TFor:
		hint = "compare with =="
	}
	e := s.errorAt(at(sc.token.Pos), message)
	e.Hint = hint
	return e
}

// line returns line n of the text, from 1, without its end.
func (s *source) line(n int) string {
	rest := s.text
	for ; n > 1; n-- {
		_, after, found := cutLine(rest)
		if !found {
			return ""
		}
		rest = after
	}
	line, _, _ := cutLine(rest)
	return line
}

// cutLine splits text after its first line as the lexer does: \n, \r, \r\n and
// \n\r end a line.
func cutLine(text string) (line, rest string, found bool) {
	i := strings.IndexAny(text, "\r\n")
	if i < 0 {
		return text, "", false
	}
	end := i + 1
	if end < len(text) && (text[end] == '\r' || text[end] == '\n') && text[end] != text[i] {
		end++
	}
	return text[:i], text[end:], true
}

// from returns the text that begins at p.
func (s *source) from(p ast.Position) string {
	rest := s.text
	for n := p.Line; n > 1; n-- {
		_, rest, _ = cutLine(rest)
	}
	return rest[min(max(p.Column-1, 0), len(rest)):]
}

// excerptWidth is the number of characters of a source line that are shown.
const excerptWidth = 100

// excerpt returns a source line and, beneath, a caret at column. Long lines are
// cut around it and control characters other than tabs are shown as dots, so
// that the text cannot steer a terminal.
func excerpt(line string, column int) string {
	runes := []rune(line)
	column = min(column, len(runes)+1)
	start := 0
	if column > excerptWidth*3/4 {
		start = column - excerptWidth/2
	}
	end := min(len(runes), start+excerptWidth)
	var shown, caret strings.Builder
	if start > 0 {
		shown.WriteString("…")
		caret.WriteString(" ")
	}
	for i := start; i < end; i++ {
		r, gap := runes[i], ' '
		switch {
		case r == '\t':
			gap = '\t'
		case !unicode.IsPrint(r), r == utf8.RuneError:
			r = '·'
		}
		shown.WriteRune(r)
		if i < column-1 {
			caret.WriteRune(gap)
		}
	}
	if end < len(runes) {
		shown.WriteString("…")
	}
	if column == 0 || shown.Len() == 0 {
		return shown.String()
	}
	return shown.String() + "\n" + caret.String() + "^"
}
