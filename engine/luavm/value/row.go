package value

import (
	"maps"
	"reflect"
	"slices"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/decl"
)

// row returns the table of r. Building it field by field costs two maps, a list
// and a boxed name for each field, more than all else in reading a CSV file:
// with it a million rows by name take 1.1 times as long as in Python, without
// it 0.6 times. So the tables of one kind of row are copied from the first.
func (e *Env) row(r *decl.Row) *lua.LTable {
	if !copies() {
		return e.rowByField(r)
	}
	made := &smallRow{}
	kept, values := made.kept[:], made.values[:]
	t := &made.table
	if n := len(r.Values); n > len(kept) {
		kept, values = make([]lua.LString, n), make([]lua.LValue, n)
		t = &lua.LTable{}
	}
	kept, values = kept[:len(r.Values)], values[:len(r.Values):len(r.Values)]
	for i, text := range r.Values {
		kept[i] = lua.LString(text)
		box(&values[i], &kept[i])
	}
	t.Metatable = lua.LNil
	inside := (*table)(unsafe.Pointer(t))
	if r.Names == nil {
		inside.array = values
		return markArray(t)
	}
	first, ok := r.Meta.(*lua.LTable)
	if !ok {
		first = e.rowByField(&decl.Row{Names: r.Names, Values: r.Names})
		r.Meta = first
	}
	inside.copyNames(first)
	for i, v := range values {
		inside.strdict[r.Names[i]] = v
	}
	for _, name := range r.Names[len(values):] {
		inside.strdict[name] = lua.LNil
	}
	if r.Shape != nil {
		(&Tab{table: t, env: e}).SetShape(r.Shape)
	}
	return t
}

// rowByField is row by means of the interpreter alone.
func (e *Env) rowByField(r *decl.Row) *lua.LTable {
	if r.Names == nil {
		return e.ToLua(r.Values).(*lua.LTable)
	}
	t := newTable(0, len(r.Names))
	for i, text := range r.Values {
		t.RawSetString(r.Names[i], lua.LString(text))
	}
	if r.Shape != nil {
		(&Tab{table: t, env: e}).SetShape(r.Shape)
	}
	return t
}

// smallRow is a row of few fields in one piece of memory: one allocation instead
// of three.
type smallRow struct {
	table  lua.LTable
	kept   [8]lua.LString
	values [8]lua.LValue
}

// table is what the interpreter's table is inside.
type table struct {
	Metatable lua.LValue
	array     []lua.LValue
	dict      map[lua.LValue]lua.LValue
	strdict   map[string]lua.LValue
	keys      []lua.LValue       // of dict and strdict, in the order of Next
	k2i       map[lua.LValue]int // places in keys
}

// copyNames gives t, which is empty, the fields of model.
func (t *table) copyNames(model *lua.LTable) {
	from := (*table)(unsafe.Pointer(model))
	// The list of names is shared: it is full, so a table that gets another
	// name moves to a list of its own.
	t.keys = slices.Clip(from.keys)
	t.k2i = maps.Clone(from.k2i)
	t.strdict = maps.Clone(from.strdict)
}

// copies reports whether table still is what it says. With another version of
// the interpreter rows may be slower, never wrong.
var copies = sync.OnceValue(func() bool { // not at start: it takes a millisecond
	ours, theirs := reflect.TypeFor[table](), reflect.TypeFor[lua.LTable]()
	if ours.Size() != theirs.Size() || ours.NumField() != theirs.NumField() {
		return false
	}
	for i := range ours.NumField() {
		a, b := ours.Field(i), theirs.Field(i)
		if a.Name != b.Name || a.Type != b.Type || a.Offset != b.Offset {
			return false
		}
	}
	return true
})

// box makes v the Lua value of text where text lies. An interface is two
// pointers, to a type and to a value that is never written again.
func box(v *lua.LValue, text *lua.LString) {
	words := (*[2]unsafe.Pointer)(unsafe.Pointer(v))
	words[0], words[1] = stringType, unsafe.Pointer(text)
}

var stringType = func() unsafe.Pointer {
	v := lua.LValue(lua.LString("x"))
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[0]
}()
