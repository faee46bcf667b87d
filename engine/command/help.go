package command

import (
	"fmt"
	"io"
	"strings"
)

// writeOverview writes what moonpost is and its commands.
func writeOverview(w io.Writer, commands []*command) {
	fmt.Fprint(w, `moonpost runs Lua playbooks against the MailStore Administration API.

usage: moonpost COMMAND [flags] [operands]

`)
	rows := make([][2]string, len(commands))
	for i, c := range commands {
		rows[i] = [2]string{strings.TrimSpace(c.Name + " " + c.ArgsUsage), c.Usage}
	}
	writeRows(w, "", rows)
	fmt.Fprint(w, `
Try it without a server:
  moonpost call GetServerInfo --sandbox
More about a command: moonpost help COMMAND
`)
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

// row returns the two columns of help: "-o, --output FORMAT" and a sentence.
func (f flag) row() [2]string {
	spelled := f.spellings()
	text := spelled[0]
	for _, short := range spelled[1:] {
		text = short + ", " + text
	}
	if f.takesValue() {
		text += " " + f.placeholder()
	}
	return [2]string{text, f.sentence()}
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
