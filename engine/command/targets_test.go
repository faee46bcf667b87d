package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	zalando "github.com/zalando/go-keyring"

	"moonpost/engine/api"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/process"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

// desk is a person at a terminal with folders of their own.
type desk struct {
	env      map[string]string
	dir      string
	password string   // typed when one is asked for
	prompts  []string // for passwords
	alone    bool     // nobody sits there
	noHome   bool     // the system names no folders
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	zalando.MockInit()
	// An address that says there is a session bus, so that the mock is asked.
	return &desk{dir: t.TempDir(), env: map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}}
}

// do runs a command line while the person types lines.
func (d *desk) do(lines string, args ...string) (stdout, stderr string, code int) {
	var out, talk bytes.Buffer
	folder := func(name string) func() (string, error) {
		return func() (string, error) {
			if d.noHome {
				return "", errors.New("$HOME is not defined")
			}
			return filepath.Join(d.dir, name), nil
		}
	}
	code = Main(context.Background(), &process.Process{
		Args: args, Env: func(name string) (string, bool) { text, ok := d.env[name]; return text, ok },
		Stdin: strings.NewReader(lines), Stdout: &out, Stderr: &talk, Dir: d.dir, Now: time.Now,
		StdinTerminal: !d.alone, StderrTerminal: !d.alone, Width: func() int { return 80 },
		ConfigDir: folder("config"), StateDir: folder("state"), CacheDir: folder("cache"),
		Notify: func() (<-chan os.Signal, func()) { return nil, func() {} },
		ReadPassword: func(prompt string) (secret.Secret, error) {
			d.prompts = append(d.prompts, prompt)
			return secret.New(d.password), nil
		},
	})
	return out.String(), talk.String(), code
}

func (d *desk) file(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, "config", "targets.toml"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func started(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	o.Seed = 1
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestAPersonIsAskedForAllThatATargetNeeds(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	d.password = s.Password()
	stdout, stderr, code := d.do("yes\nadmin\n", "targets", "add", "mail", s.URL())
	if code != 0 || !strings.HasPrefix(stdout, "target mail: MailStore Server 25.") {
		t.Fatalf("ends with %d, %q and %q, want 0", code, stdout, stderr)
	}
	for _, part := range []string{s.Fingerprint(), "issuer   itself", "Trust it from now on? Type yes: ", "user, a MailStore administrator: "} {
		if !strings.Contains(stderr, part) {
			t.Errorf("says %q, want %q in it", stderr, part)
		}
	}
	if len(d.prompts) != 1 || !strings.HasPrefix(d.prompts[0], "password of admin at 127.0.0.1:") {
		t.Errorf("asks %q, want for the password", d.prompts)
	}
	if file := d.file(t); !strings.Contains(file, s.Fingerprint()) || !strings.Contains(file, "password_in = 'keychain'") || strings.Contains(file, s.Password()) {
		t.Errorf("the file is %q", file)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "state", "passwords")); err == nil {
		t.Error("the password lies in a file, too")
	}
	if strings.Contains(stdout+stderr, s.Password()) {
		t.Error("the password is shown")
	}
	d.alone = true
	if stdout, stderr, code := d.do("", "call", "GetServerInfo", "--target", "mail"); code != 0 || !strings.Contains(stdout, "version") {
		t.Errorf("a call of it ends with %d, %q and %q", code, stdout, stderr)
	}
	if _, stderr, code := d.do("", "targets", "remove", "mail"); code != 0 {
		t.Errorf("remove ends with %d and %q", code, stderr)
	}
	account := "admin at " + s.URL()
	if _, err := zalando.Get("moonpost target mail", account); !errors.Is(err, zalando.ErrNotFound) {
		t.Errorf("the keychain still has it: %v", err)
	}
}

func TestWhoDoesNotSayYesTrustsNothing(t *testing.T) {
	s := started(t, sandbox.Options{})
	for _, lines := range []string{"", "\n", "y\n", "no\n", "yes please\n"} {
		d := newDesk(t)
		d.password = s.Password()
		stdout, stderr, code := d.do(lines, "targets", "add", "mail", s.URL(), "--user", "admin")
		if code != fault.ExitDenied || stdout != "" || len(d.prompts) > 0 || d.file(t) != "" || !strings.Contains(stderr, "not trusted, as you say") {
			t.Errorf("%q: ends with %d and %q, asks %q, want %d and nothing kept", lines, code, stderr, d.prompts, fault.ExitDenied)
		}
	}
	if asked := requests(s); len(asked) > 0 {
		t.Errorf("a server that was not trusted was asked for %q", asked)
	}
}

func TestWhoSaysYesInShortIsAskedForAllOfIt(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	d.password = s.Password()
	stdout, stderr, code := d.do("y\nYes\nadmin\n", "targets", "add", "mail", s.URL())
	if code != 0 || !strings.Contains(stderr, "Type yes, all of it, or no: ") {
		t.Errorf("ends with %d, %q and %q, want 0 and a second question", code, stdout, stderr)
	}
}

func TestAnEmptyPasswordIsNotTried(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	for _, args := range [][]string{
		{"targets", "add", "mail", s.URL(), "--user", "admin", "--fingerprint", s.Fingerprint()},
		{"call", "GetServerInfo", "--target", s.URL(), "--user", "admin", "--fingerprint", s.Fingerprint()},
	} {
		if _, stderr, code := d.do("", args...); code != fault.ExitUsage || !strings.Contains(stderr, "nothing was typed") {
			t.Errorf("%q ends with %d and %q, want %d", args, code, stderr, fault.ExitUsage)
		}
	}
	if asked := requests(s); len(asked) > 0 {
		t.Errorf("the server was asked for %q", asked)
	}
}

// TestANameInAnotherCaseTouchesNothing looks before anything is asked or
// stored: where files do not tell case apart, the password would be the other
// one's.
func TestANameInAnotherCaseTouchesNothing(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	d.alone, d.env["MOONPOST_PASSWORD"] = true, s.Password()
	login := []string{s.URL(), "--user", "admin", "--fingerprint", s.Fingerprint(), "--no-keychain"}
	if _, stderr, code := d.do("", append([]string{"targets", "add", "mail"}, login...)...); code != 0 {
		t.Fatalf("add ends with %d and %q", code, stderr)
	}
	asked := len(requests(s))
	for _, args := range [][]string{append([]string{"targets", "add", "MAIL"}, login...), {"sandbox", "--name", "Mail"}} {
		_, stderr, code := d.do("", args...)
		if code != fault.ExitUsage || !strings.Contains(stderr, "there is a target mail already") {
			t.Errorf("%q ends with %d and %q, want %d", args, code, stderr, fault.ExitUsage)
		}
		if strings.Contains(stderr, "the password is in") || len(requests(s)) != asked {
			t.Errorf("%q went to the server or stored a password: %q", args, stderr)
		}
	}
	if _, stderr, code := d.do("", "targets", "remove", "mail", "mail"); code != 0 || strings.Count(stderr, "is removed") != 1 {
		t.Errorf("remove ends with %d and %q", code, stderr)
	}
}

// requests returns what the sandbox was asked for.
func requests(s *sandbox.Server) []string {
	var names []string
	for _, r := range s.Requests() {
		names = append(names, r.Fn)
	}
	return names
}

func TestWithoutAKeychainThePasswordGoesIntoAFileThatIsNamed(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	zalando.MockInitWithError(errors.New("the collection is locked"))
	d.password = s.Password()
	_, stderr, code := d.do("yes\n", "targets", "add", "mail", s.URL(), "--user", "admin")
	file := filepath.Join(d.dir, "state", "passwords", "target-mail.json")
	if code != 0 || !strings.Contains(stderr, "there is no keychain to use: the collection is locked") || !strings.Contains(stderr, file) {
		t.Fatalf("ends with %d and %q, want 0 and the file's name", code, stderr)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), s.Password()) {
		t.Errorf("the file is %q, %v", text, err)
	}
	// A keychain that came back takes it over, and the file goes.
	zalando.MockInit()
	if _, stderr, code := d.do("yes\n", "targets", "add", "mail", s.URL(), "--user", "admin", "--replace"); code != 0 {
		t.Fatalf("--replace ends with %d and %q", code, stderr)
	}
	if _, err := os.Stat(file); err == nil || !strings.Contains(d.file(t), "password_in = 'keychain'") {
		t.Errorf("the old file is still there, or the new place is not said: %q", d.file(t))
	}
}

func TestAStoredPasswordGoesToNoOtherHost(t *testing.T) {
	s, other, d := started(t, sandbox.Options{}), started(t, sandbox.Options{}), newDesk(t)
	d.password = s.Password()
	if _, stderr, code := d.do("yes\n", "targets", "add", "mail", s.URL(), "--user", "admin"); code != 0 {
		t.Fatalf("add ends with %d and %q", code, stderr)
	}
	d.alone = true
	name := filepath.Join(d.dir, "config", "targets.toml")
	text := strings.NewReplacer(s.URL(), other.URL(), s.Fingerprint(), other.Fingerprint()).Replace(d.file(t))
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"call", "GetServerInfo", "--target", "mail"}, {"targets", "check"}} {
		_, stderr, code := d.do("", args...)
		if code != fault.ExitUsage || !strings.Contains(stderr, "the keychain holds no password of admin at "+other.URL()) {
			t.Errorf("%q ends with %d and %q, want %d", args, code, stderr, fault.ExitUsage)
		}
	}
	if asked := requests(other); len(asked) > 0 {
		t.Errorf("the other host was asked for %q", asked)
	}
}

func TestTargetsOfTheServiceProviderEdition(t *testing.T) {
	s, d := started(t, sandbox.Options{Edition: catalogue.SPE}), newDesk(t)
	d.password = s.Password()
	add := func(args ...string) (string, string, int) {
		return d.do("", append([]string{"targets", "add", "spe", s.URL(), "--user", s.User(), "--fingerprint", s.Fingerprint()}, args...)...)
	}
	if _, stderr, code := add("--instance", "alhpa"); code != 1 || !strings.Contains(stderr, "there is no instance alhpa at this server") || !strings.Contains(stderr, "did you mean alpha?") {
		t.Errorf("a wrong instance ends with %d and %q", code, stderr)
	}
	stdout, stderr, code := add("--instance", "alpha")
	if code != 0 || !strings.HasPrefix(stdout, "target spe: MailStore Service Provider Edition ") {
		t.Fatalf("ends with %d, %q and %q", code, stdout, stderr)
	}
	if file := d.file(t); !strings.Contains(file, "edition = 'spe'") || !strings.Contains(file, "instance = 'alpha'") {
		t.Errorf("the file is %q", file)
	}
	if stdout, stderr, code := d.do("", "call", "GetUsers", "--target", "spe"); code != 0 {
		t.Errorf("a call in its instance ends with %d, %q and %q", code, stdout, stderr)
	}
}

func TestSeveralTargetsAreCheckedAtOnce(t *testing.T) {
	d := newDesk(t)
	d.alone = true
	good, wrong := started(t, sandbox.Options{}), started(t, sandbox.Options{Password: "Another0ne"})
	for name, s := range map[string]*sandbox.Server{"good": good, "wrong": wrong} {
		d.env["MOONPOST_PASSWORD"] = s.Password()
		if _, stderr, code := d.do("", "targets", "add", name, s.URL(), "--user", "admin", "--fingerprint", s.Fingerprint()); code != 0 {
			t.Fatalf("add %s ends with %d and %q", name, code, stderr)
		}
	}
	delete(d.env, "MOONPOST_PASSWORD")
	if err := zalando.Set("moonpost target wrong", "admin at "+wrong.URL(), "not any more"); err != nil {
		t.Fatal(err)
	}
	file := d.file(t) + "\n[target.gone]\nurl = 'https://127.0.0.1:1'\nuser = 'admin'\npassword_in = 'keychain'\n"
	if err := os.WriteFile(filepath.Join(d.dir, "config", "targets.toml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := d.do("", "targets", "check", "-o", "csv", "--columns", "name,state,kind")
	want := map[string]bool{"name,state,kind": true, "good,ok,": true, "wrong,failed,denied": true, "gone,failed,unreachable": true}
	for line := range strings.Lines(stdout) {
		if !want[strings.TrimSpace(line)] {
			t.Errorf("row %q, want one of %v", line, want)
		}
		delete(want, strings.TrimSpace(line))
	}
	if code != fault.ExitDenied || len(want) > 0 || !strings.Contains(stderr, "error: target gone: no connection to 127.0.0.1:1") {
		t.Errorf("ends with %d and %q, without rows %v", code, stderr, want)
	}
}

func TestWithoutFoldersURLsStillWork(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	d.alone, d.noHome = true, true
	d.env["MOONPOST_PASSWORD"] = s.Password()
	if _, stderr, code := d.do("", "call", "GetServerInfo", "--target", s.URL(), "--user", "admin", "--fingerprint", s.Fingerprint()); code != 0 {
		t.Errorf("a call ends with %d and %q, want 0", code, stderr)
	}
	for _, args := range [][]string{
		{"call", "GetServerInfo", "--target", "mail"}, {"targets", "list"}, {"targets", "check"}, {"targets", "pin", "mail"},
		{"targets", "remove", "mail"}, {"targets", "add", "mail", s.URL()}, {"sandbox", "--name", "mail"},
	} {
		_, stderr, code := d.do("", args...)
		if code != fault.ExitUsage || !strings.Contains(stderr, "names no configuration folder: $HOME is not defined") {
			t.Errorf("%q ends with %d and %q, want %d and the reason", args, code, stderr, fault.ExitUsage)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsSaid(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	d.alone = true
	d.env["MOONPOST_PASSWORD"] = s.Password()
	if err := os.WriteFile(filepath.Join(d.dir, "config"), nil, 0o600); err != nil { // root may write into any folder
		t.Fatal(err)
	}
	_, stderr, code := d.do("", "targets", "add", "mail", s.URL(), "--user", "admin", "--fingerprint", s.Fingerprint())
	if code != fault.ExitState || !strings.Contains(stderr, filepath.Join(d.dir, "config")) {
		t.Errorf("ends with %d and %q, want %d and the folder", code, stderr, fault.ExitState)
	}
	if _, err := zalando.Get("moonpost target mail", "admin at "+s.URL()); !errors.Is(err, zalando.ErrNotFound) {
		t.Errorf("the password of a target that was not kept stays: %v", err)
	}
}

func TestPinAsksWithBothFingerprints(t *testing.T) {
	s, d := started(t, sandbox.Options{}), newDesk(t)
	d.password = s.Password()
	if _, stderr, code := d.do("yes\n", "targets", "add", "mail", s.URL(), "--user", "admin"); code != 0 {
		t.Fatalf("add ends with %d and %q", code, stderr)
	}
	old := strings.Repeat("0", 64)
	if err := os.WriteFile(filepath.Join(d.dir, "config", "targets.toml"), []byte(strings.ReplaceAll(d.file(t), s.Fingerprint(), old)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := d.do("no\n", "targets", "pin", "mail"); code != fault.ExitDenied || !strings.Contains(d.file(t), old) {
		t.Errorf("no ends with %d and %q, want %d and the old pin", code, stderr, fault.ExitDenied)
	}
	_, stderr, code := d.do("yes\n", "targets", "pin", "mail")
	if code != 0 || !strings.Contains(stderr, "pinned: "+old) || !strings.Contains(stderr, s.Fingerprint()) || !strings.Contains(d.file(t), s.Fingerprint()) {
		t.Errorf("ends with %d and %q, want 0 and the new pin", code, stderr)
	}
}

func TestAgeing(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		from, to time.Duration
		want     string
	}{
		{-time.Hour, 31 * 24 * time.Hour, ""},
		{-time.Hour, 30*24*time.Hour - time.Second, "the certificate expires on 2026-03-31, in 29 days"},
		{-time.Hour, -24 * time.Hour, "the certificate expired on 2026-02-28"},
		{24 * time.Hour, 48 * time.Hour, "the certificate is not valid before 2026-03-02"},
	} {
		if got := ageing(api.Certificate{NotBefore: now.Add(tc.from), NotAfter: now.Add(tc.to)}, now); got != tc.want {
			t.Errorf("ageing of %v to %v = %q, want %q", tc.from, tc.to, got, tc.want)
		}
	}
	var shown bytes.Buffer
	writeCertificate(&shown, api.Certificate{Target: "h:1", Subject: "CN=\x1b[31mred", NotAfter: now}, now)
	if strings.Contains(shown.String(), "\x1b") {
		t.Errorf("a certificate writes %q to the terminal", shown.String())
	}
}

func TestBothPortsAreTried(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs an address of loopback that nobody else listens on")
	}
	d := newDesk(t)
	d.alone = true
	d.env["MOONPOST_PASSWORD"] = "any"
	address := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(255), 1+rand.IntN(254))
	_, stderr, code := d.do("", "targets", "add", "mail", "https://"+address, "--user", "admin", "--fingerprint", strings.Repeat("0", 64))
	if code != fault.ExitUnreachable || !strings.Contains(stderr, "no connection to "+address+":8463, nor to port 8474") || !strings.Contains(stderr, "off by default") {
		t.Errorf("ends with %d and %q, want %d, both ports and where the API is switched on", code, stderr, fault.ExitUnreachable)
	}
	s, err := sandbox.New(sandbox.Options{Edition: catalogue.SPE, Addr: address + ":8474", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d.env["MOONPOST_PASSWORD"] = s.Password()
	stdout, stderr, code := d.do("", "targets", "add", "mail", address, "--user", s.User(), "--fingerprint", s.Fingerprint())
	if code != 0 || !strings.Contains(stdout, "at "+address+":8474,") || !strings.Contains(d.file(t), "https://"+address+":8474") {
		t.Errorf("ends with %d, %q and %q, want the port that answers", code, stdout, stderr)
	}
}
