package decl

// Effect says what a function does to the world outside the interpreter.
// Before a function with an effect runs, Host.Allow is asked once.
type Effect uint8

// The effects.
const (
	None   Effect = iota // computes, waits or logs
	Reads                // reads files or asks servers
	Writes               // changes files or servers
	Sends                // sends something that cannot be taken back
)

// String returns the effect in one word.
func (e Effect) String() string {
	return [...]string{"none", "reads", "writes", "sends"}[e]
}

// Param is a parameter, a result or a field of a record.
type Param struct {
	Name     string
	Type     Type
	Doc      string
	Optional bool
	Default  string // how the manual shows the default, "" when there is none
	Variadic bool   // last parameter only: any number of values of Type
}

// Func is one function that Lua can call.
type Func struct {
	Name    string
	Doc     string // a sentence or more; the first one stands in lists
	Params  []Param
	Returns []Param
	Example string // Lua that runs as it is, against the sandbox where it calls the server
	Effect  Effect
	// Call is nil in declarations of server functions, and of functions that are
	// written in Lua. Of those the Host is not asked: it is asked of what they
	// call.
	Call func(*Call) error

	// Iterator says that for loops call the function: what they pass is
	// neither checked nor converted.
	Iterator bool
}

// Object is a kind of handle that functions return: a job, a task.
type Object struct {
	Name    string
	Doc     string
	Fields  []Param // readable fields; Field gives their values
	Field   func(self any, name string) any
	Methods []Func // called with a colon; Call.Self is the handle's value
}

// Module is a table of functions.
type Module struct {
	Name    string
	Doc     string
	Global  bool // a global of its own; otherwise require(Name)
	Funcs   []Func
	Values  []Value
	Objects []Object

	// Source, when not nil, is Lua code that returns a table with exactly the
	// functions of Funcs, which have no Call. It runs when the module is first
	// required, and never sees what a playbook does to its globals.
	Source *Source

	// View, when not nil, is a Go struct given by value. Values without Of are
	// read from its fields of that luar tag; Lua cannot change them.
	View any

	// Callable, when not nil, is what calling the module itself does.
	Callable *Func

	// Missing, when not nil, resolves a name that is none of the above when
	// a playbook asks for it; its results are kept. It returns an error with
	// "did you mean" when there is no such name. It may block.
	Missing func(c *Call, name string) (any, error)
}

// Source is the text of a module that is written in Lua.
type Source struct {
	File string // its name, as traces show it
	Text []byte
}

// Value is a field of a module that is no function. Of is asked once per state,
// when the field is first used; it may block. Without Of the field comes from
// the module's View.
type Value struct {
	Name string
	Type Type
	Doc  string
	Of   func(*Call) (any, error)
}
