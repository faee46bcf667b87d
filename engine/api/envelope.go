package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// envelope is an answer of a function or of get-status (protocol.md 5).
type envelope struct {
	text    []byte // as received, without byte order mark
	result  []byte // a part of text; nil for null
	token   string
	version int64
	code    string
	percent *float64
	status  string // statusText
	log     string // line ends as received
	refusal *refusal
}

// refusal is the envelope's error.
type refusal struct{ message, details string }

// decoders are kept: a fresh one allocates its tables for every answer.
var decoders = sync.Pool{New: func() any { return &decoder{} }}

type decoder struct {
	jsontext.Decoder
	source bytes.Buffer
	size   int
}

// reset makes d read text, which it never changes. It refuses duplicate names
// and invalid UTF-8, as the decoder does by default.
func (d *decoder) reset(text []byte) {
	d.source = *bytes.NewBuffer(text)
	d.size = len(text)
	d.Reset(&d.source)
}

// release gives d back and lets go of the text.
func (d *decoder) release() {
	d.source = bytes.Buffer{}
	d.Reset(&d.source)
	decoders.Put(d)
}

// errShape says that JSON is correct and not what it should be.
type errShape string

func (e errShape) Error() string { return string(e) }

// decodeEnvelope reads one envelope and nothing after it. It refuses what is no
// JSON, and what is no envelope: that has a statusCode.
func decodeEnvelope(text []byte) (envelope, error) {
	e := envelope{text: text}
	d := decoders.Get().(*decoder)
	defer d.release()
	d.reset(text)
	switch kind := d.PeekKind(); kind {
	case jsontext.KindBeginObject:
	case jsontext.KindInvalid:
		_, err := d.ReadToken()
		return e, err
	default:
		return e, errShape(word(kind) + " instead of an answer's object")
	}
	if _, err := d.ReadToken(); err != nil {
		return e, err
	}
	var seen bool
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadValue()
		if err != nil {
			return e, err
		}
		switch string(name) {
		case `"statusCode"`:
			seen = true
			e.code, err = d.text("statusCode")
		case `"result"`:
			e.result, err = d.raw(text)
		case `"error"`:
			e.refusal, err = d.refusal(text)
		case `"token"`:
			e.token, err = d.text("token")
		case `"statusVersion"`:
			e.version, err = d.integer("statusVersion")
		case `"percentProgress"`:
			e.percent, err = d.percent()
		case `"statusText"`:
			e.status, err = d.text("statusText")
		case `"logOutput"`:
			e.log, err = d.text("logOutput")
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return e, err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return e, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return e, errors.New("text after the end of the answer")
	}
	if !seen || e.code == "" {
		return e, errShape("JSON without statusCode")
	}
	return e, nil
}

// text reads a string; null is "".
func (d *decoder) text(name string) (string, error) {
	t, err := d.ReadToken()
	switch {
	case err != nil:
		return "", err
	case t.Kind() == jsontext.KindString:
		return t.String(), nil
	case t.Kind() == jsontext.KindNull:
		return "", nil
	}
	return "", errShape(name + " is " + word(t.Kind()) + ", not a text")
}

func (d *decoder) integer(name string) (int64, error) {
	t, err := d.ReadToken()
	switch {
	case err != nil:
		return 0, err
	case t.Kind() == jsontext.KindNumber:
		if n, err := t.Int(); err == nil {
			return n, nil
		}
		f, _ := t.Float()
		return int64(min(max(f, -1<<53), 1<<53)), nil
	case t.Kind() == jsontext.KindNull:
		return 0, nil
	}
	return 0, errShape(name + " is " + word(t.Kind()) + ", not a number")
}

// percent reads the progress, kept between 0 and 100: it is a hint for people,
// and an odd one must not end a job.
func (d *decoder) percent() (*float64, error) {
	if d.PeekKind() != jsontext.KindNumber {
		return nil, d.SkipValue()
	}
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	f, _ := t.Float()
	f = min(max(f, 0), 100)
	return &f, nil
}

// raw returns the next value as a part of text, nil for null.
func (d *decoder) raw(text []byte) ([]byte, error) {
	v, err := d.ReadValue()
	if err != nil || v.Kind() == jsontext.KindNull {
		return nil, err
	}
	// The decoder's own slice dies with the next read, text does not.
	end := d.InputOffset()
	return text[end-int64(len(v)) : end : end], nil
}

// refusal reads the error, an object by the vendor's description. Anything
// else that is not null is an error, too.
func (d *decoder) refusal(text []byte) (*refusal, error) {
	switch d.PeekKind() {
	case jsontext.KindNull:
		return nil, d.SkipValue()
	case jsontext.KindBeginObject:
	default:
		v, err := d.raw(text)
		return &refusal{message: strings.Trim(string(v), `"`)}, err
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	r := &refusal{}
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		switch string(name) {
		case `"message"`:
			r.message, err = d.text("error.message")
		case `"details"`:
			r.details, err = d.text("error.details")
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return r, err
}

func word(k jsontext.Kind) string {
	switch k {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "a boolean"
	case jsontext.KindString:
		return "a text"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "a list"
	}
	return fmt.Sprintf("%q", byte(k))
}

// lines returns text with line ends \n.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
