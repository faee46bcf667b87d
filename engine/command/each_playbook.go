package command

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"moonpost/bindings"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/recorder"
	"moonpost/engine/secret"
	"moonpost/stdlib/csvfile"
)

// The inputs of the playbook that makes the calls: the file, and one for each
// constant argument that is secret.
const (
	rowsInput   = "rows"
	secretInput = "secret_"
)

// eachWriter writes the playbook that calls one function for each row of a CSV
// file.
type eachWriter struct {
	fn     string
	rows   *eachRows
	hidden map[string]bool // columns that hold secrets
	open   map[string]bool // columns that stand in other arguments
	inputs []string        // declarations of secret inputs
	given  []bindings.Given
	fields map[string]string // Lua expressions by argument
}

// playbook reads the operands.
func (r *eachRows) playbook(fn string, operands []string, files *reader) (*eachWriter, error) {
	assigned, err := assignments("call", operands, files)
	if err != nil {
		return nil, err
	}
	w := &eachWriter{fn: fn, rows: r, hidden: map[string]bool{}, open: map[string]bool{}, fields: map[string]string{}}
	for _, a := range assigned {
		if err := w.argument(a); err != nil {
			return nil, err
		}
	}
	if len(w.hidden)+len(w.open) == 0 {
		return nil, misuse("call", "no {column} stands in a value: the call would be the same for every row", "its columns are: "+strings.Join(r.header, ", "))
	}
	for _, column := range slices.Sorted(maps.Keys(w.hidden)) {
		if w.open[column] {
			return nil, misuse("call", "the column "+csvfile.Shown(column)+" is a secret in one argument, and stands in another one", "")
		}
	}
	return w, nil
}

// suits refuses what would fail every row alike: a function or an argument that
// the server does not know, a required one that is not given, a change where only
// reading is allowed.
func (w *eachWriter) suits(ctx context.Context, to call.Server, readOnly bool) error {
	functions, err := to.Functions(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(functions, func(f call.Function) bool { return f.Name == w.fn })
	if at < 0 {
		names := make([]string, len(functions))
		for i, f := range functions {
			names[i] = f.Name
		}
		return misuse("call", "no function "+w.fn+" at this server", cmp.Or(fault.DidYouMean(w.fn, names), listFunctions))
	}
	if readOnly && functions[at].Changing {
		return recorder.Forbidden(w.fn)
	}
	params := functions[at].Params
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	for _, name := range slices.Sorted(maps.Keys(w.fields)) {
		if !slices.Contains(names, name) {
			return misuse("call", w.fn+" has no argument "+name, fault.DidYouMean(name, names))
		}
	}
	for _, p := range params {
		if _, given := w.fields[p.Name]; !given && !p.Optional && p.Default == "" {
			hint := "give it as " + p.Name + "={column}"
			if p.Name == call.InstanceArg {
				hint = "name one with --instance NAME, or " + hint
			}
			return misuse("call", w.fn+" needs the argument "+p.Name, hint)
		}
	}
	return nil
}

// argument writes the expression for one argument. What a file holds is taken
// as it is: a template has its place on the command line, where it is seen.
func (w *eachWriter) argument(a assignment) error {
	secrets := catalogue.SecretPaths(w.fn, a.name)
	hidden := catalogue.SecretArg(w.fn, a.name)
	switch {
	case a.file != "" && (hidden || a.holds(secrets)):
		input := secretInput + strconv.Itoa(len(w.given)+1)
		w.inputs = append(w.inputs, input+` = { type = "secret", required = true, about = `+luaText("argument "+a.name)+" }")
		w.given = append(w.given, bindings.Given{Name: input, Value: secret.New(a.text), Origin: "@" + a.file})
		w.fields[a.name] = "inputs." + input
		return nil
	case a.file != "":
		w.fields[a.name] = luaText(a.text)
		return nil
	case a.json == nil:
		text, err := w.template(a.name, a.text, hidden)
		w.fields[a.name] = text
		return err
	}
	value, err := decoded(a.json)
	if err != nil {
		return misuse("call", a.name+": "+err.Error(), "")
	}
	text, err := w.value(a.name, "", value, hidden, secrets)
	w.fields[a.name] = text
	return err
}

// value writes a JSON value in Lua; the texts in it are templates. path leads
// to it from the argument.
func (w *eachWriter) value(arg, path string, value any, hidden bool, secrets []string) (string, error) {
	hidden = hidden || slices.Contains(secrets, path)
	below := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	switch v := value.(type) {
	case string:
		return w.template(arg, v, hidden)
	case []any:
		items := make([]string, len(v))
		for i := range v {
			var err error
			if items[i], err = w.value(arg, path, v[i], hidden, secrets); err != nil {
				return "", err
			}
		}
		return "json.array{ " + strings.Join(items, ", ") + " }", nil
	case map[string]any:
		fields := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			text, err := w.value(arg, below(name), v[name], hidden, secrets)
			if err != nil {
				return "", err
			}
			fields = append(fields, "["+luaText(name)+"] = "+text)
		}
		return "{ " + strings.Join(fields, ", ") + " }", nil
	case nil:
		return "json.null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	}
	return "", fmt.Errorf("no Lua form of %T", value)
}

// template writes a text in which {column} stands for the row's value. A value
// alone that is empty leaves the argument out.
func (w *eachWriter) template(arg, text string, hidden bool) (string, error) {
	parts, err := parseTemplate(text)
	if err != nil {
		return "", misuse("call", arg+": "+err.Error(), "a brace that is meant is written twice: {{ or }}")
	}
	terms := make([]string, len(parts))
	for i, p := range parts {
		if !p.column {
			terms[i] = luaText(p.text)
			continue
		}
		if !slices.Contains(w.rows.header, p.text) {
			return "", misuse("call", fmt.Sprintf("%s: %s has no column %s", arg, w.rows.name, csvfile.Shown(p.text)), w.columns(p.text))
		}
		if hidden {
			w.hidden[p.text] = true
		} else {
			w.open[p.text] = true
		}
		if terms[i] = "row[" + luaText(p.text) + "]"; len(parts) == 1 {
			terms[i] = "given(" + terms[i] + ")"
		}
	}
	switch {
	case len(parts) == 0:
		return `""`, nil
	case hidden && (len(parts) > 1 || !parts[0].column):
		return "", misuse("call", arg+": a secret is a column of its own, or in a file: on the command line others can read it",
			"put {column} alone in its place, or give "+arg+"=@FILE")
	}
	return strings.Join(terms, " .. "), nil
}

func (w *eachWriter) columns(wanted string) string {
	if hint := fault.DidYouMean(wanted, w.rows.header); hint != "" {
		return hint
	}
	return "its columns are: " + strings.Join(w.rows.header, ", ")
}

// text is the whole playbook.
func (w *eachWriter) text(f eachFlags) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("playbook {")
	line("  about = %s,", luaText("Calls "+w.fn+" for each row of a CSV file."))
	line("  inputs = { %s },", strings.Join(append([]string{rowsInput + ` = { type = "file", required = true }`}, w.inputs...), ", "))
	line("}")
	line("local csv = require(\"csv\")")
	line("local function given(value) if value ~= \"\" then return value end end")
	line("local rows = csv.rows(inputs.%s, { delimiter = %s, encoding = %s, secret = { %s } })", rowsInput,
		optionOf(f.delimiter), optionOf(f.encoding), list(slices.Sorted(maps.Keys(w.hidden))))
	line("local results = task.map(rows, function(row)")
	line("  return (api.invoke(%s, {", luaText(w.fn))
	for _, name := range slices.Sorted(maps.Keys(w.fields)) {
		line("    [%s] = %s,", luaText(name), w.fields[name])
	}
	line("  }))")
	line("end, { label = \"rows\", total = %d, on_error = \"continue\"%s%s })", len(w.rows.rows), w.concurrency(f), w.key())
	line("return results")
	return []byte(b.String())
}

func (w *eachWriter) concurrency(f eachFlags) string {
	if f.concurrency == 0 {
		return ""
	}
	return fmt.Sprintf(", concurrency = %d", f.concurrency)
}

// key names a row after the object that its call is about. Two rows may be
// about one object.
func (w *eachWriter) key() string {
	known := catalogue.BehaviourOf(w.fn)
	terms := []string{}
	for _, arg := range known.Key {
		if text, ok := w.fields[arg]; ok && strings.Contains(text, "row[") && !catalogue.SecretArg(w.fn, arg) {
			terms = append(terms, "("+text+" or \"-\")")
		}
	}
	if len(terms) == 0 {
		return ""
	}
	return `, duplicates = "allow", key = function(row) return ` + strings.Join(terms, ` .. "/" .. `) + " end"
}

func optionOf(text string) string {
	if text == "" {
		return "nil"
	}
	return luaText(text)
}

func list(texts []string) string {
	for i := range texts {
		texts[i] = luaText(texts[i])
	}
	return strings.Join(texts, ", ")
}
