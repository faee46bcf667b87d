package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/urfave/cli/v2"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/display"
	"moonpost/engine/fault"
	"moonpost/engine/recorder"
)

type callOptions struct {
	program *program

	envelope bool
	each     eachFlags
	server   serverFlags
	readOnly bool
	output   outputFlags
	talk     talkFlags
}

// listFunctions is the hint for who does not know a function's name.
const listFunctions = "list them with: moonpost functions"

func callCommand(p *program) *command {
	o := &callOptions{program: p, talk: talkFlags{jobLog: true}}
	return newCommand(cli.Command{
		Name:      "call",
		Usage:     "Calls one function of the server.",
		ArgsUsage: "FUNCTION [k=v …]",
		Description: `Arguments are given as k=v, k=@FILE (a file's content), k=@- (standard input) or
k:=JSON; k:=null leaves a value out on purpose where that clears it. The result
is a table on a terminal and JSON elsewhere. A long-running call is followed to
its end.

With --each FILE.csv the call is made for every row of the file, eight at a
time: {column} in a value stands for the row's value, {{ and }} for braces, and
k={column} is left out where the value is empty. The whole file is checked
before the first call. Rows that fail are written to failed.csv, with the
reason in a last column, and can be fed back as they are. Rows whose outcome
nobody knows are kept apart in failed.unknown.csv: look at the server before one
of them is repeated. While changing calls are made that file holds all rows, so
that a kill loses none.`,
		UsageText: `moonpost call GetUserInfo userName=ada --target https://mail.example.com --user admin
			moonpost call VerifyStore id=1 --sandbox --envelope
			moonpost call CreateUser --each users.csv userName={login} privileges=login password={password}
			moonpost call CreateUser --each failed.csv userName={login} privileges=login password={password}`,
		Flags: slices.Concat(
			o.each.flags(),
			o.server.flags(),
			[]cli.Flag{readOnlyFlag(&o.readOnly)},
			o.output.flags(),
			[]cli.Flag{
				switchFlag(&o.envelope, aboutOutput, "envelope", "print the server's last answer as it came, and the whole log"),
				o.talk.eventsFlag(),
			},
			o.talk.flags(p)),
	}, o.run)
}

func (o *callOptions) run(ctx context.Context, args arguments) error {
	operands := args.all()
	if len(operands) == 0 {
		return misuse("call", "no function is named", listFunctions)
	}
	if o.envelope && (o.output.format == "table" || o.output.format == "csv" || o.output.columns != nil) {
		return misuse("call", "--envelope is printed as JSON only", "")
	}
	if err := o.each.check(); err != nil {
		return err
	}
	if o.each.file != "" {
		if o.envelope {
			return misuse("call", "--envelope is for one call, not for --each", "")
		}
		return o.runEach(ctx, operands[0], operands[1:])
	}
	req, err := o.request(operands[0], operands[1:])
	if err != nil {
		return err
	}
	talk, err := o.talk.open(o.program, "call")
	if err != nil {
		return err
	}
	defer talk.close()
	server, err := o.server.connect(o.program, "call", talk.sink)
	if err != nil {
		return err
	}
	defer server.close()
	server.readOnly = o.readOnly

	ended := supervise(ctx, o.program.interruption(server.brake, talk), func(ctx context.Context) (call.Answer, error) {
		to, err := server.open(ctx)
		if err != nil {
			return call.Answer{}, err
		}
		return recorder.New(talk.sink).Before(to).Call(ctx, req, nil)
	})
	talk.close()
	return o.print(talk, req.Fn, ended.value, ended.failure("call"))
}

// request makes the call that the operands describe. Names and types are
// checked by the client, which knows the server.
func (o *callOptions) request(fn string, operands []string) (call.Request, error) {
	files := &reader{dir: o.program.Dir, stdin: o.program.Stdin}
	assigned, err := assignments("call", operands, files)
	if err != nil {
		return call.Request{}, err
	}
	req := call.Request{Fn: fn, Args: make([]call.Arg, len(assigned))}
	for i, a := range assigned {
		if a.shown() && (catalogue.SecretArg(fn, a.name) || a.holds(catalogue.SecretPaths(fn, a.name))) {
			return call.Request{}, misuse("call", a.name+": a secret cannot stand on the command line, where others can read it",
				"give "+a.name+"=@FILE or "+a.name+"=@- (standard input)")
		}
		req.Args[i] = call.Arg{Name: a.name, Value: a.text}
		if a.json == nil {
			continue
		}
		if req.Args[i].Value, err = argument(a.json); err != nil {
			return call.Request{}, misuse("call", a.name+": "+err.Error(), "")
		}
	}
	return req, nil
}

// argument returns what a JSON value is as the argument of a call.
func argument(v jsontext.Value) (any, error) {
	switch v.Kind() {
	case 'n':
		return call.Null{}, nil
	case '{', '[':
		return call.JSON{Text: v}, nil
	}
	return decoded(v)
}

// print writes the result, or, where JSON is expected, the error object, and
// returns err. A wrong command line is told on standard error alone.
func (o *callOptions) print(to *talk, fn string, answer call.Answer, err error) error {
	format := o.output.resolved(to.terminal)
	switch {
	case o.envelope && answer.Envelope != nil:
		text, encoding := enveloped(answer)
		if encoding != nil {
			return errors.Join(err, encoding)
		}
		fmt.Fprintf(to.results, "%s\n", text)
	case err != nil && (format == display.JSON || o.envelope) && fault.KindOf(err) != fault.Usage:
		fmt.Fprintf(to.results, "%s\n", fault.JSON(err))
	case err != nil:
	case answer.Result == nil && format != display.JSON:
		if !o.talk.quiet {
			fmt.Fprintf(o.program.stderr, "%s: ok\n", fn)
		}
	default:
		return to.print(answer.Result, format, o.output.columns)
	}
	return err
}

// enveloped returns the last envelope and every line of the log, as JSON.
func enveloped(answer call.Answer) ([]byte, error) {
	log := []string{}
	if answer.Job != nil {
		log = append(log, strings.FieldsFunc(answer.Job.Log, func(r rune) bool { return r == '\n' })...)
	}
	return json.MarshalIndent(struct {
		Envelope json.RawMessage `json:"envelope"`
		Log      []string        `json:"log"`
	}{answer.Envelope, log}, "", "  ")
}
