package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/urfave/cli/v2"

	"moonpost/engine/api"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
	"moonpost/engine/targets"
)

type checkOptions struct {
	program *program

	passwordFile string
	report       string
	output       outputFlags
	talk         talkFlags
}

const checkOp = "targets check"

// checksAtOnce bounds how many servers are asked at once.
const checksAtOnce = 8

func targetsCheckCommand(p *program) *command {
	o := &checkOptions{program: p}
	return newCommand(cli.Command{
		Name:      checkOp,
		Usage:     "Looks whether targets are there and let you in.",
		ArgsUsage: "[NAME …]",
		Description: `For each, all of them unless some are named: whether its certificate is the
trusted one and for how many days it is valid, whether the login works, and what
the server is. Only reads are sent. Ends with 6 when a certificate or login is
refused and with 9 when a server is not reached. MOONPOST_PASSWORD and
--password-file are for one target alone.

With --report it also asks one server what its documentation leaves open: reads
alone, and names of functions and jobs that do not exist. For the functions of
instances the target must name one.`,
		UsageText: `moonpost targets check
			moonpost targets check prod --report report.txt`,
		Flags: slices.Concat([]cli.Flag{
			textFlag(&o.passwordFile, aboutServer, "password-file", "`FILE` holds the password of the one target; else MOONPOST_PASSWORD, what is stored, or a prompt"),
			textFlag(&o.report, aboutOutput, "report", reportUsage),
		}, o.output.flags(), o.talk.flags(p)),
	}, o.run)
}

// checked is what became of the check of one target.
type checked struct {
	Name      string `json:"name"`
	State     string `json:"state"` // ok, warning or failed
	Says      string `json:"says"`
	Edition   string `json:"edition"`
	Version   string `json:"version"`
	Functions *int   `json:"functions"`
	Days      *int   `json:"days"` // for which its certificate is still valid
	Kind      string `json:"kind"` // of the error
	URL       string `json:"url"`

	err error
}

func (o *checkOptions) run(ctx context.Context, args arguments) error {
	p := o.program
	chosen, err := o.choose(args.all())
	if err != nil {
		return err
	}
	alone := len(chosen) == 1 && len(args.all()) == 1
	if o.passwordFile != "" && !alone {
		return misuse(checkOp, "--password-file is for one target", "name the one that the password is for")
	}
	if o.report != "" && !alone {
		return misuse(checkOp, "--report is about one target", "name the one to ask")
	}
	talk, err := o.talk.open(p, checkOp)
	if err != nil {
		return err
	}
	defer talk.close()
	logins := make([]login, len(chosen))
	for i, t := range chosen {
		if logins[i], err = o.login(t, alone); err != nil {
			return err
		}
	}
	if o.report != "" {
		return o.survey(ctx, talk, logins[0])
	}
	ended := supervise(ctx, p.interruption(newBrake(), talk), func(ctx context.Context) ([]checked, error) {
		rows := make([]checked, len(chosen))
		var wait sync.WaitGroup
		places := make(chan struct{}, checksAtOnce)
		for i, t := range chosen {
			places <- struct{}{}
			wait.Go(func() {
				defer func() { <-places }()
				rows[i] = o.check(ctx, t, logins[i])
			})
		}
		wait.Wait()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return rows, nil
	})
	if err := ended.failure(checkOp); err != nil {
		return err
	}
	talk.close()
	return o.tell(talk, ended.value)
}

// choose returns the targets of those names, or all.
func (o *checkOptions) choose(names []string) ([]targets.Target, error) {
	book := o.program.book()
	all, err := book.All()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 && len(all) == 0 {
		return nil, misuse(checkOp, "there are no targets in "+book.File(), "add one: moonpost targets add NAME https://HOST")
	}
	if len(names) == 0 {
		return all, nil
	}
	chosen := make([]targets.Target, 0, len(names))
	for _, name := range names {
		t, err := book.Find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(chosen, t) {
			chosen = append(chosen, t)
		}
	}
	return chosen, nil
}

// login returns the way in to t. What is not stored is taken from the command
// line, the environment or a person only when t is alone: a password goes to no
// server that it is not for.
func (o *checkOptions) login(t targets.Target, alone bool) (login, error) {
	p := o.program
	l := p.loginOf(t, secret.Secret{})
	text, _ := p.Env("MOONPOST_PASSWORD")
	switch {
	case t.Sandbox && !p.passwords().Alive(t.Name):
		l.missing = ended(t.Name, checkOp)
	case t.User == "":
		l.missing = misuse(checkOp, "it has no user", "store one: moonpost targets add "+t.Name+" "+t.Address()+" --replace")
	case alone && o.passwordFile != "":
		files := reader{dir: p.Dir, stdin: p.Stdin}
		text, err := files.password(checkOp, o.passwordFile)
		if err != nil {
			return l, err
		}
		l.password = secret.New(text)
	case alone && text != "":
		l.password = secret.New(text)
	case alone && t.PasswordIn == targets.Nowhere && p.attended():
		var err error
		if l.password, err = p.askPassword(checkOp, "password of "+t.User+" at "+t.Name+": ", "the login was not tried"); err != nil {
			return l, err
		}
	default:
		l.password, l.missing = p.passwords().Get(t)
	}
	return l, nil
}

// check looks at the certificate of t, and logs in when it is the right one.
func (o *checkOptions) check(ctx context.Context, t targets.Target, l login) checked {
	row := checked{Name: t.Name, State: "ok", Says: "certificate and login are right", URL: t.Address(), Edition: string(t.Edition)}
	fail := func(err error) checked {
		row.State, row.Says, row.Kind, row.err = "failed", err.Error(), string(fault.KindOf(err)), err
		if e, ok := errors.AsType[*fault.Error](err); ok {
			row.Says = e.Text()
		}
		return row
	}
	if t.Sandbox && l.missing != nil {
		return fail(l.missing)
	}
	shown, err := api.Look(ctx, api.Config{URL: l.url, Fingerprint: l.fingerprint, CAFile: l.ca})
	if err != nil {
		return fail(err)
	}
	left := days(shown.NotAfter.Sub(o.program.Now()))
	row.Days = &left
	if e, ok := errors.AsType[*fault.Error](shown.Refused); ok {
		return fail(named(checkOp, e, "ask whoever runs the server; if its certificate is right: moonpost targets pin "+t.Name))
	}
	if l.missing != nil {
		return fail(l.missing)
	}
	met, err := o.program.introduce(ctx, l, event.Discard)
	if err != nil {
		return fail(err)
	}
	row.Edition, row.Version, row.Functions = met.about.Edition, met.about.Version, &met.functions
	switch doubt := ageing(shown, o.program.Now()); {
	case doubt != "":
		row.State, row.Says = "warning", doubt
	case met.remark != "":
		row.State, row.Says = "warning", met.remark
	case t.Edition != "" && string(t.Edition) != met.about.Edition:
		row.State, row.Says = "warning", fmt.Sprintf("targets.toml says edition %s, the server is %s", t.Edition, met.about.Edition)
	}
	return row
}

// tell prints the rows, says what is to be done about those that failed, and
// returns the exit code of the worst.
func (o *checkOptions) tell(to *talk, rows []checked) error {
	if err := o.output.list(to, rows, "name", "state", "edition", "version", "functions", "days", "says"); err != nil {
		return err
	}
	codes := []int{fault.ExitOK}
	for _, row := range rows {
		if row.err != nil {
			codes = append(codes, fault.KindOf(row.err).ExitCode())
			fault.WriteText(o.program.stderr, named("target "+row.Name, row.err, ""), o.program.verbose)
		}
	}
	if code := fault.Worst(codes...); code != fault.ExitOK {
		return &endedError{code: code}
	}
	return nil
}
