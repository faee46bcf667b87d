package stdlib

import (
	"context"
	"errors"
	"testing"
	"time"

	"moonpost/engine/fault"
)

const templateValues = `{"name":"ada <b>","list":[1,2.5,"x",null,{"a":true}],"map":{"b":1},"deep":"0123456789012345678901234567890123456789"}`

func TestATemplateThatWritesNothingEndsWithItsRun(t *testing.T) {
	for name, text := range map[string]string{
		"range":     "{{range 1000000000000}}{{end}}",
		"inner":     "{{if true}}{{with 1}}{{range 1000000000000}}{{if false}}{{end}}{{end}}{{end}}{{end}}",
		"else":      "{{range 0}}{{else}}{{range 1000000000000}}{{end}}{{end}}",
		"templates": `{{define "x"}}{{if .}}{{template "x" slice . 1}}{{template "x" slice . 1}}{{end}}{{end}}{{template "x" .deep}}`,
	} {
		for _, html := range []bool{false, true} {
			ctx, cancel := context.WithCancelCause(t.Context())
			enough := errors.New("enough")
			timer := time.AfterFunc(10*time.Millisecond, func() { cancel(enough) })
			filled := filledTemplate{op: "test", name: "t", text: text, html: html}
			if got, err := filled.fill(ctx, []byte(templateValues)); err != enough {
				t.Errorf("%s, html %v: fill = %q, %v, want the error %v", name, html, got, err, enough)
			}
			timer.Stop()
			cancel(nil)
		}
	}
}

// FuzzTemplate fills in whatever can be read as a template: it gives a text that
// is not too large, or an error for the playbook.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		"", "{{.name}}", "{{range .list}}{{.}}{{end}}", `{{printf "%5.2f" 1.5}}`, `{{get .map "x" 1}}`, "{{index .list 0}}", "{{.x", "{{/* */}}",
		"<a href='{{.name}}'>{{json .}}</a>", "<script>{{.}}</script>", `{{define "x"}}{{template "x"}}{{end}}`, `{{date 1 "%F"}}{{js .name}}`,
		"{{$x := 1}}{{with $x}}{{.}}{{end}}", `{{join .list ","}}{{number 3 2}}{{pad_left 1 2}}`,
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, html bool) {
		late := errors.New("late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, late)
		defer cancel()
		filled := filledTemplate{op: "test", name: "t", text: text, html: html}
		got, err := filled.fill(ctx, []byte(templateValues))
		if _, ok := errors.AsType[*fault.Error](err); err != nil && !ok && err != late {
			t.Errorf("fill(%q) = %v, want a *fault.Error", text, err)
		}
		if len(got) > maxFilled {
			t.Errorf("fill(%q) is %d bytes", text, len(got))
		}
	})
}
