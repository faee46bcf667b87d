// Package process is what the operating system gives to a program: arguments,
// environment, streams, terminal, folders, clock and signals. FromOS is the only
// place that reads them; everything else takes a *Process and can be given
// another one. Start at Process.
package process

import (
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/term"

	"moonpost/engine/secret"
)

// Process is the surroundings of one program.
type Process struct {
	Args []string                    // without the program's name
	Env  func(string) (string, bool) // value of a variable, and whether it is set

	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Whether a person sits at the stream. A stream to a terminal that cannot
	// move its cursor (TERM=dumb) counts as none.
	StdinTerminal, StdoutTerminal, StderrTerminal bool

	// Width returns the columns of the terminal, asked anew each time, or what
	// COLUMNS says, or 80.
	Width func() int

	Dir string // current folder
	Now func() time.Time

	// Notify starts to deliver interrupt, termination and hang-up to signals
	// instead of ending the program, until stop is called.
	Notify func() (signals <-chan os.Signal, stop func())

	// The user's folders for moonpost. They may not exist yet; the error says
	// that the system names none.
	ConfigDir, StateDir, CacheDir func() (string, error)

	// ReadPassword asks on the terminal, without echo, even when the streams
	// lead elsewhere. Its errors are *fault.Error: of kind usage when there is
	// no terminal, cancelled when the user gives none.
	ReadPassword func(prompt string) (secret.Secret, error)
}

// FromOS returns the surroundings of this program. From then on a write to a
// closed pipe is an error of that write and does not end the program, so that
// it cannot die between two changes.
func FromOS() *Process {
	survivePipes()
	dir, err := os.Getwd()
	if err != nil {
		dir = "." // removed meanwhile; whoever opens a file there says so
	}
	var args []string
	if len(os.Args) > 0 {
		args = os.Args[1:]
	}
	return &Process{
		Args:           args,
		Env:            os.LookupEnv,
		Stdin:          os.Stdin,
		Stdout:         os.Stdout,
		Stderr:         os.Stderr,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: canDraw(os.Stdout),
		StderrTerminal: canDraw(os.Stderr),
		Width:          width,
		Dir:            dir,
		Now:            time.Now,
		Notify:         notify,
		ConfigDir:      configDir,
		StateDir:       stateDir,
		CacheDir:       cacheDir,
		ReadPassword:   readPassword,
	}
}

func canDraw(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && enableEscapes(f)
}

func width() int {
	for _, f := range []*os.File{os.Stderr, os.Stdout} {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	return 80
}

func notify() (<-chan os.Signal, func()) {
	signals := make(chan os.Signal, 4)
	wanted := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup asks to outlive the terminal
		wanted = append(wanted, syscall.SIGHUP)
	}
	signal.Notify(signals, wanted...)
	return signals, func() { signal.Stop(signals) }
}
