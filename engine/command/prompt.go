package command

import (
	"fmt"
	"slices"
	"strings"

	"moonpost/engine/fault"
)

// canAsk reports whether a person sees what is asked and can answer.
func (p *program) canAsk() bool { return p.StdinTerminal && p.StderrTerminal }

// line has a person type a line; "" when there is none. missing says what there
// is not without it. Call it where canAsk.
func (p *program) line(op, prompt, missing string) (string, error) {
	signals, stop := p.Notify()
	defer stop()
	_, _ = fmt.Fprint(p.Process.Stderr, fault.Visible(prompt)) // holds no secret, and must not wait for a line's end
	select {
	case text := <-typed(p.Stdin, func() {}):
		return strings.TrimSpace(text), nil
	case <-signals:
		_, _ = fmt.Fprintln(p.Process.Stderr)
		return "", &fault.Error{Kind: fault.Cancelled, Op: op, Message: "interrupted: " + missing}
	}
}

// consent reports whether a person types yes, in full. Who types something else
// than yes or no is asked once more.
func (p *program) consent(op, question, missing string) (bool, error) {
	text, err := p.line(op, question+" Type yes: ", missing)
	if !slices.Contains([]string{"", "yes", "no", "n"}, strings.ToLower(text)) && err == nil {
		text, err = p.line(op, "Type yes, all of it, or no: ", missing)
	}
	return strings.EqualFold(text, "yes"), err
}
