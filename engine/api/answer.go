package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"moonpost/engine/fault"
)

// bom is the byte order mark before every answer of a MailStore (protocol.md 5).
var bom = []byte("\xef\xbb\xbf")

// open returns the JSON text of an answer, or why there is none. A status of
// the 400s says that the server did nothing; after one of the 500s nobody knows.
func (c *Client) open(o *operation, r reply) ([]byte, *failure) {
	if r.status != http.StatusOK {
		return nil, c.refusedBy(o, r)
	}
	text := bytes.TrimPrefix(r.body, bom)
	shown := bytes.TrimSpace(text)
	switch {
	case len(shown) == 0:
		return nil, &failure{status: r.status, sent: true, transient: true, message: "the answer is empty"}
	case shown[0] == '<':
		return nil, &failure{
			status: r.status, sent: true, details: excerpt(shown), message: "the answer is a web page, not JSON",
			hint: "is the port right? The API listens on 8463 (Server) or 8474 (SPE), web access elsewhere",
		}
	}
	return text, nil
}

// refusedBy explains a status other than 200.
func (c *Client) refusedBy(o *operation, r reply) *failure {
	f := &failure{status: r.status, sent: true, kind: fault.Server, details: excerpt(bytes.TrimPrefix(r.body, bom))}
	f.message = fmt.Sprintf("HTTP %d %s", r.status, http.StatusText(r.status))
	switch {
	case r.status == http.StatusUnauthorized:
		return c.login.refuse(&failure{
			status: r.status, sent: true, kind: fault.Denied, details: f.details,
			message: c.target + " refused the login of " + c.cfg.User,
			hint:    loginHint,
		})
	case r.status == http.StatusForbidden:
		f.kind = fault.Denied
		f.message = "the server refuses this to " + c.cfg.User
		f.hint = "the user must be a MailStore administrator; in the Service Provider Edition, calls on an instance also need its service provider access"
	case r.status == http.StatusNotFound:
		f.message = "the server does not know " + o.name
		f.hint = listFunctions
	case r.status == http.StatusLengthRequired:
		f.message += ": something between here and the server drops Content-Length"
	case r.status >= 300 && r.status < 400:
		f.message = fmt.Sprintf("redirected (HTTP %d) to %s, which is not followed", r.status, r.header.Get("Location"))
		f.hint = "write the address of the MailStore server itself"
	case r.status >= 500:
		f.kind, f.transient = "", isBusy(r.status)
	case r.status < 300:
		f.kind = "" // a success without an answer that says what succeeded
	}
	return f
}

// unreadable explains an answer that did not decode.
func unreadable(err error, text []byte) *failure {
	f := &failure{sent: true, status: http.StatusOK, details: excerpt(text), message: "the answer is not JSON", err: err}
	if shape, ok := errors.AsType[errShape](err); ok {
		f.message, f.err = "the answer is not one of a MailStore: "+string(shape), nil
		return f
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		f.message, f.err, f.transient = fmt.Sprintf("the answer ends in the middle, after %d bytes", len(text)), nil, true
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](f.err); ok {
		f.message, f.err = notJSON(syntax.ByteOffset), nil
	} else if syntax, ok := errors.AsType[*json.SyntaxError](f.err); ok {
		f.message, f.err = notJSON(syntax.Offset), nil
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		f.message = "the answer has a name twice"
	}
	return f
}

func notJSON(at int64) string {
	return fmt.Sprintf("the answer is not JSON, from byte %d on", at)
}

// tooLarge is the failure for an answer of more than most bytes.
func tooLarge(most int64) *failure {
	return &failure{sent: true, message: fmt.Sprintf("the answer is larger than %d MiB", most>>20)}
}

// excerpt returns the beginning of an answer that is not understood.
func excerpt(body []byte) string {
	const most = 400
	if len(body) > most {
		return strings.ToValidUTF8(string(body[:most]), "") + " …"
	}
	if !utf8.Valid(body) {
		return fmt.Sprintf("%q", body)
	}
	return string(body)
}
