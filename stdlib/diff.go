package stdlib

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// deepest is how far tables are compared; one inside itself has no end.
const deepest = 100

// difference says where got differs from want, or why they cannot be compared;
// "" when they are equal.
func difference(got, want any, path []string) string {
	if len(path) > deepest {
		return fmt.Sprintf("the tables are nested more than %d deep, or inside themselves", deepest)
	}
	for _, v := range []any{got, want} {
		switch v.(type) {
		case secret.Secret, luavm.Fn:
			return at(path) + show(v) + " cannot be compared"
		}
	}
	a, isTable := got.(luavm.Tab)
	b, wantTable := want.(luavm.Tab)
	if isTable && wantTable {
		return tableDifference(a, b, path)
	}
	if isTable != wantTable || !equal(got, want) {
		return fmt.Sprintf("%sgot %s, want %s", at(path), show(got), show(want))
	}
	return ""
}

// equal compares what is no table.
func equal(got, want any) bool {
	if got == nil || want == nil {
		return got == want
	}
	if reflect.TypeOf(got) != reflect.TypeOf(want) || !reflect.TypeOf(got).Comparable() {
		return false
	}
	return got == want
}

func tableDifference(got, want luavm.Tab, path []string) string {
	gotKeys, gotFields := fieldsOf(got)
	wantKeys, wantFields := fieldsOf(want)
	for _, key := range wantKeys {
		if diff := difference(gotFields[key], wantFields[key], append(path, step(key))); diff != "" {
			return diff
		}
	}
	for _, key := range gotKeys {
		if _, ok := wantFields[key]; !ok {
			return fmt.Sprintf("%sgot %s, want nothing", at(append(path, step(key))), show(gotFields[key]))
		}
	}
	return ""
}

// fieldsOf returns the keys of a table in order, elements first, and its values.
func fieldsOf(t luavm.Tab) (keys []any, fields map[any]any) {
	fields = map[any]any{}
	t.Each(func(key, value any) bool {
		keys = append(keys, key)
		fields[key] = value
		return true
	})
	return keys, fields
}

func at(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return "at " + strings.TrimPrefix(strings.Join(path, ""), ".") + ": "
}

// step writes one key of a path as Lua would.
func step(key any) string {
	switch k := key.(type) {
	case int64:
		return fmt.Sprintf("[%d]", k)
	case string:
		if isName(k) {
			return "." + k
		}
	}
	return "[" + show(key) + "]"
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// show writes a value for a message as a playbook would, on one line.
func show(v any) string { return clip(shown(v, 0)) }

func shown(v any, depth int) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return strconv.Quote(clip(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case secret.Secret:
		return "a secret"
	case luavm.JSONNull:
		return "json.null"
	case luavm.Fn:
		return "a function"
	case luavm.Tab:
		return shownTable(v, depth)
	case error:
		return fmt.Sprintf("the error %q (%s)", clip(v.Error()), fault.KindOf(v))
	}
	return "a handle"
}

func shownTable(t luavm.Tab, depth int) string {
	if depth > 3 {
		return "{ … }"
	}
	var parts []string
	t.Each(func(key, value any) bool {
		part := shown(value, depth+1)
		switch k := key.(type) {
		case int64:
		case string:
			if isName(k) {
				part = k + " = " + part
				break
			}
			part = "[" + strconv.Quote(clip(k)) + "] = " + part
		default:
			part = "[" + shown(key, depth+1) + "] = " + part
		}
		parts = append(parts, part)
		return len(parts) < 20
	})
	if len(parts) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}
