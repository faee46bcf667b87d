package bindings

import (
	"fmt"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// arguments makes the arguments of a server function from a params table; nil
// gives none. Names and types are checked by the client, which knows the
// server; here only what cannot be an argument at all is refused.
func arguments(c *luavm.Call, fn string, params luavm.Tab) ([]call.Arg, error) {
	if params == nil {
		return nil, nil
	}
	args := make([]call.Arg, 0, 4)
	var err error
	params.Each(func(key, value any) bool {
		name, ok := key.(string)
		if !ok {
			message := "params is a list, want arguments by name"
			if params.Len() == 0 || named(params) {
				message = fmt.Sprintf("params has the key %s, want arguments by name", keyText(key))
			}
			err = &fault.Error{
				Kind: fault.Invalid, Op: opOf(fn), Fn: fn, Message: message,
				Hint: fmt.Sprintf("write api.invoke(%q, { name = value })", fn),
			}
			return false
		}
		var v any
		if v, err = argument(c, fn, name, value); err == nil {
			args = append(args, call.Arg{Name: name, Value: v})
		}
		return err == nil
	})
	return args, err
}

// named reports whether t has a field with a name.
func named(t luavm.Tab) (found bool) {
	t.Each(func(key, _ any) bool {
		_, found = key.(string)
		return !found
	})
	return found
}

// keyText shows the key of a table that is no text.
func keyText(key any) string {
	switch key := key.(type) {
	case int, int64, float64, bool:
		return fmt.Sprintf("[%v]", key)
	case luavm.Tab:
		return "[table]"
	}
	return "[" + strings.TrimPrefix(strings.TrimPrefix(noun(key), "an "), "a ") + "]"
}

// argument makes the value of one argument.
func argument(c *luavm.Call, fn, name string, value any) (any, error) {
	switch v := value.(type) {
	case string, float64, bool, secret.Secret:
		return v, nil
	case int64:
		return float64(v), nil
	case luavm.JSONNull:
		return call.Null{}, nil
	case luavm.Tab:
		var json call.JSON
		text, err := c.EncodeJSON(v, luavm.EncodeOptions{Reveal: true, Secret: &json.Secret})
		if err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Op: opOf(fn), Fn: fn, Message: "argument " + name, Err: err}
		}
		json.Text = text
		return json, nil
	}
	return nil, &fault.Error{
		Kind: fault.Invalid, Op: opOf(fn), Fn: fn,
		Message: fmt.Sprintf("argument %s is %s, want text, number, boolean, table or json.null", name, noun(value)),
	}
}

// opOf names a call in errors, as the client does.
func opOf(fn string) string { return "api.invoke " + fn }

// noun names the kind of a Lua value that cannot be shown.
func noun(value any) string {
	switch value.(type) {
	case luavm.Fn:
		return "a function"
	case error:
		return "an error"
	}
	return "a handle"
}
