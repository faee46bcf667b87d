package luavm

import "moonpost/engine/luavm/decl"

// The words of a declaration, so that a package of bindings imports luavm
// alone. Package decl documents them.
type (
	Module = decl.Module
	Func   = decl.Func
	Object = decl.Object
	Value  = decl.Value
	Param  = decl.Param
	Type   = decl.Type
	Effect = decl.Effect
	Host   = decl.Host
	Source = decl.Source

	Call          = decl.Call
	VM            = decl.VM
	Tab           = decl.Tab
	Fn            = decl.Fn
	Task          = decl.Task
	Shape         = decl.Shape
	Row           = decl.Row
	JSONNull      = decl.JSONNull
	DecodeOptions = decl.DecodeOptions
	EncodeOptions = decl.EncodeOptions
	Playbook      = decl.Playbook
	Input         = decl.Input
)

// The types without parts.
var (
	Any      = decl.Any
	String   = decl.String
	Number   = decl.Number
	Integer  = decl.Integer
	Bool     = decl.Bool
	Table    = decl.Table
	Function = decl.Function
	Secret   = decl.Secret
	Duration = decl.Duration
	Null     = decl.Null
)

// The types with parts.
var (
	List     = decl.List
	Map      = decl.Map
	Record   = decl.Record
	Callback = decl.Callback
	Enum     = decl.Enum
	Handle   = decl.Handle
	Union    = decl.Union
)

// The effects.
const (
	None   = decl.None
	Reads  = decl.Reads
	Writes = decl.Writes
	Sends  = decl.Sends
)
