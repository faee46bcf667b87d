//go:build linux

package process

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	children["write until it fails"] = func() {
		p := FromOS()
		for {
			if _, err := p.Stdout.Write([]byte("line\n")); err != nil {
				fmt.Fprintf(p.Stderr, "still here after: %v", err)
				return
			}
		}
	}
	children["describe"] = func() {
		p := FromOS()
		fmt.Fprintf(os.Stderr, "terminals %v %v %v, width %d", p.StdinTerminal, p.StdoutTerminal, p.StderrTerminal, p.Width())
	}
	children["ask"] = func() {
		p := FromOS()
		password, err := p.ReadPassword("Password: ")
		fmt.Fprintf(p.Stdout, "got %q, %v", password.Reveal(), kindOf(err))
	}
	children["tune"] = func() {
		Tune()
		fmt.Fprintf(os.Stderr, "%d %d", debug.SetGCPercent(-1), debug.SetMemoryLimit(-1))
	}
	children["notify"] = func() {
		p := FromOS()
		signals, stop := p.Notify()
		defer stop()
		fmt.Fprint(os.Stdout, "ready\n")
		fmt.Fprint(os.Stderr, <-signals)
	}
}

func child(t *testing.T, what string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	env = append(env, "MOONPOST_TEST_CHILD="+what, "GORACE=atexit_sleep_ms=0")
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

func TestAClosedPipeIsAnErrorOfTheWrite(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := child(t, "write until it fails")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = writer, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	_ = reader.Close()
	err = cmd.Wait()
	if got := stderr.String(); err != nil || !strings.HasPrefix(got, "still here after:") {
		t.Errorf("the child ended with %v and said %q, want it alive after the error", err, got)
	}
}

func TestSignalsAreDelivered(t *testing.T) {
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		cmd := child(t, "notify")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := stdout.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil || stderr.String() != sent.String() {
			t.Errorf("after %v the child ended with %v and got %q, want %q", sent, err, stderr.String(), sent)
		}
	}
}

func TestTuneYieldsToTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want string // GC percent
	}{
		{[]string{"GOGC=", "GOMEMLIMIT="}, "400 "},
		{[]string{"GOGC=50", "GOMEMLIMIT=100MiB"}, "50 104857600"},
	} {
		cmd := child(t, "tune", c.env...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		if got := stderr.String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("with %q, Tune sets %q, want %q", c.env, got, c.want)
		}
	}
}

func TestTerminalsAreTold(t *testing.T) {
	master, terminal := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 33, Row: 10}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		stdout *os.File
		env    []string
		want   string
	}{
		{"a terminal has its width", terminal, []string{"TERM=xterm"}, "terminals false true false, width 33"},
		{"a dumb terminal cannot draw", terminal, []string{"TERM=dumb"}, "terminals false false false, width 33"},
		{"no terminal has the width of COLUMNS", nil, []string{"COLUMNS=44"}, "terminals false false false, width 44"},
		{"no terminal and no COLUMNS have 80", nil, []string{"COLUMNS="}, "terminals false false false, width 80"},
	} {
		cmd := child(t, "describe", c.env...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if c.stdout != nil {
			cmd.Stdout = c.stdout
		}
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		if got := stderr.String(); got != c.want {
			t.Errorf("%s: the child says %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReadPassword(t *testing.T) {
	const prompt = "Password: "
	for _, c := range []struct {
		name, typed, want string
		stdinTerminal     bool
	}{
		{"a line is read", "hunter22\n", `got "hunter22", `, true},
		{"the terminal is asked when input is a pipe", "hunter22\n", `got "hunter22", `, false},
		{"Ctrl-C is a refusal", "half\x03", `got "", cancelled`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			master, terminal := openTerminal(t)
			cmd := child(t, "ask")
			var stdout bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, terminal
			control := 2 // of the child's descriptors, the one that is its terminal
			if c.stdinTerminal {
				cmd.Stdin, control = terminal, 0
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: control}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			shown := readUntil(t, master, prompt)
			waitFor(t, "echo to be off", func() bool { return !echoes(t, terminal) })
			if _, err := master.WriteString(c.typed); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			if got := stdout.String(); got != c.want {
				t.Errorf("ReadPassword: %s, want %s", got, c.want)
			}
			shown += readUntil(t, master, "\n")
			if strings.Contains(shown, "hunter22") || strings.Contains(shown, "half") {
				t.Errorf("the terminal shows %q, want nothing typed", shown)
			}
			if !echoes(t, terminal) {
				t.Error("the terminal does not echo any more")
			}
		})
	}
}

func TestReadPasswordNeedsATerminal(t *testing.T) {
	cmd := child(t, "ask")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if got, want := stdout.String(), `got "", usage`; got != want {
		t.Errorf("ReadPassword without a terminal: %s, want %s", got, want)
	}
}

// openTerminal returns the two ends of a new terminal.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return master, terminal
}

func readUntil(t *testing.T, f *os.File, want string) string {
	t.Helper()
	var got []byte
	var b [1]byte
	for !bytes.HasSuffix(got, []byte(want)) {
		if _, err := f.Read(b[:]); err != nil {
			t.Fatalf("the terminal shows %q and then %v, want %q", got, err, want)
		}
		got = append(got, b[0])
	}
	return string(got)
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
