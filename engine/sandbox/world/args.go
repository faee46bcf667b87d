package world

import (
	"slices"
	"strconv"
	"strings"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// check tests the arguments of a call against the catalogue: names, presence,
// types and allowed values.
func (c *Call) check() error {
	for i := range c.fn.args {
		arg := &c.fn.args[i]
		value, sent := c.find(arg.Name)
		switch {
		case !sent && !arg.Optional:
			return Missing(arg.Name)
		case sent:
			if err := checkValue(arg, value); err != nil {
				return err
			}
		}
	}
	if c.opts.Behaviour.IgnoreExtraArgs {
		return nil
	}
	for _, a := range c.args {
		if c.fn.index(a.Name) < 0 {
			return problem("Unknown API argument %s.", "Unbekanntes API-Argument %s.", a.Name)
		}
	}
	return nil
}

func checkValue(arg *catalogue.Arg, value string) error {
	switch arg.Type {
	case "number":
		if _, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil {
			return NotANumber()
		}
	case "bool":
		if value != "true" && value != "false" {
			return problem("String was not recognized as a valid Boolean.",
				"Die Zeichenfolge wurde nicht als gültiger boolescher Wert erkannt.")
		}
	case "json":
		if _, err := answer.Parse(value); err != nil {
			return problem("The API argument %s is not valid JSON: %s.",
				"Das API-Argument %s ist kein gültiges JSON: %s.", arg.Name, err.Error())
		}
	}
	if len(arg.Values) == 0 {
		return nil
	}
	if !arg.List {
		return checkAllowed(arg, value)
	}
	parts := strings.Split(value, ",")
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if err := checkAllowed(arg, part); err != nil {
			return err
		}
		if len(parts) > 1 && (part == "none" || part == "admin") {
			return problem("The value %s cannot be combined with other values.",
				"Der Wert %s kann nicht mit anderen Werten kombiniert werden.", part)
		}
	}
	return nil
}

func checkAllowed(arg *catalogue.Arg, value string) error {
	if slices.Contains(arg.Values, value) {
		return nil
	}
	return notFound(value)
}
