package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Fields returns what err says as ordered name and value pairs, for JSON, for
// events and for Lua. Empty fields are left out; kind and message are always
// there.
func Fields(err error) []Field {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return []Field{{"kind", string(Internal)}, {"message", oneLine(err.Error())}}
	}
	fields := []Field{{"kind", string(e.Kind)}, {"message", e.Text()}}
	add := func(name string, value any, empty bool) {
		if !empty {
			fields = append(fields, Field{name, value})
		}
	}
	add("op", e.Op, e.Op == "")
	add("fn", e.Fn, e.Fn == "")
	add("target", e.Target, e.Target == "")
	add("status", e.Status, e.Status == 0)
	add("attempt", e.Attempt, e.Attempt == 0)
	add("index", e.Index, e.Index == 0)
	add("hint", e.Hint, e.Hint == "")
	add("details", e.Details, e.Details == "")
	add("trace", e.Trace, e.Trace == "")
	return fields
}

// Field is one named part of an error.
type Field struct {
	Name  string
	Value any // string or int
}

// JSON returns err as one JSON object on one line.
func JSON(err error) []byte {
	var b strings.Builder
	b.WriteByte('{')
	for i, f := range Fields(err) {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(f.Name)
		value, _ := json.Marshal(f.Value)
		fmt.Fprintf(&b, "%s:%s", name, value)
	}
	b.WriteByte('}')
	return []byte(b.String())
}

// WriteText writes err for a person: the error on one line, the details when
// verbose, where the playbook was, and the hint. Texts of servers and playbooks
// are made Visible.
func WriteText(w io.Writer, err error, verbose bool) {
	fmt.Fprintf(w, "error: %s\n", Visible(oneLine(err.Error())))
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return
	}
	details := e.Trace
	if e.Details != "" && (verbose || e.Kind == Script || e.Kind == Usage) {
		details = strings.TrimRight(e.Details, "\r\n") + "\n" + e.Trace
	}
	for line := range strings.Lines(strings.Trim(details, "\n")) {
		fmt.Fprintf(w, "  %s\n", Visible(strings.TrimRight(line, "\r\n")))
	}
	if e.Hint != "" {
		fmt.Fprintf(w, "hint: %s\n", Visible(oneLine(e.Hint)))
	}
}
