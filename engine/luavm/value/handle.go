package value

import (
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// handle is what the userdata of an object holds.
type handle struct {
	object *decl.Object
	value  any
}

// Objects makes the handles of one state.
type Objects struct {
	env    *Env
	method func(o *decl.Object, f decl.Func) *lua.LFunction
	kinds  map[string]*objectKind
}

type objectKind struct {
	object    decl.Object
	metatable *lua.LTable
}

// NewObjects returns an empty set; method makes the Lua function of a method.
func NewObjects(env *Env, method func(o *decl.Object, f decl.Func) *lua.LFunction) *Objects {
	return &Objects{env: env, method: method, kinds: map[string]*objectKind{}}
}

// Declare adds a kind of object; it reports false when there is one of its name.
func (s *Objects) Declare(o decl.Object) bool {
	if s.kinds[o.Name] != nil {
		return false
	}
	kind := &objectKind{object: o}
	methods := newTable(0, len(o.Methods))
	for _, m := range o.Methods {
		methods.RawSetString(m.Name, s.method(&kind.object, m))
	}
	kind.metatable = locked(map[string]lua.LGFunction{
		"__tostring": tostring,
		"__eq":       sameHandle,
		"__newindex": refuse("a " + o.Name + " cannot be changed"),
		"__index": func(L *lua.LState) int {
			name := L.ToString(2)
			if method := methods.RawGetString(name); method != lua.LNil {
				L.Push(method)
				return 1
			}
			for _, f := range o.Fields {
				if f.Name == name {
					L.Push(s.env.ToLua(o.Field(L.Get(1).(*lua.LUserData).Value.(*handle).value, name)))
					return 1
				}
			}
			Raise(L, unknownField(&o, name))
			return 0
		},
	})
	s.kinds[o.Name] = kind
	return true
}

// sameHandle is the operator == of two handles: they are equal when their Go
// values are the same.
func sameHandle(L *lua.LState) int {
	a, b := L.Get(1).(*lua.LUserData).Value.(*handle), L.Get(2).(*lua.LUserData).Value.(*handle)
	same := a.object == b.object && reflect.TypeOf(a.value).Comparable() && a.value == b.value
	L.Push(lua.LBool(same))
	return 1
}

func unknownField(o *decl.Object, name string) error {
	var names []string
	for _, f := range o.Fields {
		names = append(names, f.Name)
	}
	for _, m := range o.Methods {
		names = append(names, m.Name)
	}
	return &fault.Error{
		Kind: fault.Script, Op: o.Name, Message: fmt.Sprintf("a %s has no field %q", o.Name, name),
		Hint: fault.DidYouMean(name, names),
	}
}

// New returns a handle of the object of that name, which must be declared.
func (s *Objects) New(name string, value any) *lua.LUserData {
	kind, ok := s.kinds[name]
	if !ok {
		panic("a binding made a handle of an object that no module declares: " + name)
	}
	return &lua.LUserData{Value: &handle{object: &kind.object, value: value}, Metatable: kind.metatable}
}

// Self returns the value of the handle v if it is one of that object.
func Self(o *decl.Object, v lua.LValue) (any, bool) {
	if u, ok := v.(*lua.LUserData); ok {
		if h, ok := u.Value.(*handle); ok && h.object.Name == o.Name {
			return h.value, true
		}
	}
	return nil, false
}
