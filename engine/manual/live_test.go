package manual_test

import (
	"slices"
	"strings"
	"testing"

	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/manual"
)

// TestDifferencesOfAServer changes what the catalogue knows as a server might.
func TestDifferencesOfAServer(t *testing.T) {
	functions := api.Known(catalogue.Server)
	change := func(name string, to func(*call.Function)) {
		i := slices.IndexFunc(functions, func(f call.Function) bool { return f.Name == name })
		functions[i].Params = slices.Clone(functions[i].Params)
		to(&functions[i])
	}
	argument := func(f *call.Function, name string) *decl.Param {
		return &f.Params[slices.IndexFunc(f.Params, func(p decl.Param) bool { return p.Name == name })]
	}
	change("VerifyStore", func(f *call.Function) { argument(f, "includeIndexes").Default = "false" })
	change("CreateUser", func(f *call.Function) {
		argument(f, "fullName").Optional = false
		argument(f, "password").Type = decl.Number
		f.Params = append(f.Params, decl.Param{Name: "costCentre", Type: decl.String, Optional: true})
		f.Params = slices.DeleteFunc(f.Params, func(p decl.Param) bool { return p.Name == "loginPrivileges" })
	})
	functions = slices.DeleteFunc(functions, func(f call.Function) bool { return f.Name == "UnlockStore" })
	functions = append(functions, call.Function{
		Func:    decl.Func{Name: "TurnMoon", Doc: "Nobody knows.", Params: []decl.Param{{Name: "speed", Type: decl.Number}}},
		Edition: "server", Class: "X",
	})
	s := sources()
	s.Live = &manual.Live{Target: "mail.example.com:8463", Functions: functions}
	m := manual.New(s)
	for name, want := range map[string]string{
		"VerifyStore":  "requires includeIndexes, for which false is sent when it is left out",
		"CreateUser":   "requires fullName; password is number; has no argument loginPrivileges; takes costCentre (string, optional) besides",
		"UnlockStore":  "does not offer it",
		"GetUsers":     "offers it as described",
		"TurnMoon":     "offers it; the catalogue does not have it",
		"GetInstances": "",
	} {
		got := ""
		for _, e := range m.Find(name) {
			for _, f := range e.Facts {
				if f.Name == s.Live.Target {
					got = f.Text
				}
			}
		}
		if got != want {
			t.Errorf("%s at the server: %q, want %q", name, got, want)
		}
	}
	differs := m.Find("functions")[0].Groups[0]
	var names []string
	for _, i := range differs.Items {
		names = append(names, i.Name)
	}
	if got := strings.Join(names, " "); differs.Title != "where mail.example.com:8463 differs" || got != "CreateUser TurnMoon UnlockStore VerifyStore" {
		t.Errorf("%s: %s, want the four that were changed", differs.Title, got)
	}
}
