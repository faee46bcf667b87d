package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"moonpost/engine/fault"
)

var notText = []struct{ magic, what, hint string }{
	{"\x1bLua", "compiled Lua", "give the Lua source itself"},
	{"\xff\xfe", "UTF-16 text", "save the file as UTF-8"},
	{"\xfe\xff", "UTF-16 text", "save the file as UTF-8"},
	{"PK\x03\x04", "a ZIP archive or an Office document", "read it from a playbook: the file is an input"},
	{"%PDF", "a PDF document", ""},
	{"\x7fELF", "a program", ""},
	{"MZ", "a program", ""},
	{"\x1f\x8b", "a gzip archive", "unpack it first"},
}

// accept returns text without its byte order mark and its #! line, whose line
// end stays. It refuses what is too long or no Lua at all.
func accept(file string, text []byte) ([]byte, error) {
	not := func(what, hint string) error {
		return &fault.Error{Kind: fault.Usage, Message: fmt.Sprintf("%s: not a playbook: this is %s", file, what), Hint: hint}
	}
	for _, n := range notText {
		if bytes.HasPrefix(text, []byte(n.magic)) && (n.magic != "MZ" || bytes.IndexByte(text, 0) >= 0) {
			return nil, not(n.what, n.hint)
		}
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		if i < 4 && len(text) > 2 && text[1-i%2] != 0 {
			return nil, not("UTF-16 text", "save the file as UTF-8")
		}
		return nil, not("a binary file", "")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	start := strings.ToLower(string(bytes.TrimSpace(text[:min(len(text), 200)])))
	switch {
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return nil, not("an HTML page", "download the file itself, not the page that shows it")
	case strings.HasPrefix(start, "<"):
		return nil, not("XML or HTML", "")
	case strings.HasPrefix(start, "{"), strings.HasPrefix(start, "["):
		return nil, not("JSON", "inputs are given with --inputs FILE")
	}
	if len(text) > MaxSize {
		e := (&source{file: file}).tooMuch(0, fmt.Sprintf("too long: %d bytes, a playbook may have %d", len(text), MaxSize))
		e.Hint = hintData
		return nil, e
	}
	if len(text) > 0 && text[0] == '#' {
		line, _, _ := cutLine(string(text))
		text = text[len(line):]
	}
	if !utf8.Valid(text) {
		s := &source{file: file, text: string(text)}
		return nil, s.notUTF8()
	}
	return text, nil
}

// notUTF8 reports the first byte that is no UTF-8: such a text would reach the
// server garbled.
func (s *source) notUTF8() error {
	line, rest := 1, s.text
	for {
		head, after, found := cutLine(rest)
		if !utf8.ValidString(head) || !found {
			e := s.errorAt(place{line: line}, "the text is not UTF-8")
			e.Hint = "save the file as UTF-8"
			return e
		}
		line, rest = line+1, after
	}
}

// refuseCSV recognises rows of a table in a text that the parser refused: by
// the file's name, or by two lines with as many separators.
func (s *source) refuseCSV() error {
	named := strings.HasSuffix(strings.ToLower(s.file), ".csv")
	first, rest, _ := cutLine(s.text)
	second, _, _ := cutLine(rest)
	code := strings.ContainsAny(first+second, "=(){}") || strings.HasPrefix(first, "--")
	for _, sep := range []string{";", ",", "\t"} {
		n := strings.Count(first, sep)
		if named || !code && n > 0 && strings.Count(second, sep) == n {
			return &fault.Error{
				Kind: fault.Usage, Message: s.file + ": not a playbook: this is a CSV file",
				Hint: "give it to a playbook as an input: moonpost run PLAYBOOK users=" + s.file,
			}
		}
	}
	return nil
}
