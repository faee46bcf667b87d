package command

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"moonpost/engine/fault"
	"moonpost/engine/manual"
)

type docOptions struct {
	program *program

	format string
	search bool
	write  string
	target string
}

// docWidth is the widest that a page is laid out: longer lines are hard to read.
const docWidth = 100

func docCommand(p *program) *command {
	o := &docOptions{program: p}
	return newCommand(cli.Command{
		Name:      "doc",
		Usage:     "Explains modules, server functions, errors and all else.",
		ArgsUsage: "[NAME]",
		Description: `NAME is that of a module, a function of one (csv.rows), a function of the
server (CreateUser), a kind of error, an exit code, an event, a command, a flag
without its hyphens, or a topic. Without NAME it says what there is; a word that
names nothing is looked for in all pages. No server is asked: what one offers is
compared as far as an earlier command left a copy of it.`,
		UsageText: `moonpost doc csv.rows
			moonpost doc --write manual`,
		Flags: []cli.Flag{
			switchFlag(&o.search, aboutManual, "search", "list the pages that have the words in them"),
			textFlag(&o.write, aboutManual, "write", "`DIR` gets the whole manual as Markdown pages"),
			textFlag(&o.target, aboutManual, "target", "`NAME|URL` server to compare with, as it answered an earlier command (MOONPOST_TARGET)"),
			outputFlag(&o.format, "text", "json"),
			verboseFlag(p),
		},
	}, o.run)
}

// aboutManual is the category of flags that are about the manual.
const aboutManual = "manual"

func (o *docOptions) run(_ context.Context, args arguments) error {
	name := strings.Join(args.all(), " ")
	m, err := o.manual()
	if err != nil {
		return err
	}
	switch {
	case o.write != "" && (name != "" || o.search || o.format != ""):
		return misuse("doc", "--write writes the whole manual as Markdown", "leave out the other arguments")
	case o.write != "":
		return o.writePages(m)
	case o.search && name == "":
		return misuse("doc", "no word to search for is given", "moonpost doc --search WORD")
	case o.search:
		return o.hits(name, m.Search(name))
	case name == "" && o.format == "json":
		return o.print(m.Entries())
	case name == "":
		return o.print([]manual.Entry{m.Overview()})
	}
	if found := m.Find(name); len(found) > 0 {
		return o.print(found)
	}
	if found := m.Search(name); len(found) > 0 {
		if o.format != "json" {
			fmt.Fprintf(o.program.stderr, "nothing is named %s; these pages have it:\n", name)
		}
		return o.hits(name, found)
	}
	hint := fault.DidYouMean(name, m.Names())
	if hint == "" {
		hint = "see what there is: moonpost doc"
	}
	return misuse("doc", "nothing is named "+name, hint)
}

func (o *docOptions) layout() manual.TextOptions {
	p := o.program
	if !p.StdoutTerminal {
		return manual.TextOptions{Width: 80}
	}
	noColor, _ := p.Env("NO_COLOR")
	return manual.TextOptions{Width: min(p.Width(), docWidth), Bold: noColor == ""}
}

func (o *docOptions) print(entries []manual.Entry) error {
	if o.format == "json" {
		return o.printJSON(entries)
	}
	manual.WriteText(o.program.stdout, entries, o.layout())
	return nil
}

// hits prints what was found for words.
func (o *docOptions) hits(words string, found []manual.Entry) error {
	switch {
	case o.format == "json":
		return o.printJSON(found)
	case len(found) == 0:
		fmt.Fprintf(o.program.stderr, "no page has %s in it\n", words)
	}
	manual.WriteHits(o.program.stdout, found, o.layout())
	return nil
}

func (o *docOptions) printJSON(entries []manual.Entry) error {
	if entries == nil {
		entries = []manual.Entry{} // a list, also of nothing
	}
	text, err := json.MarshalIndent(entries, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(o.program.stdout, "%s\n", text)
	return nil
}

// writePages writes the manual into a folder and says so.
func (o *docOptions) writePages(m *manual.Manual) error {
	done, err := manual.Write(o.program.path(o.write), m.Pages())
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d pages in %s, %d of them changed", done.Pages, o.write, done.Changed)
	if done.Removed > 0 {
		text += fmt.Sprintf("; %d old ones removed", done.Removed)
	}
	fmt.Fprintln(o.program.stderr, text)
	return nil
}
