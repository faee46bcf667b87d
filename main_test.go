package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMain lets the tests run the program itself: the test binary is moonpost
// when that variable is set.
func TestMain(m *testing.M) {
	if os.Getenv("MOONPOST_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

var block = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestReadmeIsTrue holds the README against the program: the playbook that it
// shows is the example of that name, and what it says a command prints is what
// the command prints, where … stands for any text.
func TestReadmeIsTrue(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	playbooks, sessions := 0, 0
	for _, found := range block.FindAllStringSubmatch(string(readme), -1) {
		switch kind, text := found[1], found[2]; kind {
		case "lua":
			playbooks++
			example, err := os.ReadFile("examples/morning_round.lua")
			if err != nil {
				t.Fatal(err)
			}
			if text != string(example) {
				t.Errorf("README's playbook is not examples/morning_round.lua:\n%s", text)
			}
		case "console":
			for session := range strings.SplitSeq(strings.TrimPrefix(text, "$ "), "\n$ ") {
				commandLine, want, _ := strings.Cut(session, "\n")
				args, ours := strings.CutPrefix(commandLine, "go run . ")
				if !ours {
					continue // go test ./... is what runs this
				}
				sessions++
				got := moonpost(t, strings.Fields(args)...)
				if !matches(strings.TrimSpace(want), strings.TrimSpace(got)) {
					t.Errorf("go run . %s printed\n%s\nthe README says\n%s", args, got, want)
				}
			}
		}
	}
	if playbooks != 1 || sessions < 2 {
		t.Errorf("README shows %d playbooks and %d sessions, want 1 and 2 or more", playbooks, sessions)
	}
}

// moonpost runs the program as a pipe sees it and returns what it printed on
// both streams.
func moonpost(t *testing.T, args ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	home := t.TempDir()
	cmd.Env = []string{"MOONPOST_TEST_MAIN=1", "HOME=" + home, "PATH=" + os.Getenv("PATH"), "LocalAppData=" + filepath.Join(home, "local"), "AppData=" + home}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("moonpost %v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// matches compares texts; … in want stands for any text.
func matches(want, got string) bool {
	parts := strings.Split(want, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?s)\A` + strings.Join(parts, ".*?") + `\z`).MatchString(got)
}
