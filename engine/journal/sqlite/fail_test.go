package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/journal"
	"moonpost/engine/journal/journaltest"
	"moonpost/engine/journal/sqlite"
)

// made returns a folder with a journal of one run and some steps, at rest.
func made(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	w, h := begin(t, folder)
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() { record(t, h, fmt.Sprint("user", i)) })
	}
	group.Wait()
	if err := errors.Join(h.Flush(), w.Close(), w.Store().Close()); err != nil {
		t.Fatal(err)
	}
	return folder
}

// edit changes a journal by hand.
func edit(t *testing.T, folder, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(query, args...)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAJournalThatCannotBeUsedIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		harm  func(t *testing.T, folder string)
		want  error
		words string
	}{
		{"of a newer version", func(t *testing.T, folder string) { edit(t, folder, "PRAGMA user_version = 99") }, journal.ErrNewer, "form 99"},
		{"made with another key", func(t *testing.T, folder string) { edit(t, folder, "UPDATE anchor SET signer = 'x'") }, journal.ErrKey, "not the key"},
		{"with a forged begin of its chain", func(t *testing.T, folder string) { edit(t, folder, "UPDATE anchor SET seq = 7") }, journal.ErrKey, "not the key"},
		{"of another program", func(t *testing.T, folder string) { edit(t, folder, "PRAGMA application_id = 7") }, nil, "belongs to another program"},
		{"that is no database", func(t *testing.T, folder string) {
			if err := os.WriteFile(filepath.Join(folder, sqlite.File), bytes.Repeat([]byte("no"), 5000), 0o600); err != nil {
				t.Fatal(err)
			}
		}, nil, "the file is damaged"},
		{"in a place that is a file", func(t *testing.T, folder string) {
			name := filepath.Join(folder, sqlite.File)
			if err := errors.Join(os.Remove(name), os.Mkdir(name, 0o700), os.WriteFile(filepath.Join(name, "x"), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, nil, "cannot be written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := made(t)
			c.harm(t, folder)
			s, err := sqlite.Open(t.Context(), folder, journaltest.Signer)
			if err == nil {
				_ = s.Close()
			}
			if fault.KindOf(err) != fault.State || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("Open = %v (kind %s), want %v of kind state", err, fault.KindOf(err), c.want)
			}
			if text := err.Error(); !strings.Contains(text, c.words) || !strings.Contains(text, sqlite.File) {
				t.Errorf("Open = %q, want words %q and the name of the file", text, c.words)
			}
			if e, ok := errors.AsType[*fault.Error](err); !ok || e.Hint == "" {
				t.Errorf("Open = %q says nothing of what to do", err)
			}
		})
	}
}

// TestAFullDiskEndsTheRun caps the file, which SQLite answers like a full disk.
func TestAFullDiskEndsTheRun(t *testing.T) {
	w, h := begin(t, t.TempDir())
	s := w.Store().(*sqlite.Store)
	if err := sqlite.Cap(t.Context(), s, 60); err != nil {
		t.Fatal(err)
	}
	var err error
	acknowledged := 0
	for i := 0; err == nil && i < 10_000; i++ {
		_, err = h.Top().Intend(t.Context(), journal.Intent{Identity: journal.Identity{Fn: "CreateUser", Key: strings.Repeat("x", 500)}})
		if err == nil {
			acknowledged++
		}
	}
	if fault.KindOf(err) != fault.State || !strings.Contains(err.Error(), "the disk is full") {
		t.Fatalf("Intend on a full disk = %v, want an error of kind state that says so", err)
	}
	if err := sqlite.Cap(t.Context(), s, 1<<20); err != nil {
		t.Fatal(err)
	}
	if _, again := h.Top().Intend(t.Context(), journal.Intent{}); again == nil {
		t.Error("Intend after a full disk = nil: the same process trusts the disk again")
	}
	n := 0
	for _, err := range s.Steps(t.Context(), journal.StepFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != acknowledged {
		t.Errorf("%d steps are on disk, want the %d that were acknowledged", n, acknowledged)
	}
	_ = w.Close()
}

func TestAFolderThatCannotBeWrittenIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("nothing is read-only for this user")
	}
	folder := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.Open(t.Context(), folder, journaltest.Signer)
	if fault.KindOf(err) != fault.State {
		t.Errorf("Open in a read-only folder = %v, want kind state", err)
	}
}

func TestAJournalWithoutItsKeyIsListedOnly(t *testing.T) {
	s, err := sqlite.Open(t.Context(), made(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run, err := s.Run(t.Context(), "r1")
	if err != nil || run.State != journal.Running {
		t.Errorf("Run = %+v, %v; want the run that is open", run, err)
	}
	if _, err := s.Move(t.Context(), journal.Move{ID: "r1", From: journal.Running, Epoch: 1, To: journal.Running}); !errors.Is(err, journal.ErrKey) {
		t.Errorf("Move without the key = %v, want %v", err, journal.ErrKey)
	}
}

func TestOddNamesOfFolders(t *testing.T) {
	for _, name := range []string{"50% of it", "what?mode=memory", "a#b", "Größe", "a'b;c"} {
		folder := filepath.Join(t.TempDir(), name)
		s, err := sqlite.Open(t.Context(), folder, journaltest.Signer)
		if err != nil {
			t.Errorf("Open(%q) = %v", name, err)
			continue
		}
		_ = s.Close()
		info, err := os.Stat(filepath.Join(folder, sqlite.File))
		if err != nil || info.Size() == 0 {
			t.Errorf("Open(%q) made no file there: %v", name, err)
		} else if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("the journal has mode %o, want 200", info.Mode().Perm())
		}
	}
}

// TestTheAuditSeesWhatWasChangedByHand tries everything that somebody with the
// file, and without the key, can do.
func TestTheAuditSeesWhatWasChangedByHand(t *testing.T) {
	for _, c := range []struct {
		name, query, want string
	}{
		{name: "nothing", query: "UPDATE run SET playbook = playbook"},
		{name: "a step changed", query: "UPDATE step SET state = 'refused' WHERE seq = 17", want: "not what the audit chain says"},
		{name: "a key changed", query: "UPDATE step SET key = 'eve' WHERE seq = 17", want: "not what the audit chain says"},
		{name: "a step taken out", query: "DELETE FROM step WHERE seq = 17", want: "not there any more"},
		{name: "a run taken out", query: "DELETE FROM step; DELETE FROM run", want: "not there any more"},
		{name: "a step put in", query: "INSERT INTO step SELECT run, 9999, scope, target, fn, key, args, nth, names, objects, before, epoch, attempt, intended, state, ended, proof, evidence, result, error FROM step WHERE seq = 1", want: "not what the audit chain says"},
		{name: "a link changed", query: "UPDATE link SET state = 'refused' WHERE seq = 100", want: "broken here"},
		{name: "a link taken out", query: "DELETE FROM link WHERE seq = 100", want: "broken here"},
		{name: "the begin taken off", query: "DELETE FROM link WHERE seq <= 50", want: "broken here"},
		{name: "the end cut off", query: "DELETE FROM link WHERE seq > 150; DELETE FROM step WHERE seq > 60", want: "cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := made(t)
			head := journal.HeadFile{Name: filepath.Join(folder, "audit.head"), Signer: journaltest.Signer}
			s, err := sqlite.Open(t.Context(), folder, journaltest.Signer)
			if err != nil {
				t.Fatal(err)
			}
			last, err := s.Last(t.Context())
			if err := errors.Join(err, head.Save(last), s.Close()); err != nil {
				t.Fatal(err)
			}
			edit(t, folder, "PRAGMA foreign_keys = OFF; "+c.query)
			if s, err = sqlite.Open(t.Context(), folder, journaltest.Signer); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			saved, err := head.Load()
			if err != nil || saved.Seq != 200 {
				t.Fatalf("the head is %d, %v; want 200", saved.Seq, err)
			}
			v, err := journal.Verify(t.Context(), s, journaltest.Signer, saved)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(v.Findings)
			if (c.want == "") != (len(v.Findings) == 0) || !strings.Contains(got, c.want) {
				t.Errorf("Verify found %s, want %q", got, c.want)
			}
		})
	}
}
