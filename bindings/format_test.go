package bindings

import (
	"strings"
	"testing"

	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

func TestMessage(t *testing.T) {
	tests := []struct {
		name string
		args []any
		want string
		err  string
	}{
		{"one argument is no format", []any{"100% %s"}, "100% %s", ""},
		{"no argument is nil", nil, "nil", ""},
		{"a number as Lua writes it", []any{3.0}, "3", ""},
		{"a fraction as Lua writes it", []any{0.1}, "0.1", ""},
		{"text and number", []any{"%s is %d", "a", 3.0}, "a is 3", ""},
		{"%s takes numbers", []any{"%s", 1.5}, "1.5", ""},
		{"%s takes truths", []any{"%s", true}, "true", ""},
		{"a percent sign", []any{"%d%%", 5.0}, "5%", ""},
		{"width and precision", []any{"[%5.1f][%-4s][%04d]", 2.25, "a", 7.0}, "[  2.2][a   ][0007]", ""},
		{"hexadecimal and octal", []any{"%x %X %o", 255.0, 255.0, 8.0}, "ff FF 10", ""},
		{"a character", []any{"%c", 65.0}, "A", ""},
		{"text in quotes", []any{"%q", `a"b`}, `"a\"b"`, ""},
		{"digits count as a number", []any{"%d", "12"}, "12", ""},
		{"what is missing is nil", []any{"%s-%s", "a"}, "a-nil", ""},
		{"what is too much is left out", []any{"%s", "a", "b"}, "a", ""},
		{"a secret is masked", []any{"%s", secret.New("hunter2")}, "***", ""},
		{"a secret alone is masked", []any{secret.New("hunter2")}, "***", ""},
		{"a secret is no number", []any{"%d", secret.New("12345")}, "", "log: argument 2 is ***, want a number for %d"},
		{"nothing is no number", []any{"%d", "x"}, "", "log: argument 2 is x, want a number for %d"},
		{"no fraction for %d", []any{"%d", 1.5}, "", "log: argument 2 is 1.5, want a whole number for %d"},
		{"verbs of Go do not exist", []any{"%v", "x"}, "", "log: %v is no directive; want one of %s %d %f %g %e %x %o %c %q %%"},
		{"argument indexes of Go do not exist", []any{"%[1]s", "x"}, "", "log: %[ is no directive; want one of %s %d %f %g %e %x %o %c %q %%"},
		{"a width is no argument", []any{"%*d", 3.0, 3.0}, "", "log: %* is no directive; want one of %s %d %f %g %e %x %o %c %q %%"},
		{"a width has two digits", []any{"%100d", 3.0}, "", "log: want flags, a width of two digits and a precision of two digits before the letter: %100d"},
		{"a format ends after its letter", []any{"50%", 3.0}, "", "log: the format ends inside a directive: %"},
		{"a format is text", []any{1.0, 2.0}, "", "log: the first of several arguments is the format, want text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := message(decl.NewCall(t.Context(), nil, nil, tt.args))
			if text := errorText(err); got != tt.want || text != tt.err {
				t.Errorf("message(%v) = %q, %q, want %q, %q", tt.args, got, text, tt.want, tt.err)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzMessage(f *testing.F) {
	for _, format := range []string{"%s", "%-5.2f|%d", "%%", "%", "%5", "%+ #0-12.34x", "%[1]s", "%v", "%c%q"} {
		f.Add(format, "text", 3.5)
	}
	f.Fuzz(func(t *testing.T, format, text string, number float64) {
		got, err := message(decl.NewCall(t.Context(), nil, nil, []any{format, text, number, secret.New("hunter2-canary")}))
		if err == nil && strings.Contains(got, "%!") && !strings.Contains(format+text, "!") {
			t.Errorf("message(%q) = %q: a verb of fmt went wrong", format, got)
		}
		if strings.Contains(got, "canary") && !strings.Contains(format+text, "canary") {
			t.Errorf("message(%q) = %q shows the secret", format, got)
		}
	})
}
