package api

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// offer is what a server offers.
type offer struct {
	edition   catalogue.Edition
	functions []call.Function // by name
	byName    map[string]*function
	names     []string
	instances bool // a function takes an instance
}

// function is a function of the server with all that a call of it needs.
type function struct {
	call.Function
	behaviour catalogue.Behaviour
	args      []argument
	route     *route // nil in declarations
}

// argument is one argument of a function. What a server says of it goes before
// what the catalogue says.
type argument struct {
	name     string
	kind     decl.Kind // KindString, KindNumber, KindBool, KindTable (JSON) or KindAny
	doc      string
	required bool
	list     bool     // comma separated text
	values   []string // allowed values, of a list those of its elements; nil: any
	secret   bool
	paths    []string // parts of a JSON argument that are secret
	fill     string   // what is sent when the call leaves it out; "": nothing
	clears   bool     // leaving it out clears the value on the server
	moment   bool     // a date of a time window
}

// fetch asks the server for its metadata.
func (c *Client) fetch(ctx context.Context) (*offer, error) {
	o := &operation{name: getMetadata, route: c.service[getMetadata], repeat: true, timeout: c.cfg.CallTimeout}
	r, f := c.send(ctx, o)
	var text []byte
	if f == nil {
		text, f = c.open(o, r)
	}
	var all []offered
	if f == nil {
		all, f = c.readMetadata(text)
	}
	if f != nil {
		f.attempt = o.tries
		err := c.fault(getMetadata, f, false)
		err.Op = "read the functions of the server"
		err.Fn = ""
		return nil, err
	}
	if c.cfg.CacheDir != "" {
		if err := keep(c.cfg.CacheDir, c.target, text); err != nil {
			c.sink.Emit(event.Log{Level: event.Debug, Message: "no copy of the metadata: " + err.Error()})
		}
	}
	offer := newOffer(all, c.cfg.Instance)
	for _, fn := range offer.byName {
		fn.route = c.newRoute("/api/invoke/" + fn.Name)
	}
	return offer, nil
}

func (c *Client) readMetadata(text []byte) ([]offered, *failure) {
	all, err := decodeMetadata(text)
	if err == nil {
		return all, nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		// Metadata needs no arguments and no right but the login, so an
		// envelope with an error means that the login was not accepted.
		if e, notOne := decodeEnvelope(text); notOne == nil && c.login.doubts(e) {
			return nil, c.notAccepted(e)
		}
	}
	return nil, unreadable(err, text)
}

// newOffer merges the server's list with the catalogue.
func newOffer(all []offered, instance string) *offer {
	o := &offer{edition: editionOf(all, instance), byName: make(map[string]*function, len(all))}
	for _, live := range all {
		fn := merge(live, o.edition, instance)
		o.byName[fn.Name] = fn
		o.instances = o.instances || fn.argument(instanceArg) != nil
		o.functions = append(o.functions, fn.Function)
	}
	slices.SortFunc(o.functions, func(a, b call.Function) int { return cmp.Compare(a.Name, b.Name) })
	for _, f := range o.functions {
		o.names = append(o.names, f.Name)
	}
	return o
}

// merge makes a function of its metadata and of what the catalogue adds.
func merge(live offered, edition catalogue.Edition, instance string) *function {
	known, found := catalogue.Find(live.Name)
	fn := describe(live.Name, known, found, edition)
	fn.Source = "metadata"
	if found {
		fn.Source = "both"
	}
	for _, a := range live.Args {
		arg := argument{name: a.Name, required: a.Nullable != nil && !*a.Nullable}
		if i := slices.IndexFunc(known.Args, func(k catalogue.Arg) bool { return k.Name == a.Name }); i >= 0 {
			arg.know(known.Args[i])
		}
		arg.kind = kindOf(a.Type)
		if arg.kind != decl.KindString && arg.kind != decl.KindNumber {
			arg.list, arg.values = false, nil
		}
		fn.add(arg, instance)
	}
	return fn
}

// fromCatalogue makes a function of the catalogue's facts alone.
func fromCatalogue(known catalogue.Function, edition catalogue.Edition) *function {
	fn := describe(known.Name, known, true, edition)
	fn.Source = "catalogue"
	for _, k := range known.ArgsIn(edition) {
		arg := argument{name: k.Name, required: !k.Optional, kind: kindOf(k.Type)}
		arg.know(k)
		fn.add(arg, "")
	}
	return fn
}

func describe(name string, known catalogue.Function, found bool, edition catalogue.Edition) *function {
	fn := &function{behaviour: catalogue.BehaviourOf(name)}
	fn.Name, fn.Edition = name, string(edition)
	fn.Doc = "The catalogue does not describe this function."
	if found {
		fn.Doc = known.Summary
	}
	fn.Changing = catalogue.Changing(name)
	fn.Effect = decl.Reads
	if fn.Changing {
		fn.Effect = decl.Writes
	}
	fn.Destructive = known.Destructive
	fn.Class = string(fn.behaviour.Class)
	if w := fn.behaviour.Window; w != nil {
		fn.Window = &call.Window{From: w.From, To: w.To, Zone: w.Zone}
	}
	switch {
	case known.LongRunning != nil && *known.LongRunning:
		fn.LongRunning = "yes"
	case known.LongRunning != nil:
		fn.LongRunning = "no"
	case known.LongRunningLikely:
		fn.LongRunning = "likely"
	default:
		fn.LongRunning = "unknown"
	}
	if found && known.Result != "null" {
		fn.Returns = []decl.Param{{Name: "result", Type: resultType(known.Result), Doc: known.Result}}
	}
	return fn
}

func (a *argument) know(k catalogue.Arg) {
	a.doc, a.list, a.values = k.Summary, k.List, k.Values
	if k.Unsure {
		a.values = nil
	}
}

// add completes an argument with the behaviour of its function and declares it.
func (fn *function) add(a argument, instance string) {
	b := fn.behaviour
	a.secret = catalogue.SecretArg(fn.Name, a.name)
	a.paths = catalogue.SecretPaths(fn.Name, a.name)
	a.clears = slices.Contains(b.ClearsWhenOmitted, a.name) && !a.required
	a.moment = b.Window != nil && (a.name == b.Window.From || a.name == b.Window.To)
	if a.required {
		a.fill = b.Defaults[a.name]
	}
	if a.name == instanceArg && instance != "" {
		a.fill = instance
	}
	fn.args = append(fn.args, a)
	fn.Params = append(fn.Params, decl.Param{
		Name: a.name, Type: a.declared(), Doc: a.doc, Optional: !a.required || a.fill != "", Default: a.fill,
	})
}

func kindOf(name string) decl.Kind {
	switch strings.ToLower(name) {
	case "string":
		return decl.KindString
	case "number":
		return decl.KindNumber
	case "bool":
		return decl.KindBool
	case "json":
		return decl.KindTable
	}
	return decl.KindAny
}

func (a *argument) declared() decl.Type {
	element := decl.String
	switch {
	case a.secret:
		return decl.Secret
	case len(a.values) > 0 && a.kind == decl.KindString:
		element = decl.Enum(a.values...)
	}
	switch {
	case a.list:
		return decl.List(element)
	case a.kind == decl.KindString:
		return element
	}
	return decl.Type{Kind: a.kind}
}

// resultType reads the catalogue's notation of a result as far as a type goes.
func resultType(shape string) decl.Type {
	switch {
	case strings.HasPrefix(shape, "["):
		return decl.List(decl.Table)
	case strings.HasPrefix(shape, "{"):
		return decl.Table
	case shape == "bool":
		return decl.Bool
	case strings.HasPrefix(shape, "string"):
		return decl.String
	}
	return decl.Any
}

// listFunctions is the hint where a function is not known.
const listFunctions = "list what it offers: moonpost functions"

// find returns the function of that exact name.
func (o *offer) find(name string) (*function, *failure) {
	if fn, ok := o.byName[name]; ok {
		return fn, nil
	}
	f := &failure{kind: fault.Invalid, message: fmt.Sprintf("the server has no function %q", name), hint: listFunctions}
	if known, ok := catalogue.Find(name); ok && !known.In(o.edition) {
		f.hint = "it exists in the other edition of MailStore"
	} else if ok {
		f.hint = "this version of the server does not offer it"
	} else if near := fault.DidYouMean(name, o.names); near != "" {
		f.message += ", " + near
	}
	return nil, f
}
