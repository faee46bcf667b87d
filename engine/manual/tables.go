package manual

import (
	"strconv"
	"strings"

	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// faultEntries explains the kinds of errors.
func faultEntries() []Entry {
	var entries []Entry
	for _, k := range fault.Kinds() {
		e := Entry{Kind: ErrorKind, Name: string(k.Kind), About: k.Meaning, Facts: []Fact{
			{"what to do", k.Advice},
			{"exit code", strconv.Itoa(k.Exit)},
		}}
		switch {
		case k.Fatal:
			e.Facts = append(e.Facts, Fact{"playbooks", "They cannot catch it: it ends the run whatever they do."})
		case !k.Playbook:
			e.Facts = append(e.Facts, Fact{"playbooks", "They never meet it; a command ends with it."})
		default:
			e.Facts = append(e.Facts, Fact{"playbooks", "They can catch it."})
		}
		entries = append(entries, e)
	}
	return entries
}

// exitCodes explains the exit codes.
func exitCodes() []Entry {
	var entries []Entry
	for _, c := range fault.ExitCodes() {
		var kinds []string
		for _, k := range fault.Kinds() {
			if k.Exit == c.Code {
				kinds = append(kinds, string(k.Kind))
			}
		}
		e := Entry{Kind: ExitCode, Name: strconv.Itoa(c.Code), About: c.Meaning}
		if len(kinds) > 0 {
			e.Facts = []Fact{{"error kinds", strings.Join(kinds, ", ")}}
		}
		entries = append(entries, e)
	}
	return entries
}

// events explains the events of a run.
func events() []Entry {
	var entries []Entry
	for _, d := range event.Descriptions() {
		entries = append(entries, Entry{
			Kind: EventKind, Name: d.Type, About: d.Meaning, Fields: append(eventFields(event.Common()), eventFields(d.Fields)...),
		})
	}
	return entries
}

func eventFields(fields []event.Field) []Param {
	var all []Param
	for _, f := range fields {
		all = append(all, Param{Name: f.Name, Type: f.Type, About: f.Meaning, Optional: f.Optional, Fields: eventFields(f.Fields)})
	}
	return all
}

// named makes entries that are a name and a sentence.
func named(kind Kind, all []Named) []Entry {
	var entries []Entry
	for _, n := range all {
		entries = append(entries, Entry{Kind: kind, Name: n.Name, About: n.About})
	}
	return entries
}

// sandboxEntries explains what the simulated server can be told.
func sandboxEntries(switches []Switch, faults []Named) []Entry {
	entries := named(Fault, faults)
	for i, f := range faults {
		entries[i].Examples = []Sample{{Language: "sh", Text: "moonpost sandbox --fault CreateUser:" + f.Name + ":0.1"}}
	}
	for _, s := range switches {
		e := Entry{Kind: Behaviour, Name: s.Name, About: s.About, Facts: []Fact{
			{"values", strings.Join(s.Values, ", ") + "; the first is the usual one"},
		}}
		e.Examples = []Sample{{Language: "sh", Text: "moonpost sandbox --behaviour " + s.Name + "=" + s.Values[len(s.Values)-1]}}
		entries = append(entries, e)
	}
	return entries
}
