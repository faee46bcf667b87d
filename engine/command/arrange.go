package command

import (
	"slices"
	"strings"

	"moonpost/engine/fault"
)

// arrange puts the arguments of the program into the one order that the parser
// reads without loss: program, command, flags, "--", operands, and after
// another "--" what stood behind the user's own. urfave/cli stops looking for
// flags at the first operand and would take a late one for an operand.
//
// It refuses what the parser would pass over or report poorly: flags that are
// unknown, that the command does not take, that lack a value, have a wrong one
// or stand twice. A --help anywhere turns the line into that of the help
// command, and --version alone into that of the version command.
func arrange(args []string, commands []*command) ([]string, error) {
	l := scan(args, commands)
	program := "moonpost"
	if l.help {
		return slices.Concat([]string{program, "help", "--"}, l.operands), nil
	}
	if len(l.operands) == 0 {
		switch {
		case len(l.flags) == 1 && l.flags[0] == given{spelled: "--version"}:
			return []string{program, "version"}, nil
		case len(l.flags) > 0:
			return nil, l.refuse("no command is named", "see: moonpost help")
		case len(l.rest) > 0:
			return nil, l.refuse("a command must stand before --", "see: moonpost help")
		}
		return []string{program, "help"}, nil
	}

	named, operands := find(commands, l.operands)
	if named == nil {
		return nil, unknownCommand(l.operands, commands)
	}
	l.command = named
	flags, err := l.accepted(commands)
	if err != nil {
		return nil, err
	}
	line := slices.Concat([]string{program, named.Name}, flags, []string{"--"}, operands)
	if len(l.rest) > 0 {
		line = slices.Concat(line, []string{"--"}, l.rest)
	}
	return line, nil
}

// find returns the command that words name, and what stands behind its name;
// nil when they name none. A name may be two words, "targets add": the longer
// name wins over its first word alone.
func find(commands []*command, words []string) (*command, []string) {
	for n := min(2, len(words)); n > 0; n-- {
		name := strings.Join(words[:n], " ")
		if at := slices.IndexFunc(commands, func(c *command) bool { return c.Name == name }); at >= 0 {
			return commands[at], words[n:]
		}
	}
	return nil, nil
}

// group returns the commands whose name begins with that word and goes on.
func group(commands []*command, word string) []*command {
	var members []*command
	for _, c := range commands {
		if strings.HasPrefix(c.Name, word+" ") {
			members = append(members, c)
		}
	}
	return members
}

// line is a command line taken apart.
type line struct {
	command  *command // nil while it is not known
	operands []string // up to "--", the command's name first
	rest     []string // after "--"
	flags    []given
	help     bool
}

// given is one flag as it stands on the command line.
type given struct {
	spelled  string // "--output" or "-o"
	value    string
	hasValue bool
}

// scan takes args apart. Whether a flag is followed by its value depends on
// the flag alone: one name takes a value in all commands or in none.
func scan(args []string, commands []*command) line {
	known := map[string]flag{}
	for _, c := range commands {
		for _, f := range c.flags() {
			for _, spelled := range f.spellings() {
				known[spelled] = f
			}
		}
	}
	var l line
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			l.rest = args[i+1:]
			return l
		case arg == "--help" || arg == "-h":
			l.help = true
		case looksLikeFlag(arg):
			var g given
			g.spelled, g.value, g.hasValue = strings.Cut(arg, "=")
			if f, ok := known[g.spelled]; ok && f.takesValue() && !g.hasValue &&
				i+1 < len(args) && !looksLikeFlag(args[i+1]) {
				i++
				g.value, g.hasValue = args[i], true
			}
			l.flags = append(l.flags, g)
		default:
			l.operands = append(l.operands, arg)
		}
	}
	return l
}

// looksLikeFlag reports whether arg is written as a flag. "-" alone is an
// operand or a value, standard input or output, and "-5s" a value.
func looksLikeFlag(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && (arg[1] < '0' || arg[1] > '9')
}

// accepted returns the flags of the line as "--name=value" once the command
// takes every one of them.
func (l line) accepted(commands []*command) ([]string, error) {
	flags := make([]string, 0, len(l.flags))
	seen := map[string]bool{}
	for _, g := range l.flags {
		f, ok := l.command.flag(g.spelled)
		if !ok {
			return nil, l.unknown(g.spelled, commands)
		}
		name := "--" + f.name()
		switch {
		case seen[name] && !f.repeatable():
			return nil, l.refuse("flag "+name+" is given twice", "")
		case !g.hasValue && f.takesValue(), g.hasValue && g.value == "":
			placeholder, _ := f.told()
			return nil, l.refuse("flag "+g.spelled+" needs a value", "write "+name+"="+placeholder)
		}
		if g.hasValue {
			if err := f.check(g.value); err != nil {
				return nil, l.refuse("flag "+g.spelled+": "+err.Error(), "")
			}
			name += "=" + g.value
		}
		seen["--"+f.name()] = true
		flags = append(flags, name)
	}
	return flags, nil
}

// unknown is the error for a flag that the command does not take. It names the
// flag and never its value, which may be a password.
func (l line) unknown(spelled string, commands []*command) error {
	name := strings.TrimLeft(spelled, "-")
	if name == "password" {
		return l.refuse("a password is never given on the command line",
			"set MOONPOST_PASSWORD, give --password-file FILE, or type it when asked")
	}
	if slices.ContainsFunc(commands, func(c *command) bool { _, ok := c.flag(spelled); return ok }) {
		return l.refuse("flag "+spelled+" has no effect here", "see: moonpost "+l.command.Name+" --help")
	}
	names := []string{}
	for _, f := range l.command.flags() {
		names = append(names, f.name())
	}
	hint := fault.DidYouMean(name, names)
	if hint == "" {
		hint = "see: moonpost " + l.command.Name + " --help"
	}
	hint = strings.Replace(hint, "did you mean ", "did you mean --", 1)
	return l.refuse("unknown flag "+spelled, hint)
}

// refuse is a usage error of this line.
func (l line) refuse(message, hint string) error {
	op := ""
	if l.command != nil {
		op = l.command.Name
	}
	return &fault.Error{Kind: fault.Usage, Op: op, Message: message, Hint: hint}
}

// unknownCommand is the error for operands that name no command.
func unknownCommand(operands []string, commands []*command) error {
	name := operands[0]
	members := group(commands, name)
	if len(members) > 0 && len(operands) > 1 {
		name += " " + operands[1]
	}
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name
	}
	hint := fault.DidYouMean(name, names)
	switch {
	case len(members) > 0 && len(operands) == 1:
		return misuse(name, "what to do is not named", oneOfThese(members))
	case hint != "":
	case len(members) > 0:
		hint = oneOfThese(members)
	case strings.HasSuffix(name, ".lua"):
		hint = "a playbook is run with: moonpost run " + name
	default:
		hint = "see: moonpost help"
	}
	return &fault.Error{Kind: fault.Usage, Message: "unknown command " + name, Hint: hint}
}

// oneOfThese is the hint that lists commands.
func oneOfThese(commands []*command) string {
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = "moonpost " + c.Name
	}
	return "one of: " + strings.Join(lines, ", ")
}
