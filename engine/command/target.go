package command

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
	"moonpost/engine/targets"
)

// serverFlags say which server is meant and how to log in to it. Flags win over
// the environment.
type serverFlags struct {
	target, instance   string
	ca, fingerprint    string
	insecure           bool
	user, passwordFile string
	sandbox            bool
	faults             []string
	users              *int // nil: not given
	callTimeout        time.Duration
	trace              string
}

// faultUsage is what help says of --fault.
const faultUsage = "`FUNCTION:FAULT:RATE` have the sandbox misbehave, as in CreateUser:drop_reply:0.01; repeatable"

func (f *serverFlags) flags() []cli.Flag {
	return []cli.Flag{
		textFlag(&f.target, aboutServer, "target", "`NAME|URL` a named target, or the address of a server; without a port that of the edition (MOONPOST_TARGET)"),
		textFlag(&f.instance, aboutServer, "instance", "`NAME` instance of a Service Provider Edition (MOONPOST_INSTANCE)"),
		userFlag(&f.user),
		passwordFileFlag(&f.passwordFile),
		textFlag(&f.ca, aboutServer, "ca", "`FILE` certificates of the authorities to trust (MOONPOST_CA)"),
		textFlag(&f.fingerprint, aboutServer, "fingerprint", "`SHA256` fingerprint of the one certificate to trust (MOONPOST_FINGERPRINT)"),
		switchFlag(&f.insecure, aboutServer, "insecure", "trust any certificate; warns every time"),
		switchFlag(&f.sandbox, aboutServer, "sandbox", "use a private simulated server, which ends with this command; with --instance alpha one of the Service Provider Edition"),
		textsFlag(&f.faults, aboutServer, "fault", faultUsage),
		parsedFlag(&f.users, aboutServer, "sandbox-users", "`N` users in the sandbox; 25 unless given", optional(whole)),
		parsedFlag(&f.callTimeout, aboutServer, "call-timeout", "`TIME` limit for one request; 60s unless given", positiveSpan),
		textFlag(&f.trace, aboutServer, "trace", "`FILE` gets every request and answer, secrets masked"),
	}
}

func userFlag(dest *string) cli.Flag {
	return textFlag(dest, aboutServer, "user", "`NAME` who logs in (MOONPOST_USER)")
}

func passwordFileFlag(dest *string) cli.Flag {
	return textFlag(dest, aboutServer, "password-file", "`FILE` holds the password; else MOONPOST_PASSWORD, what is stored, or a prompt")
}

// noUser and noPassword are the errors where nobody can be asked for them.
func noUser(op string) error {
	return misuse(op, "no user is named", "give --user NAME or set MOONPOST_USER")
}

func noPassword(op, user string) error {
	return misuse(op, "no password for "+user, "set MOONPOST_PASSWORD or give --password-file FILE")
}

// readOnlyFlag is for commands that could change a server.
func readOnlyFlag(dest *bool) cli.Flag {
	return switchFlag(dest, aboutServer, "read-only", "refuse every call that changes a server, before it is sent")
}

// check refuses flags that contradict each other.
func (f *serverFlags) check(op string) error {
	if !f.sandbox {
		switch {
		case len(f.faults) > 0:
			return misuse(op, "--fault has no effect without --sandbox", "")
		case f.users != nil:
			return misuse(op, "--sandbox-users has no effect without --sandbox", "")
		case f.ca != "" && f.fingerprint != "":
			return misuse(op, "--ca has no effect with --fingerprint", "leave out --ca: the fingerprint alone decides")
		case f.ca != "" && f.insecure:
			return misuse(op, "--ca has no effect with --insecure", "leave out --insecure: it trusts any certificate")
		}
		return nil
	}
	if f.target != "" {
		return misuse(op, "--target has no effect with --sandbox", "")
	}
	if name := f.aboutTarget(); name != "" {
		return misuse(op, name+" has no effect with --sandbox", "")
	}
	return nil
}

// aboutTarget returns the first given flag that says how to reach a target and
// how to log in there, "" for none.
func (f *serverFlags) aboutTarget() string {
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"--ca", f.ca != ""}, {"--fingerprint", f.fingerprint != ""}, {"--insecure", f.insecure},
		{"--user", f.user != ""}, {"--password-file", f.passwordFile != ""},
	} {
		if flag.set {
			return flag.name
		}
	}
	return ""
}

// login is a server and the way in to it.
type login struct {
	url, instance   string
	ca, fingerprint string
	insecure        bool
	user            string
	password        secret.Secret

	// missing says what cannot be done without; it matters once the server is
	// needed.
	missing error
	// stored is the named target whose stored password fits; none without a name.
	stored          targets.Target
	fromEnvironment bool // the password is that of MOONPOST_PASSWORD
	// ask says that a person is to be asked for the password.
	ask bool
}

// login reads where to go from flags, environment, password file and the file of
// named targets, in this order.
func (f *serverFlags) login(p *program, op string) (login, error) {
	l := login{
		url: p.or(f.target, "MOONPOST_TARGET"), instance: p.or(f.instance, "MOONPOST_INSTANCE"),
		ca: p.or(f.ca, "MOONPOST_CA"), fingerprint: p.or(f.fingerprint, "MOONPOST_FINGERPRINT"),
		insecure: f.insecure, user: p.or(f.user, "MOONPOST_USER"),
	}
	if f.ca != "" {
		l.fingerprint = "" // that of the environment would make the flag ineffective
	}
	if l.ca != "" {
		l.ca = p.path(l.ca)
	}
	if l.url != "" && !strings.Contains(l.url, "://") {
		if err := f.settle(p, op, &l, l.url); err != nil {
			return l, err
		}
	}
	switch text, ok := p.Env("MOONPOST_PASSWORD"); {
	case l.missing != nil:
	case l.url == "":
		const hint = "give --target NAME or URL, or set MOONPOST_TARGET; to try without a server: --sandbox"
		if name := f.aboutTarget(); name != "" {
			return l, misuse(op, "no target is named: "+name+" has no effect", hint)
		}
		l.missing = misuse(op, "no target is named", hint)
	case l.user == "":
		l.missing = noUser(op)
	case f.passwordFile != "":
		files := reader{dir: p.Dir, stdin: p.Stdin}
		text, err := files.password(op, f.passwordFile)
		if err != nil {
			return l, err
		}
		l.password = secret.New(text)
	case ok && text != "":
		l.password, l.fromEnvironment = secret.New(text), true
	case l.stored.PasswordIn != targets.Nowhere:
		l.password, l.missing = p.passwords().Get(l.stored)
	case p.attended():
		l.ask = true
	default:
		l.missing = noPassword(op, l.user)
	}
	return l, nil
}

// ask has a person type a secret. missing says what there is not without it.
func (p *program) ask(op, prompt, missing string) (secret.Secret, error) {
	typed, err := p.ReadPassword(prompt)
	if fault.KindOf(err) == fault.Cancelled {
		return typed, &fault.Error{Kind: fault.Cancelled, Op: op, Message: "interrupted: " + missing}
	}
	return typed, err
}

// askPassword has a person type a password. Nobody logs in without one, and a
// login that fails may lock the account, so an empty one is not tried.
func (p *program) askPassword(op, prompt, missing string) (secret.Secret, error) {
	typed, err := p.ask(op, prompt, missing)
	if err == nil && typed.Reveal() == "" {
		err = misuse(op, "nothing was typed: "+missing, "")
	}
	return typed, err
}

// attended reports whether there is a person who can be asked.
func (p *program) attended() bool { return p.StdinTerminal || p.StderrTerminal }

// or returns value, or the environment's when it is empty.
func (p *program) or(value, variable string) string {
	if value == "" {
		value, _ = p.Env(variable)
	}
	return value
}
