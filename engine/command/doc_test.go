package command

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"moonpost/engine"
	"moonpost/engine/api"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/manual"
	"moonpost/engine/process"
	"moonpost/engine/sandbox"
	"moonpost/examples"
	"moonpost/scripts"
)

// ownManual is the manual of the program as doc shows it.
func ownManual(t *testing.T) (*manual.Manual, *program) {
	t.Helper()
	p := newProgram(&process.Process{
		Env:      func(string) (string, bool) { return "", false },
		CacheDir: func() (string, error) { return t.TempDir(), nil },
		Stdout:   io.Discard, Stderr: io.Discard,
	})
	m, err := (&docOptions{program: p}).manual()
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// TestTheManualHasAllThatIsDeclared goes through every declaration that there
// is.
func TestTheManualHasAllThatIsDeclared(t *testing.T) {
	m, p := ownManual(t)
	entries := map[string]manual.Entry{}
	for _, e := range m.Entries() {
		entries[string(e.Kind)+" "+e.Name] = e
		if e.About == "" {
			t.Errorf("%s %s says nothing", e.Kind, e.Name)
		}
	}
	want := func(kind manual.Kind, name string) manual.Entry {
		e, ok := entries[string(kind)+" "+name]
		if !ok {
			t.Errorf("the manual has no %s %s", kind, name)
		}
		return e
	}
	for _, mod := range engine.Modules() {
		want(manual.Module, mod.Name)
		qualify := func(name string) string {
			if mod.Name == "_G" {
				return name
			}
			return mod.Name + "." + name
		}
		for _, f := range mod.Funcs {
			if e := want(manual.Function, qualify(f.Name)); len(e.Params) != len(f.Params) || len(e.Returns) != len(f.Returns) {
				t.Errorf("%s.%s lacks parameters or results", mod.Name, f.Name)
			}
		}
		for _, v := range mod.Values {
			want(manual.Value, qualify(v.Name))
		}
		for _, o := range mod.Objects {
			if e := want(manual.Object, o.Name); len(e.Fields) != len(o.Fields) {
				t.Errorf("object %s lacks fields", o.Name)
			}
			for _, f := range o.Methods {
				want(manual.Method, o.Name+":"+f.Name)
			}
		}
	}
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		for _, f := range api.Known(edition) {
			e := want(manual.ServerFunction, f.Name)
			if !slices.Contains(e.Editions, string(edition)) {
				t.Errorf("%s is not said to be in the edition %s", f.Name, edition)
			}
			for _, param := range f.Params {
				if !slices.ContainsFunc(e.Params, func(p manual.Param) bool { return p.Name == param.Name }) {
					t.Errorf("%s lacks the argument %s", f.Name, param.Name)
				}
			}
		}
	}
	for _, k := range fault.Kinds() {
		want(manual.ErrorKind, string(k.Kind))
	}
	for _, c := range fault.ExitCodes() {
		want(manual.ExitCode, strconv.Itoa(c.Code))
	}
	for _, d := range event.Descriptions() {
		want(manual.EventKind, d.Type)
	}
	for _, c := range p.commands {
		want(manual.CommandKind, c.Name)
		for _, f := range c.flags() {
			want(manual.Flag, "--"+f.name())
		}
	}
	for _, b := range sandbox.Behaviours() {
		want(manual.Behaviour, b.Name)
	}
	for _, k := range sandbox.FaultKinds() {
		want(manual.Fault, k.Name)
	}
	for _, s := range scripts.All() {
		want(manual.Script, s.Name)
	}
	for _, e := range examples.All() {
		want(manual.Example, e.Name)
	}
	for _, name := range variablesInSource(t) {
		want(manual.Variable, name)
	}
}

// variablesInSource returns the names of the environment that the program
// reads, as its source has them: texts that look like one.
func variablesInSource(t *testing.T) []string {
	t.Helper()
	var found []string
	name := regexp.MustCompile(`^(MOONPOST_[A-Z_]+|XDG_[A-Z_]+|NO_COLOR|COLUMNS|TERM|GO[A-Z]+)$`)
	for _, dir := range []string{".", "../process"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || file == "variable.go" {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil && name.MatchString(text) {
						found = append(found, text)
					}
				}
				return true
			})
		}
	}
	if len(found) < 10 {
		t.Errorf("found %q in the source, want the variables of the program", found)
	}
	return found
}

// TestNoLinkOfTheManualIsDead is about the real sentences, commands and
// playbooks; package manual tests the rest.
func TestNoLinkOfTheManualIsDead(t *testing.T) {
	m, _ := ownManual(t)
	there := map[string]bool{}
	pages := m.Pages()
	for _, p := range pages {
		there[p.Path] = true
		for _, a := range regexp.MustCompile(`<a id="([^"]*)"></a>`).FindAllStringSubmatch(p.Text, -1) {
			there[p.Path+"#"+a[1]] = true
		}
	}
	fences := regexp.MustCompile("(?s)\n```.*?\n```\n")
	for _, p := range pages {
		for _, found := range regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(fences.ReplaceAllString(p.Text, "\n"), -1) {
			file, anchor, ok := strings.Cut(found[1], "#")
			to := p.Path
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(p.Path), file))
			}
			if ok {
				to += "#" + anchor
			}
			if !there[to] {
				t.Errorf("%s links to %s, which is not there", p.Path, found[1])
			}
		}
	}
}

// TestTheManualFitsATerminal leaves out what is there to be copied.
func TestTheManualFitsATerminal(t *testing.T) {
	m, _ := ownManual(t)
	for _, e := range m.Entries() {
		e.Usage, e.Examples = nil, nil
		var b strings.Builder
		manual.WriteText(&b, []manual.Entry{e}, manual.TextOptions{Width: 80})
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s %s: %d columns: %q", e.Kind, e.Name, n, line)
			}
		}
	}
}

// TestRulesOfValuesAreTrue runs their examples against the sandbox.
func TestRulesOfValuesAreTrue(t *testing.T) {
	m, _ := ownManual(t)
	client := playgroundClient(t, catalogue.Server)
	if err := playOn(t, client, `api.CreateUser { userName = "ada.lovelace", privileges = "login" }`); err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, e := range m.Entries() {
		if e.Kind != manual.Rule && e.Name != "errors" {
			continue
		}
		rules++
		t.Run(e.Name, func(t *testing.T) {
			if err := playOn(t, client, e.Examples[0].Text); err != nil {
				t.Error(err)
			}
		})
	}
	if rules < 8 {
		t.Errorf("%d rules were run, want all", rules)
	}
}
