package targets

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// As a child, this test binary enters a sandbox and waits for its end.
func TestMain(m *testing.M) {
	if dir := os.Getenv("MOONPOST_TEST_LODGER"); dir != "" {
		if _, err := Lodge(Open(dir, nil), OpenPasswords(dir, nil, false, noEnvironment), demo, secret.New("Passw0rd")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("in")
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		os.Exit(1)
	}
	os.Exit(m.Run())
}

var demo = Target{Name: "demo", URL: "https://127.0.0.1:40123", User: "admin", Fingerprint: pin}

func TestASandboxIsThereWhileItsProcessLives(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "moonpost")
	book, passwords := Open(dir, nil), OpenPasswords(dir, nil, false, noEnvironment)
	lodged := func() (*Lodger, error) { return Lodge(book, passwords, demo, secret.New("Passw0rd")) }

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), "MOONPOST_TEST_LODGER="+dir)
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "in\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	if !passwords.Alive("demo") {
		t.Error("Alive while it runs = false, want true")
	}
	if _, err := lodged(); fault.KindOf(err) != fault.Busy {
		t.Errorf("Lodge beside a living one = %v, want kind busy", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed

	if passwords.Alive("demo") {
		t.Error("Alive after its death = true, want false")
	}
	if stale, err := book.Find("demo"); err != nil || !stale.Sandbox || stale.PasswordIn != File {
		t.Fatalf("Find after its death = %+v, %v, want the entry that it left", stale, err)
	}
	l, err := lodged()
	if err != nil || !l.Replaced {
		t.Fatalf("Lodge after its death = %+v, %v, want that it replaces it", l, err)
	}
	there, err := book.Find("demo")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := passwords.Get(there); err != nil || got.Reveal() != "Passw0rd" {
		t.Errorf("Get = %q, %v, want the password", got.Reveal(), err)
	}
	if err := l.Leave(); err != nil {
		t.Fatal(err)
	}
	if all, err := book.All(); err != nil || len(all) != 0 {
		t.Errorf("All after it left = %v, %v, want none", all, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "passwords")); err != nil || len(left) != 0 {
		t.Errorf("it leaves %v, %v, want nothing", left, err)
	}
}

func TestASandboxTakesNoNameOfATarget(t *testing.T) {
	dir := t.TempDir()
	book, passwords := Open(dir, nil), OpenPasswords(dir, nil, false, noEnvironment)
	if err := book.Put(Target{Name: "demo", URL: "https://mail.example.com"}); err != nil {
		t.Fatal(err)
	}
	before := text(t, book)
	if _, err := Lodge(book, passwords, demo, secret.New("x")); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "no sandbox") {
		t.Errorf("Lodge = %v, want a usage error", err)
	}
	if text(t, book) != before || passwords.Alive("demo") {
		t.Error("a refused sandbox left traces")
	}
	odd := demo
	odd.Name = "a b"
	if _, err := Lodge(book, passwords, odd, secret.New("x")); fault.KindOf(err) != fault.Usage {
		t.Errorf("Lodge as %q = %v, want a usage error", odd.Name, err)
	}
}

func TestASandboxLeavesWhatOthersMadeOfItsEntry(t *testing.T) {
	dir := t.TempDir()
	book, passwords := Open(dir, nil), OpenPasswords(dir, nil, false, noEnvironment)
	l, err := Lodge(book, passwords, demo, secret.New("x"))
	if err != nil {
		t.Fatal(err)
	}
	real := Target{Name: "demo", URL: "https://mail.example.com"}
	if err := book.Put(real); err != nil {
		t.Fatal(err)
	}
	if err := l.Leave(); err != nil {
		t.Fatal(err)
	}
	if there, err := book.Find("demo"); err != nil || there != real {
		t.Errorf("Find = %+v, %v, want %+v", there, err, real)
	}
}
