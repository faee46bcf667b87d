package value

import (
	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// Null is json.null.
var Null = &lua.LUserData{Value: decl.JSONNull{}, Metatable: locked(map[string]lua.LGFunction{
	"__tostring": tostring,
	"__newindex": refuse("json.null has no fields"),
})}

// NewSecret returns s as a Lua value: it can be passed on, joined with text,
// which gives a secret again, and shown as a mask. Everything else about it is
// hidden, its length and whether it equals another included.
func NewSecret(s secret.Secret) *lua.LUserData {
	return &lua.LUserData{Value: s, Metatable: secretMetatable}
}

// Secret returns the secret that v is.
func Secret(v lua.LValue) (secret.Secret, bool) {
	if u, ok := v.(*lua.LUserData); ok {
		s, ok := u.Value.(secret.Secret)
		return s, ok
	}
	return secret.Secret{}, false
}

var secretMetatable *lua.LTable

func init() { // its functions make secrets
	closed := refuse("a secret has no fields and no methods")
	secretMetatable = locked(map[string]lua.LGFunction{
		"__tostring": tostring,
		"__concat":   joinSecret,
		"__len":      refuse("the length of a secret cannot be read"),
		"__index":    closed,
		"__newindex": closed,
	})
}

// joinSecret is the operator .. with a secret on one side.
func joinSecret(L *lua.LState) int {
	var joined string
	for i := 1; i <= 2; i++ {
		v := L.Get(i)
		if s, ok := Secret(v); ok {
			joined += s.Reveal()
		} else if lua.LVCanConvToString(v) {
			joined += lua.LVAsString(v)
		} else {
			L.RaiseError("a secret can be joined with text only, got %s", TypeName(v))
		}
	}
	L.Push(NewSecret(secret.New(joined)))
	return 1
}

// refuse is a metamethod that raises message.
func refuse(message string) lua.LGFunction {
	return func(L *lua.LState) int {
		L.RaiseError("%s", message)
		return 0
	}
}

// functionName marks the first upvalue of a named Go function.
type functionName string

// NewFunction returns a Lua function that shows itself under that name.
func NewFunction(name string, fn lua.LGFunction) *lua.LFunction {
	up := &lua.Upvalue{}
	up.SetValue(&lua.LUserData{Value: functionName(name), Metatable: lua.LNil})
	up.Close()
	return &lua.LFunction{IsG: true, GFunction: fn, Upvalues: []*lua.Upvalue{up}}
}

// Text returns what tostring gives for the values that Go made: errors on one
// line, secrets masked, "null", the name of a handle, "function: api.invoke".
// It reports false for all others.
func Text(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case *lua.LFunction:
		if v.IsG && len(v.Upvalues) > 0 {
			if u, ok := v.Upvalues[0].Value().(*lua.LUserData); ok {
				if name, ok := u.Value.(functionName); ok {
					return "function: " + string(name), true
				}
			}
		}
	case *lua.LUserData:
		switch held := v.Value.(type) {
		case secret.Secret:
			return secret.Mask, true
		case decl.JSONNull:
			return "null", true
		case *Raised:
			return held.Error(), true
		case *handle:
			return held.object.Name, true
		}
	}
	return "", false
}

// TypeName returns the kind of v in one word for messages.
func TypeName(v lua.LValue) string {
	switch v := v.(type) {
	case *lua.LNilType:
		return "nothing"
	case *lua.LUserData:
		switch held := v.Value.(type) {
		case secret.Secret:
			return "secret"
		case decl.JSONNull:
			return "json.null"
		case *Raised:
			return "error"
		case *handle:
			return held.object.Name
		}
	}
	return v.Type().String()
}

// tostring is the metamethod of everything that Text knows.
func tostring(L *lua.LState) int {
	text, _ := Text(L.Get(1))
	L.Push(lua.LString(text))
	return 1
}
