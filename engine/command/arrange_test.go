package command

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"moonpost/engine/fault"
)

// trial is a program of two commands whose flags end up in its fields.
type trial struct {
	target string
	faults []string
	quiet  bool
	wait   time.Duration
	ran    string
	args   arguments
	all    []*command
}

func newTrial() *trial {
	o := &trial{}
	note := func(name string) func(context.Context, arguments) error {
		return func(_ context.Context, args arguments) error {
			o.ran, o.args = name, args
			return nil
		}
	}
	target := func() cli.Flag {
		f := textFlag(&o.target, "server", "target", "`URL` of the server")
		f.Aliases = []string{"t"}
		return f
	}
	quiet := func() cli.Flag { return switchFlag(&o.quiet, "", "quiet", "say less") }
	o.all = []*command{
		newCommand(cli.Command{Name: "run", Flags: []cli.Flag{
			target(), quiet(), textsFlag(&o.faults, "", "fault", "`SPEC` of a fault"),
			parsedFlag(&o.wait, "", "wait", "`TIME` to wait", span),
		}}, note("run")),
		newCommand(cli.Command{Name: "version", Flags: []cli.Flag{quiet()}}, note("version")),
		newCommand(cli.Command{Name: "help"}, note("help")),
		newCommand(cli.Command{Name: "runs", Flags: []cli.Flag{quiet()}}, note("runs")),
		newCommand(cli.Command{Name: "runs prune", Flags: []cli.Flag{target()}}, note("runs prune")),
		newCommand(cli.Command{Name: "work add"}, note("work add")),
	}
	return o
}

// do sends args through arrange and the parser.
func (o *trial) do(args ...string) error {
	line, err := arrange(args, o.all)
	if err != nil {
		return err
	}
	return parse(context.Background(), o.all, line)
}

func TestFlagsAreObeyedWhereverTheyStand(t *testing.T) {
	for _, test := range []struct {
		name     string
		args     string
		operands string
		rest     string
		target   string
		faults   string
		quiet    bool
	}{
		{name: "before the operands", args: "run --target x --quiet f.lua k=v", operands: "f.lua k=v", target: "x", quiet: true},
		{name: "after the operands", args: "run f.lua k=v --quiet --target x", operands: "f.lua k=v", target: "x", quiet: true},
		{name: "between the operands", args: "run f.lua --target x k=v", operands: "f.lua k=v", target: "x"},
		{name: "before the command", args: "--target x --quiet run f.lua", operands: "f.lua", target: "x", quiet: true},
		{name: "with an equals sign", args: "run f.lua --target=a=b --quiet=true", operands: "f.lua", target: "a=b", quiet: true},
		{name: "by the short name", args: "run f.lua -t x", operands: "f.lua", target: "x"},
		{name: "switched off", args: "run f.lua --quiet=false", operands: "f.lua"},
		{name: "not behind the dashes", args: "run f.lua -- --target x --quiet", operands: "f.lua", rest: "--target x --quiet"},
		{name: "second dashes belong to the playbook", args: "run f.lua -- a -- b", operands: "f.lua", rest: "a -- b"},
		{name: "no operands before the dashes", args: "run --quiet -- a", rest: "a", quiet: true},
		{name: "a single dash is an operand", args: "run - f.lua", operands: "- f.lua"},
		{name: "a single dash is a value", args: "run f.lua --target -", operands: "f.lua", target: "-"},
		{name: "repeatable ones add up", args: "run --fault a,b f.lua --fault c", operands: "f.lua", faults: "a,b c"},
		{name: "an operand named like a flag stays one", args: "run quiet --quiet", operands: "quiet", quiet: true},
		{name: "an operand named like a command stays one", args: "run help", operands: "help"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newTrial()
			if err := o.do(strings.Fields(test.args)...); err != nil {
				t.Fatalf("%q: %v", test.args, err)
			}
			if o.ran != "run" {
				t.Fatalf("%q ran %q, want run", test.args, o.ran)
			}
			check := func(what, got, want string) {
				if got != want {
					t.Errorf("%q: %s = %q, want %q", test.args, what, got, want)
				}
			}
			check("operands", strings.Join(o.args.operands, " "), test.operands)
			check("rest", strings.Join(o.args.rest, " "), test.rest)
			check("target", o.target, test.target)
			check("faults", strings.Join(o.faults, " "), test.faults)
			if o.quiet != test.quiet {
				t.Errorf("%q: quiet = %v, want %v", test.args, o.quiet, test.quiet)
			}
		})
	}
}

func TestNothingOnTheLineIsPassedOver(t *testing.T) {
	for _, test := range []struct{ name, args, message, hint string }{
		{"an unknown flag", "run f.lua --plan", "run: unknown flag --plan", "see: moonpost run --help"},
		{"a misspelled flag", "run f.lua --traget=x", "run: unknown flag --traget", "did you mean --target?"},
		{"a long flag with one dash", "run -target x", "run: unknown flag -target", "did you mean --target?"},
		{"joined short flags", "run -tx", "run: unknown flag -tx", "see: moonpost run --help"},
		{"a flag of another command", "version --target x", "version: flag --target has no effect here", "see: moonpost version --help"},
		{"a flag of another command before the command", "--target x version", "version: flag --target has no effect here", "see: moonpost version --help"},
		{"a flag without its value", "run f.lua --target", "run: flag --target needs a value", "write --target=URL"},
		{"a flag where the value should be", "run --target --quiet f.lua", "run: flag --target needs a value", "write --target=URL"},
		{"an empty value", "run --target= f.lua", "run: flag --target needs a value", "write --target=URL"},
		{"a flag given twice", "run --target x f.lua -t y", "run: flag --target is given twice", ""},
		{"a switch that is neither on nor off", "run --quiet=maybe", `run: flag --quiet: want true or false, got "maybe"`, ""},
		{"a value that cannot be read", "run --wait soon", `run: flag --wait: want a time like 90s or 2m, got "soon"`, ""},
		{"a password", "run f.lua --password=hunter2", "run: a password is never given on the command line",
			"set MOONPOST_PASSWORD, give --password-file FILE, or type it when asked"},
		{"an unknown command", "rnu f.lua", "unknown command rnu", "did you mean run?"},
		{"a playbook without a command", "users.lua", "unknown command users.lua", "a playbook is run with: moonpost run users.lua"},
		{"a first word that goes on", "work", "work: what to do is not named", "one of: moonpost work add"},
		{"a misspelled second word", "work ad x", "unknown command work ad", "did you mean work add?"},
		{"another second word", "work somewhere", "unknown command work somewhere", "one of: moonpost work add"},
		{"a flag of the longer name", "runs --target x", "runs: flag --target has no effect here", "see: moonpost runs --help"},
		{"flags alone", "--quiet", "no command is named", "see: moonpost help"},
		{"a command behind the dashes", "-- run", "a command must stand before --", "see: moonpost help"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newTrial()
			err := o.do(strings.Fields(test.args)...)
			e, ok := err.(*fault.Error)
			if !ok || e.Kind != fault.Usage {
				t.Fatalf("%q: %v, want a usage error", test.args, err)
			}
			if e.Error() != test.message || e.Hint != test.hint {
				t.Errorf("%q: %q, hint %q, want %q, hint %q", test.args, e.Error(), e.Hint, test.message, test.hint)
			}
			if o.ran != "" {
				t.Errorf("%q ran %s, want nothing", test.args, o.ran)
			}
		})
	}
}

func TestACommandMayBeTwoWords(t *testing.T) {
	for _, test := range []struct{ args, ran, operands string }{
		{"runs", "runs", ""},
		{"runs last", "runs", "last"},
		{"runs prune", "runs prune", ""},
		{"runs prune --target x old", "runs prune", "old"},
		{"runs --target x prune old", "runs prune", "old"},
		{"work add prune", "work add", "prune"},
	} {
		o := newTrial()
		if err := o.do(strings.Fields(test.args)...); err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		if got := strings.Join(o.args.operands, " "); o.ran != test.ran || got != test.operands {
			t.Errorf("%q ran %q with %q, want %q with %q", test.args, o.ran, got, test.ran, test.operands)
		}
	}
}

func TestHelpAnywhereIsHelp(t *testing.T) {
	for args, want := range map[string]string{
		"":                           "",
		"--help":                     "",
		"run --help":                 "run",
		"-h run":                     "run",
		"run f.lua --help":           "run f.lua",
		"run f.lua --no-such --help": "run f.lua",
		"help run":                   "run",
	} {
		o := newTrial()
		if err := o.do(strings.Fields(args)...); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		if got := strings.Join(o.args.operands, " "); o.ran != "help" || got != want {
			t.Errorf("%q ran %q with %q, want help with %q", args, o.ran, got, want)
		}
	}
	o := newTrial()
	if err := o.do("run", "f.lua", "--", "--help"); err != nil || o.ran != "run" {
		t.Errorf("run f.lua -- --help ran %q, %v, want run", o.ran, err)
	}
}
