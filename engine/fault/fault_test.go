package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"moonpost/engine/fault"
)

func TestError(t *testing.T) {
	cause := errors.New("connection\r\nrefused")
	for _, c := range []struct {
		name string
		err  *fault.Error
		want string
	}{
		{"operation and message", &fault.Error{Kind: fault.Invalid, Op: "read rows", Message: "line 3"}, "read rows: line 3"},
		{"operation and cause", &fault.Error{Kind: fault.Server, Op: "call X", Err: cause}, "call X: connection refused"},
		{"message and cause", &fault.Error{Kind: fault.Server, Message: "no answer", Err: cause}, "no answer: connection refused"},
		{"the kind alone", &fault.Error{Kind: fault.Limit}, "limit"},
		{"line ends become blanks", &fault.Error{Message: "a\nb\r\nc\n"}, "a b c"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%s: Error() = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestErrorsAreFoundInChains(t *testing.T) {
	inner := &fault.Error{Kind: fault.Unreachable, Err: io.ErrUnexpectedEOF}
	outer := fmt.Errorf("run: %w", &fault.Error{Kind: fault.Script, Err: fmt.Errorf("item 1: %w", inner)})
	for kind, want := range map[fault.Kind]bool{fault.Script: true, fault.Unreachable: true, fault.Server: false} {
		if got := errors.Is(outer, fault.Of(kind)); got != want {
			t.Errorf("errors.Is(err, Of(%s)) = %v, want %v", kind, got, want)
		}
	}
	if !errors.Is(outer, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	for _, c := range []struct {
		name string
		err  error
		want fault.Kind
	}{
		{"the outermost kind counts", outer, fault.Script},
		{"another error is internal", io.EOF, fault.Internal},
		{"no error has no kind", nil, ""},
	} {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%s: KindOf(%v) = %q, want %q", c.name, c.err, got, c.want)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for kind, want := range map[fault.Kind]int{
		"": 0, fault.Usage: 2, fault.Script: 1, fault.Invalid: 1, fault.NotFound: 1, fault.Exists: 1,
		fault.Denied: 6, fault.Certificate: 6, fault.Unreachable: 9, fault.Server: 1, fault.Unknown: 4,
		fault.Timeout: 1, fault.Cancelled: 130, fault.Limit: 8, fault.Permission: 7, fault.Internal: 70,
		fault.State: 5, fault.Conflict: 10, fault.Guard: 11, fault.Busy: 75, fault.Items: 3, fault.Findings: 1,
	} {
		if got := kind.ExitCode(); got != want {
			t.Errorf("%q.ExitCode() = %d, want %d", kind, got, want)
		}
	}
}

func TestWorst(t *testing.T) {
	// The order of the design: the first of those that apply.
	order := []int{130, 143, 70, 5, 6, 9, 8, 7, 10, 4, 1, 11, 3}
	for i, worse := range order {
		for _, better := range append(order[i:], 0) {
			if got := fault.Worst(better, 0, worse); got != worse {
				t.Errorf("Worst(%d, 0, %d) = %d, want %d", better, worse, got, worse)
			}
		}
	}
	for _, c := range []struct {
		codes []int
		want  int
	}{{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 2}, 2}, {[]int{75}, 75}, {[]int{99, 0}, 99}} {
		if got := fault.Worst(c.codes...); got != c.want {
			t.Errorf("Worst(%v) = %d, want %d", c.codes, got, c.want)
		}
	}
}

func TestJSON(t *testing.T) {
	full := &fault.Error{
		Kind: fault.Unknown, Op: `call "X"`, Message: "line 1\nline 2", Hint: "ask", Details: "a\nb",
		Fn: "CreateUser", Target: "mail:8463", Status: 503, Attempt: 2, Index: 7,
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"every field in its order", fmt.Errorf("wrapped: %w", full), `{"kind":"unknown","message":"line 1 line 2","op":"call \"X\"",` +
			`"fn":"CreateUser","target":"mail:8463","status":503,"attempt":2,"index":7,"hint":"ask","details":"a\nb"}`},
		{"empty fields are left out", &fault.Error{Kind: fault.Limit}, `{"kind":"limit","message":"limit"}`},
		{"another error is internal", io.EOF, `{"kind":"internal","message":"EOF"}`},
	} {
		got := string(fault.JSON(c.err))
		if got != c.want || !json.Valid([]byte(got)) {
			t.Errorf("%s: JSON = %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWriteText(t *testing.T) {
	script := &fault.Error{Kind: fault.Script, Op: "a.lua:3", Message: "no\nsuch \x1b[2Jfield", Hint: "did you\nmean x?", Details: "a.lua:3: in f\n\x1b[1ma.lua:9\n"}
	server := &fault.Error{Kind: fault.Server, Message: "refused", Details: "long\r\ntext"}
	traced := &fault.Error{Kind: fault.Server, Message: "refused", Details: " long\n", Trace: "a.lua:7", Hint: "ask"}
	for _, c := range []struct {
		name    string
		err     error
		verbose bool
		want    string
	}{
		{"a script error has its details", script, false,
			"error: a.lua:3: no such \\x1b[2Jfield\n  a.lua:3: in f\n  \\x1b[1ma.lua:9\nhint: did you mean x?\n"},
		{"details of a server are kept back", server, false, "error: refused\n"},
		{"verbose shows them", server, true, "error: refused\n  long\n  text\n"},
		{"the place in the playbook is always shown", traced, false, "error: refused\n  a.lua:7\nhint: ask\n"},
		{"after the details", traced, true, "error: refused\n   long\n  a.lua:7\nhint: ask\n"},
		{"context around the error is kept", fmt.Errorf("resume: %w", server), false, "error: resume: refused\n"},
		{"another error is one line", errors.New("a\nb"), true, "error: a b\n"},
	} {
		var b strings.Builder
		fault.WriteText(&b, c.err, c.verbose)
		if got := b.String(); got != c.want {
			t.Errorf("%s: WriteText = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"CreateUser", "DeleteUser", "GetUsers", "GetUserInfo", "SetUserFullName", "id", "größe"}
	for name, want := range map[string]string{
		"CreatUser":     "did you mean CreateUser?",
		"createuser":    "did you mean CreateUser?",
		"CerateUser":    "did you mean CreateUser?",
		"GetUser":       "did you mean GetUsers?",
		"GetUserInfos":  "did you mean GetUserInfo?",
		"di":            "did you mean id?",
		"grösse":        "did you mean größe?",
		"CompactStores": "",
		"x":             "",
		"":              "",
		"user":          "",
	} {
		if got := fault.DidYouMean(name, names); got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", name, got, want)
		}
	}
	for name, candidates := range map[string][]string{"x": {"y", "z"}, "": {"a"}, "anything": nil} {
		if got := fault.DidYouMean(name, candidates); got != "" {
			t.Errorf("DidYouMean(%q, %q) = %q, want nothing", name, candidates, got)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc…"}, {"aüb", 2, "a…"}, {"aüb", 3, "aü…"}, {"\x80\x80\x80", 1, "…"}} {
		if got := fault.Clip(c.text, c.most); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestVisible(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain text is unchanged", "Größe 10 %\n\tパス 👩‍👩‍👧 soft\u00adhyphen", "Größe 10 %\n\tパス 👩‍👩‍👧 soft\u00adhyphen"},
		{"escape sequences are shown", "a\x1b[31mred\x07", `a\x1b[31mred\x07`},
		{"C1 controls are shown", "a\u009b2Jb\x7f", `a\x9b2Jb\x7f`},
		{"bytes that are no text are shown", "a\x9b\xffb", `a\x9b\xffb`},
		{"the replacement character is text", "a\uFFFDb\x00", "a\uFFFDb" + `\x00`},
		{"a line cannot overwrite itself", "good\rbad\r\nnext", `good\rbad` + "\nnext"},
		{"text cannot be reordered", "a\u202egpj.exe", `a\u202egpj.exe`},
		{"line separators are shown", "a\u2028b", `a\u2028b`},
		{"invisible tags are shown", "a\U000E0041b", `a\U000e0041b`},
	} {
		if got := fault.Visible(c.text); got != c.want {
			t.Errorf("%s: Visible(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}
