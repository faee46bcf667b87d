package api

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"moonpost/engine/call"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// problem is what is wrong with an argument.
type problem struct{ text, hint string }

// encoded is a call's arguments as a request carries them.
type encoded struct {
	form    []byte
	secrets []secret.Secret // values that must not be shown
	hidden  []string        // names of arguments that hold one without being known for it
}

// encode checks the arguments of a call against the function and writes them as
// a form. All that is wrong is named at once; nothing is sent then.
func (fn *function) encode(args []call.Arg) (encoded, *failure) {
	var out encoded
	var problems []problem
	for _, a := range args {
		if fn.argument(a.Name) == nil {
			problems = append(problems, fn.unknown(a.Name))
		}
	}
	for i := range fn.args {
		a := &fn.args[i]
		at := slices.IndexFunc(args, func(given call.Arg) bool { return given.Name == a.name })
		if at < 0 {
			if p := fn.omitted(a, &out); p != nil {
				problems = append(problems, *p)
			}
			continue
		}
		if p := a.write(&out, args[at].Value); p != nil {
			p.text = a.name + ": " + p.text
			problems = append(problems, *p)
		}
	}
	if len(problems) == 0 {
		return out, nil
	}
	f := &failure{kind: fault.Invalid}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.text
		if f.hint == "" {
			f.hint = p.hint
		}
	}
	f.message = strings.Join(texts, "; ")
	return encoded{}, f
}

func (fn *function) argument(name string) *argument {
	for i := range fn.args {
		if fn.args[i].name == name {
			return &fn.args[i]
		}
	}
	return nil
}

// unknown says what is wrong with the name of an argument. Names are case
// sensitive, and spelled differently from function to function (protocol.md 3).
func (fn *function) unknown(name string) problem {
	names := make([]string, len(fn.args))
	for i, a := range fn.args {
		if names[i] = a.name; strings.EqualFold(a.name, name) {
			return problem{text: fmt.Sprintf("unknown argument %s: %s spells it %s", name, fn.Name, a.name), hint: "the case of the letters counts"}
		}
	}
	p := problem{text: "unknown argument " + name}
	if near := fault.DidYouMean(name, names); near != "" {
		p.text += ", " + near
	}
	p.hint = fn.takes()
	return p
}

// takes is the hint that names the arguments of the function.
func (fn *function) takes() string {
	if len(fn.args) == 0 {
		return fn.Name + " takes no arguments"
	}
	names := make([]string, len(fn.args))
	for i, a := range fn.args {
		names[i] = a.name
	}
	return fn.Name + " takes " + strings.Join(names, ", ")
}

// either shows how to give the argument a value, in both places where a person
// may do it; typed begins with = or :=.
func (a *argument) either(lua, typed string) string {
	return a.name + " = " + lua + " in a playbook, " + a.name + typed + " on the command line"
}

// omitted deals with an argument that the call does not name.
func (fn *function) omitted(a *argument, out *encoded) *problem {
	switch {
	case a.fill != "":
		out.text(a.name, a.fill)
	case a.required && a.name == instanceArg:
		return &problem{text: "missing argument " + a.name, hint: nameInstance}
	case a.required:
		return &problem{text: "missing argument " + a.name, hint: fn.takes()}
	case a.clears:
		return &problem{
			text: a.name + ": leaving it out clears the value on the server",
			hint: "to clear it, say so: " + a.either("json.null", ":=null"),
		}
	}
	return nil
}

// write checks a value and appends it.
func (a *argument) write(out *encoded, value any) *problem {
	if _, null := value.(call.Null); null {
		if a.required {
			return &problem{text: "required, and cannot be null"}
		}
		return nil
	}
	if s, hidden := value.(secret.Secret); hidden {
		out.secrets = append(out.secrets, s)
		if !a.secret {
			out.hidden = append(out.hidden, a.name)
		}
		value = s.Reveal()
	} else if text, ok := value.(string); ok && a.secret {
		out.secrets = append(out.secrets, secret.New(text))
	}
	if text, ok := value.(string); ok && !utf8.ValidString(text) {
		return &problem{text: "the text is not UTF-8", hint: "read the file with its encoding, for example csv.rows(path, { encoding = \"cp1252\" })"}
	}
	if a.list {
		return a.writeList(out, value)
	}
	switch a.kind {
	case decl.KindNumber:
		return a.writeNumber(out, value)
	case decl.KindBool:
		return a.writeBool(out, value)
	case decl.KindTable:
		return a.writeJSON(out, value)
	}
	return a.writeText(out, value)
}

func (a *argument) writeText(out *encoded, value any) *problem {
	text, ok := value.(string)
	switch {
	case !ok && a.secret:
		return &problem{text: "want text in quotes"} // and the value is not shown
	case !ok:
		p := &problem{text: "want text, got " + shown(value)}
		switch v := value.(type) {
		case float64:
			p.hint = "write " + a.either(strconv.Quote(plain(v)), "="+plain(v))
		case bool:
			p.hint = "write " + a.either(fmt.Sprintf(`"%t"`, v), fmt.Sprintf("=%t", v))
		case call.JSON:
			p.hint = "only arguments of type json take a table; to send its JSON as text, write " + a.either("json.encode(value)", "='{…}'")
		}
		return p
	case len(a.values) > 0 && !slices.Contains(a.values, text):
		return a.refuse(text)
	case a.moment && !isMoment(text):
		return &problem{
			text: fmt.Sprintf("%q is no date as the server reads it", text),
			hint: "write yyyy-MM-ddTHH:mm:ss without fraction and zone (the zone is an argument of its own), or use the option window",
		}
	}
	out.text(a.name, text)
	return nil
}

// isMoment reports whether text may be a date: a zone or a fraction at its end
// is what the server refuses (protocol.md 3), other forms are left to it.
func isMoment(text string) bool {
	_, clock, _ := strings.Cut(text, "T")
	return !strings.HasSuffix(strings.ToUpper(text), "Z") && !strings.ContainsAny(clock, ".+-")
}

func (a *argument) writeNumber(out *encoded, value any) *problem {
	var text string
	switch v := value.(type) {
	case float64:
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return &problem{text: "want a number, got " + plain(v)}
		case math.Abs(v) >= 1<<53:
			return &problem{text: "the number " + plain(v) + " is too large to be exact", hint: "from 2^53 on write it as text: " + a.either(`"9007199254740993"`, "=9007199254740993")}
		}
		text = plain(v)
	case string:
		if !isNumber(v) {
			return &problem{text: fmt.Sprintf("want a number, got the text %q", v)}
		}
		text = v
	default:
		return &problem{text: "want a number, got " + shown(value)}
	}
	if len(a.values) > 0 && !slices.Contains(a.values, text) {
		return a.refuse(text)
	}
	out.text(a.name, text)
	return nil
}

// isNumber reports whether text is digits, with a sign or a decimal point at
// most.
func isNumber(text string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	digits := func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
	}
	return digits(whole) && (!point || digits(fraction))
}

func (a *argument) writeBool(out *encoded, value any) *problem {
	switch v := value.(type) {
	case bool:
		out.text(a.name, strconv.FormatBool(v))
		return nil
	case string:
		if v == "true" || v == "false" {
			out.text(a.name, v)
			return nil
		}
		return &problem{text: fmt.Sprintf("want true or false, got the text %q", v)}
	}
	return &problem{text: "want true or false, got " + shown(value)}
}

// refuse says that a value is none of those that are allowed.
func (a *argument) refuse(text string) *problem {
	p := &problem{text: fmt.Sprintf("%q is not allowed", text), hint: a.name + " is one of " + strings.Join(a.values, ", ")}
	if near := fault.DidYouMean(text, a.values); near != "" {
		p.text += ", " + near
	}
	return p
}

// shown is a value in an error text.
func shown(value any) string {
	switch v := value.(type) {
	case float64:
		return "number " + plain(v)
	case bool:
		return "boolean " + strconv.FormatBool(v)
	case string:
		return "text"
	case call.JSON:
		return "a table"
	}
	return fmt.Sprintf("a %T", value)
}

// plain writes a number without exponent.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
