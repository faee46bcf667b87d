package decl

import (
	"fmt"
	"strconv"
	"strings"
)

// Playbook is the declaration that stands first in a playbook's source:
// playbook { about = …, inputs = { … }, columns = { … }, examples = { … } }. It is read from the source and never
// executed.
type Playbook struct {
	About    string
	Inputs   []Input  // in the order of the source
	Columns  []string // of its result that a table shows; none: all
	Examples []string // command lines
	Line     int      // of the declaration; 0 when there is none
}

// Input is one declared input of a playbook.
type Input struct {
	Name     string
	Type     InputType
	About    string
	Required bool
	Default  any      // string, float64, bool, []any; nil when there is none
	Values   []string // of an enum
	Line     int
}

// DefaultText returns the default as it would be given on a command line, ""
// when there is none.
func (in Input) DefaultText() string {
	if in.Default == nil {
		return ""
	}
	return givenText(in.Default)
}

func givenText(value any) string {
	switch v := value.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, element := range v {
			parts[i] = givenText(element)
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value)
}

// InputType is the type of an input.
type InputType string

// The input types.
const (
	InputString   InputType = "string"
	InputNumber   InputType = "number"
	InputBoolean  InputType = "boolean"
	InputDuration InputType = "duration" // a text that ParseDuration reads, 0 or more
	InputEnum     InputType = "enum"
	InputList     InputType = "list"   // of texts
	InputFile     InputType = "file"   // path of a file that can be read
	InputSecret   InputType = "secret" // never given in clear on a command line
)

// InputTypes lists all input types.
var InputTypes = []InputType{InputString, InputNumber, InputBoolean, InputDuration, InputEnum, InputList, InputFile, InputSecret}
