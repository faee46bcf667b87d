package luavm_test

import (
	"slices"
	"strings"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

const written = `
--- Shows what Lua modules of the standard library can do.
local shop = {}

local sold = 0

---@class order
---@field item string what
---@field pieces? integer how many
---@field code? secret known to few

--- Returns its arguments.
---@param order order what to sell
---@param pieces? integer how many
---@param code? secret known to few
---@param how? "fast"|"slow" in which way
---@return any all what it was given
function shop.sell(order, pieces, code, how)
  sold = sold + 1
  return order.item, pieces, code, how, sold
end

--- Calls back.
---@param fn function what to call
---@return any result what it returns
function shop.call(fn)
  return fn(tostring(1))
end

--- Refuses.
---@param cause? any why
function shop.refuse(cause)
  local function inside() error { op = "shop.refuse", kind = "invalid", message = "no", hint = "try later", cause = cause, extra = 7 } end
  inside()
end

--- Says something.
---@param text string what
function shop.warn(text)
  behind.warn(text)
end

--- Has a bug.
function shop.broken()
  local x = nil
  return x.y
end

return shop
`

// shopOptions gives a state the module shop and the module behind, whose warn
// keeps the place that it was called from.
func shopOptions(t *testing.T, text string, warned *[]string) luavm.Options {
	t.Helper()
	shop, err := luavm.ReadModule("shop", "shop.lua", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return luavm.Options{Modules: []luavm.Module{shop, {Name: "behind", Global: true, Funcs: []luavm.Func{
		{Name: "warn", Params: []luavm.Param{{Name: "text", Type: luavm.String}}, Call: func(c *luavm.Call) error {
			*warned = append(*warned, c.Where()+" "+c.String(0))
			return nil
		}},
		{Name: "fail", Call: func(*luavm.Call) error {
			return &fault.Error{Kind: fault.Unknown, Op: "behind.fail", Message: "nobody knows", Fn: "Fail", Hint: "look"}
		}},
	}}}}
}

func TestModulesWrittenInLua(t *testing.T) {
	for name, c := range map[string]struct{ lua, json string }{
		"a call":                  {`return shop.sell({ item = "a" })`, `["a",null,null,null,1]`},
		"arguments are converted": {`local i, n, c, how = shop.sell({ item = "a" }, "7", "x", "fast") return n + 1, tostring(c), how`, `[8,"***","fast"]`},
		"arguments are checked":   {`local ok, e = pcall(shop.sell, { item = 1 }) return e.kind, tostring(e)`, `["invalid","shop.sell: argument order.item: want string, got number"]`},
		"fields too":              {`local ok, e = pcall(shop.sell, { item = "a", peaces = 1 }) return tostring(e), e.hint`, `["shop.sell: argument order: unknown field \"peaces\"","did you mean pieces?"]`},
		"texts of an enum too":    {`local ok, e = pcall(shop.sell, { item = "a" }, nil, nil, "fsat") return e.hint`, `"did you mean fast?"`},
		"too many":                {`local ok, e = pcall(shop.broken, 1) return tostring(e)`, `"shop.broken: want no arguments, got 1"`},
		"a colon":                 {`local ok, e = pcall(function() shop:sell { item = "a" } end) return tostring(e)`, `"shop.sell: called with a colon"`},
		"it is one module":        {`shop.sell { item = "a" } local _, _, _, _, n = require("shop").sell { item = "b" } return n, require("shop") == shop`, `[2,true]`},
		"it shows its name":       {`return tostring(shop), tostring(shop.sell)`, `["module: shop","function: shop.sell"]`},
		"it cannot be changed":    {`return pcall(function() shop.sell = nil end)`, `[false,{"kind":"script","message":"a module cannot be changed","op":"shop"}]`},
		"globals of the playbook do not change it": {`tostring = function() return "mine" end behind = nil
			return shop.call(function(x) return x .. tostring(1) end)`, `"1mine"`},
		"its globals are its own": {`return shop.sell ~= nil, sold`, `true`},
		"a callback can wait":     {`return shop.call(host.wait)`, `"1"`},
		"a callback cannot yield": {`local co = coroutine.create(function() shop.call(coroutine.yield) end) local ok, e = coroutine.resume(co) return ok, e.kind`,
			`[false,"script"]`},
		"its errors have fields": {`local ok, e = pcall(shop.refuse) return e.kind, tostring(e), e.hint, e.extra, e.op`,
			`["invalid","shop.refuse: no","try later",7,"shop.refuse"]`},
		"and a cause": {`local _, why = pcall(behind.fail) local ok, e = pcall(shop.refuse, why) return e.kind, tostring(e), e.hint, e.extra, e.fn`,
			`["unknown","shop.refuse: no: behind.fail: nobody knows","try later",7,"Fail"]`},
		"two tasks ask for it": {`local a, b = host.spawn(require, "shop"), host.spawn(require, "shop") return a:await() == b:await()`, `true`},
	} {
		t.Run(name, func(t *testing.T) {
			var warned []string
			got := play(t, t.Context(), `local shop = require("shop") `+c.lua, shopOptions(t, written, &warned))
			if got.err != nil || got.json != c.json {
				t.Errorf("Run(%q) = %s, %v, want %s", c.lua, got.json, got.err, c.json)
			}
		})
	}
}

func TestPlacesInModulesWrittenInLua(t *testing.T) {
	var warned []string
	got := play(t, t.Context(), "local shop = require('shop')\nshop.warn('careful')\nreturn 1", shopOptions(t, written, &warned))
	if got.err != nil || !slices.Equal(warned, []string{"test.lua:2 careful"}) {
		t.Errorf("warned %q, %v, want the line of the playbook", warned, got.err)
	}
	for name, tt := range map[string]struct{ lua, want string }{
		"an error that it raises names the line of the playbook": {"local shop = require('shop')\n\nshop.refuse()", "test.lua:3"},
		"an error within shows the way, marked": {"local shop = require('shop')\n\n\nshop.broken()",
			"(stdlib) shop.lua:46: in function <(stdlib) shop.lua:44>\ntest.lua:4"},
		"a wrong argument names the line of the playbook": {"local shop = require('shop')\nshop.warn()", "test.lua:2"},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, t.Context(), tt.lua, shopOptions(t, written, &warned))
			e, ok := got.err.(*fault.Error)
			if !ok || e.Details != tt.want && e.Trace != tt.want {
				t.Errorf("Run(%q) = %#v, want the trace %q", tt.lua, got.err, tt.want)
			}
		})
	}
}

func TestModulesWrittenInLuaThatAreNotAsDeclared(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"no table":            {strings.Replace(written, "\nreturn shop\n", "\n", 1), "shop.lua returns no table"},
		"a function too many": {strings.Replace(written, "\nreturn shop\n", "\nshop.more = function() end\nreturn shop\n", 1), "shop.lua has fields that no comment declares"},
		"a function too few":  {strings.Replace(written, "\nreturn shop\n", "\nshop.sell = nil\nreturn shop\n", 1), "shop.lua has no function sell"},
		"no Lua":              {strings.Replace(written, "\nreturn shop\n", "\nreturn return\n", 1), "(stdlib) shop.lua:"},
	} {
		t.Run(name, func(t *testing.T) {
			var warned []string
			got := play(t, t.Context(), `require("shop")`, shopOptions(t, tt.text, &warned))
			if got.err == nil || !strings.Contains(got.err.Error(), tt.want) {
				t.Errorf("require = %v, want %q", got.err, tt.want)
			}
		})
	}
	shop, err := luavm.ReadModule("shop", "shop.lua", []byte(written))
	if err != nil {
		t.Fatal(err)
	}
	shop.Global = true
	if _, err := luavm.New(luavm.Options{Modules: []luavm.Module{shop}}); err == nil {
		t.Error("New with a global module in Lua succeeded, want an error")
	}
}
