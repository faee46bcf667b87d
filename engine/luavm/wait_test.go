package luavm_test

import (
	"testing"

	"moonpost/engine/luavm"
)

// TestWaitsWorkEverywhere runs chunks that wait in every place from which Lua
// code can be called, while another task runs in between.
func TestWaitsWorkEverywhere(t *testing.T) {
	const others = `host.spawn(function() for i = 1, 10 do host.wait() coroutine.wrap(function() host.wait() end)() end end)
`
	for name, c := range map[string]struct{ lua, json string }{
		"pcall":            {`return pcall(function() return host.wait(1), host.wait(2) end)`, `[true,1,2]`},
		"pcall that fails": {`local ok, e = pcall(function() host.wait() host.fail("server") end) return ok, e.kind`, `[false,"server"]`},
		"xpcall handler":   {`return xpcall(function() error("x", 0) end, function(e) return e .. host.wait("y") end)`, `[false,"xy"]`},
		"__index":          {`return setmetatable({}, { __index = function(_, k) return host.wait(k) end }).a`, `"a"`},
		"__newindex":       {`local kept local t = setmetatable({}, { __newindex = function(_, k, v) kept = host.wait(k) .. v end }) t.a = "b" return kept`, `"ab"`},
		"__add":            {`local t = setmetatable({}, { __add = function(_, n) return host.wait(n) + 1 end }) return t + 1`, `2`},
		"__call":           {`return setmetatable({}, { __call = function(_, a, b) return host.wait(a), host.wait(b) end })(1, 2)`, `[1,2]`},
		"__tostring":       {`return tostring(setmetatable({}, { __tostring = function() return host.wait("text") end }))`, `"text"`},
		"__lt":             {`local mt = { __lt = function(a, b) host.wait() return a.n < b.n end } return setmetatable({ n = 1 }, mt) < setmetatable({ n = 2 }, mt)`, `true`},
		"__le":             {`local mt = { __le = function(a, b) host.wait() return a.n <= b.n end } return setmetatable({ n = 1 }, mt) <= setmetatable({ n = 0 }, mt)`, `false`},
		"__eq":             {`local mt = { __eq = function(a, b) host.wait() return a.n == b.n end } return setmetatable({ n = 1 }, mt) == setmetatable({ n = 1 }, mt)`, `true`},
		"__concat":         {`return "a" .. setmetatable({}, { __concat = function(_, b) return host.wait("b" .. b) end }) .. "c"`, `"abc"`},
		"__unm and __len":  {`local t = setmetatable({}, { __unm = function() return host.wait(5) end, __len = function() return host.wait(6) end }) return -t, #t`, `[5,6]`},
		"iterator":         {`local s = 0 for i in function(_, i) i = (i or 0) + 1 if i <= 5 then return host.wait(i) end end do s = s + i end return s`, `15`},
		"gsub":             {`return (("abc"):gsub(".", function(c) return host.wait(c:upper()) end))`, `"ABC"`},
		"sort":             {`local t = { 3, 1, 2, 5, 4 } table.sort(t, function(a, b) host.wait() return a < b end) return t`, `[1,2,3,4,5]`},
		"coroutine.wrap":   {`local f = coroutine.wrap(function(a) local b = coroutine.yield(host.wait(a)) return host.wait(b) end) return f(1), f(2)`, `[1,2]`},
		"coroutine.resume": {`local co = coroutine.create(function(a) return host.wait(a) end) return coroutine.resume(co, 1)`, `[true,1]`},
		"nested coroutines": {`local f = coroutine.wrap(function()
			local inner = coroutine.wrap(function() coroutine.yield(host.wait(1)) coroutine.yield(host.wait(2)) end)
			coroutine.yield(inner()) coroutine.yield(inner())
		end) return f(), f()`, `[1,2]`},
		"coroutine of another task": {`local f = coroutine.wrap(function() while true do coroutine.yield(host.wait(1)) end end)
			return f() + host.spawn(function() return f() + f() end):await() + f()`, `4`},
		"status and running": {`local co co = coroutine.create(function()
			local before = coroutine.running()
			host.wait()
			return before == co, coroutine.running() == co, coroutine.status(co), pcall(function() host.wait() return coroutine.status(co), coroutine.running() == co end)
		end)
		local function status(_, ...) return coroutine.status(co), coroutine.running() == nil, ... end
		return status(coroutine.resume(co))`, `["dead",true,true,true,"running",true,"running",true]`},
		"a callback":             {`return host.call(function() return host.call(function() return host.wait(1) end) end)`, `1`},
		"a callback in pcall":    {`return pcall(host.call, function() return host.call(pcall, function() return host.wait(1) end) end)`, `[true,true,1]`},
		"a callback that fails":  {`return pcall(host.call, function() host.wait() error("x", 0) end), host.wait(1)`, `[false,1]`},
		"a callback of a callee": {`local t = {} for i = 1, 3 do t[i] = host.spawn(host.call, host.wait, i) end local s = 0 for _, j in ipairs(t) do s = s + j:await() end return s`, `6`},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, t.Context(), others+c.lua, luavm.Options{})
			if got.err != nil || got.json != c.json {
				t.Errorf("Run(%q) = %s, %v, want %s", c.lua, got.json, got.err, c.json)
			}
		})
	}
}

// TestVariablesStayShared checks that closures and the functions around them
// see the same variables, whatever happens in between.
func TestVariablesStayShared(t *testing.T) {
	const shared = `local n = 0 local function add() n = n + 1 return n end
`
	for name, c := range map[string]struct{ lua, json string }{
		"after pcall":            {shared + `add() pcall(error, "x") add() return n, add()`, `[2,3]`},
		"after a runtime error":  {shared + `add() pcall(function() add() local t = nil return t.x end) add() return n`, `3`},
		"after xpcall":           {shared + `add() xpcall(error, tostring, "x") add() return n`, `2`},
		"after a binding failed": {shared + `add() pcall(host.fail, "server") add() return n`, `2`},
		"after a callback fails": {shared + `add() pcall(host.call, function() add() error("x") end) add() return n`, `3`},
		"after a coroutine":      {shared + `pcall(coroutine.wrap(function() add() error("x") end)) add() return n`, `2`},
		"after a failed require": {shared + `pcall(require, "bad") add() return n`, `1`},
		"after a failed task":    {shared + `pcall(function() host.spawn(function() add() error("x") end):await() end) add() return n`, `2`},
		"of a failed pcall":      {`local f pcall(function() local x = 7 f = function() x = x + 1 return x end error("x") end) return f(), f()`, `[8,9]`},
		"of a failed xpcall":     {`local f xpcall(function() local x = 7 f = function() x = x + 1 return x end error("x") end, tostring) return f(), f()`, `[8,9]`},
		"of a failed task":       {`local f pcall(function() host.spawn(function() local x = 7 f = function() x = x + 1 return x end host.wait() error("x") end):await() end) return f(), f()`, `[8,9]`},
		"of an ended task":       {`local f host.spawn(function() local x = 7 f = function() x = x + 1 return x end host.wait() end):await() return f(), f()`, `[8,9]`},
		"between tasks":          {shared + `local t = {} for i = 1, 20 do t[i] = host.spawn(function() for _ = 1, 5 do add() host.wait() end end) end for i = 1, 20 do t[i]:await() end return n`, `100`},
		"while the owner's registry grows": {shared + `local j = host.spawn(function() for _ = 1, 50 do add() host.wait() end end)
			local function deep(d) if d == 0 then return 0 end return 1 + deep(d - 1) end
			for _ = 1, 20 do deep(1000) host.wait() end
			j:await() return n`, `50`},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, t.Context(), c.lua, luavm.Options{Require: func(string) (string, []byte, error) {
				return "bad.lua", []byte(`error("x")`), nil
			}})
			if got.err != nil || got.json != c.json {
				t.Errorf("Run(%q) = %s, %v, want %s", c.lua, got.json, got.err, c.json)
			}
		})
	}
}

func TestTracesCrossWaitsCallsAndCoroutines(t *testing.T) {
	text := `local function inner()
  host.wait()
  error("deep")
end
local function middle()
  local co = coroutine.wrap(function()
    host.call(inner)
  end)
  co()
end
pcall(error)
host.call(middle)`
	got := play(t, t.Context(), text, luavm.Options{})
	want := "test.lua:3: in function <test.lua:1>\ntest.lua:7\ntest.lua:9: in function <test.lua:5>\ntest.lua:12"
	if trace(got.err) != want {
		t.Errorf("trace of %v = %q, want %q", got.err, trace(got.err), want)
	}
}
