package harden_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/decl"
	"moonpost/engine/luavm/harden"
)

// TestDeclarationsAreTrue compares what is declared with what a state has.
func TestDeclarationsAreTrue(t *testing.T) {
	L := state(t, harden.Options{})
	got := map[string]bool{}
	table := func(name string, t *lua.LTable) {
		t.ForEach(func(key, v lua.LValue) {
			kind := "value"
			if v.Type() == lua.LTFunction {
				kind = "function"
			}
			got[kind+" "+name+"."+key.String()] = true
		})
	}
	want := map[string]bool{}
	for _, m := range harden.Modules() {
		for _, f := range m.Funcs {
			want["function "+m.Name+"."+f.Name] = true
		}
		for _, v := range m.Values {
			want["value "+m.Name+"."+v.Name] = true
		}
		if m.Name != "_G" {
			want["value _G."+m.Name] = true
			shown := L.GetGlobal(m.Name)
			table(m.Name, shown.(*lua.LTable).Metatable.(*lua.LTable).RawGetString("__index").(*lua.LTable))
		}
	}
	table("_G", L.G.Global)
	got["value _G.arg"] = true // set when a playbook runs
	if !maps.Equal(got, want) {
		t.Errorf("a state has\n%s\ndeclared are\n%s", sorted(got), sorted(want))
	}
}

func sorted(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), "\n") }

func TestDeclarationsAreWhole(t *testing.T) {
	for _, m := range harden.Modules() {
		for _, f := range m.Funcs {
			if !strings.HasSuffix(f.Doc, ".") {
				t.Errorf("%s.%s: %q is no sentence", m.Name, f.Name, f.Doc)
			}
			for _, p := range slices.Concat(f.Params, f.Returns) {
				if p.Name == "" || p.Type.Kind == decl.KindAny && p.Type.Name != "" || p.Variadic && !p.Optional {
					t.Errorf("%s.%s: parameter %+v is not whole", m.Name, f.Name, p)
				}
			}
		}
	}
	for name, want := range map[string]string{
		"find":   "s string, pattern string, init? integer, plain? boolean -> first integer, last integer, values... any",
		"concat": "list list of any, sep? string, first? integer, last? integer -> text string",
		"char":   "values... integer -> text string",
	} {
		if got := signature(t, name); got != want {
			t.Errorf("%s is declared as %q, want %q", name, got, want)
		}
	}
}

// signature writes the first function of that name.
func signature(t *testing.T, name string) string {
	for _, m := range harden.Modules() {
		for _, f := range m.Funcs {
			if f.Name != name {
				continue
			}
			texts := [2][]string{}
			for i, params := range [2][]decl.Param{f.Params, f.Returns} {
				for _, p := range params {
					text := p.Name
					switch {
					case p.Variadic:
						text += "..."
					case p.Optional:
						text += "?"
					}
					texts[i] = append(texts[i], text+" "+p.Type.String())
				}
			}
			return strings.Join(texts[0], ", ") + " -> " + strings.Join(texts[1], ", ")
		}
	}
	t.Fatalf("%s is not declared", name)
	return ""
}
