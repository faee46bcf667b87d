package stdlib

import (
	"fmt"
	"strconv"
	"strings"

	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// printed returns a value as print writes it, but for those of which print says
// nothing: nil and json.null are empty, a list of plain values is joined with
// commas, other tables are JSON.
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
		if i := int64(v); float64(i) == v {
			return strconv.FormatInt(i, 10), true
		}
		return fmt.Sprint(v), true
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
