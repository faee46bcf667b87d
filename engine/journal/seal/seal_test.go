package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/journal/seal"
)

func open(t *testing.T, folder string, create bool) *seal.Keys {
	t.Helper()
	keys, err := seal.Open(folder, "", create)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// wantLost checks that a lost key is said, in an error of kind state with a hint.
func wantLost(t *testing.T, what string, err error) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !errors.Is(err, seal.ErrLost) || !ok || e.Kind != fault.State || e.Hint == "" {
		t.Errorf("%s: %v, want %v of kind state with a hint", what, err, seal.ErrLost)
	}
}

func TestAKeyOpensWhatItSealed(t *testing.T) {
	folder := t.TempDir()
	key, err := open(t, folder, true).NewRun("r1")
	if err != nil {
		t.Fatal(err)
	}
	const canary = "canary text"
	sealed := key.Seal("r1 result 1", []byte(canary))
	if bytes.Contains(sealed, []byte(canary)) || bytes.Equal(sealed, key.Seal("r1 result 1", []byte(canary))) {
		t.Error("what is sealed shows what it is, or that it is the same")
	}
	again, err := open(t, folder, false).Run("r1") // another process
	if err != nil {
		t.Fatal(err)
	}
	clear, err := again.Open("r1 result 1", sealed)
	if err != nil || string(clear) != canary {
		t.Errorf("Open = %q, %v; want %q", clear, err, canary)
	}
	_, err = again.Open("r1 result 2", sealed)
	wantLost(t, "Open at another place", err)
	sealed[len(sealed)-1] ^= 1
	_, err = again.Open("r1 result 1", sealed)
	wantLost(t, "Open of what was changed", err)
	if key.Hash("args", []byte("x")) != again.Hash("args", []byte("x")) || key.Hash("args", []byte("x")) == key.Hash("reads", []byte("x")) {
		t.Error("Hash is not one value for each use")
	}
	if a, b := key.Derive("password ada", 24), again.Derive("password ada", 24); !bytes.Equal(a, b) || bytes.Equal(a, key.Derive("password bob", 24)) {
		t.Error("Derive is not one value for each name")
	}
	other, err := open(t, folder, false).NewRun("r2")
	if err != nil {
		t.Fatal(err)
	}
	if other.Hash("args", []byte("x")) == key.Hash("args", []byte("x")) {
		t.Error("two runs hash alike")
	}
}

func TestAnErasedKeyIsLost(t *testing.T) {
	folder := t.TempDir()
	keys := open(t, folder, true)
	if _, err := keys.NewRun("r1"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := keys.Erase("r1"); err != nil {
			t.Fatalf("Erase: %v", err)
		}
	}
	_, err := keys.Run("r1")
	wantLost(t, "Run after Erase", err)
	files, err := filepath.Glob(filepath.Join(folder, "keys", "*"))
	if err != nil || len(files) > 0 {
		t.Errorf("files of keys after Erase: %v, %v", files, err)
	}
}

func TestALostStateKeyIsSaid(t *testing.T) {
	folder := t.TempDir()
	keys := open(t, folder, true)
	if _, err := keys.NewRun("r1"); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "state.key")
	if err := os.Rename(name, name+".old"); err != nil {
		t.Fatal(err)
	}
	_, err := seal.Open(folder, "", false)
	wantLost(t, "Open without the file", err)
	other := open(t, folder, true)
	if other.ID() == keys.ID() {
		t.Error("two state keys have one name")
	}
	_, err = other.Run("r1")
	wantLost(t, "Run with another state key", err)
	if err := os.WriteFile(name, []byte("moonpost state key 1\nabcd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = seal.Open(folder, "", true)
	wantLost(t, "Open of half a key", err)
}

func TestAStateKeyThatOthersCanReadIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes there")
	}
	folder := t.TempDir()
	open(t, folder, true)
	name := filepath.Join(folder, "state.key")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("a new state key has mode %v, %v; want 600", info.Mode(), err)
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := seal.Open(folder, "", true)
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.State || !strings.HasPrefix(e.Hint, "chmod 600") {
		t.Errorf("Open = %v, want kind state and how to mend it", err)
	}
}

func TestManyProcessesMakeOneStateKey(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	var group sync.WaitGroup
	names := make([]string, 8)
	for i := range names {
		group.Go(func() {
			keys, err := seal.Open(folder, "", true)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			names[i] = keys.ID()
		})
	}
	group.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Errorf("state keys %q, want one", names)
		}
	}
}
