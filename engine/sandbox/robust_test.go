package sandbox

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// alive fails the test when the server does not answer a new client.
func alive(t *testing.T, s *Server) {
	t.Helper()
	if e := dial(t, s).call("GetServerInfo", ""); e.Code != "succeeded" {
		t.Errorf("afterwards the server answers %+v", e)
	}
}

func TestCredentialsOfAllKinds(t *testing.T) {
	code := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	s := start(t, Options{Password: "Grüße: 1"})
	c := dial(t, s)
	for _, tt := range []struct {
		name, header string
		status       int
	}{
		{"the right ones", code("admin:Grüße: 1"), 200},
		{"the scheme in another case", strings.Replace(code("admin:Grüße: 1"), "Basic", "bAsIc", 1), 200},
		{"blanks around the code", strings.Replace(code("admin:Grüße: 1"), " ", "    ", 1) + "  ", 200},
		{"a user in another case", code("ADMIN:Grüße: 1"), 200},
		{"a password in another case", code("admin:grüße: 1"), 401},
		{"Latin-1 instead of UTF-8", code("admin:Gr\xFC\xDFe: 1"), 401},
		{"letters taken apart", code("admin:Gru\u0308\u00DFe: 1"), 401},
		{"a password cut at its NUL", code("admin:Grüße: 1\x00"), 401},
		{"no colon", code("admin"), 401},
		{"a colon alone", code(":"), 401},
		{"nothing in the code", code(""), 401},
		{"no code", "Basic", 401},
		{"no padding", strings.TrimRight(code("admin:Grüße: 1"), "="), 401},
		{"letters that are no base64", "Basic ä$%", 401},
		{"the alphabet for URLs", "Basic YWRtaW46_-__", 401},
		{"another scheme", strings.Replace(code("admin:Grüße: 1"), "Basic", "Digest", 1), 401},
		{"a token", "Bearer abc", 401},
		{"an empty header", "", 401},
		{"a user who is not there", code("nobody:Grüße: 1"), 401},
		{"a long password", code("admin:" + strings.Repeat("x", 40_000)), 401},
		{"a control character", "Basic \x01", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request := "POST /api/invoke/GetServerInfo HTTP/1.1\r\nHost: x\r\nAuthorization: " + tt.header + "\r\nContent-Length: 0\r\n\r\n"
			client := c
			if tt.status == 400 {
				client = dial(t, s)
			}
			r := client.answer(request)
			if r.status != tt.status || (tt.status == 401) != (r.header.Get("WWW-Authenticate") != "") {
				t.Errorf("answer = %d %q, want %d, a challenge with 401 alone", r.status, r.header, tt.status)
			}
		})
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "x"} {
		for path, want := range map[string]int{
			"/api/invoke/CreateUser": 405, "/api/get-status": 405, "/api/cancel-async": 405, "/": 404, "/sandbox/nothing": 404,
		} {
			c.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + login + "\r\nContent-Length: 0\r\n\r\n")
			r, err := c.readFor(method)
			if err != nil || r.status != want || (want == 405) != (r.header.Get("Allow") == "POST") {
				t.Fatalf("%s %s = %d %v, %v, want %d", method, path, r.status, r.header, err, want)
			}
			if method == "HEAD" && r.body != "" {
				t.Fatalf("HEAD %s has the body %q", path, r.body)
			}
		}
	}
	if e := c.call("GetServerInfo", ""); e.Code != "succeeded" {
		t.Errorf("the connection goes on with %+v", e)
	}
	if got := s.Effects(); len(got) != 0 {
		t.Errorf("effects = %v, want none", got)
	}
}

func TestAbsurdPaths(t *testing.T) {
	s := start(t, Options{})
	for path, want := range map[string]int{
		"/api/invoke/Get%53erverInfo":                     200,
		"/api/invoke/GetServerInfo?":                      200,
		"/api/invoke/GetServerInfo?a=%zz&;":               200,
		"https://elsewhere.example/api/get-metadata":      200,
		"/api/invoke/GetServerInfo%00":                    404,
		"/api/invoke/GetServerInfo/GetUsers":              404,
		"/api/invoke/":                                    404,
		"/api/invoke/..":                                  404,
		"/api/invoke/../get-metadata":                     404,
		"/api/invoke/%2e%2e/%2e%2e/etc/passwd":            404,
		`/api\invoke\GetServerInfo`:                       404,
		"/API/invoke/GetServerInfo":                       404,
		"/api/invoke/getserverinfo":                       404,
		"/api/invoke/" + strings.Repeat("x", 30_000):      404,
		"/" + strings.Repeat("a/", 15_000):                404,
		"/" + strings.Repeat("/", 30_000) + "api":         404,
		"/api/invoke/\u00dc\u4e2d%f0%9f%98%80":            404,
		"*":                                               404,
		"/api/invoke/%":                                   400,
		"/api/invoke/%zz":                                 400,
		"api/invoke/GetServerInfo":                        400,
		"/api/invoke/Get ServerInfo":                      400,
		"/api/invoke/GetServerInfo\x00":                   400,
		"http://[::1/api/get-metadata":                    400,
		"/api/invoke/" + strings.Repeat("x", 2*maxHeader): 431,
	} {
		t.Run(path[:min(len(path), 50)], func(t *testing.T) {
			r := dial(t, s).answer("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + login + "\r\nContent-Length: 0\r\n\r\n")
			if r.status != want {
				t.Errorf("%.60q = %d, want %d", path, r.status, want)
			}
		})
	}
	alive(t, s)
}

func TestNULBytesInAForm(t *testing.T) {
	c := dial(t, start(t, Options{}))
	for form, want := range map[string]string{
		"userName=a%00b&privileges=login":                       "'a\x00b' is not a valid user name.",
		"userName=a%1bb&privileges=login":                       "'a\x1bb' is not a valid user name.",
		"userName%00=ada&privileges=login":                      "Missing API argument userName.",
		"userName=ada&privileges=login%00":                      "Requested value 'login\x00' was not found.",
		"userName=ada&privileges=login&%00=":                    "Unknown API argument \x00.",
		"userName=ada&privileges=login&username=bob":            "Unknown API argument username.",
		"userName=ada&privileges=login&userName=":               "The API argument userName was given more than once.",
		"userName=" + strings.Repeat("x", 256) + "&privileges=": "is not a valid user name.",
	} {
		if e := c.call("CreateUser", form); e.Error == nil || !strings.Contains(e.Error.Message, want) && !strings.Contains(e.Error.Message, "Requested value ''") {
			t.Errorf("CreateUser(%.60q) = %+v, want %q", form, e.Error, want)
		}
	}
	if got := c.s.Effects(); len(got) != 0 {
		t.Errorf("effects = %v, want none", got)
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	const n = 300
	s := start(t, Options{})
	c := dial(t, s)
	all := ""
	for i := range n {
		form := fmt.Sprintf("userName=user%d&privileges=login", i)
		all += fmt.Sprintf("POST /api/invoke/CreateUser HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: %d\r\n\r\n%s", login, len(form), form)
	}
	go io.WriteString(c.conn, all)
	for i := range n {
		r, err := c.read()
		if err != nil || r.status != 200 {
			t.Fatalf("answer %d = %d, %v", i, r.status, err)
		}
	}
	effects := s.Effects()
	if len(effects) != n || effects[0].Key != "user0" || effects[n-1].Key != fmt.Sprint("user", n-1) {
		t.Errorf("%d effects, want %d in the order of the requests", len(effects), n)
	}
}

func TestAClientThatOnlyReadsOnIsAnswered(t *testing.T) {
	c := dial(t, start(t, Options{}))
	c.send(documented.serverInfo)
	if err := c.conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if r, err := c.read(); err != nil || r.status != 200 {
		t.Errorf("answer = %d, %v, want 200", r.status, err)
	}
	if _, err := c.in.ReadByte(); err == nil {
		t.Error("the connection goes on")
	}
}

func TestWhatIsNotTLSIsCutOff(t *testing.T) {
	s := start(t, Options{})
	for name, text := range map[string]string{
		"plain HTTP":   documented.serverInfo,
		"noise":        strings.Repeat("\x16\x03\x01\xff\xff", 100),
		"half a hello": "\x16\x03\x01\x02\x00\x01\x00",
		"nothing":      "",
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := net.Dial("tcp", s.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			io.WriteString(raw, text)
			raw.(*net.TCPConn).CloseWrite()
			raw.SetDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.Copy(io.Discard, raw); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("the connection stays open: %v", err)
			}
		})
	}
	alive(t, s)
}

func TestSlowClientsAreCutOff(t *testing.T) {
	head := "POST /api/invoke/CreateUser HTTP/1.1\r\nHost: x\r\n" + login + "\r\n"
	for name, tt := range map[string]struct {
		limit func(*limits)
		start string // sent at once
		drip  string // sent letter by letter
	}{
		"a header that never ends": {func(l *limits) { l.request = 60 * time.Millisecond }, head, strings.Repeat("X-A: b\r\n", 1000)},
		"a body that never ends":   {func(l *limits) { l.request = 60 * time.Millisecond }, head + "Content-Length: 4000\r\n\r\n", strings.Repeat("a", 4000)},
		"chunks that never end":    {func(l *limits) { l.request = 60 * time.Millisecond }, head + "Transfer-Encoding: chunked\r\n\r\n", strings.Repeat("1\r\na\r\n", 1000)},
		"a client that is silent":  {func(l *limits) { l.idle = 60 * time.Millisecond }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := startWith(t, Options{}, func(s *Server) { tt.limit(&s.limits) })
			c := dial(t, s)
			c.send(tt.start)
			go func() {
				for i := range tt.drip {
					if _, err := io.WriteString(c.conn, tt.drip[i:i+1]); err != nil {
						return
					}
					time.Sleep(2 * time.Millisecond)
				}
			}()
			answer, err := io.ReadAll(c.in)
			if err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("it is not cut off: %v", err)
			}
			if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
				t.Errorf("it is answered %q", answer)
			}
			c.conn.Close()
			s.Close()
			if got := s.Effects(); len(got) != 0 {
				t.Errorf("effects = %v, want none", got)
			}
		})
	}
}

func TestASilentHandshakeIsCutOff(t *testing.T) {
	s := startWith(t, Options{}, func(s *Server) { s.limits.handshake = 50 * time.Millisecond })
	raw, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := raw.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("read = %v, want the end of the connection", err)
	}
}

func TestConnectionsBeyondTheLimitAreClosed(t *testing.T) {
	s := startWith(t, Options{}, func(s *Server) { s.limits.conns = 3 })
	first := []*client{dial(t, s), dial(t, s), dial(t, s)}
	raw, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := raw.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a fourth connection reads %v, want its end", err)
	}
	first[0].conn.Close()
	if e := first[1].call("GetServerInfo", ""); e.Code != "succeeded" {
		t.Errorf("one of the first = %+v, want it served", e)
	}
}

// TestBigBodiesAreHeldOneByOne has one client hold the only place for a big
// body: others with small ones are served, one with a big one is refused in the
// end.
func TestBigBodiesAreHeldOneByOne(t *testing.T) {
	s := startWith(t, Options{}, func(s *Server) { s.big, s.limits.bigWait = make(chan struct{}, 1), 50*time.Millisecond })
	form := "userName=ada&privileges=login&fullName=" + strings.Repeat("x", 2*smallBody)
	request := fmt.Sprintf("POST /api/invoke/CreateUser HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Length: %d\r\n\r\n%s", login, len(form), form)
	holder := dial(t, s)
	holder.send(request[:len(request)-1])
	for len(s.big) == 0 {
		time.Sleep(time.Millisecond)
	}
	alive(t, s)
	second := dial(t, s)
	second.send(request)
	if r, err := second.read(); err != nil || r.status != http.StatusServiceUnavailable {
		t.Errorf("a second big body = %d, %v, want it refused", r.status, err)
	}
	holder.send(request[len(request)-1:])
	if r, err := holder.read(); err != nil || r.status != 200 {
		t.Errorf("the first one = %d, %v, want 200", r.status, err)
	}
	if got := s.Effects(); len(got) != 1 {
		t.Errorf("effects = %v, want one", got)
	}
	second = dial(t, s)
	second.send(request)
	if r, err := second.read(); err != nil || r.status != 200 {
		t.Errorf("a big body after the first one = %d, %v, want 200", r.status, err)
	}
}
