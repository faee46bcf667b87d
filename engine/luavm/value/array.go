package value

import lua "github.com/yuin/gopher-lua"

// arrayMetatable marks a table as a JSON array. A metatable that all arrays
// share costs nothing, is invisible to pairs, and stays because it is locked.
var arrayMetatable = locked(nil)

func markArray(t *lua.LTable) *lua.LTable {
	t.Metatable = arrayMetatable
	return t
}

func isArray(t *lua.LTable) bool { return t.Metatable == arrayMetatable }
