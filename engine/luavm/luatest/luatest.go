// Package luatest runs tests that are written in Lua, and the examples of
// declarations, as Go tests. Start at Files and Examples.
//
// A file has test functions, each of which runs in a state of its own after the
// rest of the file:
//
//	function test_digest_of_text()
//	  assert(#hash.sha256("mail") == 64)
//	  hash.sha256(1) --! want string, got number
//	end
//
// A line that ends with --! must raise an error whose kind, text and hint
// ("invalid: hash.sha256: argument text: want string, got number") have the
// rest of the line in them. Such a line is a whole statement. A file without
// test functions is one test.
package luatest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
)

// OptionsFunc returns what the state of one test is made of.
type OptionsFunc func(t *testing.T) luavm.Options

// Files runs the test functions of all files that match pattern. Modules that
// are no globals must be required.
func Files(t *testing.T, pattern string, options OptionsFunc) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob(%q) = %v, %v, want files", pattern, files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) {
			names := testNames(string(text))
			if len(names) == 0 {
				play(t, file, string(text), options(t))
			}
			for _, name := range names {
				t.Run(strings.TrimPrefix(name, "test_"), func(t *testing.T) {
					play(t, file, string(text)+"\n"+name+"()", options(t))
				})
			}
		})
	}
}

// Examples runs the example of every declaration of options.Modules, with the
// modules that it names at hand. A function without one fails.
func Examples(t *testing.T, options OptionsFunc) {
	t.Helper()
	modules := options(t).Modules
	required := func(example string) string {
		var names strings.Builder
		for _, m := range modules {
			if !m.Global && strings.Contains(example, m.Name) {
				fmt.Fprintf(&names, "local %s = require(%q) ", m.Name, m.Name)
			}
		}
		return names.String()
	}
	run := func(name, example string) {
		t.Run(name, func(t *testing.T) {
			if example == "" {
				t.Fatal("has no example")
			}
			play(t, name, required(example)+example, options(t))
		})
	}
	for _, m := range modules {
		for _, f := range m.Funcs {
			run(m.Name+"."+f.Name, f.Example)
		}
		if m.Callable != nil {
			run(m.Name, m.Callable.Example)
		}
		for _, o := range m.Objects {
			for _, f := range o.Methods {
				run(o.Name+":"+f.Name, f.Example)
			}
		}
	}
}

var (
	testFunction = regexp.MustCompile(`(?m)^function (test_\w+)\(`)
	expectation  = regexp.MustCompile(`^(.*?)\s*--!\s*(.*)$`)
)

func testNames(text string) []string {
	var names []string
	for _, match := range testFunction.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// play runs a text and fails t with the error that it ends with.
func play(t *testing.T, file, text string, opts luavm.Options) {
	t.Helper()
	opts.Modules = append(opts.Modules, raises(t, file))
	if opts.Print == nil {
		opts.Print = func(text string) { t.Log(strings.TrimSuffix(text, "\n")) }
	}
	if opts.Log == nil {
		opts.Log = func(text string) { t.Error(text) }
	}
	chunk, err := source.Parse(filepath.Base(file), []byte(expecting(text)))
	if err != nil {
		t.Fatal(describe(err))
	}
	state, err := luavm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	if _, err := state.Run(t.Context(), chunk, nil); err != nil {
		t.Error(describe(err))
	}
}

// expecting turns each line with --! into a call of raises__, without moving
// another line.
func expecting(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if match := expectation.FindStringSubmatch(line); match != nil {
			lines[i] = fmt.Sprintf("raises__(%d, %s, function() %s end)", i+1, strconv.Quote(match[2]), match[1])
		}
	}
	return strings.Join(lines, "\n")
}

// raises declares the function behind --!.
func raises(t *testing.T, file string) luavm.Module {
	return luavm.Module{Name: "raises__", Global: true, Callable: &luavm.Func{
		Name: "raises__",
		Params: []luavm.Param{
			{Name: "line", Type: luavm.Integer}, {Name: "want", Type: luavm.String}, {Name: "statement", Type: luavm.Function},
		},
		Call: func(c *luavm.Call) error {
			_, err := c.Func(2).Call()
			switch want := c.String(1); {
			case err == nil:
				t.Errorf("%s:%d: got no error, want %q", file, c.Int(0), want)
			case !strings.Contains(describe(err), want):
				t.Errorf("%s:%d: got %q, want %q in it", file, c.Int(0), describe(err), want)
			}
			return nil
		},
	}}
}

// describe returns an error with its kind, its hint and where it was raised.
func describe(err error) string {
	text := fmt.Sprintf("%s: %v", fault.KindOf(err), err)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if f.Hint != "" {
			text += "; hint: " + f.Hint
		}
		if f.Details != "" {
			text += "\n" + f.Details
		}
	}
	return text
}
