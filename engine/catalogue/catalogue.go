// Package catalogue holds what is known about MailStore's functions without
// asking a server: functions.json (facts about the vendor's API, each with its
// source) and behaviour.json (what moonpost makes of them: the class of each
// changing call, its natural key, its secrets and how a read proves it).
// Start at Find; the data is parsed once, at its first use.
package catalogue

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Edition is a product line of MailStore.
type Edition string

// The editions.
const (
	Server Edition = "server" // MailStore Server
	SPE    Edition = "spe"    // MailStore Service Provider Edition
)

// Port returns the port on which the edition's API listens unless configured
// otherwise (vendor documentation).
func (e Edition) Port() int {
	if e == SPE {
		return 8474
	}
	return 8463
}

// Function is one function of the API as functions.json describes it.
type Function struct {
	Name     string    `json:"name"`
	Editions []Edition `json:"edition"`
	Summary  string    `json:"summary"`
	Args     []Arg     `json:"args"`

	LongRunning       *bool  `json:"longRunning"` // nil: not known
	LongRunningBasis  string `json:"longRunningBasis"`
	LongRunningLikely bool   `json:"longRunningLikely"`

	ReadOnly         bool `json:"readOnly"`
	Idempotent       bool `json:"idempotent"`
	Destructive      bool `json:"destructive"`
	OverwritesConfig bool `json:"overwritesConfig"`

	Result       string `json:"result"` // shape of the result, in the notation of functions.json
	ResultUnsure bool   `json:"resultUnsure"`
	Unsure       bool   `json:"unsure"`
	Notes        string `json:"notes"`
	Source       string `json:"source"`
}

// Arg is one argument of a function.
type Arg struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // string, number, bool or json
	Optional bool   `json:"optional"`
	Summary  string `json:"summary"`
	Values   Texts  `json:"values"` // the allowed values; of a list, of its elements
	List     bool   `json:"list"`   // comma separated text

	Editions           []Edition `json:"editions"` // empty: all editions of the function
	RequiredIn         []Edition `json:"requiredIn"`
	UnsureIn           []Edition `json:"unsureIn"`
	RequiredInPractice bool      `json:"requiredInPractice"`
	Unsure             bool      `json:"unsure"`
}

// Texts is a list of values in the form in which they are sent.
type Texts []string

// UnmarshalJSON takes texts and numbers.
func (t *Texts) UnmarshalJSON(data []byte) error {
	var values []any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	*t = nil
	for _, v := range values {
		*t = append(*t, fmt.Sprint(v))
	}
	return nil
}

// In reports whether the edition has the function.
func (f Function) In(e Edition) bool { return slices.Contains(f.Editions, e) }

// ArgsIn returns the arguments that the function takes in the edition, with
// Optional as it is there.
func (f Function) ArgsIn(e Edition) []Arg {
	args := make([]Arg, 0, len(f.Args))
	for _, a := range f.Args {
		if len(a.Editions) > 0 && !slices.Contains(a.Editions, e) {
			continue
		}
		a.Optional = a.Optional && !slices.Contains(a.RequiredIn, e)
		args = append(args, a)
	}
	return args
}

// Behaviour is what moonpost knows of a function beyond the vendor's facts; one
// row of behaviour.json. Functions that only read have a row where there is
// something to say.
type Behaviour struct {
	Name  string `json:"name"`
	Class Class  `json:"class"`

	// Key names the arguments that make up the natural key of the object that
	// is changed. A dot walks into a JSON argument ("config.serverName");
	// parts that a call leaves out are skipped.
	Key []string `json:"key"`

	// Repeatable says that an identical second call is usual (running a job
	// twice) and is not warned about.
	Repeatable bool `json:"repeatable"`

	// Changes is false for functions that are listed as jobs but change
	// nothing.
	Changes *bool `json:"changes"`

	Proof *Proof `json:"proof"` // nil: no read shows the effect

	Unreadable   []string `json:"unreadable"`    // arguments, or paths into them, that no read gives back
	SecretArgs   []string `json:"secret_args"`   // arguments, or paths into them, that are secrets
	SecretResult bool     `json:"secret_result"` // the result is a secret

	// ClearsWhenOmitted names optional arguments whose absence clears the
	// value on the server, so that leaving one out must be said (json.null).
	ClearsWhenOmitted []string `json:"clears_when_omitted"`

	// Defaults fills arguments that some server versions require and others
	// do not know: name to form text.
	Defaults map[string]string `json:"defaults"`

	Window *Window `json:"window"` // arguments that make up a time window

	Note   string `json:"note"`
	Unsure string `json:"unsure"`
}

// Proof names the read that shows whether a call took effect, and how.
type Proof struct {
	Fn  string `json:"fn"`
	How string `json:"how"`
}

// Window names the three arguments of a time window.
type Window struct {
	From string `json:"from"`
	To   string `json:"to"`
	Zone string `json:"zone"`
}

//go:embed functions.json
var functionsJSON []byte

//go:embed behaviour.json
var behaviourJSON []byte

type index[T any] struct {
	all    []T
	byName map[string]int
}

func (x index[T]) find(name string) (T, bool) {
	i, ok := x.byName[name]
	if !ok {
		var zero T
		return zero, false
	}
	return x.all[i], true
}

func load[T any](file string, data []byte, name func(T) string) index[T] {
	var x index[T]
	if err := json.Unmarshal(data, &x.all); err != nil {
		panic(fmt.Sprintf("catalogue: %s: %v", file, err)) // embedded and tested: cannot happen in a release
	}
	x.byName = make(map[string]int, len(x.all))
	for i, row := range x.all {
		x.byName[name(row)] = i
	}
	return x
}

var functions = sync.OnceValue(func() index[Function] {
	return load("functions.json", functionsJSON, func(f Function) string { return f.Name })
})

var behaviours = sync.OnceValue(func() index[Behaviour] {
	return load("behaviour.json", behaviourJSON, func(b Behaviour) string { return b.Name })
})

// All returns every function of every edition, by name.
func All() []Function { return slices.Clone(functions().all) }

// Find returns the function of that exact name.
func Find(name string) (Function, bool) { return functions().find(name) }

// BehaviourOf returns the behaviour of a function. For a function that is in
// neither file the class is Unlisted; for one that only reads it is Read.
func BehaviourOf(name string) Behaviour {
	if b, ok := behaviours().find(name); ok {
		return b
	}
	b := Behaviour{Name: name, Class: ClassUnlisted}
	if f, ok := Find(name); ok && f.ReadOnly {
		b.Class = ClassRead
	}
	return b
}

// Changing reports whether a call of the function may change the server. A
// function that nobody knows counts as changing.
func Changing(name string) bool {
	b := BehaviourOf(name)
	if b.Changes != nil {
		return *b.Changes
	}
	return b.Class != ClassRead
}

// SecretArg reports whether the argument as a whole is a secret in function fn.
func SecretArg(fn, arg string) bool {
	return slices.Contains(BehaviourOf(fn).SecretArgs, arg)
}

// SecretPaths returns the paths below the JSON argument arg that are secrets:
// "password" for config when the row says "config.password".
func SecretPaths(fn, arg string) []string {
	var paths []string
	for _, p := range BehaviourOf(fn).SecretArgs {
		if rest, ok := strings.CutPrefix(p, arg+"."); ok {
			paths = append(paths, rest)
		}
	}
	return paths
}
