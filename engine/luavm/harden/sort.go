package harden

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

// sort sorts by merging, which keeps the order of equal elements, ends after n
// log n comparisons whatever the comparing function says, and leaves the table
// alone until it is done: that function may raise, or wait while other tasks
// run.
func (l *library) sort(L *lua.LState) int {
	t := l.changeable(L, 1)
	var compare *lua.LFunction
	if L.Get(2) != lua.LNil {
		compare = l.function(L, 2)
	}
	n := t.Len()
	values := make([]lua.LValue, n)
	for i := range values {
		values[i] = t.RawGetInt(i + 1)
	}
	switch {
	case compare == nil && all[lua.LNumber](values):
		slices.SortFunc(values, func(a, b lua.LValue) int { return int(order(a.(lua.LNumber), b.(lua.LNumber))) })
	case compare == nil && all[lua.LString](values):
		slices.SortFunc(values, func(a, b lua.LValue) int {
			return strings.Compare(string(a.(lua.LString)), string(b.(lua.LString)))
		})
	default:
		l.merge(L, values, make([]lua.LValue, n), compare)
	}
	if t.Len() != n {
		l.raise(L, fault.Script, "the table was changed while it was sorted")
	}
	for i, v := range values {
		t.RawSetInt(i+1, v)
	}
	return 0
}

func all[T lua.LValue](values []lua.LValue) bool {
	for _, v := range values {
		if _, ok := v.(T); !ok {
			return false
		}
	}
	return true
}

// order compares as < does; NaN is equal to all.
func order(a, b lua.LNumber) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// merge sorts values with room for as many.
func (l *library) merge(L *lua.LState, values, room []lua.LValue, compare *lua.LFunction) {
	if len(values) < 2 {
		return
	}
	half := len(values) / 2
	l.merge(L, values[:half], room[:half], compare)
	l.merge(L, values[half:], room[half:], compare)
	left, right := room[:copy(room, values[:half])], values[half:]
	for i := range values {
		if len(left) == 0 {
			return // the rest of right is in its place
		}
		if len(right) > 0 && l.less(L, right[0], left[0], compare) {
			values[i], right = right[0], right[1:]
		} else {
			values[i], left = left[0], left[1:]
		}
	}
}

func (l *library) less(L *lua.LState, a, b lua.LValue, compare *lua.LFunction) bool {
	if compare == nil {
		return L.LessThan(a, b)
	}
	L.Push(compare)
	L.Push(a)
	L.Push(b)
	L.Call(2, 1)
	less := lua.LVAsBool(L.Get(-1))
	L.Pop(1)
	return less
}
