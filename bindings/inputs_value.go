package bindings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// inputReader makes the value of one input.
type inputReader struct {
	input decl.Input
	given Given
	dir   string // of a file
}

// read returns value as Lua gets it: string, float64, bool, []string or
// secret.Secret.
func (r *inputReader) read(value any) (any, *fault.Error) {
	text, isText := value.(string)
	switch r.input.Type {
	case decl.InputNumber:
		return r.number(value)
	case decl.InputBoolean:
		return r.boolean(value)
	case decl.InputList:
		return r.list(value)
	case decl.InputSecret:
		return r.secret(value)
	}
	if !isText {
		return nil, r.wrong("want text, got %s", shape(value))
	}
	switch r.input.Type {
	case decl.InputDuration:
		if d, err := decl.ParseDuration(text); err != nil || d < 0 {
			return nil, r.wrong("want a duration such as 90s, 24h or 7d, got %q", text)
		}
	case decl.InputEnum:
		if !slices.Contains(r.input.Values, text) {
			return nil, r.wrong("want %s, got %q%s", decl.Enum(r.input.Values...), text, suggestion(text, r.input.Values))
		}
	case decl.InputFile:
		return r.file(text)
	}
	return text, nil
}

// wrong is the error for a value that the input does not take.
func (r *inputReader) wrong(format string, args ...any) *fault.Error {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = fault.Clip(text, 200)
		}
	}
	e := &fault.Error{
		Kind:    fault.Usage,
		Message: fmt.Sprintf("input %s: %s (%s", r.input.Name, fmt.Sprintf(format, args...), r.given.Origin),
	}
	if r.input.Line > 0 {
		e.Message += fmt.Sprintf("; declared in line %d", r.input.Line)
	}
	e.Message += ")"
	return e
}

// decimal is what counts as a number: no hexadecimal, no infinity.
var decimal = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$`) })

func (r *inputReader) number(value any) (any, *fault.Error) {
	var n float64
	switch v := value.(type) {
	case float64:
		n = v
	case int:
		n = float64(v)
	case string, json.Number:
		text := strings.TrimSpace(fmt.Sprint(v))
		if !decimal().MatchString(text) {
			return nil, r.wrong("want a number, got %q", text)
		}
		n, _ = strconv.ParseFloat(text, 64) // out of range gives an infinity, refused below
	default:
		return nil, r.wrong("want a number, got %s", shape(value))
	}
	if math.Abs(n) >= 1<<53 || math.IsNaN(n) {
		return nil, r.wrong("%v is too large to be kept exactly; declare it as a string", value)
	}
	return n, nil
}

func (r *inputReader) boolean(value any) (any, *fault.Error) {
	switch v := value.(type) {
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes":
			return true, nil
		case "false", "no":
			return false, nil
		}
		return nil, r.wrong("want true or false, got %q", v)
	}
	return nil, r.wrong("want true or false, got %s", shape(value))
}

func (r *inputReader) list(value any) (any, *fault.Error) {
	text, ok := value.(string)
	if !ok {
		return r.texts(value)
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return []string{}, nil
	case text[0] == '[':
		var elements []any
		if err := json.Unmarshal([]byte(text), &elements); err != nil {
			return nil, r.wrong("want a,b,c or a JSON list, got %q: %v", text, err)
		}
		return r.texts(elements)
	}
	elements := strings.Split(text, ",")
	for i, e := range elements {
		if elements[i] = strings.TrimSpace(e); elements[i] == "" {
			return nil, r.wrong("element %d of %q is empty", i+1, text)
		}
	}
	return elements, nil
}

// texts returns the elements of a JSON list, which must be texts.
func (r *inputReader) texts(value any) (any, *fault.Error) {
	elements, ok := value.([]any)
	if !ok {
		return nil, r.wrong("want a list, got %s", shape(value))
	}
	texts := make([]string, len(elements))
	for i, e := range elements {
		if texts[i], ok = e.(string); !ok {
			return nil, r.wrong("element %d is %s, want text", i+1, shape(e))
		}
	}
	return texts, nil
}

// file returns the path of a file that can be read now.
func (r *inputReader) file(name string) (any, *fault.Error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	if name == "" {
		return nil, r.wrong("want the path of a file, got nothing")
	}
	info, err := os.Stat(path) // before Open, which would wait at a pipe
	if err == nil && !info.Mode().IsRegular() {
		return nil, r.wrong("%s is no regular file", path)
	}
	if err == nil {
		var f *os.File
		if f, err = os.Open(path); err == nil {
			err = f.Close()
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, r.wrong("there is no file %s", path)
	case err != nil:
		return nil, r.wrong("%s cannot be read: %v", path, cause(err))
	}
	return path, nil
}

// cause leaves out what the message says already: the operation and the path.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// secret takes texts from everywhere but the command line and the playbook's
// source, and never shows one.
func (r *inputReader) secret(value any) (any, *fault.Error) {
	if s, ok := value.(secret.Secret); ok {
		return r.filled(s)
	}
	switch r.given.Origin {
	case OriginArgument:
		e := r.wrong("a secret cannot stand on the command line, where others can read it")
		e.Hint = fmt.Sprintf("give %s=@FILE or %s=@- (standard input), or leave it out to be asked", r.input.Name, r.input.Name)
		return nil, e
	case originDefault:
		return nil, r.wrong("a secret takes no default: it would stand in the playbook")
	}
	text, ok := value.(string)
	if !ok {
		return nil, r.wrong("want text, got %s", shape(value))
	}
	return r.filled(secret.New(text))
}

func (r *inputReader) filled(s secret.Secret) (any, *fault.Error) {
	if s.Empty() {
		return nil, r.wrong("the secret is empty")
	}
	return s, nil
}

// ask asks for a secret that was not given.
func (r *inputReader) ask(read func(string) (secret.Secret, error)) (any, *fault.Error) {
	s, err := read(r.input.Name)
	if err == nil {
		r.given.Origin = "asked for"
		return r.filled(s)
	}
	hint := fmt.Sprintf("give %s=@FILE or %s=@- (standard input)", r.input.Name, r.input.Name)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Hint != "" {
		hint = e.Hint
	}
	if fault.KindOf(err) == fault.Usage { // nobody can be asked: that is no news
		err = nil
	}
	return nil, &fault.Error{Kind: fault.Usage, Message: "input " + r.input.Name + " must be given", Hint: hint, Err: err}
}

// shape names the kind of a decoded JSON value.
func shape(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case float64, int, json.Number:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	case secret.Secret:
		return "a secret"
	}
	return "an object"
}
