package harden_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"go.uber.org/goleak"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/harden"
	"moonpost/engine/luavm/value"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// state returns a state with the hardened base and the limits that a playbook
// has.
func state(t testing.TB, o harden.Options) *lua.LState {
	t.Helper()
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, RegistrySize: 128, RegistryGrowStep: 1024, RegistryMaxSize: 1 << 20,
		CallStackSize: 4096, MinimizeStackMemory: true,
	})
	t.Cleanup(L.Close)
	if err := harden.Open(L, o); err != nil {
		t.Fatal(err)
	}
	return L
}

// eval runs code and returns its results as tostring shows them, joined by
// blanks, or the error.
func eval(t testing.TB, L *lua.LState, code string) (string, error) {
	t.Helper()
	fn, err := L.Load(strings.NewReader(code), "a.lua")
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	L.Push(fn)
	top := L.GetTop() - 1
	if err := L.PCall(0, lua.MultRet, nil); err != nil {
		return "", value.FromLua(L, err.(*lua.ApiError).Object)
	}
	var results []string
	for i := top + 1; i <= L.GetTop(); i++ {
		text, ok := value.Text(L.Get(i))
		if !ok {
			text = L.Get(i).String()
		}
		results = append(results, text)
	}
	L.SetTop(top)
	return strings.Join(results, " "), nil
}

// cases are pairs of code and what it gives; a text that begins with "error: "
// is the error it ends with.
func run(t *testing.T, cases [][2]string) {
	t.Helper()
	L := state(t, harden.Options{})
	for _, c := range cases {
		got, err := eval(t, L, c[0])
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != c[1] {
			t.Errorf("%s = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestBase(t *testing.T) {
	run(t, [][2]string{
		{`return type(nil), type(1), type(print)`, "nil number function"},
		{`return type()`, "error: bad argument #1 to type (value expected)"},
		{`return tostring(nil), tostring(1.5), tostring(true)`, "nil 1.5 true"},
		{`return tostring({}), tostring(function() end), tostring(coroutine.create(function() end))`, "table function thread"},
		{`return tostring(print), tostring(string.find)`, "function: print function: string.find"},
		{`return tostring(setmetatable({}, {__tostring = function() return "x" end}))`, "x"},
		{`return tostring(setmetatable({}, {__tostring = function() return {} end}))`, "error: __tostring must return a string, got table"},
		{`return select("#"), select("#", nil, nil), select(2, "a", "b", "c")`, "0 2 b c"},
		{`return select(-1, "a", "b")`, "b"},
		{`return select(0, "a")`, "error: bad argument #1 to select (index out of range)"},
		{`return select(9, "a")`, ""},
		{`return assert(1, 2)`, "1 2"},
		{`return assert(nil, "gone")`, "error: a.lua:1: gone"},
		{`return assert(false)`, "error: a.lua:1: assertion failed!"},
		{`local ok, e = pcall(assert, nil, {k = 1}) return ok, e.k`, "false 1"},
		{`return pcall(error, "x", 0)`, "false x"},
		{`return pcall(error)`, "false nil"},
		{`local function f() error("x", 2) end; local function g()
		  f() end; return pcall(g)`, "false a.lua:2: x"},
		{`return xpcall(function(...) return ... end, print, 1, 2)`, "true 1 2"},
		{`return xpcall(function() error("x", 0) end, function(e) return "<" .. e .. ">" end)`, "false <x>"},
		{`return pcall(nil)`, "false a.lua:1: attempt to call a non-function object"},
		{`local t = setmetatable({}, {__metatable = "no"}); return getmetatable(t), pcall(setmetatable, t, nil)`, "no false cannot change a protected metatable"},
		{`return rawget(rawset({}, "a", 1), "a"), rawequal("a", "a"), rawequal({}, {})`, "1 true false"},
		{`local n = 0; for k, v in pairs({1, 2, a = 3}) do n = n + v end; return n`, "6"},
		{`local n = 0; for i, v in ipairs({1, 2, nil, 4}) do n = n + v end; return n`, "3"},
		{`return next({}), next({7})`, "nil 1 7"},
		{`return tonumber("1e1"), tonumber(" 0x1F "), tonumber("-0x10"), tonumber("010"), tonumber("1.5e3"), tonumber(".5"), tonumber("5.")`, "10 31 -16 10 1500 0.5 5"},
		{`return tonumber(""), tonumber("0x"), tonumber("1 2"), tonumber("inf"), tonumber("nan"), tonumber("1_0"), tonumber("--1"), tonumber("e5"), tonumber(nil), tonumber({})`, "nil nil nil nil nil nil nil nil nil nil"},
		{`return tonumber("ff", 16), tonumber("0xff", 16), tonumber("zz", 36), tonumber("-101", 2), tonumber("8", 8), tonumber(10, 16)`, "255 255 1295 -5 nil 16"},
		{`return tonumber("1", 99)`, "error: bad argument #2 to tonumber (base out of range)"},
		{`return unpack({1, 2, 3}, 2), unpack({}, 1, 2)`, "2 nil nil"},
		{`return _G._G == _G, _VERSION`, "true Lua 5.1"},
	})
}

func TestPrint(t *testing.T) {
	var printed strings.Builder
	L := state(t, harden.Options{Print: func(text string) { printed.WriteString(text) }})
	_, err := eval(t, L, `print(); print(1, nil, "x", {}, setmetatable({}, {__tostring = function() return "y" end}))`)
	if want := "\n1\tnil\tx\ttable\ty\n"; err != nil || printed.String() != want {
		t.Errorf("print wrote %q, %v, want %q", printed.String(), err, want)
	}
}

func TestRequire(t *testing.T) {
	files := map[string]string{
		"users":  `return { name = ... }`,
		"empty":  ``,
		"broken": "\nerror('boom')",
		"a":      `return require("b")`,
		"b":      `return require("a")`,
		"count":  `n = (n or 0) + 1; return n`,
	}
	L := state(t, harden.Options{Require: func(L *lua.LState, name string) (lua.LValue, error) {
		text, ok := files[name]
		if !ok {
			return nil, &fault.Error{Kind: fault.Script, Message: "there is no module " + name, Err: fs.ErrNotExist}
		}
		fn, err := L.Load(strings.NewReader(text), name+".lua")
		if err != nil {
			return nil, err
		}
		L.Push(fn)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		v := L.Get(-1)
		L.Pop(1)
		return v, nil
	}})
	for _, c := range [][2]string{
		{`return require("users").name`, "users"},
		{`return require("empty")`, "true"},
		{`return require("count"), require("count")`, "1 1"},
		{`return require("string") == string, require("_G") == _G`, "true true"},
		{`require("broken")`, "error: broken.lua:2: boom"},
		{`require("a")`, "error: modules require one another in a circle: a -> b -> a"},
		{`return pcall(require, "a"), require("users").name`, "false users"},
		{`require("nothing")`, "error: there is no module nothing: file does not exist"},
		{`require("/../../etc/passwd")`, `error: "/../../etc/passwd" is not an allowed module name: letters, digits, _ and -, folders separated by dots`},
		{`return pcall(require, ".."), pcall(require, ""), pcall(require, "a..b"), pcall(require, "a/b"), pcall(require, "a\0")`, "false false false false false"},
	} {
		got, err := eval(t, L, c[0])
		if err != nil {
			got = "error: " + err.Error()
		}
		if got, _, _ = strings.Cut(got, ` "`); !strings.HasPrefix(c[1], got) {
			t.Errorf("%s = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestLibrariesAreReadOnly(t *testing.T) {
	run(t, [][2]string{
		{`string.format = print`, "error: string cannot be changed: assignment to string.format"},
		{`math.x = 1`, "error: math cannot be changed: assignment to math.x"},
		{`rawset(table, "concat", print)`, "error: bad argument #1 to rawset (this table cannot be changed)"},
		{`table.insert(string, 1)`, "error: bad argument #1 to table.insert (this table cannot be changed)"},
		{`setmetatable(string, {})`, "error: cannot change a protected metatable"},
		{`return getmetatable(string), getmetatable("")`, "false false"},
		{`return rawget(string, "len") == string.len, string.nothing`, "true nil"},
		{`local n = 0; for k, v in pairs(os) do n = n + 1; assert(os[k] == v) end; return n`, "4"},
		{`string = nil; return ("x"):rep(3)`, "xxx"},
	})
}

func TestStickyErrorsPassThroughPcall(t *testing.T) {
	sticky := &fault.Error{Kind: fault.Denied, Message: "login refused"}
	for _, code := range []string{
		`pcall(stop)`, `xpcall(stop, print)`, `pcall(pcall, pcall, stop)`, `coroutine.wrap(function() stop() end)()`,
		`coroutine.resume(coroutine.create(stop2))`, `for i = 1, 10 do pcall(function() pcall(stop) end) end`,
	} {
		var stopped error
		L := state(t, harden.Options{Sticky: func() error { return stopped }})
		L.SetGlobal("stop", L.NewFunction(func(L *lua.LState) int {
			stopped = sticky
			value.Raise(L, sticky)
			return 0
		}))
		if _, err := eval(t, L, "function stop2() stop() end "+code+" reached = true"); !errors.Is(err, sticky) {
			t.Errorf("%s = %v, want %v", code, err, sticky)
		}
		if L.GetGlobal("reached") != lua.LNil {
			t.Errorf("%s went on, want it stopped", code)
		}
	}
}

func TestErrorsKeepTheirGoValue(t *testing.T) {
	L := state(t, harden.Options{})
	_, err := eval(t, L, `string.rep("x", 1e10)`)
	if fault.KindOf(err) != fault.Limit {
		t.Errorf("string.rep = %v, want kind limit", err)
	}
	got, err := eval(t, L, `local ok, e = pcall(string.rep); return e.kind, tostring(e)`)
	if want := "script bad argument #1 to string.rep (string expected, got nothing)"; got != want {
		t.Errorf("pcall(string.rep) = %q, %v, want %q", got, err, want)
	}
}

func TestPanicsAreInternal(t *testing.T) {
	for _, code := range []string{`pcall(bug)`, `coroutine.wrap(function() bug() end)()`} {
		var logged []string
		L := state(t, harden.Options{Panicked: func(p any, _ []byte) error {
			logged = append(logged, fmt.Sprint(p))
			return &fault.Error{Kind: fault.Internal, Message: "bug"}
		}})
		L.SetGlobal("bug", L.NewFunction(func(L *lua.LState) int { return []int{}[L.GetTop()] }))
		if _, err := eval(t, L, code); fault.KindOf(err) != fault.Internal {
			t.Errorf("%s = %v, want kind internal", code, err)
		}
		if len(logged) != 1 || !strings.Contains(logged[0], "index out of range") {
			t.Errorf("%s: Panicked got %q, want one index out of range", code, logged)
		}
	}
}
