package display

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"moonpost/engine/columns"
)

var update = flag.Bool("u", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// buffer is a writer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// terminal is a screen of endless height that knows what a Display sends: text,
// line ends, colours, cursor up, erase below.
type terminal struct {
	t     *testing.T
	width int

	mu       sync.Mutex
	rows     [][]rune
	row, col int
	writes   int
}

func newTerminal(t *testing.T, width int) *terminal {
	return &terminal{t: t, width: width, rows: [][]rune{nil}}
}

func (v *terminal) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writes++
	for text := string(p); text != ""; {
		if sequence, rest, ok := strings.Cut(text, "\x1b["); ok && sequence == "" {
			end := strings.IndexFunc(rest, func(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' })
			v.control(rest[:end], rest[end])
			text = rest[end+1:]
			continue
		}
		for _, r := range text {
			v.show(r)
			text = text[len(string(r)):]
			break
		}
	}
	return len(p), nil
}

func (v *terminal) control(parameters string, command byte) {
	switch command {
	case 'A':
		n, err := strconv.Atoi(parameters)
		if err != nil || n > v.row {
			v.t.Errorf("cursor up by %q from row %d", parameters, v.row)
		}
		v.row -= n
	case 'J':
		v.rows = v.rows[:v.row+1]
		v.rows[v.row] = v.rows[v.row][:min(v.col, len(v.rows[v.row]))]
	case 'm':
	default:
		v.t.Errorf("unknown sequence %q%c", parameters, command)
	}
}

func (v *terminal) show(r rune) {
	switch {
	case r == '\n':
		v.row, v.col = v.row+1, 0
	case r == '\r':
		v.col = 0
	case r < ' ':
		v.t.Errorf("control character %q", r)
	default:
		if v.col+columns.Width(string(r)) > v.width {
			v.row, v.col = v.row+1, 0
		}
		for len(v.rows) <= v.row {
			v.rows = append(v.rows, nil)
		}
		row := append(v.rows[v.row], []rune(strings.Repeat(" ", max(v.col-len(v.rows[v.row]), 0)))...)
		v.rows[v.row] = append(row[:v.col], r)
		v.col += columns.Width(string(r))
		if columns.Width(string(r)) == 2 {
			v.rows[v.row] = append(v.rows[v.row], -1) // the second half of it
		}
	}
	for len(v.rows) <= v.row {
		v.rows = append(v.rows, nil)
	}
}

// String returns what the screen shows, without blanks at the ends of rows.
func (v *terminal) String() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	for i, row := range v.rows {
		if i == len(v.rows)-1 && len(row) == 0 {
			break
		}
		text := strings.ReplaceAll(string(row), string(rune(-1)), "")
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

func (v *terminal) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.writes
}

// clean reports whether the cursor is where a shell expects it: at the beginning
// of the row after the last one.
func (v *terminal) clean() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.col == 0 && v.row == len(v.rows)-1 && len(v.rows[v.row]) == 0
}
