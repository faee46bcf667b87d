package manual

import "strings"

// Kind says what an entry explains.
type Kind string

// The kinds.
const (
	Topic          Kind = "topic"
	Module         Kind = "module"
	Function       Kind = "function"
	Value          Kind = "value"
	Object         Kind = "object"
	Method         Kind = "method"
	ServerFunction Kind = "server function"
	Script         Kind = "playbook"
	Example        Kind = "example"
	ErrorKind      Kind = "error kind"
	ExitCode       Kind = "exit code"
	EventKind      Kind = "event"
	CommandKind    Kind = "command"
	Flag           Kind = "flag"
	Rule           Kind = "value rule"
	Fault          Kind = "fault"
	Behaviour      Kind = "behaviour"
	Variable       Kind = "variable"
)

// Kinds lists all kinds.
var Kinds = []Kind{
	Topic, Module, Function, Value, Object, Method, ServerFunction, Script, Example, ErrorKind, ExitCode, EventKind,
	CommandKind, Flag, Rule, Fault, Behaviour, Variable,
}

// kindNamed returns the kind that a word of a question names, "" for none:
// "command", "exit", "error".
func kindNamed(word string) Kind {
	for _, k := range Kinds {
		if string(k) == word {
			return k
		}
	}
	for _, k := range Kinds {
		if first, _, ok := strings.Cut(string(k), " "); ok && first == word {
			return k
		}
	}
	return ""
}

// Entry explains one thing. Its JSON form is for other programs: it may grow.
type Entry struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name"`
	About string `json:"about"` // sentences

	Usage    []string `json:"usage,omitempty"`    // how it is written
	Module   string   `json:"module,omitempty"`   // that it belongs to
	Editions []string `json:"editions,omitempty"` // of the server, that have the function
	Facts    []Fact   `json:"facts,omitempty"`
	Effect   string   `json:"effect,omitempty"` // of a function: none, reads, writes or sends
	Server   *Server  `json:"server,omitempty"` // of a function of the server
	Params   []Param  `json:"params,omitempty"`
	Returns  []Param  `json:"returns,omitempty"`
	Fields   []Param  `json:"fields,omitempty"`
	Groups   []Group  `json:"groups,omitempty"`
	Examples []Sample `json:"examples,omitempty"`

	Details []string `json:"details,omitempty"` // paragraphs after About

	spelled []string       // other names
	fill    func() []Group // makes Groups when they are wanted
}

// Server is what other programs want to know of a function of the server.
type Server struct {
	Class       string   `json:"class"` // as behaviour.json has it
	Changing    bool     `json:"changing"`
	Destructive bool     `json:"destructive"`
	LongRunning string   `json:"long_running"` // yes, no, likely or unknown
	Key         []string `json:"key,omitempty"`
	Secrets     []string `json:"secrets,omitempty"` // arguments, or paths into them
}

// Fact is something to know, under a heading of a word or two.
type Fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Param is a parameter, a result or a field.
type Param struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	About    string `json:"about,omitempty"`
	Optional bool   `json:"optional,omitempty"`
	Default  string `json:"default,omitempty"`
	Variadic bool   `json:"variadic,omitempty"`

	// Editions says of an argument of the server's functions, for each edition
	// that has it, whether it is required or optional there.
	Editions map[string]string `json:"editions,omitempty"`

	// Remark says what the fields above cannot: "required in spe, …".
	Remark string   `json:"remark,omitempty"`
	Values []string `json:"values,omitempty"` // the allowed ones

	Fields []Param `json:"fields,omitempty"` // of a table of a known shape, or of the elements of a list
	Params []Param `json:"params,omitempty"` // of a function
}

// Group is a list of other entries under a title.
type Group struct {
	Title string `json:"title"`
	Items []Item `json:"items"`
}

// Item refers to an entry.
type Item struct {
	Name  string `json:"name"`            // of the entry
	Usage string `json:"usage,omitempty"` // shown instead of the name
	About string `json:"about"`
	Kind  Kind   `json:"kind"`

	Editions []string `json:"editions,omitempty"` // of a function of the server
}

// Sample is something to copy.
type Sample struct {
	Language string `json:"language"` // lua, sh or text
	Text     string `json:"text"`
	Title    string `json:"title,omitempty"`
}

// item returns the reference to e, with its first sentence.
func (e Entry) item() Item {
	usage := ""
	if len(e.Usage) > 0 && (e.Kind == Function || e.Kind == Method) {
		usage = e.Usage[0]
	}
	return Item{Name: e.Name, Usage: usage, About: e.Summary(), Kind: e.Kind, Editions: e.Editions}
}

// filled returns e with its groups.
func (e Entry) filled() Entry {
	if e.fill != nil {
		e.Groups, e.fill = e.fill(), nil
	}
	return e
}

// Summary returns the first sentence of what the entry says.
func (e Entry) Summary() string {
	for i := 0; i < len(e.About); i++ {
		at := strings.Index(e.About[i:], ". ")
		if at < 0 {
			break
		}
		i += at
		next := e.About[i+2:]
		if next != "" && (next[0] >= 'A' && next[0] <= 'Z' || next[0] == '%') {
			return e.About[:i+1]
		}
	}
	return e.About
}

// text returns all that e says, in lower case, to be searched.
func (e Entry) text() string {
	var b strings.Builder
	add := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(strings.ToLower(text))
			b.WriteByte('\n')
		}
	}
	add(string(e.Kind), e.Name, e.About)
	add(e.Details...)
	add(e.Usage...)
	for _, f := range e.Facts {
		add(f.Name, f.Text)
	}
	var params func(list []Param)
	params = func(list []Param) {
		for _, p := range list {
			add(p.Name, p.Type, p.About, p.Default, p.Remark)
			add(p.Values...)
			params(p.Fields)
			params(p.Params)
		}
	}
	params(e.Params)
	params(e.Returns)
	params(e.Fields)
	return b.String()
}
