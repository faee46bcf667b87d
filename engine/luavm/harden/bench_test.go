package harden_test

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/harden"
)

// programs are normal uses of the libraries; each is run by the base here and
// by the interpreter's own. Compare them by name:
//
//	go test -run - -bench Libraries -count 6 ./engine/luavm/harden | benchstat -col /base -
var programs = []struct{ name, code string }{
	{"find plain", `local s = ("x"):rep(200) .. "needle"; return function() for i = 1, 100 do s:find("needle", 1, true) end end`},
	{"find literal", `local s = ("x"):rep(200) .. "needle"; return function() for i = 1, 100 do s:find("needle") end end`},
	{"find class", `local s = ("x"):rep(200) .. "42"; return function() for i = 1, 100 do s:find("%d+") end end`},
	{"match mail", `local s = "ada.lovelace@example.com"; return function() for i = 1, 100 do s:match("^([%w.]+)@([%w.]+)$") end end`},
	{"match key and value", `local s = "userName = ada"; return function() for i = 1, 100 do s:match("^(%w+)%s*=%s*(%w+)$") end end`},
	{"trim", `local s = "   some text here   "; return function() for i = 1, 100 do s:match("^%s*(.-)%s*$") end end`},
	{"gsub text", `local s = ("a,b,"):rep(50); return function() for i = 1, 10 do s:gsub(",", ";") end end`},
	{"gsub captures", `local s = ("key=value "):rep(20); return function() for i = 1, 10 do s:gsub("(%w+)=(%w+)", "%2=%1") end end`},
	{"gsub function", `local s = ("key=value "):rep(20); return function() for i = 1, 10 do s:gsub("%w+", function(w) return w end) end end`},
	{"gmatch words", `local s = ("some words "):rep(30); return function() for w in s:gmatch("%a+") do end end`},
	{"format %s %d", `return function() for i = 1, 100 do string.format("%s is %d of %d", "x", i, 100) end end`},
	{"format %5.1f%%", `return function() for i = 1, 100 do string.format("%5.1f%%", i / 3) end end`},
	{"format %-20s|", `return function() for i = 1, 100 do string.format("%-20s|%8d", "name", i) end end`},
	{"sub", `local s = "some text"; return function() for i = 1, 100 do s:sub(2, 5) end end`},
	{"sub by name", `local s = "some text"; return function() for i = 1, 100 do string.sub(s, 2, 5) end end`},
	{"lower", `local s = "Some Text"; return function() for i = 1, 100 do s:lower() end end`},
	{"byte", `local s = "Some Text"; return function() for i = 1, 100 do s:byte(3) end end`},
	{"rep", `return function() for i = 1, 100 do ("ab"):rep(20) end end`},
	{"tostring", `return function() for i = 1, 100 do tostring(i) end end`},
	{"tonumber", `return function() for i = 1, 100 do tonumber("123") end end`},
	{"concat", `local t = {}; for i = 1, 1000 do t[i] = "field" .. i end; return function() table.concat(t, ",") end`},
	{"insert and remove", `return function() local t = {}; for i = 1, 100 do table.insert(t, i) end; for i = 1, 100 do table.remove(t) end end`},
	{"sort numbers", `local t = {}; for i = 1, 1000 do t[i] = (i * 7919) % 1009 end; return function() local c = {}; for i = 1, 1000 do c[i] = t[i] end; table.sort(c) end`},
	{"sort by function", `local t = {}; for i = 1, 1000 do t[i] = (i * 7919) % 1009 end; return function() local c = {}; for i = 1, 1000 do c[i] = t[i] end; table.sort(c, function(a, b) return a < b end) end`},
	{"pairs", `local t = {}; for i = 1, 100 do t["k" .. i] = i end; return function() for k, v in pairs(t) do end end`},
	{"ipairs", `local t = {}; for i = 1, 100 do t[i] = i end; return function() for k, v in ipairs(t) do end end`},
	{"pcall", `local function f() end; return function() for i = 1, 100 do pcall(f) end end`},
	{"coroutine", `return function() local w = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i) end end); for i = 1, 100 do w() end end`},
	{"math.floor", `return function() for i = 1, 100 do math.floor(i / 3) end end`},
}

func BenchmarkLibraries(b *testing.B) {
	options := lua.Options{RegistrySize: 1024, RegistryGrowStep: 1024, RegistryMaxSize: 1 << 20, CallStackSize: 4096, MinimizeStackMemory: true}
	for _, p := range programs {
		for _, base := range []string{"stock", "hardened"} {
			b.Run("program="+strings.ReplaceAll(p.name, " ", "_")+"/base="+base, func(b *testing.B) {
				o := options
				o.SkipOpenLibs = base == "hardened"
				L := lua.NewState(o)
				defer L.Close()
				if o.SkipOpenLibs {
					if err := harden.Open(L, harden.Options{}); err != nil {
						b.Fatal(err)
					}
				}
				if err := L.DoString(p.code); err != nil {
					b.Fatal(err)
				}
				fn := L.Get(-1)
				b.ReportAllocs()
				for b.Loop() {
					L.Push(fn)
					L.Call(0, 0)
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		L := lua.NewState(lua.Options{SkipOpenLibs: true, RegistrySize: 128, CallStackSize: 4096, MinimizeStackMemory: true})
		if err := harden.Open(L, harden.Options{}); err != nil {
			b.Fatal(err)
		}
		L.Close()
	}
}
