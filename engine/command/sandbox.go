package command

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox"
)

type sandboxOptions struct {
	program *program

	format       string
	edition      string
	port         int
	user         string
	passwordFile string
	users        *int
	stores       *int
	seed         uint64
	faults       []string
	latency      time.Duration
	jobSpeed     float64
	errorTexts   string
	behaviour    []string
	history      *time.Duration
	state        string
	name         string
}

func sandboxCommand(p *program) *command {
	o := &sandboxOptions{program: p}
	const world = "the simulated server"
	return newCommand(cli.Command{
		Name:  "sandbox",
		Usage: "Serves a simulated MailStore until Ctrl-C, for any client.",
		Description: `It listens on the loopback interface only, over TLS with its own certificate.
What happened there is told at /sandbox/effects and /sandbox/requests; faults
are set with POST /sandbox/faults, the clock of its jobs with POST
/sandbox/clock. SetServiceCertificate takes what /sandbox/certificates names.

Beside its stores there is a locked one to attach, in ` + sandbox.LockedDirectory + `; its
passphrase is ` + strconv.Quote(sandbox.LockedPassphrase) + `. With 24 stores or more one of them has an error,
and one is damaged. Hosts that end in .invalid cannot be reached.

With --name it is a named target for as long as it runs, and other commands
reach it by that name alone.

With --state it goes on where the last one with that file stopped: users,
stores and settings, logins, certificate and what /sandbox/effects counted. The
file is written at the end and once a second while something changes, so a kill
loses a second at most. It holds passwords and is its owner's alone.`,
		UsageText: `moonpost sandbox --users 500 --name demo
			moonpost sandbox --state demo.sandbox
			moonpost sandbox --edition spe --fault CreateUser:drop_reply:0.01 --output json`,
		Flags: []cli.Flag{
			parsedFlag(&o.port, world, "port", "`N` port to listen on; a free one unless given", port),
			parsedFlag(&o.edition, world, "edition", "`server|spe` product to play; server unless given", oneOf(string(catalogue.Server), string(catalogue.SPE))),
			textFlag(&o.user, world, "user", "`NAME` of its administrator; admin unless given"),
			textFlag(&o.passwordFile, world, "password-file", "`FILE` holds the password of its administrator"),
			parsedFlag(&o.users, world, "users", "`N` users besides the administrator; 25 unless given", optional(whole)),
			parsedFlag(&o.stores, world, "stores", "`N` archive stores; 12 unless given", optional(whole)),
			parsedFlag(&o.history, world, "history", "`TIME` that runs of profiles and jobs reach back; 14d unless given", optional(span)),
			parsedFlag(&o.seed, world, "seed", "`N` where users, stores and faults are drawn from; 1 unless given", seed),
			textsFlag(&o.faults, world, "fault", faultUsage),
			parsedFlag(&o.latency, world, "latency", "`TIME` added to every call", span),
			parsedFlag(&o.jobSpeed, world, "job-speed", "`N` seconds of a job that pass in one second; 60 unless given", factor),
			parsedFlag(&o.errorTexts, world, "error-texts", "`vendor|german|random` words of its errors", oneOf("vendor", "german", "random")),
			textsFlag(&o.behaviour, world, "behaviour", behaviourUsage()),
			textFlag(&o.state, world, "state", "`FILE` that keeps it over restarts; without one all is gone at the end"),
			textFlag(&o.name, world, "name", "`NAME` of the target that it is while it runs"),
			outputFlag(&o.format, "text", "json"),
			verboseFlag(p),
		},
	}, o.run)
}

func (o *sandboxOptions) run(ctx context.Context, args arguments) error {
	if operands := args.all(); len(operands) > 0 {
		return misuse("sandbox", "unexpected argument "+operands[0], "see: moonpost sandbox --help")
	}
	password, err := o.password()
	if err != nil {
		return err
	}
	state := o.state
	if state != "" {
		state = o.program.path(state)
	}
	signals, stop := o.program.Notify()
	defer stop()
	server, err := sandbox.New(sandbox.Options{
		Edition: catalogue.Edition(o.edition), Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port)),
		User: o.user, Password: password, Users: population(o.users), Stores: population(o.stores), Seed: o.seed,
		Faults: o.faults, Latency: o.latency, JobSpeed: o.jobSpeed, ErrorTexts: o.errorTexts,
		Behaviour: o.behaviour, History: reach(o.history), State: state,
	})
	if err != nil {
		return err
	}
	defer server.Close()
	if err := server.Start(); err != nil {
		return err
	}
	leave := func() {}
	if o.name != "" {
		if leave, err = o.lodge(server); err != nil {
			return err
		}
	}
	defer leave()
	if err := o.announce(server); err != nil {
		return err
	}
	select {
	case <-signals:
	case <-ctx.Done():
	}
	leave() // before nobody answers there
	server.Close()
	return server.StateError()
}

func (o *sandboxOptions) password() (string, error) {
	if o.passwordFile == "" {
		return "", nil
	}
	files := reader{dir: o.program.Dir, stdin: o.program.Stdin}
	return files.password("sandbox", o.passwordFile)
}

// behaviourUsage is what help says of --behaviour.
func behaviourUsage() string {
	text := "`NAME=VALUE` what it does where the real server is not known for sure; repeatable. The first value is the usual one:"
	for i, b := range sandbox.Behaviours() {
		if i > 0 {
			text += ","
		}
		text += " " + b.Name + "=" + strings.Join(b.Values, "|")
	}
	return text
}

// announce says where the server is and how to log in.
func (o *sandboxOptions) announce(server *sandbox.Server) error {
	if o.format == "json" {
		text, err := json.Marshal(struct {
			URL         string `json:"url"`
			User        string `json:"user"`
			Password    string `json:"password"`
			Fingerprint string `json:"fingerprint"`
			Target      string `json:"target,omitempty"` // of --name
		}{server.URL(), server.User(), server.Password(), server.Fingerprint(), o.name})
		if err != nil {
			return err
		}
		fmt.Fprintf(o.program.stdout, "%s\n", text)
		return nil
	}
	first := "GetServerInfo"
	if server.Edition() == catalogue.SPE {
		first = "GetEnvironmentInfo"
	}
	example := fmt.Sprintf("MOONPOST_PASSWORD=%s moonpost call %s --target %s --user %s --fingerprint %s",
		quoted(server.Password()), first, server.URL(), quoted(server.User()), server.Fingerprint())
	if o.name != "" {
		example = "moonpost call " + first + " --target " + o.name
	}
	fmt.Fprintf(o.program.stdout, `sandbox of a MailStore %s
  url          %s
  user         %s
  password     %s
  fingerprint  %s
try it in another terminal:
  %s
Ctrl-C ends it.
`, editionName(server.Edition()), server.URL(), server.User(), server.Password(), server.Fingerprint(), example)
	return nil
}

func editionName(edition catalogue.Edition) string {
	if edition == catalogue.SPE {
		return "Service Provider Edition"
	}
	return "Server"
}

// quoted returns text as one word of a POSIX shell.
func quoted(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./@", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'"
}

// population returns n as the sandbox's options count: 0 stands for its own
// number there, and a negative one for none.
func population(n *int) int {
	switch {
	case n == nil:
		return 0
	case *n == 0:
		return -1
	}
	return *n
}

// reach returns a span as the sandbox's options count it, like population.
func reach(d *time.Duration) time.Duration {
	switch {
	case d == nil:
		return 0
	case *d == 0:
		return -1
	}
	return *d
}

func port(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 65535 {
		return 0, fmt.Errorf("want a port from 0 to 65535, got %q", text)
	}
	return n, nil
}

func whole(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("want a whole number of 0 or more, got %q", text)
	}
	if n > math.MaxInt32 {
		return 0, fmt.Errorf("want less than 2^31, got %s", text)
	}
	return int(n), nil
}

func seed(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("want a whole number above 0, got %q", text)
	}
	return n, nil
}

func factor(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return 0, fmt.Errorf("want a number above 0, got %q", text)
	}
	return n, nil
}
