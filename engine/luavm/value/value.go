// Package value carries values across the border between Lua and Go: arguments
// and results of declared functions, JSON, errors, secrets and handles. Start at
// Env. It promises that a table, function, error or handle which crosses the
// border and comes back is the same one, that nothing is coerced which the
// declaration does not name, and that secrets stay covered.
//
// What Lua sees of Go is locked userdata; no Go value is reached by reflection.
package value

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// maxExact is the first whole number whose neighbour is lost in a float64.
const maxExact = 1 << 53

// Env converts values for one Lua state.
type Env struct {
	// Func makes a Lua function of a declaration, Module the table of a module.
	Func   func(decl.Func) *lua.LFunction
	Module func(decl.Module) lua.LValue
	// Call calls a Lua function on the running task.
	Call func(fn *lua.LFunction, args []lua.LValue) ([]lua.LValue, error)
}

// ToGo returns v as decl.Call.Arg describes. Threads and foreign userdata are
// returned as they are and can only be given back.
func (e *Env) ToGo(v lua.LValue) any {
	switch v := v.(type) {
	case *lua.LNilType:
		return nil
	case lua.LBool:
		return bool(v)
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		return string(v)
	case *lua.LTable:
		return &Tab{table: v, env: e}
	case *lua.LFunction:
		return &Fn{function: v, env: e}
	case *lua.LUserData:
		switch held := v.Value.(type) {
		case secret.Secret, decl.JSONNull, *Raised:
			return held
		case *handle:
			return held.value
		}
	}
	return v
}

// ToLua returns the Lua value of v, which is one of what decl.Call.Return
// takes. Another type is a bug in a binding and panics.
func (e *Env) ToLua(v any) lua.LValue {
	switch v := v.(type) {
	case nil:
		return lua.LNil
	case bool:
		return lua.LBool(v)
	case string:
		return lua.LString(v)
	case []byte:
		return lua.LString(v)
	case int:
		return integer(int64(v))
	case int64:
		return integer(v)
	case float64:
		return number(v)
	case time.Duration:
		return number(v.Seconds())
	case secret.Secret:
		return NewSecret(v)
	case decl.JSONNull:
		return Null
	case *Tab:
		if v == nil {
			return lua.LNil
		}
		return v.table
	case *Fn:
		if v == nil {
			return lua.LNil
		}
		return v.function
	case *decl.Row:
		return e.row(v)
	case decl.Func:
		return e.Func(v)
	case decl.Module:
		return e.Module(v)
	case error:
		return NewError(v)
	case lua.LValue:
		return v
	case []string:
		t := newTable(len(v), 0)
		for _, element := range v {
			t.Append(lua.LString(element))
		}
		return markArray(t)
	case []any:
		t := newTable(len(v), 0)
		for _, element := range v {
			if element == nil {
				element = decl.JSONNull{} // a hole would hide what follows
			}
			t.Append(e.ToLua(element))
		}
		return markArray(t)
	case map[string]any:
		t := newTable(0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			t.RawSetString(key, e.ToLua(v[key]))
		}
		return t
	}
	panic(fmt.Sprintf("a binding returned a %T, which has no Lua value", v))
}

// newTable returns a table with room for n elements and m fields. The method
// reads nothing of its state, so it needs neither one nor the lock.
func newTable(n, m int) *lua.LTable { return (*lua.LState)(nil).CreateTable(n, m) }

// small holds boxed numbers that are often met: making one anew allocates.
var small = func() (boxed [1024]lua.LValue) {
	for i := range boxed {
		boxed[i] = lua.LNumber(i)
	}
	return boxed
}()

func number(f float64) lua.LValue {
	if f >= 0 && f < float64(len(small)) && f == math.Trunc(f) {
		return small[int(f)]
	}
	return lua.LNumber(f)
}

// integer returns i as a number, or as text when a number would not be exact.
func integer(i int64) lua.LValue {
	if i >= 0 && i < int64(len(small)) {
		return small[i]
	}
	if i <= -maxExact || i >= maxExact {
		return lua.LString(strconv.FormatInt(i, 10))
	}
	return lua.LNumber(i)
}

// native returns a Lua function that is Go code and belongs to no state.
func native(fn lua.LGFunction) *lua.LFunction {
	return &lua.LFunction{IsG: true, GFunction: fn}
}

// locked returns a metatable that a playbook can neither see nor change. It is
// never written again, so all states may share it.
func locked(methods map[string]lua.LGFunction) *lua.LTable {
	mt := newTable(0, len(methods)+1)
	mt.RawSetString("__metatable", lua.LFalse)
	for event, fn := range methods {
		mt.RawSetString(event, native(fn))
	}
	return mt
}
