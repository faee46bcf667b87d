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

// FieldInfo describes a field of an error, as playbooks and JSON have it.
type FieldInfo struct {
	Name     string
	Type     string // string, integer or job
	Meaning  string
	Optional bool // absent when there is nothing to say
}

// FieldInfos describes the fields of Fields in their order, and after them the
// one that only playbooks have.
func FieldInfos() []FieldInfo {
	return []FieldInfo{
		{"kind", "string", "what went wrong, in one word", false},
		{"message", "string", "what went wrong, on one line", false},
		{"op", "string", "what was being done", true},
		{"fn", "string", "the server's function", true},
		{"target", "string", "host and port of the server", true},
		{"status", "integer", "HTTP status of its answer", true},
		{"attempt", "integer", "which attempt failed, from 1", true},
		{"index", "integer", "place of the item in its task.map, from 1", true},
		{"hint", "string", "what to do", true},
		{"details", "string", "all that the server said, or the calls of the playbook", true},
		{"trace", "string", "the calls of the playbook, where details are something else", true},
		{"job", "job", "the job that goes on at the server, to wait on or to cancel; in playbooks only", true},
	}
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
