package stdlib

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// printed returns a value as results are shown: nil and json.null are empty, a
// list of plain values is joined with commas, other tables are JSON.
func printed(c *luavm.Call, value any) string {
	if text, ok := plain(value); ok {
		return text
	}
	switch v := value.(type) {
	case luavm.Tab:
		if texts, ok := plainList(v); ok {
			return strings.Join(texts, ", ")
		}
		text, err := c.EncodeJSON(v, luavm.EncodeOptions{})
		switch {
		case err != nil: // a function inside, or a table inside itself
			return "table"
		case string(text) == "[]":
			return ""
		}
		return string(text)
	case luavm.Fn:
		return "function"
	}
	return "handle"
}

// plain returns the text of a value that is no table, function or handle.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case nil, luavm.JSONNull:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return numberText(v), true
	case secret.Secret:
		return secret.Mask, true
	case error:
		return v.Error(), true
	}
	return "", false
}

// plainList returns the texts of a table with nothing in it but plain elements.
func plainList(t luavm.Tab) ([]string, bool) {
	var texts []string
	all := true
	t.Each(func(key, value any) bool {
		text, ok := plain(value)
		_, element := key.(int64)
		texts, all = append(texts, text), ok && element
		return all
	})
	return texts, all && texts != nil
}

// numberText writes a number as JSON has it, with an exponent only where it is
// very large or small.
func numberText(n float64) string {
	if i := int64(n); float64(i) == n {
		return strconv.FormatInt(i, 10)
	}
	text, err := json.Marshal(n)
	if err != nil { // not finite
		return fmt.Sprint(n)
	}
	return string(text)
}
