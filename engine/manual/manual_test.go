package manual_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"moonpost/engine"
	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/manual"
)

var update = flag.Bool("u", false, "write the golden files anew")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// sources are real declarations, but for those that belong to the command line.
func sources() manual.Sources {
	return manual.Sources{
		Modules:   func() []decl.Module { return append(engine.Modules(), orchard()) },
		Functions: api.Known,
		Playbooks: func() []manual.Playbook {
			return []manual.Playbook{
				{Name: "tidy-up", Source: "return 1", Declared: decl.Playbook{
					About: "Tidies up.", Columns: []string{"store", "kept"}, Examples: []string{"moonpost run tidy-up --sandbox"},
					Inputs: []decl.Input{
						{Name: "stores", Type: decl.InputList, About: "which ones", Default: []any{"2024", "2025"}},
						{Name: "mode", Type: decl.InputEnum, Values: []string{"soft", "hard"}, Required: true},
					},
				}},
				{Name: "first", Source: "-- Shows how\n-- it is done.\nreturn 1\n", Example: true},
			}
		},
		Commands: func() []manual.Command {
			return []manual.Command{
				{
					Name: "run", Operands: "PLAYBOOK", About: "Runs a playbook.", Description: []string{"As it says."},
					Examples: []string{"moonpost run a.lua", "moonpost run b.lua"},
					Flags: []manual.FlagDecl{
						{Spellings: []string{"--output", "-o"}, Placeholder: "json|table", About: "form of the result", Group: "output"},
						{Spellings: []string{"--target"}, Placeholder: "URL", About: "where to", Group: "server"},
					},
				},
				{Name: "targets add", About: "Adds a target.", Flags: []manual.FlagDecl{
					{Spellings: []string{"--target"}, Placeholder: "NAME", About: "the new one", Group: "server"},
				}},
			}
		},
		Switches: func() []manual.Switch {
			return []manual.Switch{{Named: manual.Named{Name: "empty", About: "What it does with nothing."}, Values: []string{"yes", "no"}}}
		},
		Faults:    func() []manual.Named { return []manual.Named{{Name: "empty", About: "No body; no effect."}} },
		Variables: func() []manual.Named { return []manual.Named{{Name: "MOONPOST_TARGET", About: "As --target."}} },
	}
}

// orchard is a module with a declaration of every shape.
func orchard() decl.Module {
	fruit := decl.Record("fruit",
		decl.Param{Name: "name", Type: decl.String, Doc: "what it is called"},
		decl.Param{Name: "ripe", Type: decl.Enum("yes", "no", "nearly"), Optional: true, Doc: "whether it can be eaten"},
		decl.Param{Name: "pips", Type: decl.List(decl.Record("pip", decl.Param{Name: "size", Type: decl.Number, Doc: "in mm"})), Doc: "all of them"},
	)
	called := decl.Callback(decl.Param{Name: "found", Type: fruit, Doc: "the next one"})
	return decl.Module{
		Name: "orchard",
		Doc:  "Grows fruit. See orchard.pick and csv.rows, and errors of kind invalid.",
		Funcs: []decl.Func{
			{
				Name: "pick", Effect: decl.Writes,
				Doc: "Picks fruit from a tree. It takes what it finds, in the order in which the branches grow, and never " +
					"the same one twice. GetUsers has nothing to do with it, nor has --target.",
				Params: []decl.Param{
					{Name: "tree", Type: decl.Handle("tree"), Doc: "where"},
					{Name: "opts", Type: decl.Union(called, decl.Record("options",
						decl.Param{Name: "most", Type: decl.Integer, Optional: true, Default: "10", Doc: "how many"},
						decl.Param{Name: "wait", Type: decl.Duration, Optional: true, Default: "none", Doc: "between two"},
						decl.Param{Name: "on_fruit", Type: called, Optional: true, Doc: "is told of each"},
					)), Optional: true, Doc: "how, or what is told"},
					{Name: "names", Type: decl.String, Variadic: true, Optional: true, Doc: "which ones"},
				},
				Returns: []decl.Param{{Name: "basket", Type: decl.List(fruit), Doc: "what was picked"}},
				Example: "local tree = orchard.plant()\norchard.pick(tree, { most = 3 })",
			},
			{
				Name: "each", Doc: "Iterates over fruit.", Effect: decl.Reads,
				Returns: []decl.Param{{Name: "next", Doc: "gives the next one", Type: decl.Type{
					Kind: decl.KindFunction, Results: []decl.Param{{Name: "fruit", Type: fruit, Doc: "one"}},
				}}},
			},
		},
		Values: []decl.Value{{Name: "season", Type: decl.Enum("summer", "autumn"), Doc: "when it is"}},
		Objects: []decl.Object{{
			Name: "tree", Doc: "A tree.", Fields: []decl.Param{{Name: "height", Type: decl.Number, Doc: "in m"}},
			Methods: []decl.Func{{Name: "shake", Doc: "Shakes it.", Params: []decl.Param{{Name: "times", Type: decl.Integer}}}},
		}},
	}
}

func TestPagesOfEntries(t *testing.T) {
	m := manual.New(sources())
	for _, name := range []string{
		"orchard", "orchard.pick", "orchard.each", "tree", "tree:shake", "CreateUser", "AttachStore", "unknown", "4", "call_started", "command run", "tidy-up",
	} {
		var b strings.Builder
		manual.WriteText(&b, m.Find(name), manual.TextOptions{Width: 80})
		golden(t, strings.NewReplacer(" ", "-", ":", ".").Replace(name)+".txt", b.String())
	}
}

// TestEntriesAsData pins what other programs read: it may grow and never change.
func TestEntriesAsData(t *testing.T) {
	m := manual.New(sources())
	for _, name := range []string{"orchard", "orchard.pick", "AttachStore", "tidy-up"} {
		text, err := json.MarshalIndent(m.Find(name), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", string(text)+"\n")
	}
}

// TestTextFitsItsWidth leaves out what is there to be copied.
func TestTextFitsItsWidth(t *testing.T) {
	m := manual.New(sources())
	for _, width := range []int{40, 80, 120} {
		for _, e := range append(m.Entries(), m.Overview()) {
			e.Usage, e.Examples = nil, nil
			var b strings.Builder
			manual.WriteText(&b, []manual.Entry{e}, manual.TextOptions{Width: width})
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if n := utf8.RuneCountInString(line); n > width && strings.Contains(strings.TrimSpace(line), " ") && width >= 80 {
					t.Errorf("%s at width %d has %d columns: %q", e.Name, width, n, line)
				}
			}
		}
	}
}

func TestBoldAddsNothingElse(t *testing.T) {
	m := manual.New(sources())
	var plain, bold strings.Builder
	manual.WriteText(&plain, m.Entries(), manual.TextOptions{Width: 80})
	manual.WriteText(&bold, m.Entries(), manual.TextOptions{Width: 80, Bold: true})
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("plain text has escape sequences in it")
	}
	stripped := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(bold.String())
	if stripped == bold.String() || stripped != plain.String() {
		t.Error("bold text is not the plain text with bold parts")
	}
}

// TestNamesOfServersAreShownSafely: what a server calls its functions is not
// ours to trust.
func TestNamesOfServersAreShownSafely(t *testing.T) {
	s := sources()
	s.Live = &manual.Live{Target: "mail:8463", Functions: []call.Function{{
		Func: decl.Func{Name: "Evil\x1b[2J", Doc: "a\u202eb"}, Edition: "server", Class: "X",
	}}}
	m := manual.New(s)
	var b strings.Builder
	manual.WriteText(&b, m.Search("evil"), manual.TextOptions{Width: 80})
	for _, p := range m.Pages() {
		b.WriteString(p.Text)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") || !strings.Contains(b.String(), `Evil\x1b[2J`) {
		t.Error("control characters of a server reach the reader")
	}
}

func TestFind(t *testing.T) {
	m := manual.New(sources())
	for name, want := range map[string]string{
		"csv.rows":       "function csv.rows",
		"CSV.Rows":       "function csv.rows",
		"csv.rows()":     "function csv.rows",
		"csv":            "module csv",
		"pcall":          "function pcall",
		"job:wait":       "method job:wait",
		"run.started":    "value run.started",
		"createuser":     "server function CreateUser",
		"unknown":        "error kind unknown",
		"error unknown":  "error kind unknown",
		"4":              "exit code 4",
		"exit 4":         "exit code 4",
		"run_ended":      "event run_ended",
		"run":            "module run, command run",
		"command run":    "command run",
		"module run":     "module run",
		"targets add":    "command targets add",
		"moonpost run":   "command run",
		"--target":       "flag --target",
		"target":         "flag --target",
		"-o":             "flag --output",
		"tidy-up":        "playbook tidy-up",
		"first.lua":      "example first",
		"empty":          "fault empty, behaviour empty",
		"fault empty":    "fault empty",
		"clearing":       "value rule clearing",
		"large numbers":  "value rule large numbers",
		"errors":         "topic errors",
		"exit codes":     "topic exit-codes",
		"mopnost_target": "",
		"csv.row":        "",
		"":               "",
		"command":        "",
	} {
		var got []string
		for _, e := range m.Find(name) {
			got = append(got, string(e.Kind)+" "+e.Name)
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("Find(%q) = %q, want %q", name, text, want)
		}
	}
}

func TestSearch(t *testing.T) {
	m := manual.New(sources())
	for words, want := range map[string]string{
		"tidies":          "tidy-up",
		"DelimiTER found": "csv.rows",
		"csv_options":     "csv.rows csv.read",
		"zebra":           "",
		"":                "",
	} {
		var got []string
		for _, e := range m.Search(words) {
			got = append(got, e.Name)
		}
		for _, name := range strings.Fields(want) {
			if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+name+" ") {
				t.Errorf("Search(%q) = %q, want %s among them", words, got, name)
			}
		}
		if want == "" && len(got) > 0 {
			t.Errorf("Search(%q) = %q, want nothing", words, got)
		}
	}
	if found := m.Search("rows"); len(found) < 2 || found[0].Name != "csv.rows" {
		t.Errorf("Search(rows) does not begin with the entry of that name: %v", found)
	}
}

// TestAFunctionOfAModuleAsksForNothingElse keeps doc csv.rows as quick as
// version: the catalogue is not read, no playbook is parsed.
func TestAFunctionOfAModuleAsksForNothingElse(t *testing.T) {
	s := sources()
	s.Functions = func(catalogue.Edition) []call.Function { t.Error("the catalogue is asked"); return nil }
	s.Playbooks = func() []manual.Playbook { t.Error("the playbooks are asked"); return nil }
	s.Commands = func() []manual.Command { t.Error("the commands are asked"); return nil }
	for _, name := range []string{"csv.rows", "CSV.ROWS", "job:wait"} {
		if got := len(manual.New(s).Find(name)); got != 1 {
			t.Errorf("Find(%q) has %d entries, want 1", name, got)
		}
	}
}
