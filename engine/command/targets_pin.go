package command

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"moonpost/engine/api"
	"moonpost/engine/targets"
)

type pinOptions struct {
	program *program

	fingerprint string
	talk        talkFlags
}

const pinOp = "targets pin"

func targetsPinCommand(p *program) *command {
	o := &pinOptions{program: p}
	return newCommand(cli.Command{
		Name:      pinOp,
		Usage:     "Trusts the certificate that a target shows now.",
		ArgsUsage: "NAME",
		Description: `For a server whose certificate was renewed. It shows the old and the new
fingerprint and asks; without a terminal the new one is given with
--fingerprint. Nothing is sent to the server. From then on this one certificate
is trusted, whoever issued it.`,
		UsageText: `moonpost targets pin prod
			moonpost targets pin prod --fingerprint 3f1c…`,
		Flags: append([]cli.Flag{
			textFlag(&o.fingerprint, aboutServer, "fingerprint", "`SHA256` of the certificate that the server must show now"),
		}, o.talk.flags(p)...),
	}, o.run)
}

func (o *pinOptions) run(ctx context.Context, args arguments) error {
	p := o.program
	names := args.all()
	if len(names) != 1 {
		return misuse(pinOp, "one target is needed", targets.ListHint)
	}
	book := p.book()
	t, err := book.Find(names[0])
	if err != nil {
		return err
	}
	talk, err := o.talk.open(p, pinOp)
	if err != nil {
		return err
	}
	defer talk.close()
	looked := supervise(ctx, p.interruption(newBrake(), talk), func(ctx context.Context) (api.Certificate, error) {
		cfg := api.Config{URL: t.Address(), Fingerprint: o.fingerprint}
		if cfg.Fingerprint == "" {
			cfg.Fingerprint, cfg.CAFile = t.Fingerprint, book.CA(t)
		}
		return api.Look(ctx, cfg)
	})
	if err := looked.failure(pinOp); err != nil {
		return named(pinOp, err, "")
	}
	shown := looked.value
	writeCertificate(p.stderr, shown, p.Now())
	if t.Fingerprint != "" && shown.Refused == nil && o.fingerprint == "" {
		fmt.Fprintf(p.stderr, "target %s has this certificate pinned already\n", t.Name)
		return nil
	}
	fmt.Fprintf(p.stderr, "until now %s\n", until(t))
	if t.Fingerprint, err = p.pin(pinOp, shown, o.fingerprint); err != nil {
		return err
	}
	t.CA = ""
	if err := book.Put(t); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "target %s: pinned %s\n", t.Name, t.Fingerprint)
	return nil
}

// until says what was trusted before.
func until(t targets.Target) string {
	switch trustOf(t) {
	case "pinned":
		return "pinned: " + t.Fingerprint
	case "ca":
		return "trusted: whatever the authorities of " + t.CA + " issued"
	}
	return "trusted: whatever the authorities of this machine issued"
}
