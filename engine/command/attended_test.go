package command

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/process"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

// attended runs a command line with a person at a terminal, whom ask stands in
// for, and returns what went to standard error and the exit code.
func attended(t *testing.T, env map[string]string, ask func(prompt string) (secret.Secret, error), args ...string) (stderr string, code int) {
	t.Helper()
	var b bytes.Buffer
	dir := t.TempDir()
	code = Main(context.Background(), &process.Process{
		Args: args, Env: func(name string) (string, bool) { text, ok := env[name]; return text, ok },
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &b, Dir: dir, Now: time.Now,
		StdinTerminal: true, StderrTerminal: true, Width: func() int { return 80 },
		CacheDir:     func() (string, error) { return dir, nil },
		Notify:       func() (<-chan os.Signal, func()) { return nil, func() {} },
		ReadPassword: ask,
	})
	return b.String(), code
}

func TestCtrlCAtAPromptIsAnInterruption(t *testing.T) {
	dir := t.TempDir()
	playbook, given := filepath.Join(dir, "ask.lua"), filepath.Join(dir, "given")
	text := `playbook { inputs = { word = { type = "secret", required = true, about = "the new\npassword of ada" }, pin = { type = "secret", required = true } } }`
	for file, text := range map[string]string{playbook: text, given: "1234"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name    string
		args    []string
		prompt  string
		message string
	}{
		{"a password", []string{"call", "GetServerInfo", "--target", "https://mail.example.com", "--user", "ada"},
			"password of ada at mail.example.com: ", "error: call: interrupted: no password was given\n"},
		{"a secret input, which says what it is about", []string{"run", playbook, "pin=@" + given},
			"word (the new password of ada): ", "error: run: interrupted: the secret input word was not given\n"},
		{"a secret input that says nothing", []string{"run", playbook, "word=@" + given},
			"pin: ", "error: run: interrupted: the secret input pin was not given\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			prompts := ""
			stderr, code := attended(t, nil, func(prompt string) (secret.Secret, error) {
				prompts += prompt
				return secret.Secret{}, &fault.Error{Kind: fault.Cancelled, Op: "ask", Message: "no answer"}
			}, test.args...)
			if prompts != test.prompt {
				t.Errorf("asks %q, want %q", prompts, test.prompt)
			}
			if code != fault.ExitInterrupted || stderr != test.message {
				t.Errorf("ends with %d and %q, want %d and %q", code, stderr, fault.ExitInterrupted, test.message)
			}
		})
	}
}

func TestACallShowsTheLogOfItsJobOnATerminal(t *testing.T) {
	s, err := sandbox.New(sandbox.Options{Seed: 1, JobSpeed: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	env := map[string]string{
		"MOONPOST_TARGET": s.URL(), "MOONPOST_USER": s.User(), "MOONPOST_PASSWORD": s.Password(), "MOONPOST_FINGERPRINT": s.Fingerprint(),
	}
	stderr, code := attended(t, env, nil, "call", "VerifyStore", "id=1")
	if code != 0 || !strings.Contains(stderr, "VerifyStore 1: Verifying") {
		t.Errorf("ends with %d and %q, want 0 and the lines of the job's log", code, stderr)
	}
}
