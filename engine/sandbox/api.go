package sandbox

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
	"moonpost/engine/sandbox/world"
)

// The service calls, which stand beside the functions.
const (
	getMetadata = "get-metadata"
	getStatus   = "get-status"
	cancelAsync = "cancel-async"
)

// maxWait bounds how long get-status holds a request.
const maxWait = 10 * time.Minute

// handle serves one request and reports whether the connection goes on.
func (s *Server) handle(c *conn, r *request) bool {
	judge := len(r.segments) > 0 && r.segments[0] == "sandbox"
	if c.first {
		c.first = false
		if judge { // who watches does not count
			s.log.connected(-1)
		}
	}
	if judge {
		return c.write(s.judge(c, r))
	}
	name := operation(r.segments)
	if name == "" {
		return c.write(notFound())
	}
	args, err := parseForm(r.body)
	seq := s.log.open(name, args)
	var reply *response
	var hit Fault
	if bad, ok := errors.AsType[*badRequest](err); ok {
		reply = page(bad.status, bad.reason)
	} else {
		reply, hit = s.answer(c, r, name, args)
	}
	return s.deliver(c, seq, reply, hit)
}

// operation returns the function or service call that a path names; "" when it
// names none.
func operation(segments []string) string {
	switch {
	case len(segments) == 3 && segments[0] == "api" && segments[1] == "invoke" && !service(segments[2]):
		return segments[2]
	case len(segments) == 2 && segments[0] == "api" && service(segments[1]):
		return segments[1]
	}
	return ""
}

// service reports whether a name is that of a service call.
func service(name string) bool {
	return name == getMetadata || name == getStatus || name == cancelAsync
}

// answer runs one call of the API. The reply is nil when the client gets none.
func (s *Server) answer(c *conn, r *request, name string, args []world.Arg) (*response, Fault) {
	if get := r.method == http.MethodGet && name == getMetadata && !s.wrong.noGet; r.method != http.MethodPost && !get {
		return &response{status: http.StatusMethodNotAllowed, headers: []string{"Allow: POST"}}, Fault{}
	}
	open := name == getMetadata && s.world.Options().Edition == catalogue.Server
	if !open {
		if refusal := s.authorise(c, r.header.Get("Authorization")); refusal != nil {
			return refusal, Fault{}
		}
	}
	hit := s.faults.hit(name)
	if !s.pause(s.opts.Latency) {
		return nil, hit
	}
	if reply, ends := s.before(c, hit); ends {
		return reply, hit
	}
	return s.execute(c.login.user, name, args, hit), hit
}

// authorise checks the login of a request; nil means that it may go on.
func (s *Server) authorise(c *conn, header string) *response {
	at := s.world.Logins()
	if header != "" && header == c.login.header && at == c.login.at {
		return nil
	}
	if header == "" {
		return challenge()
	}
	user, password, ok := parseBasic(header, s.wrong.latin1)
	login := world.Unknown
	if ok {
		login = s.world.Login(user, password)
	}
	switch {
	case login == world.Granted:
		c.login.header, c.login.user, c.login.at = header, user, at
		return nil
	case s.wrong.login200:
		return envelope(s.world.Failed("Login", world.LoginRefused()))
	case login == world.NotAdmin && !s.wrong.notAdmin401:
		return &response{status: http.StatusForbidden}
	}
	return challenge()
}

// parseBasic reads an Authorization header. User and password are UTF-8 unless
// latin1 says that they are ISO 8859-1.
func parseBasic(header string, latin1 bool) (user, password string, ok bool) {
	scheme, code, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(code))
	if err != nil {
		return "", "", false
	}
	if latin1 {
		letters := make([]rune, len(text))
		for i, b := range text {
			letters[i] = rune(b)
		}
		text = []byte(string(letters))
	}
	return strings.Cut(string(text), ":")
}

func (s *Server) execute(user, name string, args []world.Arg, hit Fault) *response {
	if twice := duplicate(args); twice != "" {
		return envelope(s.world.Failed(name, world.Given(twice)))
	}
	if service(name) && (hit.Fault == failCall || hit.Fault == halfEffect) {
		return envelope(s.world.Failed(name, world.Injected()))
	}
	switch name {
	case getMetadata:
		return jsonResponse(s.world.Metadata())
	case getStatus:
		return s.getStatus(args, hit)
	case cancelAsync:
		return s.cancelAsync(args)
	}
	if !s.world.Has(name) {
		if s.wrong.function200 {
			return envelope(s.world.Failed(name, world.NoFunction(name)))
		}
		return notFound()
	}
	return envelope(s.world.InvokeAs(user, name, args, hit.twist()))
}

func envelope(status answer.Status) *response {
	r := jsonResponse(status.Append((*buffers.Get().(*[]byte))[:0]))
	r.pooled = true
	return r
}

// getStatus needs all three arguments; a missing one gives the .NET text for
// reading an empty optional value (protocol.md 6).
func (s *Server) getStatus(args []world.Arg, hit Fault) *response {
	token, hasToken := find(args, "token")
	known, errKnown := number(args, "lastKnownStatusVersion")
	wait, errWait := number(args, "millisecondsTimeout")
	if _, sent := find(args, "millisecondsTimeout"); !sent && s.wrong.noTimeout {
		wait, errWait = 0, nil
	}
	switch {
	case !hasToken:
		return envelope(s.world.Failed(getStatus, world.Missing("token")))
	case errKnown != nil:
		return envelope(s.world.Failed(getStatus, errKnown))
	case errWait != nil:
		return envelope(s.world.Failed(getStatus, errWait))
	case wait < 0:
		return envelope(s.world.Failed(getStatus, world.OutOfRange()))
	}
	if hit.Fault == forgetToken {
		s.world.Forget(token)
	}
	status, err := s.world.Status(s.ctx, token, known, min(time.Duration(wait)*time.Millisecond, maxWait))
	switch {
	case errors.Is(err, world.ErrToken):
		return unknownToken()
	case err != nil: // the server is closing
		return nil
	}
	return envelope(status)
}

func (s *Server) cancelAsync(args []world.Arg) *response {
	token, ok := find(args, "token")
	if !ok {
		return envelope(s.world.Failed(cancelAsync, world.Missing("token")))
	}
	if s.world.Cancel(token) != nil {
		return unknownToken()
	}
	return envelope(answer.Status{Version: answer.Immediate, Code: answer.Succeeded})
}

func unknownToken() *response {
	return notFound()
}

func find(args []world.Arg, name string) (string, bool) {
	for _, a := range args {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

func number(args []world.Arg, name string) (int64, *world.Problem) {
	text, ok := find(args, name)
	if !ok {
		return 0, world.NoValue()
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0, world.NotANumber()
	}
	return n, nil
}

// duplicate returns the name of an argument that was given twice; "" when there
// is none.
func duplicate(args []world.Arg) string {
	for i := range args {
		if _, twice := find(args[:i], args[i].Name); twice {
			return args[i].Name
		}
	}
	return ""
}

// notFound is how HTTP.sys answers where there is nothing.
func notFound() *response {
	return page(http.StatusNotFound, "The requested resource was not found.")
}
