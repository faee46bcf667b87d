package sandbox

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a server for a test.
func start(t testing.TB, o Options) *Server {
	t.Helper()
	return startWith(t, o, func(*Server) {})
}

// startWith is start for a server that is changed before it listens.
func startWith(t testing.TB, o Options, change func(*Server)) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatalf("New(%+v) = %v", o, err)
	}
	change(s)
	if err := s.Start(); err != nil {
		t.Fatalf("Start() = %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// client is a raw client: it sends bytes and reads answers, one connection.
type client struct {
	t    testing.TB
	s    *Server
	conn *tls.Conn
	in   *bufio.Reader
}

func dial(t testing.TB, s *Server) *client {
	t.Helper()
	c, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	return adopt(t, s, c)
}

func adopt(t testing.TB, s *Server, c *tls.Conn) *client {
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{t, s, c, bufio.NewReader(c)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// reply is an answer, its head as it was sent.
type reply struct {
	head   string
	status int
	header http.Header
	body   string
}

// read reads an answer; its error is that of the connection.
func (c *client) read() (reply, error) { return c.readFor(http.MethodPost) }

// readFor reads the answer to a request of a method: one to HEAD has no body.
func (c *client) readFor(method string) (reply, error) {
	var r reply
	for {
		line, err := c.in.ReadString('\n')
		r.head += line
		if err != nil {
			return r, err
		}
		if line == "\r\n" {
			break
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader(r.head), c.in)), nil)
	if err != nil {
		return r, err
	}
	r.status, r.header = res.StatusCode, res.Header
	if method == http.MethodHead {
		return r, nil
	}
	body := make([]byte, res.ContentLength)
	n, err := io.ReadFull(c.in, body)
	r.body = string(body[:n])
	return r, err
}

// post sends a form with the server's login and returns the answer.
func (c *client) post(path, form string) (reply, error) {
	c.t.Helper()
	login := base64.StdEncoding.EncodeToString([]byte(c.s.User() + ":" + c.s.Password()))
	c.send(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nContent-Length: %d\r\n\r\n%s", path, login, len(form), form))
	return c.read()
}

// envelope is an answer as a client sees it.
type seen struct {
	Error   *struct{ Message, Details string }
	Token   *string
	Version int64           `json:"statusVersion"`
	Code    string          `json:"statusCode"`
	Percent *float64        `json:"percentProgress"`
	Result  json.RawMessage `json:"result"`
	Log     *string         `json:"logOutput"`
}

// call posts a call and decodes its envelope.
func (c *client) call(fn, form string) seen {
	c.t.Helper()
	path := "/api/invoke/" + fn
	if fn == getStatus || fn == cancelAsync {
		path = "/api/" + fn
	}
	r, err := c.post(path, form)
	if err != nil {
		c.t.Fatalf("%s(%s) = %v", fn, form, err)
	}
	if r.status != http.StatusOK {
		c.t.Fatalf("%s(%s) = HTTP %d, want 200", fn, form, r.status)
	}
	return decode(c.t, r.body)
}

func decode(t testing.TB, body string) seen {
	t.Helper()
	var e seen
	text, ok := strings.CutPrefix(body, "\xEF\xBB\xBF")
	if !ok {
		t.Fatalf("answer starts with %q, want a byte order mark", body[:min(3, len(body))])
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("answer is no JSON: %v\n%s", err, text)
	}
	return e
}
