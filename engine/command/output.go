package command

import (
	"strings"

	"github.com/urfave/cli/v2"

	"moonpost/engine/display"
	"moonpost/engine/monitor"
)

// The categories of flags in help.
const (
	aboutPlaybook = "playbook"
	aboutServer   = "where to"
	aboutOutput   = "output"
	aboutTargets  = "what is kept"
)

// outputFlag is --output with the formats that a command has.
func outputFlag(dest *string, formats ...string) cli.Flag {
	f := parsedFlag(dest, aboutOutput, "output", "`"+strings.Join(formats, "|")+"` form of the result", oneOf(formats...))
	f.Aliases = []string{"o"}
	return f
}

// formatFlag is for commands whose result can be a check of a monitoring system.
func formatFlag(dest *string) cli.Flag {
	names := monitor.Names()
	return parsedFlag(dest, aboutOutput, "format", "`"+strings.Join(names, "|")+
		"` print a check of that monitoring system, and nothing else, and end with its exit code", oneOf(names...))
}

// outputFlags say how a result is printed.
type outputFlags struct {
	format  string
	columns []string
}

func (o *outputFlags) flags() []cli.Flag {
	return []cli.Flag{
		outputFlag(&o.format, "table", "json", "csv"),
		parsedFlag(&o.columns, aboutOutput, "columns", "`A,B` columns to print, in this order", names),
	}
}

// resolved returns the format: the one that was asked for, else a table on a
// terminal and JSON elsewhere.
func (o *outputFlags) resolved(terminal bool) display.Format {
	switch {
	case o.format != "":
		return display.Format(o.format)
	case terminal:
		return display.Table
	}
	return display.JSON
}
