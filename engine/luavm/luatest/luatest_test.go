package luatest

import (
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// host is a module whose one function fails.
func host(*testing.T) luavm.Options {
	return luavm.Options{Modules: []luavm.Module{{
		Name: "host",
		Funcs: []luavm.Func{{
			Name: "fail", Example: `pcall(host.fail)`,
			Call: func(*luavm.Call) error {
				return &fault.Error{Kind: fault.Invalid, Op: "host.fail", Message: "it failed", Hint: "try again"}
			},
		}},
	}}}
}

func TestFiles(t *testing.T)    { Files(t, "testdata/*.lua", host) }
func TestExamples(t *testing.T) { Examples(t, host) }

func TestExpectingKeepsLines(t *testing.T) {
	text := "f(1)\n  g(2) --! want \"x\"\nh(3)"
	want := "f(1)\nraises__(2, \"want \\\"x\\\"\", function()   g(2) end)\nh(3)"
	if got := expecting(text); got != want {
		t.Errorf("expecting(%q) = %q, want %q", text, got, want)
	}
}

func TestNamesOfTestFunctions(t *testing.T) {
	got := testNames("function test_a()\nend\nlocal function test_b() end\nfunction helper() end\nfunction test_c() end\n")
	if len(got) != 2 || got[0] != "test_a" || got[1] != "test_c" {
		t.Errorf("testNames() = %q, want test_a and test_c", got)
	}
}
