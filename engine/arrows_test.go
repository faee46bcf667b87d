package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows is the picture of the house: which packages of ours each package may
// import. A name stands for that package alone; leaves are allowed to all who
// name them. A new package adds its row here.
var arrows = map[string][]string{
	"":                      {"engine/command", "engine/process"},
	"engine/atomicfile":     {},
	"engine/fault":          {},
	"engine/secret":         {},
	"engine/luavm/decl":     {"engine/secret"},
	"engine/event":          {},
	"engine/columns":        {"engine/fault"},
	"engine/call":           {"engine/luavm/decl"},
	"engine/catalogue":      {},
	"engine/process":        {"engine/secret", "engine/fault"},
	"engine/sandbox":        {"engine/atomicfile", "engine/catalogue", "engine/fault", "engine/sandbox/answer", "engine/sandbox/world"},
	"engine/sandbox/world":  {"engine/catalogue", "engine/sandbox/answer"},
	"engine/sandbox/answer": {},
	"engine/survey":         {"engine/call", "engine/catalogue", "engine/fault", "engine/secret"},
	"engine/targets":        {"engine/atomicfile", "engine/catalogue", "engine/fault", "engine/secret"},
	"engine/api":            {"engine/atomicfile", "engine/call", "engine/catalogue", "engine/event", "engine/fault", "engine/luavm/decl", "engine/secret"},
	"engine/luavm/source":   {"engine/fault", "engine/luavm/decl"},
	"engine/luavm/value":    {"engine/fault", "engine/luavm/decl", "engine/secret"},
	"engine/luavm/harden":   {"engine/fault", "engine/luavm/decl", "engine/luavm/value"},
	"engine/luavm/task":     {"engine/fault", "engine/luavm/decl"},
	"engine/luavm": {
		"engine/event", "engine/fault", "engine/luavm/decl", "engine/luavm/harden", "engine/luavm/source",
		"engine/luavm/task", "engine/luavm/value", "engine/secret",
	},
	"engine/luavm/luatest":       {"engine/fault", "engine/luavm", "engine/luavm/decl", "engine/luavm/source", "engine/event"},
	"engine/journal":             {"engine/atomicfile", "engine/fault"},
	"engine/journal/seal":        {"engine/atomicfile", "engine/fault", "engine/journal"},
	"engine/journal/sqlite":      {"engine/fault", "engine/journal"},
	"engine/journal/journaltest": {"engine/journal"},
	"engine/recorder":            {"engine/call", "engine/event", "engine/fault", "engine/luavm/decl"},
	"bindings":                   {"engine/call", "engine/event", "engine/fault", "engine/luavm", "engine/luavm/decl", "engine/monitor", "engine/secret", "engine/values"},
	"engine/values":              {"engine/atomicfile", "engine/fault"},
	"engine/monitor":             {},
	"stdlib/csvfile":             {"engine/fault"},
	"engine/benchmark":           {},
	"scripts":                    {},
	"stdlib": {
		"stdlib/csvfile", "engine/columns", "engine/event", "engine/fault", "engine/luavm", "engine/luavm/decl", "engine/secret",
	},
	"engine": {
		"bindings", "stdlib", "engine/recorder", "engine/call", "engine/event", "engine/fault", "engine/luavm",
		"engine/luavm/decl", "engine/luavm/source", "engine/monitor", "engine/secret",
	},
	"engine/display": {"stdlib/csvfile", "engine/columns", "engine/event", "engine/fault"},
	"engine/manual":  {"engine/call", "engine/catalogue", "engine/event", "engine/fault", "engine/luavm/decl"},
	"examples":       {},
	"engine/command": {
		"bindings", "engine", "engine/api", "engine/atomicfile", "engine/call", "engine/catalogue", "engine/display", "engine/event",
		"engine/fault", "engine/luavm/decl", "engine/manual", "engine/monitor", "engine/process", "engine/recorder", "engine/sandbox",
		"engine/secret", "engine/survey", "engine/targets", "engine/values", "examples", "scripts", "stdlib/csvfile",
	},
}

// owners says who alone may import a library, or touch a part of the standard
// library.
var owners = map[string][]string{
	"github.com/yuin/gopher-lua":    {"engine/luavm"},
	"layeh.com/gopher-luar":         {"engine/luavm"},
	"github.com/urfave/cli":         {"engine/command"},
	"github.com/vbauerster/mpb":     {"engine/display"},
	"charm.land/lipgloss":           {"engine/display"},
	"github.com/mattn/go-runewidth": {"engine/columns"},
	"github.com/fsnotify/fsnotify":  {"engine/watch"},
	"modernc.org/sqlite":            {"engine/journal/sqlite", "engine/queue"},
	"github.com/jackc/pgx":          {"engine/journal/postgres", "engine/queue"},
	"github.com/riverqueue/river":   {"engine/queue"},
	"golang.org/x/term":             {"engine/process"},
	"os/signal":                     {"engine/process"},
	"database/sql":                  {"engine/journal", "engine/queue"},
	"github.com/wlynxg/chardet":     {"stdlib"},
	"github.com/bmatcuk/doublestar": {"stdlib"},
	"github.com/reeflective":        {"engine/repl"},
	"github.com/gofrs/flock":        {"engine/sandbox", "engine/survey", "engine/targets", "engine/values", "engine/journal", "engine/queue"},
	"github.com/zalando/go-keyring": {"engine/targets"},
	"github.com/pelletier/go-toml":  {"engine/targets"},
}

// TestArrows keeps the picture true: arrows point down only.
func TestArrows(t *testing.T) {
	for dir, imports := range packages(t) {
		allowed, known := arrows[dir]
		if !known {
			t.Errorf("package %s has no row in arrows: say there what it may import", dir)
			continue
		}
		for _, imported := range imports {
			if ours, ok := strings.CutPrefix(imported, "moonpost/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which its row does not allow", dir, ours)
			}
			for library, owner := range owners {
				if !within(imported, library) {
					continue
				}
				if !slices.ContainsFunc(owner, func(o string) bool { return within(dir, o) }) {
					t.Errorf("%s imports %s, which belongs to %v alone", dir, imported, owner)
				}
			}
		}
	}
}

// TestOnlyProcessTouchesTheStreams looks for the os streams and arguments by
// name.
func TestOnlyProcessTouchesTheStreams(t *testing.T) {
	forbidden := []string{"os.Stdin", "os.Stdout", "os.Stderr", "os.Args", "os.Getenv", "os.LookupEnv", "os.Environ", "fmt.Print(", "fmt.Println(", "fmt.Printf("}
	for file, text := range sources(t) {
		if within(path.Dir(file), "engine/process") {
			continue
		}
		for _, word := range forbidden {
			if strings.Contains(text, word) {
				t.Errorf("%s uses %s; only engine/process touches the os streams, arguments and environment", file, strings.TrimSuffix(word, "("))
			}
		}
		if strings.Contains(text, "os.Exit") && file != "main.go" && !within(path.Dir(file), "engine/process") {
			t.Errorf("%s uses os.Exit; only main.go ends the process", file)
		}
	}
}

// TestNothingIsCompiledAtTheStart looks for regular expressions that every start
// of the program would compile, whatever it does: they once made a third of its
// time. luatest is for tests alone.
func TestNothingIsCompiledAtTheStart(t *testing.T) {
	for file, text := range sources(t) {
		if within(path.Dir(file), "engine/luavm/luatest") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			variables, ok := declared.(*ast.GenDecl)
			if !ok {
				continue
			}
			ast.Inspect(variables, func(n ast.Node) bool {
				if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == "MustCompile" {
					t.Errorf("%s compiles a regular expression at the start; put it into sync.OnceValue", file)
				}
				_, function := n.(*ast.FuncLit)
				return !function
			})
		}
	}
}

// TestTopLevelHoldsTheDesign keeps the top level to the list of the design.
func TestTopLevelHoldsTheDesign(t *testing.T) {
	allowed := []string{
		"go.mod", "go.sum", "main.go", "main_test.go", "engine", "bindings", "stdlib", "scripts", "examples",
		"README.md", "CHANGELOG.md", "LICENSE",
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) && !strings.HasPrefix(name, "moonpost") {
			t.Errorf("top level holds %s, which is not on the design's list", name)
		}
	}
}

func within(name, root string) bool { return name == root || strings.HasPrefix(name, root+"/") }

// sources returns the Go files of the program by path from the top, tests left
// out.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() != ".." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(name)
		files[strings.TrimPrefix(filepath.ToSlash(name), "../")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files, want the whole program", len(files))
	}
	return files
}

// packages returns what each package imports, by its folder from the top.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	for file, text := range sources(t) {
		dir := path.Dir(file)
		if dir == "." {
			dir = ""
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		imports[dir] = append(imports[dir], "")
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports[dir] = append(imports[dir], name)
		}
	}
	return imports
}
