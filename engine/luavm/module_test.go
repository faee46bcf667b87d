package luavm_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// trace returns where the playbook was when it raised err.
func trace(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return ""
	case e.Trace != "":
		return e.Trace
	}
	return e.Details
}

// view is what run looks like to a playbook.
type view struct {
	ID      string  `luar:"id"`
	Started float64 `luar:"started"`
	Hidden  string
}

func moduleOptions(asked *atomic.Int32) luavm.Options {
	return luavm.Options{
		Modules: []luavm.Module{
			{
				Name: "run", Global: true, View: view{"r1", 1.5, "x"},
				Values: []luavm.Value{{Name: "id", Type: luavm.String}, {Name: "started", Type: luavm.Number}},
			},
			{
				Name: "lazy",
				Values: []luavm.Value{{Name: "version", Type: luavm.String, Of: func(c *luavm.Call) (any, error) {
					asked.Add(1)
					return "26.1", c.Wait(func(context.Context) error { return nil })
				}}},
				Missing: func(c *luavm.Call, name string) (any, error) {
					asked.Add(1)
					if !strings.HasPrefix(name, "Get") {
						return nil, &fault.Error{Kind: fault.Invalid, Op: "lazy", Message: "no function " + name}
					}
					return luavm.Func{Name: "lazy." + name, Call: func(c *luavm.Call) error { return c.Return(name) }}, nil
				},
				Callable: &luavm.Func{
					Params: []luavm.Param{{Name: "n", Type: luavm.Number}},
					Call:   func(c *luavm.Call) error { return c.Return(c.Number(0) + 1) },
				},
			},
			{
				Name: "made", Global: true,
				Funcs: []luavm.Func{
					{Name: "counter", Call: func(c *luavm.Call) error {
						n := 0
						return c.Return(luavm.Func{Name: "counter", Iterator: true, Call: func(c *luavm.Call) error {
							if n++; n > 3 {
								return nil
							}
							return c.Return(n)
						}})
					}},
					{Name: "module", Call: func(c *luavm.Call) error {
						return c.Return(luavm.Module{Name: "other", Funcs: []luavm.Func{{Name: "name", Call: func(c *luavm.Call) error { return c.Return("other") }}}})
					}},
				},
			},
		},
		Require: func(name string) (string, []byte, error) {
			switch name {
			case "lib":
				return "lib.lua", []byte(`asked = (asked or 0) + 1 host.wait() return { name = ..., n = asked }`), nil
			case "silent":
				return "silent.lua", []byte(`local x = 1`), nil
			case "broken":
				return "broken.lua", []byte("return 1 +"), nil
			case "failing":
				return "failing.lua", []byte("\nerror('no')"), nil
			case "a", "b":
				other := map[string]string{"a": "b", "b": "a"}[name]
				return name + ".lua", fmt.Appendf(nil, "host.wait() return require(%q)", other), nil
			}
			return "", nil, fmt.Errorf("module %s: %w", name, fs.ErrNotExist)
		},
	}
}

func TestModules(t *testing.T) {
	for name, c := range map[string]struct{ lua, json string }{
		"view":                              {`return run.id, run.started`, `["r1",1.5]`},
		"view hides what is not declared":   {`return pcall(function() return run.Hidden end)`, `[false,{"kind":"script","message":"run has no field \"Hidden\"","op":"run"}]`},
		"required, not global":              {`return lazy == nil and require("lazy") ~= nil`, `true`},
		"value of a field":                  {`local m = require("lazy") return m.version, m.version`, `["26.1","26.1"]`},
		"missing field":                     {`local m = require("lazy") return m.GetUsers(), m.GetUsers == m.GetUsers`, `["GetUsers",true]`},
		"missing field refused":             {`local ok, e = pcall(function() return require("lazy").Foo end) return e.kind, tostring(e)`, `["invalid","lazy: no function Foo"]`},
		"callable":                          {`return require("lazy")(1)`, `2`},
		"a function shows its name":         {`return tostring(made.counter), tostring(made), tostring(require("lazy").GetX)`, `["function: made.counter","module: made","function: lazy.GetX"]`},
		"an iterator":                       {`local s = "" for n in made.counter() do s = s .. n end return s`, `"123"`},
		"a module of its own":               {`local m = made.module() return m.name(), tostring(m)`, `["other","module: other"]`},
		"a typing error":                    {`local ok, e = pcall(function() return made.conter end) return e.kind, e.message, e.hint`, `["script","made has no field \"conter\"","did you mean counter?"]`},
		"a Lua module":                      {`local l = require("lib") return l.name, l.n, require("lib") == l`, `["lib",1,true]`},
		"a Lua module asked by two tasks":   {`local a, b = host.spawn(require, "lib"), host.spawn(require, "lib") return a:await() == b:await(), asked`, `[true,1]`},
		"a Lua module that returns nothing": {`return require("silent")`, `true`},
		"a Lua module with an error":        {`local ok, e = pcall(require, "failing") return tostring(e)`, `"failing.lua:2: no"`},
		"a Lua module that does not parse":  {`local ok, e = pcall(require, "broken") return e.kind, e.message:match("^broken.lua:1") ~= nil`, `["usage",true]`},
		"no such module":                    {`local ok, e = pcall(require, "lazi") return e.kind, tostring(e), e.hint`, `["script","require: there is no module \"lazi\"","did you mean lazy?"]`},
		"modules in a circle":               {`local ok, e = pcall(require, "a") return e.kind`, `"script"`},
		"modules in a circle of two tasks": {`local a, b = host.spawn(pcall, require, "a"), host.spawn(pcall, require, "b")
			local _, x = a:await() local _, y = b:await() return x.kind, y.kind`, `["script","script"]`},
		"handles":                        {`local j = host.spawn(host.wait) return tostring(j), j.ended, j:await(), j.ended`, `["job",false,null,true]`},
		"a field that no handle has":     {`local ok, e = pcall(function() return host.spawn(host.wait).endet end) return tostring(e), e.hint`, `["job: a job has no field \"endet\"","did you mean ended?"]`},
		"a handle's method with a dot":   {`local ok, e = pcall(function() host.spawn(host.wait).await() end) return tostring(e), e.hint`, `["job:await: called on nothing instead of a job","call it with a colon: job:await(…)"]`},
		"a module's function by colon":   {`local ok, e = pcall(function() host:wait(1) end) return tostring(e), e.hint`, `["host.wait: called with a colon","call it with a dot: host.wait(…)"]`},
		"a module cannot be changed":     {`return pcall(function() made.counter = nil end), made.counter ~= nil`, `[false,true]`},
		"nor its metatable":              {`return getmetatable(made), pcall(setmetatable, made, {})`, `[false,false,{"kind":"script","message":"cannot change a protected metatable"}]`},
		"a handle's metatable is hidden": {`return getmetatable(host.spawn(host.wait))`, `false`},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			got := play(t, t.Context(), c.lua, moduleOptions(&asked))
			if got.err != nil || got.json != c.json {
				t.Errorf("Run(%q) = %s, %v, want %s", c.lua, got.json, got.err, c.json)
			}
		})
	}
}

func TestFieldsAreMadeOnce(t *testing.T) {
	var asked atomic.Int32
	got := play(t, t.Context(), `local m = require("lazy")
local function all() return m.version, m.version, m.GetUsers, m.GetUsers end
local t = {} for i = 1, 10 do t[i] = host.spawn(all) end
for i = 1, 10 do t[i]:await() end`, moduleOptions(&asked))
	if got.err != nil || asked.Load() != 2 {
		t.Errorf("asked %d times, %v, want 2", asked.Load(), got.err)
	}
}

func TestDeclarationsThatContradict(t *testing.T) {
	job := luavm.Object{Name: "job"}
	for name, modules := range map[string][]luavm.Module{
		"a module twice":               {{Name: "a"}, {Name: "a"}},
		"an object twice":              {{Name: "a", Objects: []luavm.Object{job}}, {Name: "b", Objects: []luavm.Object{job}}},
		"a value without a field":      {{Name: "a", View: view{}, Values: []luavm.Value{{Name: "nothing"}}}},
		"a view that is a pointer":     {{Name: "a", View: &view{}}},
		"a view with something inside": {{Name: "a", View: struct{ M map[string]string }{}}},
	} {
		if _, err := luavm.New(luavm.Options{Modules: modules}); err == nil {
			t.Errorf("%s: New succeeded, want an error", name)
		}
	}
}

// gatekeeper is a Host that allows what its name says.
type gatekeeper func(effect luavm.Effect, detail string) error

func (g gatekeeper) Allow(_ context.Context, effect luavm.Effect, detail string) error {
	return g(effect, detail)
}

func TestHostIsAskedBeforeEffects(t *testing.T) {
	var asked []string
	ran := 0
	opts := luavm.Options{
		Modules: []luavm.Module{{Name: "m", Global: true, Funcs: []luavm.Func{
			{
				Name: "write", Effect: luavm.Writes,
				Params: []luavm.Param{{Name: "n", Type: luavm.Number}, {Name: "path", Type: luavm.String, Optional: true}},
				Call:   func(*luavm.Call) error { ran++; return nil },
			},
			{Name: "look", Call: func(*luavm.Call) error { return nil }},
		}}},
		Host: gatekeeper(func(effect luavm.Effect, detail string) error {
			asked = append(asked, effect.String()+" "+detail)
			if detail == "secret.txt" {
				return &fault.Error{Kind: fault.Permission, Op: "write", Message: "not allowed"}
			}
			return nil
		}),
	}
	got := play(t, t.Context(), `m.look() m.write(1, "a.txt") m.write(1)
local ok, e = pcall(m.write, 1, "secret.txt") return ok, e.kind`, opts)
	if want := `[false,"permission"]`; got.err != nil || got.json != want || ran != 2 {
		t.Errorf("Run = %s, %v, ran %d times, want %s and 2", got.json, got.err, ran, want)
	}
	if want := "writes a.txt, writes m.write, writes secret.txt"; strings.Join(asked, ", ") != want {
		t.Errorf("asked %q, want %q", strings.Join(asked, ", "), want)
	}
}
