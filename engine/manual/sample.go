package manual

import (
	"slices"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm/decl"
)

// stand are the values of arguments in examples, by name; other arguments have
// one by their type. Names are those of the simulated server where it has them.
var stand = map[string]string{
	"userName": "ada.lovelace", "oldUserName": "ada.lovelace", "newUserName": "ada.king", "fullName": "Ada Lovelace",
	"folder": "ada.lovelace", "fromFolder": "ada.lovelace/old", "toFolder": "ada.lovelace/new",
	"name": "2026", "databasePath": `D:\MailArchive\2026`, "contentPath": `D:\MailArchive\2026`, "indexPath": `D:\MailArchive\2026`,
	"path": `D:\MailArchive\2026`, "emailAddresses": "ada.lovelace@example.com", "emailAddress": "ada.lovelace@example.com",
	"pop3UserNames": "ada.lovelace", "distinguishedName": "CN=Ada Lovelace,DC=example,DC=com",
	"timeZoneID": "$Local", "timeZoneId": "$Local", "fromIncluding": "2026-01-01T00:00:00", "toExcluding": "2026-02-01T00:00:00",
	"instanceID": "alpha", "instanceFilter": "alpha", "serverName": "host1", "serverNameFilter": "host1",
	"serverType": "instanceHost", "port": "8472", "action": "ProcessRetentionPolicies", "owner": "admin",
	"recipients": "ada.lovelace@example.com", "reason": "requested by its owner", "thumbprint": "ab12",
	"sourceId": "2", "raw": "true", "maxLevels": "1", "messageID": "1:1", "time": "03:00:00",
}

// samples returns how the function is called from a command line and from a
// playbook, with what it needs in each edition.
func samples(known catalogue.Function, b catalogue.Behaviour, forms map[catalogue.Edition]call.Function) []Sample {
	var lines, calls []string
	for _, edition := range known.Editions {
		form := forms[edition]
		args := needed(known, b, form)
		line := "moonpost call " + known.Name
		for _, a := range args {
			line += " " + a.shell()
		}
		if slices.ContainsFunc(form.Params, func(p decl.Param) bool { return p.Name == call.InstanceArg }) {
			line += " --instance alpha"
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		if text := luaCall(known.Name, b, args); !slices.Contains(calls, text) {
			calls = append(calls, text)
		}
	}
	all := []Sample{{Language: "sh", Text: strings.Join(lines, "\n")}}
	for i, text := range calls {
		one := Sample{Language: "lua", Text: text}
		if len(calls) > 1 {
			one.Title = "in a playbook, " + editionName(known.Editions[i])
		}
		all = append(all, one)
	}
	return all
}

// given is one argument of an example.
type given struct {
	decl.Param
	name   string
	list   bool
	clears bool
	object []string // fields of a JSON argument
	secret []string // of these, secret ones
}

// needed returns the arguments that an example gives: the required ones, and
// those whose absence would mean something.
func needed(known catalogue.Function, b catalogue.Behaviour, form call.Function) []given {
	var args []given
	for _, p := range form.Params {
		i := slices.IndexFunc(known.Args, func(a catalogue.Arg) bool { return a.Name == p.Name })
		a := known.Args[i]
		clears := slices.Contains(b.ClearsWhenOmitted, p.Name)
		if p.Optional && !clears && !a.RequiredInPractice || p.Name == call.InstanceArg {
			continue
		}
		one := given{Param: p, name: p.Name, list: a.List, clears: clears}
		for _, key := range slices.Concat(b.Key, b.SecretArgs) {
			if rest, ok := strings.CutPrefix(key, p.Name+"."); ok && !strings.Contains(rest, ".") {
				one.object = append(one.object, rest)
			}
		}
		one.secret = catalogue.SecretPaths(known.Name, p.Name)
		args = append(args, one)
	}
	return args
}

// value returns what stands for the argument.
func (g given) value() string {
	if values := g.Type.Values; len(values) > 0 {
		return values[len(values)-1]
	}
	if g.list && g.Type.Elem != nil && len(g.Type.Elem.Values) > 0 {
		return g.Type.Elem.Values[min(2, len(g.Type.Elem.Values)-1)]
	}
	if text, ok := stand[g.name]; ok {
		return text
	}
	switch g.Type.Kind {
	case decl.KindNumber:
		return "1"
	case decl.KindBool:
		return "true"
	}
	return "text"
}

// shell writes the argument for a command line.
func (g given) shell() string {
	switch g.Type.Kind {
	case decl.KindSecret:
		return g.name + "=@-"
	case decl.KindTable, decl.KindAny:
		if len(g.secret) > 0 {
			return g.name + "=@" + g.name + ".json"
		}
		var fields []string
		for _, f := range g.object {
			fields = append(fields, `"`+f+`":"`+(given{name: f}).value()+`"`)
		}
		return g.name + ":='{" + strings.Join(fields, ",") + "}'"
	}
	text := g.value()
	if strings.ContainsAny(text, ` $\*;&'"`) {
		return g.name + "='" + text + "'"
	}
	return g.name + "=" + text
}

// lua writes the value for a playbook.
func (g given) lua() string {
	quoted := func(text string) string { return `"` + strings.ReplaceAll(text, `\`, `\\`) + `"` }
	switch g.Type.Kind {
	case decl.KindNumber, decl.KindBool:
		return g.value()
	case decl.KindSecret:
		return "inputs." + g.name
	case decl.KindList:
		return "{ " + quoted(g.value()) + " }"
	case decl.KindTable, decl.KindAny:
		var fields []string
		for _, f := range g.object {
			value := quoted((given{name: f}).value())
			if slices.Contains(g.secret, f) {
				value = "inputs." + f
			}
			fields = append(fields, f+" = "+value)
		}
		if len(fields) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(fields, ", ") + " }"
	}
	return quoted(g.value())
}

// luaCall writes the call for a playbook.
func luaCall(fn string, b catalogue.Behaviour, args []given) string {
	var window []string
	var fields []string
	if w := b.Window; w != nil {
		window = []string{w.From, w.To, w.Zone}
	}
	for _, a := range args {
		if !slices.Contains(window, a.name) {
			fields = append(fields, a.name+" = "+a.lua())
		}
	}
	text := "api." + fn
	if read, ok := readFirst(fn, b, args); ok {
		return read
	}
	switch {
	case window != nil:
		return `local time = require("time")` + "\nlocal result = " + text + "({" + inner(fields) + `}, { window = time.last("24h") })`
	case len(fields) == 0:
		text += "()"
	default:
		text += " {" + inner(fields) + "}"
	}
	f, _ := catalogue.Find(fn)
	nothing := strings.HasPrefix(f.Result, "null")
	switch long := f.LongRunning != nil && *f.LongRunning; {
	case long && nothing:
		return "local _, job = " + text
	case long:
		return "local result, job = " + text
	case !nothing && f.ReadOnly:
		return "local result = " + text
	}
	return text
}

// readFirst writes a call that replaces a configuration as a whole: after the
// read that gives it. It reports false for other functions.
func readFirst(fn string, b catalogue.Behaviour, args []given) (string, bool) {
	known, _ := catalogue.Find(fn)
	if !known.OverwritesConfig || b.Proof == nil || len(args) != 1 || args[0].Type.Kind != decl.KindTable {
		return "", false
	}
	read, _ := catalogue.Find(b.Proof.Fn)
	if !strings.HasPrefix(read.Result, "{") || slices.ContainsFunc(read.Args, func(a catalogue.Arg) bool {
		return !a.Optional && a.Name != call.InstanceArg
	}) {
		return "", false
	}
	name := args[0].name
	text := "local " + name + " = api." + read.Name + "()\n"
	for _, path := range args[0].secret {
		text += name + "." + path + " = inputs." + path + " -- no read gives it back\n"
	}
	return text + "api." + fn + " { " + name + " = " + name + " }", true
}

func inner(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return " " + strings.Join(fields, ", ") + " "
}
