package command

import (
	"cmp"
	"fmt"
	"io"
	"sync"

	"github.com/urfave/cli/v2"

	"moonpost/engine/display"
	"moonpost/engine/event"
)

// talkFlags say how much a command tells while it works.
type talkFlags struct {
	quiet  bool
	ascii  bool
	events string
	jobLog bool // what jobs log is shown on terminals, too
	apart  bool // standard output is for something else than results
}

func (t *talkFlags) flags(p *program) []cli.Flag {
	return []cli.Flag{
		switchFlag(&t.ascii, aboutOutput, "ascii", "draw with ASCII characters only"),
		switchFlag(&t.quiet, aboutOutput, "quiet", "no progress and no remarks, only warnings and errors"),
		verboseFlag(p),
	}
}

// eventsFlag is for commands of which there is something to tell.
func (t *talkFlags) eventsFlag() cli.Flag {
	return textFlag(&t.events, aboutOutput, "events", "`FILE` gets what happens, as lines of JSON; with -, results go to standard error")
}

func verboseFlag(p *program) cli.Flag {
	return switchFlag(&p.verbose, aboutOutput, "verbose", "show details of errors, and debug lines")
}

// talk is how a command is heard while it works. Its sink is the display and,
// when one was asked for, the stream of events.
type talk struct {
	sink     event.Sink
	results  io.Writer // where results go
	terminal bool      // results is a terminal
	options  display.ResultOptions
	entered  func() // a person ended a line on the terminal
	close    func() // shows what is left; results are written after it
}

// open starts to listen. The caller closes the talk before it writes results.
func (t *talkFlags) open(p *program, op string) (*talk, error) {
	if t.quiet && p.verbose {
		return nil, misuse(op, "--quiet and --verbose contradict each other", "")
	}
	to := &talk{results: p.stdout, terminal: p.StdoutTerminal, options: display.ResultOptions{ASCII: t.ascii}}
	var stream event.Sink
	ended := func() {}
	if t.events != "" {
		events, done, err := t.openEvents(p, op)
		if err != nil {
			return nil, err
		}
		stream, ended = events, done
	}
	if t.events == "-" || t.apart {
		to.results, to.terminal = p.stderr, p.StderrTerminal
	}
	if to.terminal {
		to.options.Width = p.Width() // elsewhere nothing is cut
	}
	noColor, _ := p.Env("NO_COLOR")
	shown := display.New(display.Options{
		Out: to.results, Err: p.stderr, Terminal: p.StderrTerminal, OutTerminal: to.terminal, Width: p.Width,
		ASCII: t.ascii, Color: p.StderrTerminal && noColor == "", JobLog: t.jobLog, Quiet: t.quiet, Verbose: p.verbose,
	})
	to.sink = event.Fan(stream, shown)
	to.entered = shown.Entered
	to.close = sync.OnceFunc(func() {
		shown.Close()
		ended()
	})
	return to, nil
}

// openEvents returns the stream of events and what ends it.
func (t *talkFlags) openEvents(p *program, op string) (event.Sink, func(), error) {
	if t.events == "-" {
		events := display.JSONLines(p.stdout, p.Now)
		return events, func() { _ = events.Close() }, nil // what was lost is the stream's to tell
	}
	file, err := p.create(op, "--events", t.events)
	if err != nil {
		return nil, nil, err
	}
	masked := newStream(file, p.secrets)
	events := display.JSONLines(masked, p.Now)
	return events, func() {
		lost := events.Close()
		if err := cmp.Or(lost, masked.Close(), file.Close()); err != nil {
			fmt.Fprintf(p.stderr, "warning: the events are not complete: %v\n", err)
		}
	}, nil
}

// print writes a result, JSON text, in that format with these columns; nil: all.
func (to *talk) print(result []byte, format display.Format, columns []string) error {
	options := to.options
	options.Columns = columns
	return display.WriteResult(to.results, result, format, options)
}
