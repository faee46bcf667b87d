package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"moonpost/engine/fault"
)

// assignment is one k=v of the command line.
type assignment struct {
	name string
	text string         // of k=v, k=@file and k=@-
	json jsontext.Value // of k:=json; nil for the others
	file string         // the name behind @, "" when the text stood on the command line
}

// shown reports whether the value itself stood on the command line, where the
// system shows it to others. null is no value.
func (a assignment) shown() bool { return a.file == "" && (a.json == nil || a.json.Kind() != 'n') }

// holds reports whether the value is a JSON object with a text at one of the
// paths: "details.password".
func (a assignment) holds(paths []string) bool {
	if len(paths) == 0 {
		return false
	}
	text := []byte(a.json)
	if a.json == nil {
		text = []byte(a.text)
	}
	var value any
	if json.Unmarshal(text, &value) != nil {
		return false // the client says what is wrong with it
	}
	for _, path := range paths {
		at := value
		for name := range strings.SplitSeq(path, ".") {
			object, _ := at.(map[string]any)
			at = object[name]
		}
		if at != nil {
			return true
		}
	}
	return false
}

// reader gives the content of the files behind @.
type reader struct {
	dir   string    // relative names begin here
	stdin io.Reader // behind @-
	spent bool      // @- was read
}

// assignments reads operands of the forms k=v, k=@file, k=@- and k:=json.
func assignments(op string, operands []string, files *reader) ([]assignment, error) {
	list := make([]assignment, 0, len(operands))
	seen := map[string]bool{}
	for _, operand := range operands {
		name, text, ok := strings.Cut(operand, "=")
		asJSON := strings.HasSuffix(name, ":")
		name = strings.TrimSuffix(name, ":")
		switch {
		case !ok || name == "":
			return nil, &fault.Error{
				Kind: fault.Usage, Op: op, Message: fmt.Sprintf("%q is not of the form name=value", operand),
				Hint: "values are given by name: name=value, name=@file, name:=json",
			}
		case seen[name]:
			return nil, &fault.Error{Kind: fault.Usage, Op: op, Message: name + " is given twice"}
		}
		seen[name] = true
		a := assignment{name: name, text: text}
		var err error
		switch {
		case asJSON:
			a.text = ""
			a.json, err = oneJSON([]byte(text))
		case strings.HasPrefix(text, "@"):
			a.file = text[1:]
			a.text, err = files.read(a.file)
		}
		if err != nil {
			return nil, &fault.Error{Kind: fault.Usage, Op: op, Message: name, Err: err}
		}
		list = append(list, a)
	}
	return list, nil
}

// read returns the content of a file without its last line end. "-" is
// standard input.
func (r *reader) read(name string) (string, error) {
	if name == "" {
		return "", errors.New("no file name after @")
	}
	var text []byte
	var err error
	switch {
	case name != "-":
		if !filepath.IsAbs(name) {
			name = filepath.Join(r.dir, name)
		}
		text, err = os.ReadFile(name)
	case r.spent:
		return "", errors.New("standard input can be read once")
	default:
		r.spent = true
		text, err = io.ReadAll(r.stdin)
	}
	if err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))), nil
}

// password reads a file that holds a password.
func (r *reader) password(op, name string) (string, error) {
	text, err := r.read(name)
	if err == nil && text == "" {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return "", misuse(op, "--password-file: "+err.Error(), "")
	}
	return text, nil
}

// oneJSON returns text when it is exactly one JSON value, without spaces.
func oneJSON(text []byte) (jsontext.Value, error) {
	v := jsontext.Value(bytes.Clone(text))
	if err := v.Compact(jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false)); err != nil {
		if bad, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return nil, fmt.Errorf("not JSON, from byte %d on", bad.ByteOffset+1)
		}
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return v, nil
}

// decoded returns the Go value of one JSON value: nil, bool, float64, string,
// []any or map[string]any. It refuses whole numbers that a float64 cannot hold,
// which would reach the server as another number.
func decoded(v jsontext.Value) (any, error) {
	d := jsontext.NewDecoder(bytes.NewReader(v))
	for {
		token, err := d.ReadToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if token.Kind() == '0' {
			if _, err := exact(token.String()); err != nil {
				return nil, err
			}
		}
	}
	var value any
	err := json.Unmarshal(v, &value)
	return value, err
}

// exact returns the number that text stands for, when a float64 keeps it apart
// from its neighbours.
func exact(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is out of range", text)
	}
	if math.Abs(n) >= 1<<53 {
		return 0, fmt.Errorf("%s is too large for a number; give it as text", text)
	}
	return n, nil
}
