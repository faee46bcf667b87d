package process

import (
	"errors"
	"io"
	"os"

	"golang.org/x/term"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

func readPassword(prompt string) (secret.Secret, error) {
	const op = "ask for a password"
	terminal := os.Stdin
	out := io.Writer(os.Stderr)
	if !term.IsTerminal(int(terminal.Fd())) {
		// Input comes from a pipe, but a person may still be there.
		in, console, err := openConsole()
		if err != nil {
			return secret.Secret{}, &fault.Error{
				Kind: fault.Usage, Op: op, Message: "there is no terminal to ask on",
				Hint: "set MOONPOST_PASSWORD, or name a file with --password-file",
			}
		}
		defer in.Close()
		defer console.Close()
		terminal, out = in, console
	}
	before, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		return secret.Secret{}, &fault.Error{Kind: fault.Usage, Op: op, Err: err}
	}
	signals, stop := notify()
	defer stop()

	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	_, _ = io.WriteString(out, prompt)
	go func() {
		text, err := term.ReadPassword(int(terminal.Fd()))
		answers <- answer{text, err}
	}()
	cancelled := &fault.Error{Kind: fault.Cancelled, Op: op, Message: "no password was given"}
	select {
	case a := <-answers:
		_, _ = io.WriteString(out, "\n")
		switch {
		case errors.Is(a.err, io.EOF):
			return secret.Secret{}, cancelled
		case a.err != nil:
			return secret.Secret{}, &fault.Error{Kind: fault.Usage, Op: op, Err: a.err}
		}
		return secret.New(string(a.text)), nil
	case <-signals:
		// The read goes on until the program ends; only its echo matters now.
		_ = term.Restore(int(terminal.Fd()), before)
		_, _ = io.WriteString(out, "\n")
		return secret.Secret{}, cancelled
	}
}
