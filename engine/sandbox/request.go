package sandbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"moonpost/engine/sandbox/world"
)

const (
	maxHeader = 64 << 10 // request line and headers
	maxBody   = 4 << 20  // form body
	maxFields = 200      // form fields
	smallBody = 64 << 10 // up to which bodies are read without waiting for a place
)

// request is one request, read whole.
type request struct {
	method   string
	segments []string // of the path, empty ones dropped
	header   http.Header
	body     []byte
	close    bool // the client wants the connection closed
	done     func()
}

// badRequest is a request that the HTTP layer refuses, as HTTP.sys does: with
// an HTML page, and by closing the connection.
type badRequest struct {
	status int
	reason string
}

func (b *badRequest) Error() string { return b.reason }

// limits bound what clients can take from the server.
type limits struct {
	conns     int           // connections; further ones are closed at once
	bigBodies int           // bodies beyond smallBody that are read or worked on at a time
	handshake time.Duration // of TLS
	idle      time.Duration // between two requests
	request   time.Duration // from a request's first byte to its last; the same for an answer
	bigWait   time.Duration // for a place for a big body
}

var defaultLimits = limits{
	conns: 4096, bigBodies: 8,
	handshake: 10 * time.Second, idle: 2 * time.Minute /* as HTTP.sys has it */, request: time.Minute,
	bigWait: 20 * time.Second,
}

// budget bounds how much is read from a connection for one request.
type budget struct {
	from io.Reader
	left int64
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, tooLong()
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// readRequest reads the next request of a connection. Its errors are
// *badRequest, or those of the connection. The caller calls the request's done
// when it needs the body no longer.
func (c *conn) readRequest() (*request, error) {
	c.limit.left, c.head = maxHeader, false
	head, err := http.ReadRequest(c.in)
	if err != nil && c.limit.left <= 0 {
		return nil, tooLong()
	}
	if err != nil {
		return nil, readError(err)
	}
	c.head = head.Method == http.MethodHead
	r := &request{method: head.Method, header: head.Header, close: head.Close || !head.ProtoAtLeast(1, 1), done: func() {}}
	for segment := range strings.SplitSeq(head.URL.Path, "/") {
		if segment != "" { // an old client of the vendor asks /api//get-status
			r.segments = append(r.segments, segment)
		}
	}
	if head.Host == "" && head.ProtoAtLeast(1, 1) {
		return nil, &badRequest{http.StatusBadRequest, "the request has no Host"}
	}
	for _, values := range head.Header {
		if slices.ContainsFunc(values, hasControls) {
			return nil, &badRequest{http.StatusBadRequest, "a header has a control character"}
		}
	}
	chunked := len(head.TransferEncoding) > 0
	if head.Method == http.MethodPost && !chunked && head.Header.Get("Content-Length") == "" {
		return nil, &badRequest{http.StatusLengthRequired, "The request must be chunked or have a content length."}
	}
	if head.ContentLength > maxBody {
		return nil, tooLarge()
	}
	if chunked || head.ContentLength > smallBody {
		if r.done, err = c.server.bigBody(); err != nil {
			return nil, err
		}
	}
	if strings.EqualFold(head.Header.Get("Expect"), "100-continue") && head.ContentLength != 0 {
		if err := c.proceed(); err != nil {
			r.done()
			return nil, err
		}
	}
	c.limit.left = 2*maxBody + maxHeader // chunks have their own overhead
	if r.body, err = readBody(head); err != nil {
		r.done()
		return nil, err
	}
	if len(r.body) <= smallBody { // in chunks
		r.done()
		r.done = func() {}
	}
	return r, nil
}

// hasControls reports control characters in a header, which HTTP.sys refuses.
func hasControls(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// bigBody waits until one more big body can be held, and returns what gives its
// place back.
func (s *Server) bigBody() (done func(), err error) {
	select {
	case s.big <- struct{}{}:
		return func() { <-s.big }, nil
	case <-time.After(s.limits.bigWait):
		return nil, &badRequest{http.StatusServiceUnavailable, "The server is busy."}
	case <-s.ctx.Done():
		return nil, net.ErrClosed
	}
}

// readBody reads the body as it comes; the length that a client announces
// reserves no memory.
func readBody(head *http.Request) ([]byte, error) {
	if 0 <= head.ContentLength && head.ContentLength <= 16<<10 {
		body := make([]byte, head.ContentLength)
		_, err := io.ReadFull(head.Body, body)
		return body, readError(err)
	}
	body, err := io.ReadAll(io.LimitReader(head.Body, maxBody+1))
	if len(body) > maxBody {
		return nil, tooLarge()
	}
	return body, readError(err)
}

func tooLong() error {
	return &badRequest{http.StatusRequestHeaderFieldsTooLarge, "the request's headers are too long"}
}

func tooLarge() error {
	return &badRequest{http.StatusRequestEntityTooLarge, "The request is too large."}
}

// readError tells a connection that ended from a request that is malformed.
func readError(err error) error {
	var bad *badRequest
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return bad
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isNetwork(err):
		return err
	}
	return &badRequest{http.StatusBadRequest, "The request is badly formed."}
}

// parseForm reads a form body strictly: what is malformed is refused, where a
// lenient reader would guess.
func parseForm(body []byte) ([]world.Arg, error) {
	text := string(body)
	if text == "" {
		return nil, nil
	}
	args := make([]world.Arg, 0, 8)
	for pair := range strings.SplitSeq(text, "&") {
		if len(args) == maxFields {
			return nil, &badRequest{http.StatusBadRequest, "The form has too many fields."}
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, &badRequest{http.StatusBadRequest, "The form has a part that is no name=value."}
		}
		n, okName := unescape(name)
		v, okValue := unescape(value)
		if !okName || !okValue {
			return nil, &badRequest{http.StatusBadRequest, "The form is not percent-encoded UTF-8."}
		}
		args = append(args, world.Arg{Name: n, Value: v})
	}
	return args, nil
}

// unescape decodes percent encoding and reports whether it was well-formed and
// gave UTF-8.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 {
		if strings.IndexByte(s, '+') >= 0 {
			s = strings.ReplaceAll(s, "+", " ")
		}
		return s, utf8.ValidString(s)
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high > 15 || low > 15 {
				return "", false
			}
			out = append(out, high<<4|low)
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out), utf8.Valid(out)
}

// unhex returns the value of a hex digit; 255 when it is none.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
