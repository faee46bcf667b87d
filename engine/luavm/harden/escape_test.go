package harden_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/harden"
	"moonpost/engine/luavm/source"
	"moonpost/engine/luavm/value"
	"moonpost/engine/secret"
)

const (
	overflow = "stack overflow"
	over     = "its time is over"
)

// TestEscapes goes through the attempts to get out of the interpreter or to
// keep it from being stopped, by the numbers of the reliability document. The
// rows about files, networks, programs, journals and terminals belong to those
// who own them, those about memory that only the operator .. takes to package
// task and, in the end, to the limit of a child process.
func TestEscapes(t *testing.T) {
	rep := strings.Repeat
	tests := []struct {
		row  string
		code string
		want string // result, or a part of the error after "error: "
	}{
		{"1", `return os.execute`, "nil"},
		{"2", `return io`, "nil"},
		{"3", `return io and io.open("/etc/passwd")`, "nil"},
		{"4", `return loadstring`, "nil"},
		{"5", `return string.dump`, "nil"},
		{"6", `return package`, "nil"},
		{"7", `return getmetatable("")`, "false"},
		{"7 by index", `getmetatable("").__index.upper = print`, "error: attempt to index a non-table object(boolean)"},
		{"7 by name", `string.upper = print`, "error: string cannot be changed"},
		{"7 by method", `("").upper = print`, "error: attempt to index"},
		{"8", `setmetatable(5, {__index = {}})`, "error: bad argument #1 to setmetatable (table expected, got number)"},
		{"9 boolean", `setmetatable(true, {})`, "error: bad argument #1 to setmetatable"},
		{"9 function", `setmetatable(print, {})`, "error: bad argument #1 to setmetatable"},
		{"9 text", `setmetatable("", {})`, "error: bad argument #1 to setmetatable"},
		{"9 userdata", `setmetatable(password, {})`, "error: bad argument #1 to setmetatable (table expected, got secret)"},
		{"10", `return string.format("%d", password)`, "error: bad argument #2 to string.format (number expected, got secret)"},
		{"10 as text", `return string.format("%s|%.2s|%20s", password, password, password):gsub("[%s|*]", "")`, " 27"},
		{"11 #v", `return string.format("%#v", {})`, "error: invalid format: there is no %#v"},
		{"11 +v", `return string.format("%+v", {})`, "error: invalid format: there is no %+v"},
		{"11 T", `return string.format("%T", {})`, "error: invalid format: there is no %T"},
		{"11 t", `return string.format("%t", {})`, "error: invalid format: there is no %t"},
		{"11 p", `return string.format("%p", {})`, "error: invalid format: there is no %p"},
		{"11 [1]", `return string.format("%[1]s", 1)`, "error: invalid format: there is no %["},
		{"11 *", `return string.format("%*d", 1, 1)`, "error: invalid format: there is no %*"},
		{"12", `return string.format("%v", {password})`, "error: invalid format: there is no %v"},
		{"13", `return debug.getmetatable, debug.setmetatable`, "nil nil"},
		{"14", `return debug.getupvalue, debug.setupvalue`, "nil nil"},
		{"15", `return debug.setlocal, debug.getlocal, debug.sethook, debug.getinfo, debug.getregistry`, "nil nil nil nil nil"},
		{"16", `return newproxy`, "nil"},
		{"17", `return string.rep("x", 1e10)`, "error: a text of more than 64 MiB"},
		{"18", `return ("x"):rep(1e10)`, "error: a text of more than 64 MiB"},
		{"19", `return string.rep("xx", 1e18)`, "error: a text of more than 64 MiB"},
		{"19 separator", `return string.rep("", 1e18, ",")`, "error: a text of more than 64 MiB"},
		{"21", `local s, n = ("a"):rep(200000):gsub("a", "bb"); return #s, n`, "400000 200000"},
		{"21 grows", `local s = ("a"):rep(200000); return s:gsub("a", s)`, "error: a text of more than 64 MiB"},
		{"22", `return string.find(("a"):rep(30), ("a?"):rep(30) .. ("a"):rep(30))`, "error: the pattern takes too many steps"},
		{"23", `return string.find(("a"):rep(3000), ".-.-.-.-b")`, "error: the pattern takes too many steps"},
		{"24", `return string.find(("a"):rep(3000000), ".*b")`, "error: the pattern takes too many steps"},
		{"25 %b", `return string.find(("("):rep(500000), "%b()")`, "error: the pattern takes too many steps"},
		{"25 %f", `return string.find(("a"):rep(10000), "%f[a].-.-.-%f[b]")`, "error: the pattern takes too many steps"},
		{"25 back-reference", `return string.find(("a"):rep(10000), "(.-)(.-)%1%2b")`, "error: the pattern takes too many steps"},
		{"25 long pattern", `return string.find("a", ("a?"):rep(1e6))`, "error: pattern too complex"},
		{"25 sets", `return string.find("a", ("[a]"):rep(2e7))`, "error: pattern too complex: more than 65536 bytes"},
		{"25 captures", `return string.find("a", ("()"):rep(40))`, "error: too many captures"},
		{"26", "x = " + rep("(", 1_000_000), "error: a.lua: too long"},
		{"26 short", "x = " + rep("(", 200_000), "error: a.lua:1: too deep"},
		{"27", "x = " + rep("{", 3_000_000), "error: a.lua: too long"},
		{"28", "x = " + rep("not ", 5_000_000), "error: a.lua: too long"},
		{"28 short", "x = " + rep("not ", 60_000) + "x", "error: a.lua:1: too deep"},
		{"29", "if x then " + rep("elseif x then ", 200_000) + "end", "error: a.lua: too long"},
		{"29 short", "if x then " + rep("elseif x then ", 18_000) + "end", "error: a.lua:1: too deep"},
		{"30", "x = " + rep("function() x = ", 100_000), "error: a.lua: too long"},
		{"30 short", "x = " + rep("function() x = ", 10_000), "error: a.lua:1: too deep"},
		{"31 plain", `local function f() return 1 + f() end; f()`, "error: " + overflow},
		{"31 __index", `local t = setmetatable({}, {}); getmetatable(t).__index = function(t, k) return t[k] end; return t.x`, "error: " + overflow},
		{"31 __tostring", `local t = setmetatable({}, {}); getmetatable(t).__tostring = function(t) return tostring(t) end; return tostring(t)`, "error: " + overflow},
		{"31 sort", `local function f() table.sort({1, 2, 3}, f) end; f()`, "error: " + overflow},
		{"31 gsub", `local function f() return (("a"):gsub("a", f)) end; f()`, "error: " + overflow},
		{"31 caught", `local function f() return 1 + f() end; local ok, e = pcall(f); return ok, e`, "false stack overflow"},
		{"32", `local function f() coroutine.wrap(f)() end; f()`, "error: stack overflow"},
		{"32 resume", `local function f() local _, e = coroutine.resume(coroutine.create(f)); return e and error(e, 0) end; f()`, "error: stack overflow"},
		{"32 with pcall", `local depth = 0
			local function f() depth = depth + 1; local ok, e = pcall(coroutine.wrap(f)); if not ok then error(e, 0) end end
			return pcall(f)`, "false stack overflow: more than 100 coroutines resume one another"},
		{"32 deep in each", `local function deep(n, g) if n == 0 then return g() end return 1 + deep(n - 1, g) end
			local function f() coroutine.wrap(function() return deep(1500, f) end)() end; f()`, "error: "},
		{"32 callbacks in each", `local function deep(n, g) if n == 0 then return g() end local r = (("a"):gsub("a", function() return deep(n - 1, g) end)) return r end
			local function f() coroutine.wrap(function() return deep(300, f) end)() end; f()`, "error: stack overflow"},
		{"33", `local function f() return pcall(f) end; return f()`, "true"},
		{"33 not a tail call", `local n = 0; local function f() n = n + 1; local ok = pcall(f); return ok end; f(); return n < 5000`, "true"},
		{"34", `while true do end`, "error: " + over},
		{"35 pcall", `while true do pcall(function() while true do end end) end`, "error: " + over},
		{"35 xpcall", `while true do xpcall(function() while true do end end, function() while true do end end) end`, "error: " + over},
		{"36", `coroutine.wrap(function() while true do end end)()`, "error: " + over},
		{"36 resume", `while true do coroutine.resume(coroutine.create(function() while true do end end)) end`, "error: " + over},
		{"36 nested", `local function f(n) if n == 0 then while true do end end; return coroutine.wrap(function() return f(n - 1) end)() end; f(50)`, "error: " + over},
		{"37", `setmetatable({}, {__gc = function() while true do end end}); local t = setmetatable({}, {__index = function() while true do end end}); return t.x`, "error: " + over},
		{"38", `local t = {}; for i = 1, 1e6 do t[i] = coroutine.create(function() coroutine.yield() end); coroutine.resume(t[i]) end`, "error: more than 1000 coroutines"},
		{"38 unreachable ones do not count", `for i = 1, 5000 do local w = coroutine.wrap(function() coroutine.yield(1) end); w() end; return "ok"`, "ok"},
		{"39 pcall", `local co = coroutine.create(function() return pcall(coroutine.yield, 1) end); local _, ok, e = coroutine.resume(co); return ok, e, coroutine.status(co)`,
			"false cannot yield from inside pcall, a metamethod, an iterator or a callback dead"},
		{"39 function in pcall", `local co = coroutine.wrap(function() return pcall(function() coroutine.yield(1) end) end); return co()`, "false cannot yield from inside"},
		{"39 metamethod", `local t = setmetatable({}, {__index = function() coroutine.yield(1) end}); return coroutine.resume(coroutine.create(function() return t.x end))`, "false cannot yield from inside"},
		{"39 iterator", `return coroutine.resume(coroutine.create(function() for x in coroutine.yield do end end))`, "false cannot yield from inside"},
		{"39 sort", `return coroutine.resume(coroutine.create(function() table.sort({2, 1}, coroutine.yield) end))`, "false cannot yield from inside"},
		{"39 gsub", `return coroutine.resume(coroutine.create(function() return ("a"):gsub("a", coroutine.yield) end))`, "false cannot yield from inside"},
		{"39 tostring", `return coroutine.resume(coroutine.create(function() return tostring(setmetatable({}, {__tostring = coroutine.yield})) end))`, "false cannot yield from inside"},
		{"39 as the body", `return pcall(coroutine.wrap, coroutine.yield)`, "false bad argument #1 to coroutine.wrap"},
		{"39 outside", `coroutine.yield()`, "error: cannot yield outside a coroutine"},
		{"39 tail call", `local w = coroutine.wrap(function() return coroutine.yield(1) end); return w(), w(2), pcall(w)`, "1 2 false cannot resume a coroutine that has ended"},
		{"39 itself", `local co; co = coroutine.create(function() return coroutine.resume(co) end); return coroutine.resume(co)`, "true false cannot resume a coroutine that is running"},
		{"39 its parent", `local a, b; a = coroutine.create(function() return coroutine.resume(b) end); b = coroutine.create(function() return coroutine.resume(a) end); return coroutine.resume(a)`,
			"true true false cannot resume a coroutine that is running"},
		{"40", `return channel`, "nil"},
		{"41", `return channel and channel.make(1e9)`, "nil"},
		{"42", `local t = {}; t[67108863] = 1; return #t, t[67108863]`, "0 1"},
		{"42 powers", `local t = {}; for i = 1, 60 do t[2^i] = 1 end; return t[2^59]`, "1"},
		{"44", `table.insert({}, 2e7, 1)`, "error: a list has at most 4194303 elements"},
		{"44 small", `table.insert({}, 2e6, 1)`, "error: bad argument #2 to table.insert (position 2000000 is more than 1048576 behind the end)"},
		{"45", `return string.format(("%1000000d"):rep(200), 1)`, "error: invalid format: width or precision of %1000000 is more than 99"},
		{"45 many", `return #string.format(("%99d"):rep(2000), unpack((function() local t = {}; for i = 1, 2000 do t[i] = i end; return t end)()))`, "198000"},
		{"46", `return unpack({}, 1, 1e8)`, "error: more than 250000 values at once"},
		{"46 negative", `return unpack({}, -1e8, 1)`, "error: more than 250000 values at once"},
		{"46 most", `return select("#", unpack({}, 1, 250000))`, "250000"},
		{"46 bytes", `return string.byte(("x"):rep(1e6), 1, -1)`, "error: more than 250000 values at once"},
		{"47", `local t = {}; for i = 1, 1e5 do t[i] = "x" end; return #table.concat(t, ",")`, "199999"},
		{"47 endless", `return table.concat({}, "", -1e15, 1e15)`, "error: invalid value (nothing) at index"},
		{"47 too long", `local s, t = ("x"):rep(1e6), {}; for i = 1, 100 do t[i] = s end; return table.concat(t)`, "error: a text of more than 64 MiB"},
		{"48", `local t = {}; for i = 1, 5000 do t[i] = i % 77 end; table.sort(t, function() return true end); return #t`, "5000"},
		{"48 random", `local t = {}; for i = 1, 5000 do t[i] = i % 77 end; table.sort(t, function() return math.random() < 0.5 end); return #t`, "5000"},
		{"48 it changes the table", `local t = {3, 2, 1}; table.sort(t, function() t[#t + 1] = 1 end)`, "error: the table was changed while it was sorted"},
		{"49", `return setfenv, getfenv`, "nil nil"},
		{"50", `return module`, "nil"},
		{"51", `return package and package.loaders`, "nil"},
		{"52", `return package and package.path`, "nil"},
		{"53", `require("/../../etc/passwd")`, `error: "/../../etc/passwd" is not an allowed module name`},
		{"56", `return dofile, loadfile, load`, "nil nil nil"},
		{"57", `return _printregs`, "nil"},
		{"58", `return os.exit`, "nil"},
		{"59", `return os.setenv, os.getenv`, "nil nil"},
		{"60", `return os.remove, os.rename, os.tmpname, os.setlocale`, "nil nil nil nil"},
		{"61", `return math.randomseed`, "nil"},
		{"62", `return collectgarbage`, "nil"},
		{"63", `local next = ("a b"):gmatch("%a"); return next(password, password), next(password), next(password)`, "a b nil"},
		{"63 lists", `return table.concat(password)`, "error: bad argument #1 to table.concat (table expected, got secret)"},
		{"69 compared", `return password < password`, "error: attempt to compare"},
		{"69 sorted", `table.sort({password, password})`, "error: attempt to compare"},
		{"69 length", `return #password`, "error: the length of a secret cannot be read"},
		{"69 shown", `return tostring(password), ("%s"):format(password)`, "*** ***"},
		{"69 metatable", `return getmetatable(password)`, "false"},
		{"69 fields", `return password.value`, "error: a secret has no fields"},
		{"69 replaced", `return ("x"):gsub("x", {x = password})`, "error: invalid replacement value (a secret)"},
		{"69 joined", `return table.concat({password})`, "error: invalid value (secret) at index 1 in table for concat"},
		{"69 raised", `error(password)`, "error: ***"},
		{"70", `while true do pcall(function() while true do end end); reached = (reached or 0) + 1; if reached > 3 then error("went on") end end`, "error: " + over},
		{"72 loops", `error(setmetatable({}, {__tostring = function() while true do end end}))`, "error: raised a table"},
		{"72 shown", `print(setmetatable({}, {__tostring = function() while true do end end}))`, "error: " + over},
		{"72 raises", `print(setmetatable({}, {__tostring = function() error("x", 0) end}))`, "error: x"},
	}
	for _, tt := range tests {
		t.Run(tt.row, func(t *testing.T) {
			began := time.Now()
			limit := 2 * slowness * time.Second
			if strings.HasSuffix(tt.want, over) {
				limit = 100 * time.Millisecond
			}
			got := escape(t, tt.code, limit)
			if took := time.Since(began); took > 2*slowness*time.Second {
				t.Errorf("took %v, want at most %ds", took, 2*slowness)
			}
			if !strings.HasPrefix(got, tt.want) && !(strings.HasPrefix(got, "error: ") && strings.Contains(got, strings.TrimPrefix(tt.want, "error: "))) {
				t.Errorf("%.100s = %.200q, want %q", tt.code, got, tt.want)
			}
		})
	}
}

// escape runs code with that much time and returns what it gave.
func escape(t *testing.T, code string, limit time.Duration) string {
	chunk, err := source.Parse("a.lua", []byte(code))
	if err != nil {
		return "error: " + err.Error()
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), limit, errors.New(over))
	defer cancel()
	ended := &fault.Error{Kind: fault.Timeout, Message: over}
	L := state(t, harden.Options{Sticky: func() error {
		if ctx.Err() == nil {
			return nil
		}
		return ended
	}})
	L.SetContext(ctx)
	L.SetGlobal("password", value.NewSecret(secret.New("hunter22")))
	L.Push(L.NewFunctionFromProto(chunk.Proto()))
	if err := L.PCall(0, lua.MultRet, nil); err != nil {
		if ctx.Err() != nil {
			return "error: " + over
		}
		return "error: " + value.FromLua(L, err.(*lua.ApiError).Object).Error()
	}
	var results []string
	for i := 1; i <= L.GetTop(); i++ {
		text, ok := value.Text(L.Get(i))
		if !ok {
			text = fmt.Sprint(L.Get(i))
		}
		results = append(results, text)
	}
	return strings.Join(results, " ")
}
