package world

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// args makes arguments of texts "name=value".
func args(form ...string) []Arg {
	list := []Arg{}
	for _, pair := range form {
		name, value, _ := strings.Cut(pair, "=")
		list = append(list, Arg{name, value})
	}
	return list
}

// call runs a call that has to end at once and well, and returns its result as
// compact JSON.
func call(t *testing.T, w *World, fn string, form ...string) string {
	t.Helper()
	s := w.Invoke(fn, args(form...), Straight)
	if s.Error != nil {
		t.Fatalf("%s(%v) = error %q", fn, form, s.Error.Message)
	}
	if s.Code != answer.Succeeded {
		t.Fatalf("%s(%v) = %s, want succeeded", fn, form, s.Code)
	}
	return compact(t, s.Result)
}

func compact(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, bytes.TrimPrefix(answer.Text(v), []byte(answer.BOM))); err != nil {
		t.Fatalf("result is no JSON: %v", err)
	}
	return out.String()
}

// refused runs a call that has to fail and returns its message.
func refused(t *testing.T, w *World, fn string, form ...string) string {
	t.Helper()
	s := w.Invoke(fn, args(form...), Straight)
	if s.Error == nil {
		t.Fatalf("%s(%v) = %s, want an error", fn, form, s.Code)
	}
	return s.Error.Message
}

// bare is a server without users, stores and history.
func bare() *World { return New(Options{Users: -1, Stores: -1, History: -1}) }

func spe() *World { return New(Options{Edition: catalogue.SPE, Users: 2, Stores: 2, History: -1}) }

// step is one call of a sequence, and what it gives.
type step struct {
	fn     string
	form   []string
	result string // compact JSON; "" for an error
	fails  string // message of the error
}

func do(fn, result string, form ...string) step { return step{fn, form, result, ""} }

func fails(fn, message string, form ...string) step { return step{fn, form, "", message} }

func run(t *testing.T, w *World, steps []step) {
	t.Helper()
	for _, s := range steps {
		if s.fails != "" {
			if got := refused(t, w, s.fn, s.form...); got != s.fails {
				t.Errorf("%s(%v) = error %q, want error %q", s.fn, s.form, got, s.fails)
			}
			continue
		}
		if got := call(t, w, s.fn, s.form...); got != s.result {
			t.Errorf("%s(%v) = %s, want %s", s.fn, s.form, got, s.result)
		}
	}
}

// effects returns the effects as "fn key count" lines.
func effects(w *World) []string {
	lines := []string{}
	for _, e := range w.Effects() {
		lines = append(lines, strings.TrimSpace(e.Fn+" "+e.Key)+strings.Repeat(" again", e.Count-1))
	}
	return lines
}
