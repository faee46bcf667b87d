package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"moonpost/engine/call"
	"moonpost/engine/secret"
)

// writeJSON takes the text of a JSON value: an encoded table, or text that the
// user wrote.
func (a *argument) writeJSON(out *encoded, value any) *problem {
	var text []byte
	switch v := value.(type) {
	case call.JSON:
		text = v.Text
		if v.Secret {
			out.hidden = append(out.hidden, a.name)
		}
	case string:
		text = []byte(v)
	default:
		return &problem{text: "want a table or JSON text, got " + shown(value)}
	}
	if !jsontext.Value(text).IsValid() {
		return &problem{text: "the text is not JSON", hint: "write " + a.either(`{ name = "value" }`, `:='{"name":"value"}'`)}
	}
	for _, path := range a.paths {
		if v := textAt(text, strings.Split(path, ".")); v != "" {
			out.secrets = append(out.secrets, secret.New(v))
		}
	}
	out.text(a.name, string(text))
	return nil
}

// textAt returns the text at a path into a JSON object, "" when there is none.
func textAt(value []byte, path []string) string {
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &object) != nil {
			return ""
		}
		value = object[name]
	}
	var text string
	_ = json.Unmarshal(value, &text) // what is no text stays ""
	return text
}

// textField returns a text field of a JSON object.
func textField(object []byte, name string) string { return textAt(object, []string{name}) }

// writeList takes a list of texts, or text with commas.
func (a *argument) writeList(out *encoded, value any) *problem {
	var elements []string
	switch v := value.(type) {
	case string:
		for part := range strings.SplitSeq(v, ",") {
			elements = append(elements, strings.TrimSpace(part))
		}
	case call.JSON:
		if v.Secret {
			out.hidden = append(out.hidden, a.name)
		}
		// An empty table without array mark arrives as an object.
		if text := strings.TrimSpace(string(v.Text)); text != "{}" {
			if err := json.Unmarshal(v.Text, &elements); err != nil {
				return &problem{text: "want a list of texts, got " + kindWord(v.Text), hint: "write " + a.either(`{ "one", "two" }`, "=one,two")}
			}
		}
		for _, e := range elements {
			switch {
			case e == "":
				return &problem{text: "an element is empty"}
			case strings.Contains(e, ","):
				return &problem{text: fmt.Sprintf("the element %q holds a comma, which separates elements", e)}
			}
		}
	default:
		return &problem{text: "want a list of texts, got " + shown(value)}
	}
	if len(elements) == 0 {
		return a.emptyList()
	}
	for _, e := range elements {
		if len(a.values) > 0 && !slices.Contains(a.values, e) {
			return a.refuse(e)
		}
	}
	out.text(a.name, strings.Join(elements, ","))
	return nil
}

// emptyList deals with a list without elements, for which the form has no text:
// where leaving the argument out clears it, that is what it means.
func (a *argument) emptyList() *problem {
	if a.clears {
		return nil
	}
	p := &problem{text: "the list is empty"}
	if slices.Contains(a.values, "none") {
		p.hint = "to say that there are none: " + a.either(`{ "none" }`, "=none")
	}
	return p
}

// kindWord names what a JSON text holds where a list of texts was wanted.
func kindWord(text []byte) string {
	switch jsontext.Value(text).Kind() {
	case jsontext.KindBeginArray:
		return "a list of something else"
	case jsontext.KindBeginObject:
		return "a table with named fields"
	}
	return "JSON"
}

// maskPaths returns a JSON object with the values at these paths masked, and
// all of it masked when it is no object.
func maskPaths(text string, paths []string) string {
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return secret.Mask
	}
	for _, path := range paths {
		at := object
		parts := strings.Split(path, ".")
		for _, name := range parts[:len(parts)-1] {
			at, _ = at[name].(map[string]any)
		}
		if _, there := at[parts[len(parts)-1]]; there {
			at[parts[len(parts)-1]] = secret.Mask
		}
	}
	masked, _ := json.Marshal(object) // decoded from JSON: cannot fail
	return string(masked)
}
