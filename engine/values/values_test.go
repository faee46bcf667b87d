package values_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"

	"moonpost/engine/fault"
	"moonpost/engine/values"
)

var owner = values.Owner{Playbook: "/srv/store report.lua", Target: "mail.example.com:8463"}

func in(folder string) func() (string, error) { return func() (string, error) { return folder, nil } }

// store is what both stores are.
type store interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Set(ctx context.Context, key string, value []byte) error
}

func TestStores(t *testing.T) {
	for name, s := range map[string]store{"file": values.New(in(filepath.Join(t.TempDir(), "state")), owner), "memory": values.Memory()} {
		t.Run(name, func(t *testing.T) {
			get := func(key, want string) {
				t.Helper()
				got, err := s.Get(t.Context(), key)
				if err != nil || string(got) != want || (want == "") != (got == nil) {
					t.Errorf("Get(%q) = %q, %v, want %q", key, got, err, want)
				}
			}
			set := func(key, value string) error { return s.Set(t.Context(), key, []byte(value)) }
			get("a", "")
			for key, value := range map[string]string{"a": `{"n":1}`, "ü \"": `"<&>"`, "false": "false"} {
				if err := set(key, value); err != nil {
					t.Fatalf("Set(%q) = %v", key, err)
				}
				get(key, value)
			}
			if err := set("a", "2"); err != nil {
				t.Fatal(err)
			}
			get("a", "2")
			if err := s.Set(t.Context(), "a", nil); err != nil {
				t.Fatal(err)
			}
			get("a", "")

			large := `"` + strings.Repeat("x", values.MaxValue-2) + `"`
			if err := set("large", large+" "); fault.KindOf(err) != fault.Invalid {
				t.Errorf("Set of %d bytes = %v, want an error of kind invalid", len(large)+1, err)
			}
			for i := range values.MaxAll/values.MaxValue - 1 {
				if err := set(fmt.Sprint(i), large); err != nil {
					t.Fatalf("Set of value %d = %v", i, err)
				}
			}
			if err := set("one more", large); fault.KindOf(err) != fault.Invalid {
				t.Errorf("Set beyond all = %v, want an error of kind invalid", err)
			}
			get("one more", "")
			if err := set("0", large); err != nil {
				t.Errorf("Set in place = %v", err)
			}
		})
	}
}

func TestOwnersHaveTheirOwn(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	owners := []values.Owner{
		owner, {Playbook: "/srv/other/store report.lua", Target: owner.Target}, {Playbook: owner.Playbook, Target: "b"},
		{Playbook: owner.Playbook, Target: owner.Target, Instance: "alpha"},
	}
	for i, o := range owners {
		if err := values.New(in(folder), o).Set(t.Context(), "key", fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	for i, o := range owners {
		got, err := values.New(in(folder), o).Get(t.Context(), "key")
		if err != nil || string(got) != fmt.Sprint(i) {
			t.Errorf("Get of %+v = %s, %v, want %d", o, got, err, i)
		}
	}
}

func TestOnlyTheUserReadsTheFiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	s := values.New(in(folder), owner)
	if _, err := s.Get(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Get made the folder: %v", err)
	}
	if err := s.Set(t.Context(), "a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(folder, "values"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the folder has %v, %v, want the file and its lock", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(f.Name(), "store_report-") || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600 and the playbook's name", f.Name(), info.Mode())
		}
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	folder := t.TempDir()
	const writers, writes = 8, 10
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			s := values.New(in(folder), owner) // as another process has it
			for i := range writes {
				if err := s.Set(t.Context(), fmt.Sprintf("%d.%d", w, i), fmt.Append(nil, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s := values.New(in(folder), owner)
	for w := range writers {
		for i := range writes {
			if got, err := s.Get(t.Context(), fmt.Sprintf("%d.%d", w, i)); err != nil || string(got) != fmt.Sprint(i) {
				t.Errorf("Get(%d.%d) = %q, %v, want %d", w, i, got, err, i)
			}
		}
	}
}

func TestWhatCannotBeUsed(t *testing.T) {
	folder := t.TempDir()
	s := values.New(in(folder), owner)
	if err := s.Set(t.Context(), "a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "values", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}

	lock := flock.New(strings.TrimSuffix(files[0], ".json") + ".lock")
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	interrupted, stop := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	stop(cause)
	if err := s.Set(interrupted, "a", []byte("2")); !errors.Is(err, cause) {
		t.Errorf("Set while another one writes = %v, want %v", err, cause)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(files[0], []byte(`{"values":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "a"); fault.KindOf(err) != fault.State || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("Get of a broken file = %v, want an error of kind state that names it", err)
	}
	if err := s.Set(t.Context(), "a", []byte("2")); fault.KindOf(err) != fault.State {
		t.Errorf("Set to a broken file = %v, want an error of kind state", err)
	}
	blocked := values.New(in(files[0]), owner)
	if err := blocked.Set(t.Context(), "a", []byte("2")); fault.KindOf(err) != fault.State {
		t.Errorf("Set below a file = %v, want an error of kind state", err)
	}
	nowhere := values.New(func() (string, error) { return "", errors.New("there is none") }, owner)
	if _, err := nowhere.Get(t.Context(), "a"); fault.KindOf(err) != fault.State {
		t.Errorf("Get without a folder = %v, want an error of kind state", err)
	}
}

func TestCheckKey(t *testing.T) {
	for _, key := range []string{"a", "a b/ü", strings.Repeat("k", values.MaxKey)} {
		if err := values.CheckKey(key); err != nil {
			t.Errorf("CheckKey(%q) = %v, want nil", key, err)
		}
	}
	for _, key := range []string{"", "\xff", strings.Repeat("k", values.MaxKey+1)} {
		if err := values.CheckKey(key); fault.KindOf(err) != fault.Invalid {
			t.Errorf("CheckKey(%q) = %v, want an error of kind invalid", key, err)
		}
	}
}
