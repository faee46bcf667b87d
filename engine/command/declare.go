package command

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"
)

// command is one command of the program: its declaration, which the parser
// reads, and what it does.
type command struct {
	*cli.Command

	// describe writes the help for these operands, and reports false where
	// there is nothing to say beyond the declaration. It may be nil.
	describe func(w io.Writer, operands []string) (bool, error)
}

// arguments is what stands on the command line besides flags.
type arguments struct {
	operands []string
	rest     []string // after "--"
}

// all returns both; for commands to which "--" only ends the flags.
func (a arguments) all() []string { return slices.Concat(a.operands, a.rest) }

// newCommand makes a command of a declaration: Name (one word, or two as in
// "targets add"), Usage (one line),
// ArgsUsage (the operands), Description, UsageText (the examples, a line each)
// and Flags. The parser prints nothing and ends nothing by itself.
func newCommand(declared cli.Command, run func(ctx context.Context, args arguments) error) *command {
	declared.HideHelp = true // help is a command of ours; the parser's own prints
	declared.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return err }
	declared.Action = func(c *cli.Context) error {
		args := arguments{operands: c.Args().Slice()}
		if i := slices.Index(args.operands, "--"); i >= 0 {
			args.operands, args.rest = args.operands[:i], args.operands[i+1:]
		}
		return run(c.Context, args)
	}
	return &command{Command: &declared}
}

// parse hands a line made by arrange to urfave/cli and runs the command that it
// names.
func parse(ctx context.Context, commands []*command, line []string) error {
	app := &cli.App{
		Name:            "moonpost",
		HideHelp:        true,
		HideVersion:     true,
		Writer:          io.Discard,
		ErrWriter:       io.Discard,
		Compiled:        time.Unix(1, 0), // else the parser looks at the program's file
		ExitErrHandler:  func(*cli.Context, error) {},
		CommandNotFound: func(*cli.Context, string) {},
	}
	for _, c := range commands {
		app.Commands = append(app.Commands, c.Command)
	}
	return app.RunContext(ctx, line)
}

func (c *command) flags() []flag {
	flags := make([]flag, len(c.Flags))
	for i, f := range c.Flags {
		flags[i] = flag{f.(cli.DocGenerationFlag)}
	}
	return flags
}

// flag returns the flag that is spelled so: "--output" or "-o".
func (c *command) flag(spelled string) (flag, bool) {
	for _, f := range c.flags() {
		if slices.Contains(f.spellings(), spelled) {
			return f, true
		}
	}
	return flag{}, false
}
