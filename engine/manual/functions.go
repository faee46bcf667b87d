package manual

import (
	"fmt"
	"slices"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/luavm/decl"
)

// editions are those of MailStore, in the order of the manual.
var editions = []catalogue.Edition{catalogue.Server, catalogue.SPE}

// functions makes the entries of the server's functions: those of the catalogue
// and those that only the live server has.
func (m *Manual) functions() []Entry {
	forms := map[string]map[catalogue.Edition]call.Function{}
	for _, edition := range editions {
		for _, f := range m.sources.Functions(edition) {
			if forms[f.Name] == nil {
				forms[f.Name] = map[catalogue.Edition]call.Function{}
			}
			forms[f.Name][edition] = f
		}
	}
	var entries []Entry
	for _, known := range catalogue.All() {
		e := serverFunction(known, forms[known.Name])
		e.Facts = append(e.Facts, m.sources.Live.facts(known.Name, forms[known.Name])...)
		entries = append(entries, e)
	}
	entries = append(entries, m.sources.Live.additions()...)
	slices.SortStableFunc(entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return entries
}

// serverFunction makes the entry of one function of the catalogue.
func serverFunction(known catalogue.Function, forms map[catalogue.Edition]call.Function) Entry {
	behaviour := catalogue.BehaviourOf(known.Name)
	e := Entry{Kind: ServerFunction, Name: known.Name, About: known.Summary}
	form := forms[known.Editions[0]]
	e.Effect = form.Effect.String()
	e.Server = &Server{
		Class: form.Class, Changing: form.Changing, Destructive: form.Destructive, LongRunning: form.LongRunning,
		Key: behaviour.Key, Secrets: behaviour.SecretArgs,
	}
	e.Params = arguments(known, forms)
	e.Usage = []string{calling(known.Name, len(e.Params))}
	for _, edition := range known.Editions {
		e.Editions = append(e.Editions, string(edition))
	}
	if known.Result != "null" {
		e.Returns = []Param{result(known.Result)}
	}
	e.Facts = append(e.Facts, Fact{"editions", editionNames(known.Editions)})
	e.Facts = append(e.Facts, effects(known, behaviour)...)
	e.Facts = append(e.Facts, doubts(known, behaviour)...)
	e.Examples = samples(known, behaviour, forms)
	return e
}

// calling writes how a playbook calls a function of the server.
func calling(name string, arguments int) string {
	if arguments == 0 {
		return "api." + name + "()"
	}
	return "api." + name + " { … }"
}

func editionNames(all []catalogue.Edition) string {
	names := make([]string, len(all))
	for i, edition := range all {
		names[i] = editionName(edition)
	}
	return strings.Join(names, ", ")
}

// editionName is how people call an edition.
func editionName(e catalogue.Edition) string {
	if e == catalogue.SPE {
		return "Service Provider Edition"
	}
	return "Server"
}

// effects says what a call does.
func effects(known catalogue.Function, b catalogue.Behaviour) []Fact {
	class := b.Class.Info()
	does := class.Does
	if known.ReadOnly && b.Class != catalogue.ClassRead {
		does += " Nothing on the server is changed."
	}
	if known.Destructive {
		does += " It can destroy data."
	}
	if known.OverwritesConfig {
		does += " It overwrites a configuration as a whole: read it first, change that, and send all of it back."
	}
	facts := []Fact{{"effect", does}, {"runs long", runsLong(known)}}
	if !known.ReadOnly {
		facts = append(facts, Fact{"after a lost answer", class.Doubt})
	}
	if len(b.Key) > 0 && !known.ReadOnly {
		facts = append(facts, Fact{"key", strings.Join(b.Key, ", ")})
	}
	if b.Proof != nil {
		facts = append(facts, Fact{"proof", b.Proof.Fn + ": " + b.Proof.How})
	}
	if len(b.Unreadable) > 0 {
		facts = append(facts, Fact{"not readable", strings.Join(b.Unreadable, ", ") + ": no read gives it back"})
	}
	if secrets := b.SecretArgs; len(secrets) > 0 {
		facts = append(facts, Fact{"secret", strings.Join(secrets, ", ") + ": masked everywhere, and never given in clear on a command line"})
	}
	if b.SecretResult {
		facts = append(facts, Fact{"secret result", "What it returns must not be shown to others."})
	}
	if w := b.Window; w != nil {
		facts = append(facts, Fact{"time window", fmt.Sprintf("%s, %s and %s are filled by the option window of api.invoke, as time.last makes it", w.From, w.To, w.Zone)})
	}
	return facts
}

// runsLong says whether a call may run as a job, and how that is known.
func runsLong(known catalogue.Function) string {
	basis := map[string]string{
		"documented": "the vendor's documentation says so",
		"observed":   "seen on real servers",
		"inferred":   "concluded from what it does",
	}[known.LongRunningBasis]
	switch {
	case known.LongRunning != nil && *known.LongRunning:
		return "yes, as a job with progress: " + basis
	case known.LongRunning != nil:
		return "no: " + basis
	case known.LongRunningLikely:
		return "probably, where there is much to do; it is not known for sure"
	}
	return "not known"
}

// doubts says what is not known for sure.
func doubts(known catalogue.Function, b catalogue.Behaviour) []Fact {
	var facts []Fact
	notes := strings.TrimSpace(known.Notes)
	if b.Note != "" {
		notes = strings.TrimSpace(notes + " " + sentence(b.Note))
	}
	if notes != "" {
		facts = append(facts, Fact{"notes", notes})
	}
	var unsure []string
	if known.Unsure {
		unsure = append(unsure, "the function as a whole")
	}
	if known.ResultUnsure {
		unsure = append(unsure, "what it returns")
	}
	if b.Unsure != "" {
		unsure = append(unsure, b.Unsure)
	}
	if len(unsure) > 0 {
		facts = append(facts, Fact{"not sure", strings.Join(unsure, "; ")})
	}
	return facts
}

// sentence writes a note as a sentence.
func sentence(note string) string {
	return strings.ToUpper(note[:1]) + strings.TrimSuffix(note[1:], ".") + "."
}

// arguments lays out the arguments of all editions together, in the order of the
// catalogue.
func arguments(known catalogue.Function, forms map[catalogue.Edition]call.Function) []Param {
	var all []Param
	for _, a := range known.Args {
		in := map[catalogue.Edition]decl.Param{}
		var of []catalogue.Edition
		for _, edition := range known.Editions {
			i := slices.IndexFunc(forms[edition].Params, func(p decl.Param) bool { return p.Name == a.Name })
			if i >= 0 {
				in[edition] = forms[edition].Params[i]
				of = append(of, edition)
			}
		}
		if len(of) == 0 {
			continue
		}
		p := param(in[of[0]])
		p.Type = argumentType(a, in[of[0]])
		p.Values = a.Values
		p.Remark = remark(a, known, in, of)
		p.Editions = map[string]string{}
		for _, edition := range of {
			p.Editions[string(edition)] = "optional"
			if !in[edition].Optional {
				p.Editions[string(edition)] = "required"
				p.Optional = false // where it is so in one, the remark says which
			}
		}
		all = append(all, p)
	}
	return all
}

// argumentType is the type as a call takes it; the values of a choice stand
// apart.
func argumentType(a catalogue.Arg, p decl.Param) string {
	switch {
	case p.Type.Kind == decl.KindSecret:
		return "secret"
	case a.List:
		return "list of string"
	case p.Type.Kind == decl.KindEnum:
		return "string"
	}
	return p.Type.String()
}

// remark says where an argument is taken and required, when that is not the same
// everywhere, and what else is known of it.
func remark(a catalogue.Arg, known catalogue.Function, in map[catalogue.Edition]decl.Param, of []catalogue.Edition) string {
	var parts []string
	if len(of) < len(known.Editions) {
		parts = append(parts, editionNames(of)+" only")
	} else if len(of) == 2 && in[of[0]].Optional != in[of[1]].Optional {
		required := of[0]
		if in[required].Optional {
			required = of[1]
		}
		parts = append(parts, "required in the "+editionName(required)+" only")
	}
	if slices.Contains(catalogue.BehaviourOf(known.Name).ClearsWhenOmitted, a.Name) {
		parts = append(parts, "json.null clears it")
	}
	if a.RequiredInPractice {
		parts = append(parts, "required in practice")
	}
	switch {
	case a.Unsure:
		parts = append(parts, "not sure")
	case len(a.UnsureIn) > 0:
		parts = append(parts, "not sure in the "+editionNames(a.UnsureIn))
	}
	return strings.Join(parts, ", ")
}
