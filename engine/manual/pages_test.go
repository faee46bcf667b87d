package manual_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/manual"
)

var (
	anchor = regexp.MustCompile(`<a id="([^"]*)"></a>`)
	link   = regexp.MustCompile(`\]\(([^)]*)\)`)
	fenced = regexp.MustCompile("(?s)\n```.*?\n```\n")
)

func TestPagesOfMarkdown(t *testing.T) {
	pages := manual.New(sources()).Pages()
	if pages[0].Path != "index.md" {
		t.Errorf("the first page is %s, want the index", pages[0].Path)
	}
	for _, p := range pages {
		switch p.Path {
		case "index.md", "modules/orchard.md", "commands.md", "values.md", "functions/folders.md":
			golden(t, strings.ReplaceAll(p.Path, "/", "-"), p.Text)
		}
	}
}

func TestNoLinkIsDead(t *testing.T) {
	anchors := map[string]bool{}
	pages := manual.New(sources()).Pages()
	for _, p := range pages {
		anchors[p.Path] = true
		for _, found := range anchor.FindAllStringSubmatch(p.Text, -1) {
			at := p.Path + "#" + found[1]
			if anchors[at] {
				t.Errorf("anchor %s stands twice", at)
			}
			anchors[at] = true
		}
	}
	links, reached := 0, map[string]bool{"index.md": true}
	for _, p := range pages {
		for _, found := range link.FindAllStringSubmatch(fenced.ReplaceAllString(p.Text, "\n"), -1) {
			file, name, ok := strings.Cut(found[1], "#")
			to := p.Path
			if file != "" {
				to = path.Join(path.Dir(p.Path), file)
			}
			reached[to] = true
			if ok {
				to += "#" + name
			}
			if links++; !anchors[to] {
				t.Errorf("%s links to %s, which is not there", p.Path, found[1])
			}
		}
	}
	for _, p := range pages {
		if !reached[p.Path] {
			t.Errorf("no page links to %s", p.Path)
		}
	}
	if links < 500 {
		t.Errorf("the pages have %d links, want those of all lists", links)
	}
}

// TestEveryEntryIsOnOnePage counts headings.
func TestEveryEntryIsOnOnePage(t *testing.T) {
	m := manual.New(sources())
	headings := map[string]int{}
	plain := strings.NewReplacer(`\`, "")
	for _, p := range m.Pages() {
		for line := range strings.Lines(fenced.ReplaceAllString(p.Text, "\n")) {
			if name, ok := strings.CutPrefix(strings.TrimLeft(strings.TrimSpace(line), "#"), " "); ok && line[0] == '#' {
				headings[plain.Replace(name)]++
			}
		}
	}
	entries := map[string]int{}
	for _, e := range m.Entries() {
		entries[e.Name]++
	}
	for name, want := range entries {
		if headings[name] != want {
			t.Errorf("%s has %d headings, want %d", name, headings[name], want)
		}
	}
}

func TestPagesAreTheSameEachTime(t *testing.T) {
	if a, b := manual.New(sources()).Pages(), manual.New(sources()).Pages(); !slices.Equal(a, b) {
		t.Error("two manuals of the same sources differ")
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "manual")
	pages := manual.New(sources()).Pages()
	check := func(what string, pages []manual.Page, want manual.Written) {
		t.Helper()
		got, err := manual.Write(dir, pages)
		if err != nil || got != want {
			t.Errorf("%s: Write = %+v, %v, want %+v", what, got, err, want)
		}
	}
	check("into no folder", pages, manual.Written{Pages: len(pages), Changed: len(pages)})
	for _, p := range pages {
		if text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p.Path))); err != nil || string(text) != p.Text {
			t.Errorf("%s is not as it was given: %v", p.Path, err)
		}
	}
	check("again", pages, manual.Written{Pages: len(pages)})
	note := filepath.Join(dir, "modules", "note.md")
	if err := os.WriteFile(note, []byte("# mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fewer := slices.DeleteFunc(slices.Clone(pages), func(p manual.Page) bool { return p.Path == "modules/csv.md" })
	check("without one", fewer, manual.Written{Pages: len(fewer), Removed: 1})
	if _, err := os.Stat(filepath.Join(dir, "modules", "csv.md")); err == nil {
		t.Error("the page that is no more is still there")
	}
	if _, err := os.Stat(note); err != nil {
		t.Errorf("a file of somebody else is gone: %v", err)
	}
}

func TestWriteRefusesFilesOfOthers(t *testing.T) {
	pages := manual.New(sources()).Pages()
	outside := filepath.Join(t.TempDir(), "outside.md")
	if err := os.WriteFile(outside, []byte(pages[0].Text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, prepare := range map[string]func(dir string) error{
		"a file": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "values.md"), []byte("# mine\n"), 0o600)
		},
		"an empty file": func(dir string) error { return os.WriteFile(filepath.Join(dir, "values.md"), nil, 0o600) },
		"a folder":      func(dir string) error { return os.Mkdir(filepath.Join(dir, "values.md"), 0o700) },
		"a link":        func(dir string) error { return os.Symlink(outside, filepath.Join(dir, "values.md")) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := prepare(dir); err != nil {
				t.Skip(err) // links need a right on Windows
			}
			_, err := manual.Write(dir, pages)
			if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "values.md") {
				t.Errorf("Write = %v, want a usage error about values.md", err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("the folder has %d entries, want the one that was there: %v", len(entries), err)
			}
		})
	}
	if _, err := manual.Write(outside, pages); fault.KindOf(err) != fault.State {
		t.Errorf("Write into a file = %v, want an error of kind state", err)
	}
}
