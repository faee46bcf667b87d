package columns_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"moonpost/engine/columns"
)

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "größe": 5, "gro\u0308ße": 5, "日本": 4, "ﾊﾝｶｸ": 4, "👩‍👩‍👧": 2, "§·…": 3,
	} {
		if got := columns.Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestPad(t *testing.T) {
	for _, c := range []struct {
		text        string
		width       int
		right, left string
	}{
		{"ab", 4, "ab  ", "  ab"}, {"日本", 5, "日本 ", " 日本"}, {"abc", 2, "abc", "abc"}, {"", 1, " ", " "}, {"a", -1, "a", "a"},
	} {
		if got := columns.Pad(c.text, c.width); got != c.right {
			t.Errorf("Pad(%q, %d) = %q, want %q", c.text, c.width, got, c.right)
		}
		if got := columns.PadLeft(c.text, c.width); got != c.left {
			t.Errorf("PadLeft(%q, %d) = %q, want %q", c.text, c.width, got, c.left)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		ascii bool
		want  string
	}{
		{"abcdef", 6, false, "abcdef"}, {"abcdef", 4, false, "abc…"}, {"abcdef", 4, true, "a..."}, {"日本語", 4, false, "日…"},
		{"abcdef", 1, false, "a"}, {"abcdef", 3, true, "abc"}, {"abcdef", 0, false, ""}, {"abcdef", -1, false, ""},
		{"gro\u0308ße", 4, false, "gro\u0308…"},
	} {
		if got := columns.Cut(c.text, c.width, c.ascii); got != c.want {
			t.Errorf("Cut(%q, %d, %v) = %q, want %q", c.text, c.width, c.ascii, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"größe 10 %": "größe 10 %", "a\nb\tc": `a\nb\tc`, "a\r\nb\rc": `a\nb\rc`, "\x1b[2Jx\xff": `\x1b[2Jx\xff`, `C:\new`: `C:\new`,
	} {
		if got := columns.Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestShortenedNamesKeepTheirEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		ascii bool
		want  string
	}{
		{"users", 8, false, "users"},
		{"VerifyStore 1", 8, false, "…Store 1"},
		{"VerifyStore 1", 8, true, "...ore 1"},
		{"VerifyStore 1", 13, false, "VerifyStore 1"},
		{"RecoverRecords of the archive 12", 24, false, "RecoverR… the archive 12"},
		{"メールアーカイブ", 8, false, "… カイブ"},
	} {
		got := columns.Shorten(c.name, c.width, c.ascii)
		if got != c.want || columns.Width(got) > c.width {
			t.Errorf("Shorten(%q, %d) = %q, want %q", c.name, c.width, got, c.want)
		}
	}
}

// people is a table with wide characters, a number and a long text.
var people = columns.Table{
	Columns: []columns.Column{{Title: "name"}, {Title: "mails", Right: true, Whole: true}, {Title: "note"}},
	Rows:    [][]string{{"ada", "12", "first of all programmers"}, {"日本 太郎", "1048576", ""}},
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*columns.Table)
		want   []string
	}{
		{"as it is", func(*columns.Table) {}, []string{
			"name         mails  note",
			"─────────  ───────  ────────────────────────",
			"ada             12  first of all programmers",
			"日本 太郎  1048576",
		}},
		{"with a border", func(t *columns.Table) { t.Border = true }, []string{
			"┌───────────┬─────────┬──────────────────────────┐",
			"│ name      │   mails │ note                     │",
			"├───────────┼─────────┼──────────────────────────┤",
			"│ ada       │      12 │ first of all programmers │",
			"│ 日本 太郎 │ 1048576 │                          │",
			"└───────────┴─────────┴──────────────────────────┘",
		}},
		{"with a border in ASCII", func(t *columns.Table) { t.Border, t.ASCII, t.Width = true, true, 37 }, []string{
			"+-----------+---------+-------------+",
			"| name      |   mails | note        |",
			"+-----------+---------+-------------+",
			"| ada       |      12 | first of... |",
			"| 日本 太郎 | 1048576 |             |",
			"+-----------+---------+-------------+",
		}},
		{"cut to a width", func(t *columns.Table) { t.Width = 32 }, []string{
			"name         mails  note",
			"─────────  ───────  ────────────",
			"ada             12  first of al…",
			"日本 太郎  1048576",
		}},
		{"without the columns that have no room", func(t *columns.Table) { t.Width = 25 }, []string{
			"name         mails  …",
			"─────────  ───────",
			"ada             12",
			"日本 太郎  1048576",
		}},
		{"without columns, inside a border", func(t *columns.Table) { t.Width, t.Border = 30, true }, []string{
			"┌───────────┬─────────┐",
			"│ name      │   mails │  …",
			"├───────────┼─────────┤",
			"│ ada       │      12 │",
			"│ 日本 太郎 │ 1048576 │",
			"└───────────┴─────────┘",
		}},
		{"without titles", func(t *columns.Table) { t.Headless, t.Width = true, 25 }, []string{
			"ada             12  …",
			"日本 太郎  1048576",
		}},
		{"with a narrow column", func(t *columns.Table) {
			t.Columns = []columns.Column{{Title: "name", Most: 5}, {Title: "mails", Right: true}, {Title: "note", Most: 8, Right: true}}
		}, []string{
			"name     mails      note",
			"─────  ───────  ────────",
			"ada         12  first o…",
			"日本…  1048576",
		}},
		{"with titles alone", func(t *columns.Table) { t.Rows = nil }, []string{"name  mails  note", "────  ─────  ────"}},
		{"with nothing", func(t *columns.Table) { t.Columns = nil }, nil},
	} {
		table := people
		c.change(&table)
		want := ""
		for _, line := range c.want {
			want += line + "\n"
		}
		if got := table.String(); got != want {
			t.Errorf("%s: String() =\n%swant\n%s", c.name, got, want)
		}
	}
}

func TestTheSizeOfATableIsNoLessThanItTakes(t *testing.T) {
	for _, border := range []bool{false, true} {
		table := people
		table.Border = border
		width, lines := table.Size()
		text := table.String()
		if got := strings.Count(text, "\n"); got > lines {
			t.Errorf("Size() = %d lines, String has %d", lines, got)
		}
		for line := range strings.Lines(text) {
			if got := columns.Width(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("Size() = %d columns, String has %d", width, got)
			}
		}
	}
}

// FuzzTable holds every table to its width, and every line to one cell for each
// column that is shown.
func FuzzTable(f *testing.F) {
	f.Add("name", "ada", "12", 20, true, false)
	f.Add("日本", "gro\u0308ße", "👩‍👩‍👧", 9, false, true)
	f.Fuzz(func(t *testing.T, title, a, b string, width int, border, ascii bool) {
		for _, text := range []string{title, a, b} {
			if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7F }) {
				t.Skip("made visible before")
			}
		}
		table := columns.Table{
			Columns: []columns.Column{{Title: title}, {Title: b, Right: true, Whole: true}, {Title: a, Most: 7}},
			Rows:    [][]string{{a, b, title}, {b, a, ""}},
			Width:   max(width%200, 12), Border: border, ASCII: ascii,
		}
		for line := range strings.Lines(table.String()) {
			if got := columns.Width(strings.TrimSuffix(line, "\n")); got > table.Width {
				t.Fatalf("at width %d a line has %d columns: %q", table.Width, got, line)
			}
		}
	})
}

func BenchmarkTable(b *testing.B) {
	table := columns.Table{Width: 120, Columns: make([]columns.Column, 6)}
	for range 10_000 {
		table.Rows = append(table.Rows, []string{"user0000001", "Ada Lovelace", "ada@mail.example.com", "Department 7", "1024", "größer"})
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = table.String()
	}
}
