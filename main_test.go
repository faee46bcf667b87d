package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moonpost/engine/sandbox"
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

// TestReadmeIsTrue reads the README from top to bottom and does what it says,
// in an empty home beside a copy of the examples:
//
//   - a lua block is the file that stands behind the word lua;
//   - a console block holds commands after "$ " and what they print, where …
//     stands for any text. "background" lets it go on while the rest is read;
//     "terminal" has somebody type the answers of the comment above it;
//   - a powershell block has the commands of the console block before it.
//
// The reader's own server, mailstore.example.com:8463, is a sandbox here.
func TestReadmeIsTrue(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the README's commands are run by bash")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t)
	ran := map[string]int{}
	for _, found := range block.FindAllStringSubmatch(string(readme), -1) {
		answers, kind, detail, text := found[1], found[2], found[3], found[4]
		if kind == "console" {
			kind += detail
		}
		ran[kind]++
		switch kind {
		case "console":
			r.sessions(text)
		case "consolebackground":
			r.background(text)
		case "consoleterminal":
			r.terminal(text, answers)
		case "powershell":
			r.translated(text)
		case "lua":
			r.example(detail, text)
		case "text": // nothing to run
		default:
			t.Errorf("a block of the kind %q is run by no test", kind)
		}
	}
	for _, kind := range []string{"console", "consolebackground", "consoleterminal", "powershell", "lua"} {
		if ran[kind] == 0 {
			t.Errorf("the README has no block of the kind %q", kind)
		}
	}
}

var block = regexp.MustCompile("(?ms)(?:^<!-- answers: (.*?) -->\n)?^```(\\w+) ?([\\w./]*)\n(.*?)^```$")

// TestReadmeLinksLeadSomewhere looks for every file that the README links to.
func TestReadmeLinksLeadSomewhere(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllSubmatch(readme, -1)
	if len(links) < 10 {
		t.Fatalf("found %d links, want those of the manual at least", len(links))
	}
	for _, link := range links {
		if _, err := os.Stat(string(link[1])); err != nil {
			t.Errorf("README links to nothing: %v", err)
		}
	}
}

// TestPagesOfTheManualAreCurrent holds the pages that the README links to
// against what the program writes today.
func TestPagesOfTheManualAreCurrent(t *testing.T) {
	const pages, renew = "engine/manual/pages", "write them anew: go run . doc --write engine/manual/pages"
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(self, "doc", "--write", dir)
	cmd.Env = []string{"MOONPOST_TEST_MAIN=1", "HOME=" + t.TempDir(), "GORACE=atexit_sleep_ms=0"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("doc --write: %v\n%s", err, out)
	}
	fresh, kept := textsIn(t, dir), textsIn(t, pages)
	for name, text := range fresh {
		if kept[name] != text {
			t.Fatalf("%s/%s is not what moonpost says today; %s", pages, name, renew)
		}
	}
	if len(fresh) != len(kept) || len(fresh) == 0 {
		t.Fatalf("%s holds %d pages, moonpost writes %d; %s", pages, len(kept), len(fresh), renew)
	}
}

func textsIn(t *testing.T, dir string) map[string]string {
	texts := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		texts[name] = strings.ReplaceAll(string(text), "\r\n", "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// reader is somebody who follows the README.
type reader struct {
	*testing.T
	dir  string // where the reader works
	env  []string
	own  *strings.Replacer // puts the server of the test where the README has the reader's own
	said []string          // commands of the last console block
}

func newReader(t *testing.T) *reader {
	own, err := sandbox.New(sandbox.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := own.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	home := t.TempDir()
	r := &reader{
		T: t, dir: filepath.Join(home, "moonpost"),
		env: []string{"HOME=" + home, "PATH=" + filepath.Join(home, "bin") + ":" + os.Getenv("PATH"), "TERM=xterm", "GORACE=atexit_sleep_ms=0"},
		own: strings.NewReplacer("mailstore.example.com:8463", strings.TrimPrefix(own.URL(), "https://"), "18463", freePort(t)),
	}
	if err := os.CopyFS(filepath.Join(r.dir, "examples"), os.DirFS("examples")); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// This program stands in for the one that the reader builds.
	for file, script := range map[string]string{
		"moonpost/moonpost": "MOONPOST_TEST_MAIN=1 exec '" + self + "' \"$@\"\n",
		"bin/go":            "case \"$*\" in build | 'test ./...') exit 0 ;; 'run . '*) shift 2; exec ./moonpost \"$@\" ;; esac; exit 1\n",
	} {
		path := filepath.Join(home, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// freePort returns a port that nobody listens at.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// sessions runs the commands of a block and compares what they print.
func (r *reader) sessions(text string) {
	r.said = nil
	for _, s := range sessionsIn(text) {
		r.said = append(r.said, s.command)
		if name, value, ok := strings.Cut(s.command, "="); ok && strings.HasPrefix(name, "export ") {
			r.env = append(r.env, strings.TrimPrefix(name, "export ")+"="+r.own.Replace(value))
			continue
		}
		program, _, _ := strings.Cut(s.command, " ")
		if _, err := exec.LookPath(program); err != nil && program == "curl" {
			r.Log("not run here: there is no curl; install it with apt-get install curl")
			continue
		}
		cmd := r.command(r.Context(), s.command)
		got, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != s.code {
			r.Fatalf("$ %s\nends with %d (%v), the README says %d:\n%s", s.command, code, err, s.code, got)
		}
		if !s.printed(r, string(got)) {
			r.Errorf("$ %s\nprints\n%s\nthe README says\n%s", s.command, got, s.want)
		}
	}
}

func (r *reader) command(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-c", r.own.Replace(command))
	cmd.Dir, cmd.Env = r.dir, r.env
	cmd.WaitDelay = time.Minute
	return cmd
}

// background runs the command of a block until the README is read, and waits
// till it has printed what the block says.
func (r *reader) background(text string) {
	s := sessionsIn(text)[0]
	r.said = []string{s.command}
	ctx, stop := context.WithCancel(context.WithoutCancel(r.Context()))
	cmd := r.command(ctx, "exec "+s.command)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out screen
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		stop()
		_ = cmd.Wait()
	})
	r.await("what "+s.command+" prints", &out, func(shown string) bool { return s.printed(r, shown) })
}

// terminal runs the command of a block on a terminal, where somebody answers.
// Answers are pairs: the end of a prompt, what is typed.
func (r *reader) terminal(text, answers string) {
	s := sessionsIn(text)[0]
	r.said = []string{s.command}
	if runtime.GOOS != "linux" {
		r.Log("not run here: script has other flags on this system")
		return
	}
	if _, err := exec.LookPath("script"); err != nil {
		r.Skip("no program script here: install it with apt-get install bsdutils")
	}
	cmd := r.command(r.Context(), "exec script -qefc '"+s.command+"' /dev/null")
	typed, err := cmd.StdinPipe()
	if err != nil {
		r.Fatal(err)
	}
	var out screen
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	for answer := range strings.SplitSeq(answers, "; ") {
		prompt, text, _ := strings.Cut(r.own.Replace(answer), " -> ")
		r.await("the prompt "+prompt, &out, func(shown string) bool { return strings.HasSuffix(strings.TrimSpace(shown), prompt) })
		if _, err := io.WriteString(typed, text+"\n"); err != nil {
			r.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		r.Fatalf("$ %s\nends with %v:\n%s", s.command, err, out.text())
	}
	if !s.printed(r, out.text()) {
		r.Errorf("$ %s\nshows\n%s\nthe README says\n%s", s.command, out.text(), s.want)
	}
}

func (r *reader) await(what string, out *screen, seen func(shown string) bool) {
	for deadline := time.Now().Add(time.Minute); !seen(out.text()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatalf("waited in vain for %s; it shows\n%s", what, out.text())
		}
	}
}

// translated holds a powershell block to the console block before it.
func (r *reader) translated(text string) {
	shell := strings.NewReplacer(`.\moonpost.exe`, "./moonpost", `examples\`, "examples/", "curl.exe ", "curl ", `"`, "")
	got := []string{}
	for line := range strings.Lines(text) {
		line = shell.Replace(strings.TrimSpace(line))
		if name, value, ok := strings.Cut(line, " = "); ok && strings.HasPrefix(name, "$env:") {
			line = "export " + strings.TrimPrefix(name, "$env:") + "=" + value
		}
		got = append(got, line)
	}
	if !slices.Equal(got, r.said) {
		r.Errorf("the powershell block says\n%s\nthe console block before it\n%s", strings.Join(got, "\n"), strings.Join(r.said, "\n"))
	}
}

func (r *reader) example(name, text string) {
	example, err := os.ReadFile(name)
	if err != nil {
		r.Fatal(err)
	}
	if text != string(example) {
		r.Errorf("the README's playbook is not %s:\n%s", name, text)
	}
}

// session is one command of a console block and what it prints.
type session struct {
	command, want string
	code          int // of "# ends with 7" behind the command
}

func sessionsIn(text string) []session {
	var list []session
	for part := range strings.SplitSeq(strings.TrimPrefix(text, "$ "), "\n$ ") {
		command, want, _ := strings.Cut(part, "\n")
		command, remark, _ := strings.Cut(command, "  # ")
		s := session{command: strings.TrimSpace(command), want: strings.TrimSpace(want)}
		_, _ = fmt.Sscanf(remark, "ends with %d", &s.code)
		list = append(list, s)
	}
	return list
}

// printed reports whether got is what the README says; … stands for any text.
func (s session) printed(r *reader, got string) bool {
	parts := strings.Split(r.own.Replace(s.want), "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	got = strings.TrimSpace(strings.ReplaceAll(got, "\r\n", "\n"))
	return regexp.MustCompile(`(?s)\A` + strings.Join(parts, ".*?") + `\z`).MatchString(got)
}

// screen collects what a program prints.
type screen struct {
	mu    sync.Mutex
	shown bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.Write(p)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}
