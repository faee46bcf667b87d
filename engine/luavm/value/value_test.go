package value

import (
	"errors"
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// state is a Lua state with an Env and a few values to write tests with.
func state(t testing.TB) (*lua.LState, *Env) {
	t.Helper()
	L := lua.NewState()
	t.Cleanup(L.Close)
	env := &Env{}
	env.Call = func(fn *lua.LFunction, args []lua.LValue) (values []lua.LValue, err error) {
		th, _ := L.NewThread()
		defer func() {
			if p := recover(); p != nil {
				err = FromLua(th, p.(*lua.ApiError).Object)
			}
		}()
		if err := th.CallByParam(lua.P{Fn: fn, NRet: lua.MultRet}, args...); err != nil {
			return nil, err
		}
		for i := range th.GetTop() {
			values = append(values, th.Get(i+1))
		}
		return values, nil
	}
	L.SetGlobal("null", Null)
	L.SetGlobal("password", NewSecret(secret.New("hunter2")))
	L.SetGlobal("array", L.NewFunction(func(L *lua.LState) int {
		L.Push(markArray(L.CheckTable(1)))
		return 1
	}))
	L.SetGlobal("decode", L.NewFunction(func(L *lua.LState) int {
		v, err := Decode([]byte(L.CheckString(1)), decodeNulls)
		if err != nil {
			Raise(L, err)
		}
		L.Push(v)
		return 1
	}))
	L.SetGlobal("fail", L.NewFunction(func(L *lua.LState) int {
		Raise(L, &fault.Error{Kind: fault.Server, Op: "call", Message: "refused", Status: 500, Err: errGone})
		return 0
	}))
	return L, env
}

var errGone = errors.New("gone")

// eval returns what a chunk returns.
func eval(t testing.TB, L *lua.LState, text string) []lua.LValue {
	t.Helper()
	fn, err := L.LoadString(text)
	if err != nil {
		t.Fatal(err)
	}
	base := L.GetTop()
	if err := L.CallByParam(lua.P{Fn: fn, NRet: lua.MultRet, Protect: true}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var values []lua.LValue
	for i := base + 1; i <= L.GetTop(); i++ {
		values = append(values, L.Get(i))
	}
	L.SetTop(base)
	return values
}

// one is eval for a chunk that returns one value.
func one(t testing.TB, L *lua.LState, text string) lua.LValue {
	t.Helper()
	values := eval(t, L, text)
	if len(values) != 1 {
		t.Fatalf("%s returned %d values, want 1", text, len(values))
	}
	return values[0]
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	L, env := state(t)
	for _, text := range []string{`nil`, `true`, `0`, `-1.5`, `"a\0b"`, `null`, `{}`, `print`, `coroutine.create(print)`} {
		v := one(t, L, "return "+text)
		if got := env.ToLua(env.ToGo(v)); got != v {
			t.Errorf("ToLua(ToGo(%s)) = %v, want %v", text, got, v)
		}
	}
}

func TestToLua(t *testing.T) {
	_, env := state(t)
	for _, c := range []struct {
		value any
		want  string
	}{
		{1<<53 - 1, `number 9007199254740991`},
		{int64(1 << 53), `string 9007199254740992`},
		{int64(-1 << 53), `string -9007199254740992`},
		{7, `number 7`},
		{-7, `number -7`},
		{1e300, `number 1e+300`},
		{[]byte("a"), `string a`},
		{90_000_000_000, `number 90000000000`},
	} {
		v := env.ToLua(c.value)
		if got := fmt.Sprintf("%s %s", v.Type(), v); got != c.want {
			t.Errorf("ToLua(%v) = %s, want %s", c.value, got, c.want)
		}
	}
}

func TestSecretsShowNothing(t *testing.T) {
	L, _ := state(t)
	for _, c := range []struct{ lua, want string }{
		{`return tostring(password)`, "***"},
		{`return tostring("a" .. password .. "b" .. 1)`, "***"},
		{`return type(password .. "x")`, "userdata"},
		{`return tostring(password == decode('"hunter2"'))`, "false"},
		{`return select(2, pcall(function() return #password end))`, "<string>:1: the length of a secret cannot be read"},
		{`return select(2, pcall(function() return password:upper() end))`, "<string>:1: a secret has no fields and no methods"},
		{`return select(2, pcall(function() return password .. {} end))`, "<string>:1: a secret can be joined with text only, got table"},
		{`return tostring(pcall(function() return password < "a" end))`, "false"},
		{`return tostring(pcall(function() return password + 1 end))`, "false"},
		{`return tostring(getmetatable(password))`, "false"},
		{`return tostring(pcall(setmetatable, password, {}))`, "false"},
	} {
		if got := one(t, L, c.lua).String(); got != c.want {
			t.Errorf("%s = %q, want %q", c.lua, got, c.want)
		}
	}
	joined, ok := Secret(one(t, L, `return "a" .. password .. 1 .. password`))
	if !ok || joined.Reveal() != "ahunter21hunter2" {
		t.Errorf("joined secret = %q, %v, want ahunter21hunter2", joined.Reveal(), ok)
	}
}

func TestErrorsInLua(t *testing.T) {
	L, _ := state(t)
	const caught = `local ok, e = pcall(fail) `
	for _, c := range []struct{ lua, want string }{
		{caught + `return tostring(e)`, "call: refused: gone"},
		{caught + `return "x: " .. e .. "!"`, "x: call: refused: gone!"},
		{caught + `return e.kind .. " " .. e.message .. " " .. e.status .. " " .. e.op`, "server refused: gone 500 call"},
		{caught + `return tostring(e.hint) .. tostring(e.whatever)`, "nilnil"},
		{caught + `return e.details`, "<string>:1"},
		{caught + `return tostring(pcall(function() e.kind = "x" end))`, "false"},
		{caught + `local ok, e2 = pcall(error, e) return tostring(rawequal(e, e2))`, "true"},
		{caught + `return tostring(pcall(setmetatable, e, {}))`, "false"},
		{caught + `return tostring(pcall(function() return e .. password end))`, "false"},
	} {
		if got := one(t, L, c.lua).String(); got != c.want {
			t.Errorf("%s = %q, want %q", c.lua, got, c.want)
		}
	}
}

func TestErrorsInGo(t *testing.T) {
	L, env := state(t)
	for _, c := range []struct {
		lua  string
		kind fault.Kind
		text string
	}{
		{`error("boom")`, fault.Script, "<string>:1: boom"},
		{`error("boom", 0)`, fault.Script, "boom"},
		{`fail()`, fault.Server, "call: refused: gone"},
		{`error{ kind = "exists", message = "twice", hint = "once" }`, fault.Exists, "twice"},
		{`error{ kind = "internal", message = "no" }`, fault.Script, "no"},
		{`error{}`, fault.Script, "raised a table"},
		{`error(nil)`, fault.Script, "raised a nothing"},
		{`error(7)`, fault.Script, "raised 7"},
		{`error(password)`, fault.Script, "raised ***"},
	} {
		fn := one(t, L, "return function() "+c.lua+" end")
		_, err := env.ToGo(fn).(*Fn).Call()
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != c.kind || err.Error() != c.text {
			t.Errorf("%s: %T %v, want %s %q", c.lua, err, err, c.kind, c.text)
		}
		if errors.Is(err, errGone) != (c.lua == "fail()") {
			t.Errorf("%s: errors.Is(%v, errGone) = %v", c.lua, err, errors.Is(err, errGone))
		}
		if raised, ok := err.(*Raised); !ok || raised.Trace == "" {
			t.Errorf("%s: %#v has no trace", c.lua, err)
		}
		if back := NewError(err); back != NewError(err) {
			t.Errorf("%s: the error has two Lua values", c.lua)
		}
	}
	table := one(t, L, `return function() error{ code = 7, message = "seven" } end`)
	_, err := env.ToGo(table).(*Fn).Call()
	L.SetGlobal("err", NewError(fmt.Errorf("row 3: %w", err)))
	if got := one(t, L, `return err.code .. " " .. err.kind .. " " .. tostring(err)`).String(); got != "7 script row 3: seven" {
		t.Errorf("wrapped error says %q, want its table's fields too", got)
	}
}

type jobError struct{ error }

func (jobError) LuaField(name string) (any, bool) { return "the job", name == "job" }

func TestErrorsHaveFieldsOfTheirOwn(t *testing.T) {
	L, _ := state(t)
	L.SetGlobal("err", NewError(&fault.Error{Kind: fault.Timeout, Op: "call", Err: jobError{errGone}}))
	if got := one(t, L, `return err.kind .. " " .. err.job .. " " .. tostring(err.task)`).String(); got != "timeout the job nil" {
		t.Errorf("fields = %q, want %q", got, "timeout the job nil")
	}
}

func TestTraceNamesThePlaybookOnly(t *testing.T) {
	L, env := state(t)
	fn := one(t, L, "local function inner()\n  fail()\nend\nreturn function()\n  local ok = coroutine.wrap(function()\n    inner()\n  end)()\n  return ok\nend")
	_, err := env.ToGo(fn).(*Fn).Call()
	raised, _ := err.(*Raised)
	want := "<string>:2: in function 'inner'\n<string>:6"
	if raised == nil || raised.Trace != want {
		t.Errorf("trace = %q, want %q", raised.Trace, want)
	}
}
