package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"moonpost/engine/targets"
)

type removeOptions struct{ program *program }

func targetsRemoveCommand(p *program) *command {
	o := &removeOptions{program: p}
	return newCommand(cli.Command{
		Name:      "targets remove",
		Usage:     "Forgets targets and their stored passwords.",
		ArgsUsage: "NAME …",
		Description: `The section of each goes out of targets.toml, with the comments directly above
and in it; everything else there stays as it is. The servers hear nothing of it.`,
		UsageText: `moonpost targets remove test
			moonpost targets remove alpha beta`,
		Flags: []cli.Flag{verboseFlag(p)},
	}, o.run)
}

func (o *removeOptions) run(_ context.Context, args arguments) error {
	const op = "targets remove"
	names := args.all()
	if len(names) == 0 {
		return misuse(op, "no target is named", targets.ListHint)
	}
	book, passwords := o.program.book(), o.program.passwords()
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names { // all or none
		t, err := book.Find(name)
		if err != nil {
			return err
		}
		if t.Sandbox && passwords.Alive(name) {
			return misuse(op, name+" is a sandbox that is running", "it goes when the sandbox ends")
		}
	}
	var failed error
	for _, name := range names {
		t, err := book.Remove(name)
		if err != nil {
			return errors.Join(failed, err)
		}
		fmt.Fprintf(o.program.stderr, "target %s is removed\n", name)
		// The entry goes in any case: a keychain may be gone for good.
		if err := passwords.Remove(t); failed == nil {
			failed = err
		}
	}
	return failed
}
