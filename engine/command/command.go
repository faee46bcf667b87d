// Package command is the command line of moonpost: one file for each command,
// and the place where a process, a server, the engine and a terminal are put
// together. Start at Main, then at run.go.
//
// Each command is an options struct (what it depends on, then its flags), a
// function that declares it and a run method. Flags may stand anywhere before
// "--", and one that has no effect is refused. Nothing below Main prints or
// exits; results go to standard output and talk to standard error, both through
// the redactor; servers, files and prompts are opened when they are needed.
package command

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"moonpost/engine/fault"
	"moonpost/engine/process"
	"moonpost/engine/secret"
)

// Main runs the command that the process's arguments name and returns the exit
// code.
func Main(ctx context.Context, p *process.Process) int {
	prog := newProgram(p)
	return prog.finish(guard(func() error {
		line, err := arrange(p.Args, prog.commands)
		if err != nil {
			return err
		}
		return parse(ctx, prog.commands, line)
	}))
}

// program is one invocation of moonpost: what every command is given.
type program struct {
	*process.Process
	secrets        *secret.Redactor
	stdout, stderr *stream
	commands       []*command
	verbose        bool // --verbose of the command that runs
}

func newProgram(p *process.Process) *program {
	secrets := secret.NewRedactor()
	prog := &program{
		Process: p,
		secrets: secrets,
		stdout:  newStream(p.Stdout, secrets),
		stderr:  newStream(p.Stderr, secrets),
	}
	prog.commands = []*command{
		runCommand(prog), callCommand(prog), functionsCommand(prog), sandboxCommand(prog),
		targetsAddCommand(prog), targetsListCommand(prog), targetsCheckCommand(prog), targetsPinCommand(prog), targetsRemoveCommand(prog),
		docCommand(prog), versionCommand(prog), helpCommand(prog),
	}
	return prog
}

// finish says what went wrong, closes the streams and returns the exit code.
func (p *program) finish(err error) int {
	code := fault.KindOf(err).ExitCode()
	if ended, ok := errors.AsType[*endedError](err); ok {
		code, err = ended.code, ended.err
	}
	if err != nil {
		fault.WriteText(p.stderr, err, p.verbose)
	}
	if lost := p.stdout.Close(); lost != nil {
		e := &fault.Error{Kind: fault.State, Op: "write standard output", Err: lost}
		fault.WriteText(p.stderr, e, p.verbose)
		code = fault.Worst(code, e.Kind.ExitCode())
	}
	_ = p.stderr.Close()
	return code
}

// endedError ends the program with a code that is not that of an error's kind.
type endedError struct {
	code int
	err  error // nil when everything is said already
}

func (e *endedError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *endedError) Unwrap() error { return e.err }

// guard calls f and turns a panic into an error of kind internal, with the
// stack in its details.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &fault.Error{
				Kind: fault.Internal, Op: "moonpost", Message: fmt.Sprintf("panic: %v", r),
				Details: string(debug.Stack()), Hint: "this is a bug; --verbose shows where",
			}
		}
	}()
	return f()
}

// misuse is the error for a wrong command line.
func misuse(op, message, hint string) error {
	return &fault.Error{Kind: fault.Usage, Op: op, Message: message, Hint: hint}
}
