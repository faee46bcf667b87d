package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/source"
)

func TestParse(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"an empty file is a playbook":                  {"", ""},
		"a byte order mark is skipped":                 {"\ufeffreturn 'x'", "x"},
		"a first line for the shell is skipped":        {"#!/usr/bin/env moonpost\nreturn 'x'", "x"},
		"lines still count after the line for a shell": {"#!x\n\nreturn debug.line()", "3"},
		"line ends of Windows count once":              {"\r\n\r\nreturn debug.line()", "3"},
		"the declaration is not executed":              {"playbook { about = 'x' }\nreturn debug.line()", "2"},
		"a loop over what a call's field returns": {
			"local function it(l) local i = 0 return function() i = i + 1 return l[i] end end\n" +
				"local lib = { rows = it, at = function(self, l) return it(l) end }\n" +
				"local function get(n) if n == 'it' then return it end return lib end\nlocal t = ''\n" +
				"for x in get('lib').rows({ 1, 2 }) do t = t .. x end\nfor x in get('it')({ 3, 4 }) do if x == 4 then break end t = t .. x end\n" +
				"for x in get('lib'):at({ 5 }) do t = t .. x end\nfor x in (get('lib').rows)({ 6 }) do for y in get('lib').rows({ 7 }) do t = t .. x .. y end end\n" +
				"for v in get('it') and get('it')({ 8 }) do t = t .. v end\n" +
				"for v in (function(...) return it{...} end)(9) do t = t .. v end\nreturn t", "12356789",
		},
		"such a loop keeps its line": {"local function f() return { g = function() local n return function() if n then return end n = debug.line() return n end end } end\n\nfor x in\n f().g() do return x + debug.line() end", "5"},
		"labels and goto are known":  {"goto a\n::a:: return 'x'", "x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			chunk, err := source.Parse("a.lua", []byte(tt.text))
			if err != nil {
				t.Fatalf("Parse(%q) = %v, want no error", tt.text, err)
			}
			if got := run(t, chunk); got != tt.want {
				t.Errorf("running %q = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// run returns the text of the first result; debug.line is the line of its call.
func run(t *testing.T, chunk *source.Chunk) string {
	t.Helper()
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer L.Close()
	debug := L.NewTable()
	debug.RawSetString("line", L.NewFunction(func(L *lua.LState) int {
		d, _ := L.GetStack(1)
		if _, err := L.GetInfo("l", d, nil); err != nil {
			t.Error(err)
		}
		L.Push(lua.LNumber(d.CurrentLine))
		return 1
	}))
	L.SetGlobal("debug", debug)
	L.Push(L.NewFunctionFromProto(chunk.Proto()))
	if err := L.PCall(0, 1, nil); err != nil {
		t.Fatal(err)
	}
	return lua.LVAsString(L.Get(-1))
}

func TestSyntaxErrors(t *testing.T) {
	tests := map[string]struct{ text, message, details, hint string }{
		"a token in the wrong place": {
			"local x = 1\nlocal y = = 2", "a.lua:2:11: unexpected '='", "local y = = 2\n          ^", ""},
		"tabs stand above tabs": {
			"\tx = = 2", "a.lua:1:6: unexpected '='", "\tx = = 2\n\t    ^", ""},
		"columns count characters": {
			"x = 'äöü' = 2", "a.lua:1:11: unexpected '='", "x = 'äöü' = 2\n          ^", ""},
		"an end too many": {
			"x = 1\nend", "a.lua:2:1: unexpected 'end', nothing is open that it could close", "end\n^", ""},
		"a missing end": {
			"if x then\n  y()\n", "a.lua:2:6: unexpected end of file, 'end' is missing to close 'if' at line 1", "  y()\n     ^", ""},
		"else if in two words": {
			"if x then\nelse if y then\nend\n", "a.lua:3:4: unexpected end of file, 'end' is missing to close 'if' at line 1", "end\n   ^",
			`elseif is one word; "else if" needs an end of its own`},
		"a missing bracket": {
			"f(function()\n  g({1, 2)\nend)", "a.lua:2:10: unexpected ')', '}' is missing to close '{' at line 2", "  g({1, 2)\n         ^", ""},
		"an assignment in a condition": {
			"if x = 1 then end", "a.lua:1:6: unexpected '='", "if x = 1 then end\n     ^", "compare with =="},
		"a compound assignment": {
			"x = 1\nx += 1", "a.lua:2:3: unexpected '+'", "x += 1\n  ^", "Lua has no +=: write x = x + 1"},
		"not equal of C": {
			"if x != 1 then end", "a.lua:1:6: unexpected '!'", "if x != 1 then end\n     ^", "not equal is written ~=, not is written not"},
		"an expression alone": {
			"x\ny = 1", "a.lua:2:1: unexpected name 'y', the expression before it is no statement", "y = 1\n^", ""},
		"typographic quotes": {
			"x = “a”", "a.lua:1:5: unexpected '“' (U+201C)", "x = “a”\n    ^", `texts stand in straight quotes: "…"`},
		"an invisible character": {
			"x\u00a0= 1", "a.lua:1:2: unexpected character U+00A0", "x·= 1\n ^", "delete the invisible character"},
		"a control character does not reach the terminal": {
			"x = '\x1b[2J' = 1", "a.lua:1:12: unexpected '='", "x = '·[2J' = 1\n           ^", ""},
		"a string without its end": {
			"x = 1\ny = \"abc\nz = 2", "a.lua:2:5: unfinished string", "y = \"abc\n    ^", ""},
		"a long string without its end": {
			"y = [[abc\n", "a.lua:1:5: unfinished long string", "y = [[abc\n    ^", ""},
		"a long comment without its end": {
			"--[[abc\n", "a.lua:1:1: unfinished long comment", "--[[abc\n^", ""},
		"a malformed number":      {"x = 1e", "a.lua:1: malformed number 1e", "x = 1e", ""},
		"a number beyond all":     {"x = 1e999", "a.lua:1: number 1e999 is too large", "x = 1e999", ""},
		"a label that is nowhere": {"\ngoto x", "a.lua:2: no visible label 'x' for <goto> at line 2", "goto x", ""},
		"a break outside a loop":  {"x()\nbreak", "a.lua:2: no loop to break", "break", ""},
		"text that is not UTF-8":  {"x = 1\ny = '\xe4'", "a.lua:2: the text is not UTF-8", "y = '\u00b7'", "save the file as UTF-8"},
		"long lines are cut at both ends": {
			strings.Repeat("a", 200) + "= =" + strings.Repeat("b", 200), "a.lua:1:203: unexpected '='",
			"…" + strings.Repeat("a", 47) + "= =" + strings.Repeat("b", 50) + "…\n" + strings.Repeat(" ", 50) + "^", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := source.Parse("a.lua", []byte(tt.text))
			e, ok := err.(*fault.Error)
			if !ok {
				t.Fatalf("Parse(%q) = %v, want a *fault.Error", tt.text, err)
			}
			if e.Kind != fault.Usage || e.Error() != tt.message {
				t.Errorf("Parse(%q) = %s %q, want usage %q", tt.text, e.Kind, e, tt.message)
			}
			if e.Details != tt.details {
				t.Errorf("details of %q =\n%s\nwant\n%s", tt.text, e.Details, tt.details)
			}
			if e.Hint != tt.hint {
				t.Errorf("hint of %q = %q, want %q", tt.text, e.Hint, tt.hint)
			}
		})
	}
}

func TestIncomplete(t *testing.T) {
	incomplete := []string{"if x then", "f(", "t = {", "x = ", "x = 1 +", "function f()\n  return 1", "x = [[a", "x = [==[a", "--[[ a", "x.", "for i = 1, 2 do", "for k, v in", "local a, b =", "repeat x()"}
	for _, text := range incomplete {
		if _, err := source.Parse("a.lua", []byte(text)); !source.Incomplete(err) {
			t.Errorf("Incomplete(Parse(%q)) = false (%v), want true", text, err)
		}
	}
	for _, text := range []string{"end", "x = = 1", "x = 'a", "if x then )", "break", "x = 1", "x = $"} {
		if _, err := source.Parse("a.lua", []byte(text)); source.Incomplete(err) {
			t.Errorf("Incomplete(Parse(%q)) = true (%v), want false", text, err)
		}
	}
}

func TestNoPlaybook(t *testing.T) {
	tests := map[string]struct{ text, what string }{
		"compiled Lua":    {"\x1bLuaQ\x00\x01", "compiled Lua"},
		"UTF-16 with BOM": {"\xff\xfex\x00=\x00", "UTF-16 text"},
		"UTF-16 without":  {"x\x00 \x00=\x00", "UTF-16 text"},
		"big-endian":      {"\x00x\x00 \x00=", "UTF-16 text"},
		"a spreadsheet":   {"PK\x03\x04\x14\x00", "a ZIP archive or an Office document"},
		"a picture":       {"\x89PNG\r\n\x1a\n\x00\x00", "a binary file"},
		"a web page":      {"\n<!DOCTYPE html><html>", "an HTML page"},
		"XML":             {"<?xml version='1.0'?>", "XML or HTML"},
		"JSON":            {`{"users": []}`, "JSON"},
		"CSV":             {"userName,fullName\nada,Ada Lovelace\n", "a CSV file"},
		"CSV of Excel":    {"userName;fullName\r\nada;Ada Lovelace\r\n", "a CSV file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := source.Parse("a.txt", []byte(tt.text))
			if fault.KindOf(err) != fault.Usage {
				t.Fatalf("Parse(%q) = %v, want kind usage", tt.text, err)
			}
			if want := "a.txt: not a playbook: this is " + tt.what; err.Error() != want {
				t.Errorf("Parse(%q) = %q, want %q", tt.text, err, want)
			}
		})
	}
}

func TestNoPlaybookByName(t *testing.T) {
	_, err := source.Parse("Users.CSV", []byte("userName,fullName"))
	if want := "Users.CSV: not a playbook: this is a CSV file"; err == nil || err.Error() != want {
		t.Errorf("Parse = %v, want %q", err, want)
	}
}

func TestSyntaxErrorsHaveAPlace(t *testing.T) {
	_, err := source.Parse("a.lua", []byte("x = 1\n  y = = 2"))
	got, ok := errors.AsType[*source.SyntaxError](err)
	want := source.SyntaxError{File: "a.lua", Line: 2, Column: 7, Message: "unexpected '='"}
	if !ok || *got != want {
		t.Errorf("Parse = %+v, want %+v", got, want)
	}
}

func TestLimits(t *testing.T) {
	rep := strings.Repeat
	var constants strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&constants, "%d,", i)
	}
	tests := map[string]struct{ text, want string }{
		"size":                   {rep(" ", source.MaxSize+1), "a.lua: too long"},
		"parentheses":            {"x = " + rep("(", 100_000), "a.lua:1: too deep"},
		"tables":                 {"x = " + rep("{", 200_000), "a.lua:1: too deep"},
		"functions":              {"x = " + rep("function() x = ", 10_000), "a.lua:1: too deep"},
		"blocks":                 {rep("do ", 50_000), "a.lua:1: too deep"},
		"loops":                  {rep("while x do ", 20_000), "a.lua:1: too deep"},
		"not":                    {"x = " + rep("not ", 60_000) + "x", "a.lua:1: too deep"},
		"elseif":                 {"if x then " + rep("elseif x then ", 15_000) + " end", "a.lua:1: too deep"},
		"a chain of and":         {"x = " + rep("a and ", 40_000) + "a", "a.lua:1: too deep"},
		"a chain of sums":        {"x = " + rep("a+", 100_000) + "a", "a.lua:1: too deep"},
		"a chain of texts":       {"x = " + rep("a..", 80_000) + "a", "a.lua:1: too deep"},
		"a chain of calls":       {"x = a" + rep("()", 100_000), "a.lua:1: too deep"},
		"a chain of methods":     {"x = a" + rep(":b()", 50_000), "a.lua:1: too deep"},
		"constants":              {"x = {" + constants.String() + "}", "a.lua:1: too long"},
		"a chain in playbook{}":  {"playbook { about = " + rep("''..", 50_000) + "'' }", "a.lua:1: too deep"},
		"too many local names":   {rep("local a ", 300), "a.lua: too many local variables"},
		"a text of 200 operands": {"x = a" + rep("..a", 300), "a.lua: register overflow(too many local variables)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := source.Parse("a.lua", []byte(tt.text))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Parse = %v, want %q", err, tt.want)
			}
			if d := time.Since(start); d > 30*time.Second { // without the limits some took minutes
				t.Errorf("Parse took %v, want an end", d)
			}
		})
	}
}

func TestLimitsLeaveRoom(t *testing.T) {
	rep := strings.Repeat
	texts := map[string]string{
		"nesting":  "x = " + rep("{", source.MaxNesting) + rep("}", source.MaxNesting),
		"elseif":   "if x then " + rep("elseif x then ", 500) + " end",
		"a sum":    "x = " + rep("a+", 900) + "a",
		"a table":  "x = {" + rep("'abc', ", 30_000) + "}",
		"if in if": rep("if x then ", 150) + rep(" end", 150),
		"calls":    "x = a" + rep(":b()", 400),
	}
	for name, text := range texts {
		if _, err := source.Parse("a.lua", []byte(text)); err != nil {
			t.Errorf("%s: Parse = %v, want no error", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "x = 1", "if x then", "playbook{inputs={a={type='enum'}}}", "x = 'a\\", "--[[", "[==[", "a.b:c'd'{}", "\"\\\r\n\"", "\n\r\r\n=", "goto a ::a::", "x='\\300'", "x = 0x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		chunk, err := source.Parse("a.lua", []byte(text))
		if (err == nil) != (chunk != nil && chunk.Proto() != nil) {
			t.Fatalf("Parse(%q) = %v, %v: want either a chunk or an error", text, chunk, err)
		}
		if kind := fault.KindOf(err); err != nil && kind != fault.Usage && kind != fault.Limit {
			t.Fatalf("Parse(%q) = %s %v, want kind usage or limit", text, kind, err)
		}
	})
}
