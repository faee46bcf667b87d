package manual

import (
	"slices"
	"strconv"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// topics are the pages that lead to all others. Their lists are made when a
// topic is shown.
func (m *Manual) topics() []Entry {
	return []Entry{
		{
			Kind: Topic, Name: "modules", spelled: []string{"lua", "globals"},
			About: "What a playbook can use: the globals of moonpost, modules for require, and Lua's own libraries.",
			fill:  m.moduleGroups,
		},
		{
			Kind: Topic, Name: "functions", spelled: []string{"server functions", "api functions"},
			About: "The functions of the MailStore server, as far as they are known without asking one. From a playbook each is " +
				"api.NAME { … }, from a command line moonpost call NAME.",
			fill: m.functionGroups,
		},
		{
			Kind: Topic, Name: "playbooks", spelled: []string{"examples", "scripts"},
			About: "Playbooks that come with moonpost: those that are run by name, and examples to read and copy.",
			fill: func() []Group {
				return []Group{m.group("run by name", Script), m.group("examples to copy", Example)}
			},
		},
		{
			Kind: Topic, Name: "errors", spelled: []string{"error kinds", "kinds"},
			About:   "An error has a kind, which says in one word what went wrong; playbooks compare it, and commands end with its exit code.",
			Details: []string{"In a playbook an error is a value with the fields below; tostring(err) is one line. Empty fields are nil."},
			Fields:  errorFields(),
			Examples: []Sample{{Language: "lua", Text: `local user, err = api.try("GetUserInfo", { userName = "nobody" })
if err and err.kind ~= "not_found" then error(err) end`}},
			fill: func() []Group { return []Group{m.group("kinds", ErrorKind)} },
		},
		{
			Kind: Topic, Name: "exit-codes", spelled: []string{"exit codes", "exit"},
			About: "How a command says how it ended. " + precedence(),
			fill:  func() []Group { return []Group{m.group("codes", ExitCode)} },
		},
		{
			Kind: Topic, Name: "events",
			About: "What a run tells other programs while it goes on: --events FILE writes one JSON object on a line for each. " +
				"Fields are added in later versions, never renamed.",
			fill: func() []Group { return []Group{m.group("events", EventKind)} },
		},
		{
			Kind: Topic, Name: "commands", spelled: []string{"flags"},
			About: "The commands of moonpost and their flags. Flags may stand before or after the operands; -- ends them.",
			fill:  func() []Group { return []Group{m.group("commands", CommandKind), m.group("flags", Flag)} },
		},
		{
			Kind: Topic, Name: "values",
			About: "How values travel between Lua, moonpost and the server.",
			fill:  func() []Group { return []Group{m.group("rules", Rule)} },
		},
		{
			Kind: Topic, Name: "sandbox",
			About: "The simulated server can be told to misbehave, and how to act where nothing is known for sure about the real one.",
			fill:  func() []Group { return []Group{m.group("faults", Fault), m.group("behaviours", Behaviour)} },
		},
		{
			Kind: Topic, Name: "environment", spelled: []string{"variables"},
			About: "Variables of the environment that moonpost reads. A flag wins over its variable.",
			fill:  func() []Group { return []Group{m.group("variables", Variable)} },
		},
	}
}

// Overview is the entry that says what there is.
func (m *Manual) Overview() Entry {
	e := Entry{
		Kind: Topic, Name: "moonpost",
		About: "The manual of moonpost, which runs Lua playbooks against the MailStore Administration API.",
		Examples: []Sample{{Language: "text", Title: "how to ask", Text: `moonpost doc csv.rows          a function of a module; csv: the module
moonpost doc CreateUser        a function of the server
moonpost doc unknown           a kind of error
moonpost doc 4                 an exit code
moonpost doc --search secret   everything about a word
moonpost doc --write manual    all of it as Markdown pages
moonpost doc csv -o json       for other programs`}},
	}
	g := Group{Title: "topics"}
	for _, topic := range m.sections[0].entries() {
		g.Items = append(g.Items, topic.item())
	}
	e.Groups = []Group{g}
	return e
}

// of returns the entries of a kind.
func (m *Manual) of(kind Kind) []Entry {
	var found []Entry
	for _, s := range m.sections[1:] { // without topics, which ask
		for _, e := range s.entries() {
			if e.Kind == kind {
				found = append(found, e)
			}
		}
	}
	return found
}

// short are the kinds of entries that lists show whole.
var short = []Kind{Rule, Fault, Behaviour, Variable, ErrorKind, ExitCode}

func (m *Manual) group(title string, kind Kind) Group {
	g := Group{Title: title}
	for _, e := range m.of(kind) {
		item := e.item()
		if slices.Contains(short, kind) {
			item.About = e.About
		}
		g.Items = append(g.Items, item)
	}
	return g
}

// moduleGroups lists modules by how a playbook comes by them.
func (m *Manual) moduleGroups() []Group {
	own := []string{globals, "string", "table", "math", "os", "coroutine", "debug"}
	groups := []Group{{Title: "globals"}, {Title: "modules for require"}, {Title: "Lua's own"}}
	for _, e := range m.of(Module) {
		at := 0
		switch {
		case slices.Contains(own, e.Name):
			at = 2
		case len(e.Usage) > 0 && e.Usage[0] == required(e.Name):
			at = 1
		}
		groups[at].Items = append(groups[at].Items, e.item())
	}
	return groups
}

// functionGroups lists the server's functions by area.
func (m *Manual) functionGroups() []Group {
	entries := m.of(ServerFunction)
	var groups []Group
	if m.sources.Live != nil {
		if g, ok := m.sources.Live.summary(entries); ok {
			groups = append(groups, g)
		}
	}
	for _, area := range catalogue.Areas() {
		g := Group{Title: area.Title}
		for _, e := range entries {
			if catalogue.AreaOf(e.Name).Name == area.Name {
				g.Items = append(g.Items, e.item())
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// precedence says which code wins.
func precedence() string {
	text := "Where several apply, the first of these wins: "
	for i, code := range fault.Precedence() {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(code)
	}
	return text + "."
}

func errorFields() []Param {
	var fields []Param
	for _, f := range fault.FieldInfos() {
		fields = append(fields, Param{Name: f.Name, Type: f.Type, About: f.Meaning, Optional: f.Optional})
	}
	return fields
}
