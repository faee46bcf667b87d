package command

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"moonpost/engine/display"
	"moonpost/engine/targets"
)

type listOptions struct {
	program *program

	output outputFlags
	talk   talkFlags
}

func targetsListCommand(p *program) *command {
	o := &listOptions{program: p}
	return newCommand(cli.Command{
		Name:  "targets list",
		Usage: "Lists the named targets.",
		Description: `They stand in targets.toml in your configuration folder, which you may edit. A
table leaves out fingerprint, password_in and comment; --columns shows them.`,
		UsageText: `moonpost targets list
			moonpost targets list --output csv --columns name,url,fingerprint`,
		Flags: slices.Concat(o.output.flags(), o.talk.flags(p)),
	}, o.run)
}

// targetRow is one row of the list.
type targetRow struct {
	Name        string `json:"name"`
	URL         string `json:"url"`
	User        string `json:"user"`
	Instance    string `json:"instance"`
	Edition     string `json:"edition"`
	Trust       string `json:"trust"` // what makes its certificate the right one
	Fingerprint string `json:"fingerprint"`
	PasswordIn  string `json:"password_in"` // keychain, file, or nothing
	Comment     string `json:"comment"`
	Sandbox     bool   `json:"sandbox"`
}

func (o *listOptions) run(_ context.Context, args arguments) error {
	if operands := args.all(); len(operands) > 0 {
		return misuse("targets list", "unexpected argument "+operands[0], "to look at one: moonpost targets check NAME")
	}
	book := o.program.book()
	all, err := book.All()
	if err != nil {
		return err
	}
	rows := make([]targetRow, len(all))
	for i, t := range all {
		rows[i] = targetRow{
			Name: t.Name, URL: t.URL, User: t.User, Instance: t.Instance, Edition: string(t.Edition), Trust: trustOf(t),
			Fingerprint: t.Fingerprint, PasswordIn: string(t.PasswordIn), Comment: t.Comment, Sandbox: t.Sandbox,
		}
	}
	talk, err := o.talk.open(o.program, "targets list")
	if err != nil {
		return err
	}
	defer talk.close()
	if len(rows) == 0 && !o.talk.quiet {
		fmt.Fprintf(o.program.stderr, "there are none in %s; add one: moonpost targets add NAME https://HOST\n", book.File())
	}
	return o.output.list(talk, rows, "name", "url", "user", "instance", "edition", "trust")
}

// trustOf says in a word what makes the certificate of a target the right one.
func trustOf(t targets.Target) string {
	switch {
	case t.Fingerprint != "":
		return "pinned"
	case t.CA != "":
		return "ca"
	}
	return "system"
}

// list prints rows; shown are the columns of a table unless others are named.
func (o *outputFlags) list(to *talk, rows any, shown ...string) error {
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	format, columns := o.resolved(to.terminal), o.columns
	if columns == nil && format == display.Table {
		columns = shown
	}
	return to.print(text, format, columns)
}
