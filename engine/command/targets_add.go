package command

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"moonpost/engine/api"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
	"moonpost/engine/targets"
)

type addOptions struct {
	program *program

	user, passwordFile string
	instance           string
	ca, fingerprint    string
	comment            string
	noKeychain         bool
	replace            bool
	talk               talkFlags
}

const addOp = "targets add"

func targetsAddCommand(p *program) *command {
	o := &addOptions{program: p}
	return newCommand(cli.Command{
		Name:      addOp,
		Usage:     "Gives a server a name, and stores how to reach it.",
		ArgsUsage: "NAME URL",
		Description: `It shows the server's certificate and asks whether to trust it from now on, asks
for user and password, tries them with a read, and stores the password in the
system's keychain or, where there is none, in a file that it names. Everything
else goes into targets.toml in your configuration folder. Without a port it
tries those of both editions. Without a terminal nothing is asked: give
--fingerprint or --ca (unless the certificate is publicly trusted), --user, and
the password with MOONPOST_PASSWORD or --password-file.`,
		UsageText: `moonpost targets add prod https://mail.example.com
			moonpost targets add alpha https://spe.example.com:8474 --instance alpha --user admin --fingerprint 3f1c…`,
		Flags: append([]cli.Flag{
			userFlag(&o.user),
			passwordFileFlag(&o.passwordFile),
			textFlag(&o.instance, aboutServer, "instance", "`NAME` instance that calls are for, in a Service Provider Edition"),
			textFlag(&o.fingerprint, aboutServer, "fingerprint", "`SHA256` of the certificate to trust, without asking"),
			textFlag(&o.ca, aboutServer, "ca", "`FILE` certificates of the authorities to trust, instead of one certificate"),
			textFlag(&o.comment, aboutTargets, "comment", "`TEXT` kept beside it"),
			switchFlag(&o.noKeychain, aboutTargets, "no-keychain", "keep the password in a file"),
			switchFlag(&o.replace, aboutTargets, "replace", "take the place of the target of that name"),
		}, o.talk.flags(p)...),
	}, o.run)
}

func (o *addOptions) run(ctx context.Context, args arguments) error {
	p := o.program
	operands := args.all()
	if len(operands) != 2 {
		return misuse(addOp, "a name and an address are needed", "moonpost targets add NAME https://HOST")
	}
	t := targets.Target{Name: operands[0], Instance: o.instance, Comment: o.comment}
	before, err := o.vacant(t.Name)
	if err != nil {
		return err
	}
	if err := (&serverFlags{ca: o.ca, fingerprint: o.fingerprint}).check(addOp); err != nil {
		return err
	}
	talk, err := o.talk.open(p, addOp)
	if err != nil {
		return err
	}
	defer talk.close()

	looked := supervise(ctx, p.interruption(newBrake(), talk), func(ctx context.Context) (api.Certificate, error) {
		return o.look(ctx, operands[1])
	})
	if err := looked.failure(addOp); err != nil {
		return named(addOp, err, "")
	}
	shown := looked.value
	t.URL = "https://" + shown.Target
	if err := o.trust(&t, shown); err != nil {
		return err
	}
	password, err := o.credentials(&t, shown.Target)
	if err != nil {
		return err
	}
	tried := supervise(ctx, p.interruption(newBrake(), talk), func(ctx context.Context) (introduction, error) {
		return p.introduce(ctx, p.loginOf(t, password), talk.sink)
	})
	if err := tried.failure(addOp); err != nil {
		return named(addOp, err, "")
	}
	met := tried.value
	t.Edition = catalogue.Edition(met.about.Edition)
	if met.remark != "" {
		talk.sink.Emit(event.Log{Level: event.Warn, Message: met.remark})
	}
	talk.close()
	if err := o.keep(&t, password, before); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "target %s: MailStore %s %s at %s, %d functions\n", t.Name, editionName(t.Edition), fault.Visible(met.about.Version), shown.Target, met.functions)
	if !o.talk.quiet {
		fmt.Fprintf(p.stderr, "try it: moonpost functions --target %s\n", t.Name)
	}
	return nil
}

// vacant returns the target that is to be replaced, and refuses to replace one
// without --replace.
func (o *addOptions) vacant(name string) (before *targets.Target, err error) {
	if err := targets.CheckName(name); err != nil {
		return nil, named(addOp, err, "")
	}
	before, err = o.program.book().Holder(name)
	switch {
	case err != nil || before == nil:
		return nil, err
	case before.Sandbox && o.program.passwords().Alive(name):
		return nil, misuse(addOp, "a sandbox of that name is running", "take another name, or end it")
	case !o.replace && !before.Sandbox:
		return nil, misuse(addOp, "there is a target "+name+" already, "+before.Address(), "take another name, or say --replace")
	}
	return before, nil
}

// look finds the server and returns its certificate. Without a port both
// editions' are tried, the instance told apart.
func (o *addOptions) look(ctx context.Context, address string) (api.Certificate, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	cfg := api.Config{URL: address, Instance: o.instance, Fingerprint: o.fingerprint}
	if o.ca != "" {
		cfg.CAFile = o.program.path(o.ca)
	}
	u, err := url.Parse(address)
	if err != nil || u.Port() != "" || u.Hostname() == "" || o.instance != "" {
		return api.Look(ctx, cfg)
	}
	type finding struct {
		shown api.Certificate
		err   error
	}
	editions := []catalogue.Edition{catalogue.Server, catalogue.SPE}
	found := make([]chan finding, len(editions))
	for i, e := range editions {
		found[i] = make(chan finding, 1)
		go func() {
			at, on := cfg, *u
			on.Host += ":" + strconv.Itoa(e.Port())
			at.URL = on.String()
			var f finding
			f.shown, f.err = api.Look(ctx, at)
			found[i] <- f
		}()
	}
	first := <-found[0]
	if fault.KindOf(first.err) != fault.Unreachable {
		return first.shown, first.err
	}
	second := <-found[1]
	if fault.KindOf(second.err) == fault.Unreachable {
		e, ok := errors.AsType[*fault.Error](first.err)
		if ok && second.err.Error() != first.err.Error() { // else it is about the host, not about a port
			e.Message = fmt.Sprintf("%s, nor to port %d", e.Message, catalogue.SPE.Port())
		}
		return first.shown, first.err
	}
	return second.shown, second.err
}

// trust shows the certificate and settles how it is trusted.
func (o *addOptions) trust(t *targets.Target, shown api.Certificate) error {
	writeCertificate(o.program.stderr, shown, o.program.Now())
	switch {
	case o.ca != "":
		t.CA = o.program.path(o.ca)
		return named(addOp, shown.Refused, "")
	case o.fingerprint == "" && shown.Refused == nil:
		fmt.Fprintln(o.program.stderr, "an authority that this machine trusts has issued it, so it is not pinned")
		return nil
	}
	var err error
	t.Fingerprint, err = o.program.pin(addOp, shown, o.fingerprint)
	return err
}

// credentials settles who logs in.
func (o *addOptions) credentials(t *targets.Target, host string) (secret.Secret, error) {
	p := o.program
	var err error
	if t.User = p.or(o.user, "MOONPOST_USER"); t.User == "" && p.canAsk() {
		t.User, err = p.line(addOp, "user, a MailStore administrator: ", "no user was named")
	}
	switch text, _ := p.Env("MOONPOST_PASSWORD"); {
	case err != nil:
	case t.User == "":
		err = noUser(addOp)
	case o.passwordFile != "":
		files := reader{dir: p.Dir, stdin: p.Stdin}
		text, err = files.password(addOp, o.passwordFile)
		return secret.New(text), err
	case text != "":
		return secret.New(text), nil
	case p.attended():
		return p.askPassword(addOp, "password of "+t.User+" at "+host+": ", "nothing is stored")
	default:
		err = noPassword(addOp, t.User)
	}
	return secret.Secret{}, err
}

// keep stores the password and then the target, so that no target is without
// its password.
func (o *addOptions) keep(t *targets.Target, password secret.Secret, before *targets.Target) error {
	p := o.program
	passwords := p.passwords()
	t.PasswordIn = targets.Keychain
	if o.noKeychain {
		t.PasswordIn = targets.File
	} else if err := passwords.StoreInKeychain(*t, password); err != nil {
		t.PasswordIn = targets.File
		fmt.Fprintf(p.stderr, "there is no keychain to use: %v\n", err)
	}
	if t.PasswordIn == targets.File {
		if err := passwords.StoreInFile(*t, password); err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "the password is in %s, which you alone can read\n", passwords.File(t.Name))
	}
	if err := p.book().Put(*t); err != nil {
		return errors.Join(err, passwords.Remove(*t))
	}
	if before != nil && passwords.Moved(*before, *t) {
		return passwords.Remove(*before)
	}
	return nil
}
