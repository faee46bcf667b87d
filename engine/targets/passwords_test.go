package targets

import (
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	zalando "github.com/zalando/go-keyring"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

func noEnvironment(string) (string, bool) { return "", false }

// withKeychain gives the test a keychain of its own in memory; err, when not
// nil, is the answer to everything.
func withKeychain(t *testing.T, err error) Passwords {
	t.Helper()
	if err != nil {
		zalando.MockInitWithError(err)
	} else {
		zalando.MockInit()
	}
	p := OpenPasswords(t.TempDir(), nil, false, noEnvironment)
	p.keyring.missing = nil
	return p
}

var prod = Target{Name: "prod", URL: "https://mail.example.com", User: "admin"}

func TestAPasswordIsForTheTargetItWasStoredForAlone(t *testing.T) {
	others := map[string]func(*Target){
		"another host":    func(t *Target) { t.URL = "https://evil.example.com" },
		"another port":    func(t *Target) { t.URL = "https://mail.example.com:9000" },
		"another edition": func(t *Target) { t.Edition = catalogue.SPE }, // its port
		"another user":    func(t *Target) { t.User = "root" },
		"another name":    func(t *Target) { t.Name = "test" },
	}
	for _, place := range []Place{Keychain, File} {
		p := withKeychain(t, nil)
		store := map[Place]func(Target, secret.Secret) error{Keychain: p.StoreInKeychain, File: p.StoreInFile}[place]
		if err := store(prod, secret.New("Passw0rd")); err != nil {
			t.Fatal(err)
		}
		same := prod
		same.PasswordIn, same.URL, same.Comment = place, "https://MAIL.example.com:8463/", "other words"
		if got, err := p.Get(same); err != nil || got.Reveal() != "Passw0rd" {
			t.Errorf("%s: Get = %q, %v, want the password", place, got.Reveal(), err)
		}
		for name, change := range others {
			other := prod
			other.PasswordIn = place
			change(&other)
			got, err := p.Get(other)
			e, ok := errors.AsType[*fault.Error](err)
			if !got.Empty() || !ok || e.Kind != fault.Usage || !strings.Contains(e.Hint, "moonpost targets add "+other.Name) {
				t.Errorf("%s, %s: Get = %q, %v, want a usage error that says how to store one", place, name, got.Reveal(), err)
			}
			if ok && strings.Contains(e.Error(), "Passw0rd") {
				t.Errorf("%s, %s: %v shows the password", place, name, err)
			}
		}
		for range 2 { // gone already is as good
			if err := p.Remove(same); err != nil {
				t.Errorf("%s: Remove = %v", place, err)
			}
		}
		if got, err := p.Get(same); !got.Empty() || fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: Get after Remove = %q, %v, want a usage error", place, got.Reveal(), err)
		}
	}
}

func TestAPasswordsFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are those of the folder there")
	}
	p := OpenPasswords(t.TempDir(), nil, false, noEnvironment)
	kept := prod
	kept.PasswordIn = File
	if err := p.StoreInFile(kept, secret.New("Passw0rd")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{p.File("prod"): 0o600, p.dir: 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	if err := os.Chmod(p.File("prod"), 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := p.Get(kept)
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.Usage || !strings.Contains(e.Hint, "chmod 600 "+p.File("prod")) {
		t.Errorf("Get from a file that others can read = %v, want a usage error with chmod", err)
	}
	if err := os.WriteFile(p.File("prod"), []byte(`{"password": "Passw0rd`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.File("prod"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = p.Get(kept); fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "Passw0rd") {
		t.Errorf("Get from a damaged file = %v, want a usage error without its text", err)
	}
}

func TestAKeychainThatDoesNotWorkSaysWhy(t *testing.T) {
	p := withKeychain(t, errors.New("the collection is locked"))
	if err := p.StoreInKeychain(prod, secret.New("x")); err == nil || err.Error() != "the collection is locked" {
		t.Errorf("StoreInKeychain = %v, want its own words", err)
	}
	kept := prod
	kept.PasswordIn = Keychain
	if _, err := p.Get(kept); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "the collection is locked") {
		t.Errorf("Get = %v, want a usage error with its words", err)
	}
	if err := p.Remove(kept); fault.KindOf(err) != fault.State {
		t.Errorf("Remove = %v, want kind state: the entry is still there", err)
	}
}

func TestAKeychainThatNeverAnswersIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		start := time.Now()
		_, err := keyring{limit: limitAlone}.ask(func() (string, error) {
			<-never
			return "", nil
		})
		if err == nil || time.Since(start) != limitAlone {
			t.Errorf("ask = %v after %v, want an error after %v", err, time.Since(start), limitAlone)
		}
		close(never)
	})
	if _, err := (keyring{limit: limitAlone}).ask(func() (string, error) { panic("short message") }); err == nil {
		t.Error("ask of a library that panics = nil, want an error")
	}
}

func TestWithoutASessionBusThereIsNoKeychain(t *testing.T) {
	bus := func(address string) func(string) (string, bool) {
		return func(string) (string, bool) { return address, true }
	}
	if !hasBus(bus("unix:path=/run/user/1/bus")) {
		t.Error("hasBus with an address = false, want true")
	}
	if _, err := os.Stat("/run/user"); err == nil || runtime.GOOS != "linux" {
		return // the machine has sessions of its own
	}
	for _, address := range []string{"", "autolaunch:"} {
		if hasBus(bus(address)) {
			t.Errorf("hasBus with %q = true, want false: dbus-launch would be started", address)
		}
	}
}

func TestWithoutAStateFolderOnlyTheKeychainKeeps(t *testing.T) {
	zalando.MockInit()
	p := OpenPasswords("", errors.New("$HOME is not defined"), false, noEnvironment)
	p.keyring.missing = nil
	kept := prod
	kept.PasswordIn = File
	for what, err := range map[string]error{
		"StoreInFile": p.StoreInFile(prod, secret.New("x")),
		"Get":         func() error { _, err := p.Get(kept); return err }(),
		"Remove":      p.Remove(kept),
	} {
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "$HOME is not defined") {
			t.Errorf("%s = %v, want a usage error with the reason", what, err)
		}
	}
	if err := p.StoreInKeychain(prod, secret.New("x")); err != nil {
		t.Errorf("StoreInKeychain = %v, want success", err)
	}
}

func TestAPasswordMayHaveAnyCharacters(t *testing.T) {
	p := OpenPasswords(t.TempDir(), nil, false, noEnvironment)
	kept := prod
	kept.PasswordIn = File
	for _, text := range []string{"a\nb", `"<&>\`, "pässwörd €", " spaces "} {
		if err := p.StoreInFile(kept, secret.New(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := p.Get(kept); err != nil || got.Reveal() != text {
			t.Errorf("Get = %q, %v, want %q", got.Reveal(), err, text)
		}
	}
	shown, err := json.Marshal(kept)
	if err != nil || strings.Contains(string(shown), "spaces") {
		t.Errorf("a target shows %s, %v", shown, err)
	}
}
