package value

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// maxDepth is how deep JSON may nest, read and written.
const maxDepth = 200

// Decode builds the Lua value of a JSON text; it needs no lock. Null fields are
// left out unless opts say otherwise, null elements are json.null, null alone
// is nil, and whole numbers of 2^53 and more are texts. An object with one name
// twice is refused, because nobody can say which one was meant; bytes that are
// no UTF-8 become U+FFFD, because one broken folder name must not hide a
// thousand others. Errors are of kind invalid and name the place.
func Decode(text []byte, opts decl.DecodeOptions) (lua.LValue, error) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.input.Reset(text)
	d.nulls = opts.Nulls
	d.json.Reset(&d.input, jsontext.AllowInvalidUTF8(true))
	v, err := d.value(0)
	if err == nil {
		if _, trailing := d.json.ReadToken(); trailing != io.EOF {
			err = fmt.Errorf("more than one JSON value")
		}
	}
	if err != nil {
		err = d.failure(err)
	} else if v == nullElement {
		v = lua.LNil
	}
	d.forget()
	return v, err
}

// maxKept bounds the names of fields and the room for values that a decoder
// keeps for its next text.
const maxKept = 4096

func (d *decoder) forget() {
	d.input.Reset(nil)
	clear(d.stack)
	d.stack, d.kind = d.stack[:0], d.kind[:0]
	if cap(d.stack) > maxKept {
		d.stack = nil
	}
	if len(d.names) > maxKept || len(d.models) > maxKept {
		clear(d.names)
		clear(d.models)
	}
}

var decoders = sync.Pool{New: func() any {
	return &decoder{names: map[string]name{}, models: map[string]*lua.LTable{}}
}}

type decoder struct {
	json  jsontext.Decoder
	input bytes.Reader
	nulls bool
	stack []lua.LValue // elements, or names and values, of what is open

	// What comes again and again: names of fields by their JSON, and objects
	// with the same fields by the numbers of their names.
	names  map[string]name
	models map[string]*lua.LTable
	kind   []byte // numbers of the names of what is open
}

// name is the name of a field; a decoder numbers them.
type name struct {
	text   lua.LValue
	number uint32
}

// maxModel is the number of fields up to which an object is taken for one of
// many of its kind.
const maxModel = 32

// nullElement stands for null until it is clear where it stands.
var nullElement lua.LValue = Null

func (d *decoder) value(depth int) (lua.LValue, error) {
	switch d.json.PeekKind() {
	case '{':
		return d.object(depth + 1)
	case '[':
		return d.array(depth + 1)
	}
	raw, err := d.json.ReadValue()
	if err != nil {
		return nil, err
	}
	switch raw[0] {
	case 'n':
		return nullElement, nil
	case 't':
		return lua.LTrue, nil
	case 'f':
		return lua.LFalse, nil
	case '"':
		return unquote(raw), nil
	}
	return parseNumber(raw)
}

func (d *decoder) open(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	_, err := d.json.ReadToken()
	return err
}

func (d *decoder) array(depth int) (lua.LValue, error) {
	if err := d.open(depth); err != nil {
		return nil, err
	}
	base := len(d.stack)
	for d.json.PeekKind() != ']' {
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		d.stack = append(d.stack, v)
	}
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	elements := d.stack[base:]
	t := markArray(newTable(len(elements), 0))
	for _, v := range elements {
		t.Append(v)
	}
	d.pop(base)
	return t, nil
}

func (d *decoder) object(depth int) (lua.LValue, error) {
	if err := d.open(depth); err != nil {
		return nil, err
	}
	base, kind := len(d.stack), len(d.kind)
	for d.json.PeekKind() != '}' {
		raw, err := d.json.ReadValue()
		if err != nil {
			return nil, err
		}
		named, ok := d.names[string(raw)]
		if !ok {
			named = name{unquote(raw), uint32(len(d.names))}
			d.names[string(raw)] = named
		}
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		if v != nullElement || d.nulls {
			d.stack = append(d.stack, named.text, v)
			d.kind = binary.LittleEndian.AppendUint32(d.kind, named.number)
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	t := d.table(d.stack[base:], d.kind[kind:])
	d.pop(base)
	d.kind = d.kind[:kind]
	return t, nil
}

// table returns the table of fields, names and values in turn. From the third
// of a kind on they are copied from a model: with all fields set one by one,
// reading a list of objects takes 1.7 times as long.
func (d *decoder) table(fields []lua.LValue, kind []byte) *lua.LTable {
	model, known := d.models[string(kind)]
	if model != nil {
		t := &lua.LTable{Metatable: lua.LNil}
		inside := (*table)(unsafe.Pointer(t))
		inside.copyNames(model)
		for i := 0; i < len(fields); i += 2 {
			inside.strdict[string(fields[i].(lua.LString))] = fields[i+1]
		}
		return t
	}
	t := newTable(0, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		t.RawSetString(string(fields[i].(lua.LString)), fields[i+1])
	}
	if !copies() || len(fields) == 0 || len(fields) > 2*maxModel || len(d.models) > maxKept {
		return t
	}
	if known {
		model = newTable(0, len(fields)/2)
		for i := 0; i < len(fields); i += 2 {
			model.RawSetString(string(fields[i].(lua.LString)), lua.LTrue)
		}
	}
	d.models[string(kind)] = model
	return t
}

func (d *decoder) pop(base int) {
	clear(d.stack[base:])
	d.stack = d.stack[:base]
}

func unquote(raw []byte) lua.LValue {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && isASCII(inner) {
		return lua.LString(inner)
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // what is no UTF-8 is replaced
	return lua.LString(text)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func parseNumber(raw []byte) (lua.LValue, error) {
	if len(raw) <= 15 && !bytes.ContainsAny(raw, ".eE") {
		var n int64
		for _, c := range bytes.TrimPrefix(raw, []byte("-")) {
			n = n*10 + int64(c-'0')
		}
		if raw[0] == '-' {
			n = -n
		}
		return integer(n), nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return nil, fmt.Errorf("number %s is too large", raw)
	}
	if (f >= maxExact || f <= -maxExact) && !bytes.ContainsAny(raw, ".eE") {
		return lua.LString(raw), nil
	}
	return number(f), nil
}

func (d *decoder) failure(err error) error {
	at := d.json.InputOffset()
	message := err.Error()
	if bad, ok := err.(*jsontext.SyntacticError); ok {
		at, message = bad.ByteOffset, bad.Err.Error()
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		message = "the text ends too early"
	}
	if path := d.json.StackPointer(); path != "" {
		message += " in " + string(path)
	}
	return &fault.Error{Kind: fault.Invalid, Op: "json", Message: fmt.Sprintf("%s (byte %d)", message, at+1)}
}
