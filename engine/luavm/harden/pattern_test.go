package harden

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/pm"
)

// matched returns where a pattern matches first, its captures included.
func matched(p, text string) ([]string, error) {
	compiled, err := compile(p)
	if err != nil {
		return nil, err
	}
	var m matcher
	m.begin(nil, compiled, text)
	start, end := m.find(0)
	if m.halted != goesOn {
		return nil, errors.New("given up")
	}
	if end < 0 {
		return nil, nil
	}
	parts := []string{text[start:end]}
	for n := range m.captures {
		parts = append(parts, m.capture(n, start, end).String())
	}
	return parts, nil
}

func TestPatternErrors(t *testing.T) {
	tests := map[string]string{
		"%":                       "malformed pattern (ends with '%')",
		"a%":                      "malformed pattern (ends with '%')",
		"[a":                      "malformed pattern (missing ']')",
		"[]":                      "malformed pattern (missing ']')",
		"[^]":                     "malformed pattern (missing ']')",
		"[%":                      "malformed pattern (missing ']')",
		"[a-":                     "malformed pattern (missing ']')",
		"(a":                      "unfinished capture",
		"a)":                      "invalid pattern capture",
		"%b":                      "malformed pattern (missing arguments to '%b')",
		"%bx":                     "malformed pattern (missing arguments to '%b')",
		"%f":                      "missing '[' after '%f' in pattern",
		"%fa":                     "missing '[' after '%f' in pattern",
		"%0":                      "invalid capture index",
		"%1":                      "invalid capture index",
		"(%1)":                    "invalid capture index",
		"()%1":                    "invalid capture index",
		"(a)%2":                   "invalid capture index",
		strings.Repeat("()", 33):  "too many captures",
		strings.Repeat("a?", 201): "pattern too complex: more than 200 repetitions",
	}
	for p, want := range tests {
		if _, err := compile(p); err == nil || err.Error() != want {
			t.Errorf("compile(%q) = %v, want %q", p, err, want)
		}
	}
}

func TestPatternsBeyondLua51(t *testing.T) {
	tests := map[[2]string]string{
		{"%f[%a]%a+%f[%A]", "12 ab 3"}: "ab",
		{"%f[%z]", "ab"}:               "",
		{"%g+", " a\tb"}:               "a",
		{"%G", "a\x7f"}:                "\x7f",
		{"[%g]+$", "a b-c"}:            "b-c",
	}
	for in, want := range tests {
		if got, err := matched(in[0], in[1]); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("match(%q, %q) = %q, %v, want %q", in[1], in[0], got, err, want)
		}
	}
}

// TestStepsAreEnough keeps the budget from refusing what is linear in a long
// text.
func TestStepsAreEnough(t *testing.T) {
	long := strings.Repeat("userName;fullName;mail\n", 50_000)
	spaces := strings.Repeat(" ", 200_000)
	for _, tt := range []struct{ p, text string }{
		{"^.*$", long}, {"(.-)\n$", long}, {"%f[%w]nothing", long}, {"[^;]*;[^;]*#", long}, {"mail\r", long}, {"(%w+)=(%w+)", long},
		{"^%s*(.-)%s*$", spaces}, {"%b()", long}, {".*mail", long}, {"^%s*x", spaces},
	} {
		if _, err := matched(tt.p, tt.text); err != nil {
			t.Errorf("matching %q against %d bytes: %v, want it to end", tt.p, len(tt.text), err)
		}
	}
}

// FuzzMatch compares with the interpreter's own matcher where that one is
// right: it knows no %f, takes a - or ] in a set for something else, and counts
// captures that are left out.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"a*b", "aaab"}, {"^(%w+)=(%w+)$", "key=value"}, {"(a)(b)%2%1", "abba"}, {"%b()", "a(b(c))"}, {".-b", "aab"}, {"()a()", "ba"},
		{"[%a_]+", "x_1"}, {"[^abc]?x", "dx"}, {"%S+$", "a b"}, {"a-$", "aaa"}, {"", "x"}, {"(a*(.)%w(%s*))", "aab1 "},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, p, text string) {
		if len(p) > 12 || len(text) > 16 || strings.Contains(p, "%f") || strings.ContainsAny(p, "-[]gG$^\x00") {
			return
		}
		got, err := matched(p, text)
		if err != nil {
			return
		}
		want, ok := stock(p, text)
		if ok && strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("match(%q, %q) = %q, want %q", text, p, got, want)
		}
	})
}

// stock is matched by the interpreter's own matcher; it may panic.
func stock(p, text string) (parts []string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	found, err := pm.Find(p, []byte(text), 0, 1)
	if err != nil {
		return nil, false
	}
	if len(found) == 0 {
		return nil, true
	}
	m := found[0]
	for i := 0; i+1 < m.CaptureLength(); i += 2 {
		if m.IsPosCapture(i) {
			parts = append(parts, strconv.Itoa(m.Capture(i)))
			continue
		}
		parts = append(parts, text[m.Capture(i):m.Capture(i+1)])
	}
	return parts, true
}
