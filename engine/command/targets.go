package command

import (
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/targets"
)

// book returns the named targets of the user.
func (p *program) book() targets.Book { return targets.Open(p.ConfigDir()) }

// passwords returns the stored passwords of the named targets.
func (p *program) passwords() targets.Passwords {
	dir, err := p.StateDir()
	return targets.OpenPasswords(dir, err, p.attended(), p.Env)
}

// settle completes a login to the target of that name: what flags and
// environment do not say is taken from the file.
func (f *serverFlags) settle(p *program, op string, l *login, name string) error {
	if !targets.IsName(name) {
		// The text is not repeated: it may be a URL gone wrong, with a password in it.
		return misuse(op, "the target is neither a URL nor a name of one", "give --target https://HOST, or a name: moonpost targets list")
	}
	t, err := p.book().Find(name)
	if err != nil {
		return err
	}
	if f.insecure {
		return misuse(op, "--insecure would show the password of target "+name+" to whoever answers",
			"look at the certificate and pin it: moonpost targets pin "+name)
	}
	stored := t
	if l.user == "" {
		l.user = t.User
	}
	if l.instance == "" {
		l.instance = t.Instance
	}
	if l.ca == "" && l.fingerprint == "" {
		l.fingerprint, l.ca = t.Fingerprint, p.book().CA(t)
	}
	t.User, t.Instance = l.user, l.instance
	l.url = t.Address()
	if t.User == stored.User && l.url == stored.Address() {
		l.stored = stored
	}
	if t.Sandbox && !p.passwords().Alive(name) {
		l.missing = ended(name, op)
	}
	return nil
}

// ended is the error for a sandbox whose process is gone.
func ended(name, op string) error {
	return &fault.Error{
		Kind: fault.Unreachable, Op: op, Message: "the sandbox " + name + " has ended",
		Hint: "start it again: moonpost sandbox --name " + name + "; or forget it: moonpost targets remove " + name,
	}
}

// noteSource says where a password came from when that may surprise.
func (c *connection) noteSource() {
	if name := c.login.stored.Name; name != "" && c.login.stored.PasswordIn != targets.Nowhere && c.login.fromEnvironment {
		c.sink.Emit(event.Log{Level: event.Info, Message: "the password is that of MOONPOST_PASSWORD, not the stored one of target " + name})
	}
}
