package command

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/process"
	"moonpost/stdlib/csvfile"
)

// leftoverOf returns the leftover of a call of CreateUser for the rows, which
// holds them, and the folder of its files.
func leftoverOf(t *testing.T, rows ...string) (*leftover, string) {
	t.Helper()
	dir := t.TempDir()
	read := &eachRows{path: filepath.Join(dir, "users.csv"), header: []string{"login"}, found: csvfile.Found{Delimiter: ","}}
	for _, row := range rows {
		read.rows = append(read.rows, []string{row})
	}
	l, err := newLeftover(newProgramIn(dir), "", "CreateUser", read)
	if err == nil {
		err = l.hold()
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, dir
}

func newProgramIn(dir string) *program {
	return newProgram(&process.Process{Dir: dir, Stdout: io.Discard, Stderr: io.Discard})
}

// lines returns the rows of a file of leftover rows, nil without a file.
func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(text), "\n"), "\n")[1:]
}

func TestRowsAreLeftByWhatIsKnownOfThem(t *testing.T) {
	started := event.CallStarted{Item: 1}
	ended := func(outcome string, attempts int) event.CallEnded {
		return event.CallEnded{Item: 1, Changing: true, Outcome: outcome, Attempts: attempts}
	}
	item := func(outcome string) event.ItemEnded {
		return event.ItemEnded{Index: 1, Outcome: outcome, Error: []byte(`{"kind":"server","message":"no\nway"}`)}
	}
	for name, c := range map[string]struct {
		events          []event.Event
		failed, unknown string
	}{
		"nothing happened":      {nil, "a,not tried", ""},
		"done":                  {[]event.Event{started, ended("ok", 1), item("ok")}, "", ""},
		"refused by the server": {[]event.Event{started, ended("failed", 1), item("failed")}, "a,server: no way", ""},
		"never answered":        {[]event.Event{started, ended("unknown", 1), item("unknown")}, "", "a,server: no way"},
		"on its way when the process was stopped": {[]event.Event{started}, "", "a,interrupted while it was under way"},
		"a job that goes on":                      {[]event.Event{started, ended("failed", 1), item("cancelled")}, "", "a,server: no way"},
		"held back when the signal came":          {[]event.Event{started, ended("failed", 0), item("cancelled")}, "a,not tried", ""},
		"done, and the item did not hear of it":   {[]event.Event{started, ended("ok", 1), item("cancelled")}, "", ""},
		"done, and stopped before the item ended": {[]event.Event{started, ended("ok", 1)}, "", ""},
		"a row that the file got later":           {[]event.Event{event.ItemEnded{Index: 2}, event.CallStarted{Item: 3}}, "a,not tried", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := leftoverOf(t, "a")
			for _, e := range c.events {
				l.Emit(e)
			}
			if err := l.write(); err != nil {
				t.Fatal(err)
			}
			for file, want := range map[string]string{"failed.csv": c.failed, "failed.unknown.csv": c.unknown} {
				if got := strings.Join(lines(t, filepath.Join(dir, file)), "|"); got != want {
					t.Errorf("%s has %q, want %q", file, got, want)
				}
			}
		})
	}
}

// A file that cannot be written leaves the one that has all rows.
func TestRowsThatCannotBeWrittenAreKept(t *testing.T) {
	l, dir := leftoverOf(t, "a", "b")
	if err := os.Mkdir(filepath.Join(dir, "failed.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := l.write(); fault.KindOf(err) != fault.State {
		t.Errorf("write() = %v, want an error of kind state", err)
	}
	if got := len(lines(t, filepath.Join(dir, "failed.unknown.csv"))); got != 2 {
		t.Errorf("failed.unknown.csv has %d rows, want both", got)
	}
}

// Two calls with the same files never work at the same time.
func TestOneCallHoldsTheFiles(t *testing.T) {
	l, dir := leftoverOf(t, "a")
	reads := &eachRows{path: "-", header: []string{"login"}, rows: [][]string{{"b"}}}
	for _, fn := range []string{"CreateUser", "GetUserInfo"} {
		if _, err := newLeftover(newProgramIn(dir), "", fn, reads); fault.KindOf(err) != fault.Usage {
			t.Errorf("newLeftover(%s) = %v, want it refused", fn, err)
		}
		late := &leftover{program: l.program, rows: reads, failed: l.failed, unknown: l.unknown, changing: fn == "CreateUser"}
		if err := late.hold(); fault.KindOf(err) != fault.Usage {
			t.Errorf("hold() of %s = %v, want it refused", fn, err)
		}
	}
	if got := lines(t, filepath.Join(dir, "failed.csv")); got != nil {
		t.Errorf("failed.csv has %q, want no file", got)
	}
}

// Rows of unknown outcome that are fed back are held as well.
func TestRowsThatAreFedBackAreHeld(t *testing.T) {
	for _, name := range []string{"failed.csv", "failed.unknown.csv"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("login,_error\na,x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		rows := &eachRows{path: path, header: []string{"login", errorColumn}, rows: [][]string{{"a", "x"}}}
		first, err := newLeftover(newProgramIn(dir), "", "CreateUser", rows)
		if err != nil {
			t.Fatal(err)
		}
		second, err := newLeftover(newProgramIn(dir), "", "CreateUser", rows)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.hold(); err != nil {
			t.Fatal(err)
		}
		if err := second.hold(); fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: hold() = %v, want it refused", name, err)
		}
		first.Emit(event.CallEnded{Item: 1, Changing: true, Outcome: event.OutcomeOK, Attempts: 1})
		if err := first.write(); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: the folder has %v, want nothing", name, left)
		}
	}
}
