package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"moonpost/engine/luavm/decl"
)

type helpOptions struct {
	program *program
}

func helpCommand(p *program) *command {
	o := &helpOptions{program: p}
	return newCommand(cli.Command{
		Name:      "help",
		Usage:     "Explains a command, or the inputs of a playbook.",
		ArgsUsage: "[COMMAND [OPERAND …]]",
		UsageText: `moonpost help call
			moonpost help run provision_users.lua`,
	}, o.run)
}

func (o *helpOptions) run(_ context.Context, args arguments) error {
	operands := args.all()
	if len(operands) == 0 {
		writeOverview(o.program.stdout, o.program.commands)
		return nil
	}
	c, behind := find(o.program.commands, operands)
	if c == nil {
		if members := group(o.program.commands, operands[0]); len(members) > 0 && len(operands) == 1 {
			writeGroup(o.program.stdout, operands[0], members)
			return nil
		}
		return unknownCommand(operands, o.program.commands)
	}
	if c.describe != nil {
		if told, err := c.describe(o.program.stdout, behind); told || err != nil {
			return err
		}
	}
	writeCommand(o.program.stdout, c)
	return nil
}

// writeOverview writes what moonpost is and its commands.
func writeOverview(w io.Writer, commands []*command) {
	fmt.Fprint(w, `moonpost runs Lua playbooks against the MailStore Administration API.

usage: moonpost COMMAND [flags] [operands]

`)
	writeRows(w, "", commandRows(commands))
	fmt.Fprint(w, `
Try it without a server:
  moonpost call GetServerInfo --sandbox
More about a command: moonpost help COMMAND
`)
}

// writeGroup writes the commands that begin with one word.
func writeGroup(w io.Writer, word string, members []*command) {
	fmt.Fprintf(w, "usage: moonpost %s COMMAND [flags] [operands]\n\n", word)
	writeRows(w, "", commandRows(members))
	fmt.Fprintf(w, "\nMore about one of them: moonpost help %s COMMAND\n", word)
}

func commandRows(commands []*command) [][2]string {
	rows := make([][2]string, len(commands))
	for i, c := range commands {
		rows[i] = [2]string{strings.TrimSpace(c.Name + " " + c.ArgsUsage), c.Usage}
	}
	return rows
}

// writeCommand writes the help of one command.
func writeCommand(w io.Writer, c *command) {
	fmt.Fprintf(w, "%s\n\nusage: moonpost %s [flags]", c.Usage, c.Name)
	if c.ArgsUsage != "" {
		fmt.Fprintf(w, " %s", c.ArgsUsage)
	}
	fmt.Fprint(w, "\n")
	if c.Description != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.Description))
	}
	fmt.Fprint(w, "\nexamples:\n")
	for example := range strings.Lines(c.UsageText) {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(example))
	}
	var order []string
	groups := map[string][][2]string{}
	for _, f := range c.flags() {
		category := f.category()
		if _, ok := groups[category]; !ok {
			order = append(order, category)
		}
		groups[category] = append(groups[category], f.row())
	}
	for _, category := range order {
		writeRows(w, category, groups[category])
	}
}

// writePlaybook writes what a playbook says of itself.
func writePlaybook(w io.Writer, file string, p decl.Playbook) {
	if p.About != "" {
		fmt.Fprintf(w, "%s\n\n", p.About)
	}
	fmt.Fprintf(w, "usage: moonpost run %s [flags]", file)
	if len(p.Inputs) > 0 {
		fmt.Fprint(w, " [input=value …]")
	}
	fmt.Fprint(w, "\n")
	if len(p.Inputs) > 0 {
		rows := make([][2]string, len(p.Inputs))
		for i, in := range p.Inputs {
			rows[i] = [2]string{in.Name, describeInput(in)}
		}
		writeRows(w, "inputs", rows)
	}
	if len(p.Columns) > 0 {
		const rest = "; all that there are: --output json or csv, others: --columns A,B"
		fmt.Fprint(w, "\na table shows:\n")
		for _, part := range wrap(strings.Join(p.Columns, ", ")+rest, 76) {
			fmt.Fprintf(w, "  %s\n", part)
		}
	}
	if len(p.Examples) > 0 {
		fmt.Fprint(w, "\nexamples:\n")
		for _, example := range p.Examples {
			fmt.Fprintf(w, "  %s\n", example)
		}
	}
	fmt.Fprint(w, "\nflags: moonpost run --help\n")
}

// describeInput returns the type of an input, what it falls back to and what it
// is about.
func describeInput(in decl.Input) string {
	kind := string(in.Type)
	if in.Type == decl.InputEnum {
		kind = strings.Join(in.Values, "|")
	}
	switch {
	case in.Required:
		kind += ", required"
	case in.DefaultText() != "":
		kind += ", default " + in.DefaultText()
	}
	if in.About == "" {
		return kind
	}
	return kind + ": " + in.About
}

// row returns the two columns of help: "-o, --output FORMAT" and a sentence.
func (f flag) row() [2]string {
	spelled := f.spellings()
	text := spelled[0]
	for _, short := range spelled[1:] {
		text = short + ", " + text
	}
	placeholder, sentence := f.told()
	return [2]string{strings.TrimSpace(text + " " + placeholder), sentence}
}

// writeRows writes a titled table of two columns. A left cell that is too long
// for its column has its line alone.
func writeRows(w io.Writer, title string, rows [][2]string) {
	const widest = 30
	width := 0
	for _, r := range rows {
		if n := len([]rune(r[0])); n <= widest {
			width = max(width, n)
		}
	}
	if title != "" {
		fmt.Fprintf(w, "\n%s:\n", title)
	}
	for _, r := range rows {
		left := r[0]
		if n := len([]rune(left)); n > widest {
			fmt.Fprintf(w, "  %s\n", left)
			left = ""
		}
		pad := strings.Repeat(" ", width-len([]rune(left)))
		for i, part := range wrap(r[1], 78-2-width-2) {
			if i > 0 {
				left, pad = "", strings.Repeat(" ", width)
			}
			fmt.Fprintln(w, strings.TrimRight("  "+left+pad+"  "+part, " "))
		}
	}
}

// wrap breaks text between words into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
