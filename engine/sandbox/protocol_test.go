package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
)

// crlf writes a text of Go source with the line ends of the wire.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// The requests of using-the-api.txt, to the byte. The third one stands there
// with a Content-Length of 90, which fits only a body that ends in CRLF.
var documented = struct{ serverInfo, verifyStore, getStatus string }{
	crlf(`POST /api/invoke/GetServerInfo HTTP/1.1
Authorization: Basic YWRtaW46UGFzc3cwcmQ=
User-Agent: curl/7.35.0
Host: mailstore.example.com:8463
Accept: */*
Content-Length: 0

`),
	crlf(`POST /api/invoke/VerifyStore HTTP/1.1
Authorization: Basic YWRtaW46UGFzc3cwcmQ=
User-Agent: curl/7.35.0
Host: mailstore.example.com:8463
Accept: */*
Content-Length: 5
Content-Type: application/x-www-form-urlencoded

id=11`),
	crlf(`POST /api/get-status HTTP/1.1
Authorization: Basic YWRtaW46UGFzc3cwcmQ=
User-Agent: curl/7.35.0
Host: spe.example.com:8474
Accept: */*
Content-Length: 90
Content-Type: application/x-www-form-urlencoded

token=b3af0ebae4dd755d1a54b9756817baee&lastKnownStatusVersion=3&millisecondsTimeout=5000
`),
}

func (c *client) answer(request string) reply {
	c.t.Helper()
	c.send(request)
	r, err := c.read()
	if err != nil {
		c.t.Fatalf("answer to %q: %v", request, err)
	}
	return r
}

func TestTheDocumentsFirstExample(t *testing.T) {
	c := dial(t, start(t, Options{Version: "9.0.0.9702"}))
	r := c.answer(documented.serverInfo)
	date := `\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`
	head := regexp.MustCompile("^" + crlf(`HTTP/1\.1 200 OK
Cache-Control: no-cache,private,no-store,must-revalidate,max-stale=0,post-check=0,pre-check=0
Pragma: no-cache
Content-Length: 251
Content-Type: application/json
Expires: `+date+`
Server: Microsoft-HTTPAPI/2\.0
Date: `+date+`

`) + "$")
	if !head.MatchString(r.head) {
		t.Errorf("head = %q, want %s", r.head, head)
	}
	day := func(name string) time.Time {
		d, err := http.ParseTime(r.header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if got := day("Date").Sub(day("Expires")); got != 24*time.Hour {
		t.Errorf("Expires lies %v before Date, want 24h", got)
	}
	want := "\xEF\xBB\xBF" + crlf(`{
  "error": null,
  "token": null,
  "statusVersion": 2,
  "statusCode": "succeeded",
  "percentProgress": null,
  "statusText": null,
  "result": {
    "version": "9.0.0.9702",
    "machineName": "MAILSTORE"
  },
  "logOutput": null
}`)
	if r.body != want {
		t.Errorf("body = %q, want %q", r.body, want)
	}
}

func TestTheDocumentsLongRunningExample(t *testing.T) {
	s := start(t, Options{JobSpeed: 1})
	c := dial(t, s)
	first := c.answer(documented.verifyStore)
	want := "\xEF\xBB\xBF" + crlf(`{
  "error": null,
  "token": "b3af0ebae4dd755d1a54b9756817baee",
  "statusVersion": 3,
  "statusCode": "running",
  "percentProgress": 0,
  "statusText": null,
  "result": null,
  "logOutput": "Verifying file group #11...\r\nCreating a list of messages to be verified...\r\n"
}`)
	if first.body != want || first.header.Get("Content-Length") != "290" {
		t.Errorf("first answer has Content-Length %s, body %q, want 290, %q", first.header.Get("Content-Length"), first.body, want)
	}
	next := decode(t, c.answer(documented.getStatus).body)
	if next.Code != "running" || next.Version <= 3 || next.Token == nil || next.Log == nil || !strings.HasSuffix(*next.Log, " messages verified...\r\n") {
		t.Errorf("second answer = %+v, want a running job with news", next)
	}
	s.Advance(time.Hour)
	last := decode(t, c.answer(documented.getStatus).body)
	if last.Code != "succeeded" || last.Token != nil || last.Percent != nil || string(last.Result) != "null" {
		t.Errorf("last answer = %+v, want succeeded without a token", last)
	}
}

// login is the Authorization line of the vendor's examples.
const login = "Authorization: Basic YWRtaW46UGFzc3cwcmQ="

func TestRequests(t *testing.T) {
	post := func(path, form string, lines ...string) string {
		lines = append([]string{"POST " + path + " HTTP/1.1", "Host: x", login, fmt.Sprintf("Content-Length: %d", len(form))}, lines...)
		return strings.Join(lines, "\r\n") + "\r\n\r\n" + form
	}
	const info = "/api/invoke/GetServerInfo"
	tests := []struct {
		name    string
		request string
		status  int
		body    string // part of it
		open    bool   // the connection goes on
	}{
		{"any Host, no Content-Type", post(info, ""), 200, "succeeded", true},
		{"two slashes", post("//api//invoke///GetServerInfo/", ""), 200, "succeeded", true},
		{"a query does not matter", post(info+"?x=1", ""), 200, "succeeded", true},
		{"a field of no value", post("/api/invoke/SetUserFullName", "userName=admin&fullName="), 200, "succeeded", true},
		{"plus and percent", post("/api/invoke/SetUserFullName", "userName=%61dmin&fullName=a+b%2B%C3%BC"), 200, "succeeded", true},
		{"get-metadata", post("/api/get-metadata", ""), 200, `"name": "AttachStore"`, true},
		{"get-metadata by GET without login", "GET /api/get-metadata HTTP/1.1\r\nHost: x\r\n\r\n", 200, `"nullable": false`, true},
		{"chunks", "POST /api/invoke/GetUserInfo HTTP/1.1\r\nHost: x\r\n" + login + "\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nuserName=\r\n5\r\nadmin\r\n0\r\n\r\n", 200, `"userName": "admin"`, true},
		{"a JSON body is no form", post(info, `{"a":1}`), 400, "no name=value", true},

		{"no Content-Length", "POST " + info + " HTTP/1.1\r\nHost: x\r\n" + login + "\r\n\r\n", 411, "HTTP Error 411. The request must be chunked or have a content length.", false},
		{"no Content-Length in HTTP/1.0", "POST " + info + " HTTP/1.0\r\n" + login + "\r\n\r\n", 411, "HTTP Error 411", false},
		{"HTTP/1.0", "POST " + info + " HTTP/1.0\r\n" + login + "\r\nContent-Length: 0\r\n\r\n", 200, "succeeded", false},
		{"Connection: close", post(info, "", "Connection: close"), 200, "succeeded", false},
		{"no Host", "POST " + info + " HTTP/1.1\r\n" + login + "\r\nContent-Length: 0\r\n\r\n", 400, "no Host", false},
		{"no HTTP", "HELO mail.example.com\r\n\r\n", 400, "badly formed", false},
		{"a length that is no number", "POST " + info + " HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400, "badly formed", false},
		{"two lengths", "POST " + info + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n", 400, "badly formed", false},
		{"broken chunks", "POST " + info + " HTTP/1.1\r\nHost: x\r\n" + login + "\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "badly formed", false},
		{"a body beyond the limit", "POST " + info + " HTTP/1.1\r\nHost: x\r\n" + login + "\r\nContent-Length: 99999999\r\n\r\n", 413, "too large", false},
		{"headers beyond the limit", "POST " + info + " HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 2*maxHeader), 431, "too long", false},

		{"GET of a function", "GET " + info + " HTTP/1.1\r\nHost: x\r\n" + login + "\r\n\r\n", 405, "", true},
		{"an unknown path", post("/api/GetServerInfo", ""), 404, "not found", true},
		{"an unknown function", post("/api/invoke/GetServerinfo", ""), 404, "not found", true},
		{"a service call under the wrong prefix", post("/api/invoke/get-status", ""), 404, "not found", true},
		{"an unknown token", post("/api/get-status", "token=0&lastKnownStatusVersion=1&millisecondsTimeout=1"), 404, "not found", true},
		{"cancel of an unknown token", post("/api/cancel-async", "token=0"), 404, "not found", true},

		{"percent without digits", post(info, "a=%zz"), 400, "percent-encoded", true},
		{"percent at the end", post(info, "a=%2"), 400, "percent-encoded", true},
		{"no UTF-8", post(info, "a=%ff"), 400, "percent-encoded UTF-8", true},
		{"no UTF-8 in the raw body", post(info, "a=\xff"), 400, "percent-encoded UTF-8", true},
		{"too many fields", post(info, strings.Repeat("a=1&", 200)+"a=1"), 400, "too many", true},
		{"a field given twice", post("/api/invoke/GetUserInfo", "userName=a&userName=b"), 200, "The API argument userName was given more than once.", true},

		{"get-status without millisecondsTimeout", post("/api/get-status", "token=0&lastKnownStatusVersion=1"), 200, "Nullable object must have a value.", true},
		{"get-status without lastKnownStatusVersion", post("/api/get-status", "token=0&millisecondsTimeout=1"), 200, "Nullable object must have a value.", true},
		{"get-status without token", post("/api/get-status", "lastKnownStatusVersion=1&millisecondsTimeout=1"), 200, "Missing API argument token.", true},
		{"get-status with a negative timeout", post("/api/get-status", "token=0&lastKnownStatusVersion=1&millisecondsTimeout=-1"), 200, "Specified argument was out of the range", true},
		{"get-status with a timeout that is no number", post("/api/get-status", "token=0&lastKnownStatusVersion=1&millisecondsTimeout=soon"), 200, "Input string was not in a correct format.", true},
		{"cancel-async without token", post("/api/cancel-async", ""), 200, "Missing API argument token.", true},
	}
	s := start(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, s)
			r := c.answer(tt.request)
			if r.status != tt.status || !strings.Contains(r.body, tt.body) {
				t.Errorf("answer = %d %q, want %d and %q", r.status, r.body, tt.status, tt.body)
			}
			if got := strings.Contains(r.head, "\r\nConnection: close\r\n"); got == tt.open {
				t.Errorf("Connection: close %v, want %v", got, !tt.open)
			}
			if !tt.open {
				if _, err := c.in.ReadByte(); err == nil {
					t.Error("the connection goes on")
				}
				return
			}
			if got := c.answer(documented.serverInfo).status; got != 200 {
				t.Errorf("the next request = %d, want 200", got)
			}
		})
	}
}

func TestTheLengthRequiredPageIsThatOfHTTPSys(t *testing.T) {
	r := dial(t, start(t, Options{})).answer("POST /api/get-status HTTP/1.1\r\nHost: x\r\n\r\n")
	if got := len(r.body); got != 344 {
		t.Errorf("the page has %d bytes, want 344:\n%s", got, r.body)
	}
}

func TestARequestThatIsCutHasNoEffect(t *testing.T) {
	s := start(t, Options{})
	form := "userName=ada&privileges=login"
	for _, framing := range []string{
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(form)+20, form),
		fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(form), form),
	} {
		c := dial(t, s)
		c.send("POST /api/invoke/CreateUser HTTP/1.1\r\nHost: x\r\n" + login + "\r\n" + framing)
		c.conn.CloseWrite()
		if _, err := c.in.ReadByte(); err == nil {
			t.Errorf("%q was answered", framing)
		}
	}
	if got := s.Effects(); len(got) != 0 {
		t.Errorf("effects = %v, want none", got)
	}
}

func TestLeaveToSendTheBody(t *testing.T) {
	c := dial(t, start(t, Options{}))
	c.send("POST /api/invoke/GetUserInfo HTTP/1.1\r\nHost: x\r\n" + login + "\r\nContent-Length: 14\r\nExpect: 100-continue\r\n\r\n")
	line, err := c.in.ReadString('\n')
	if err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("first line = %q, %v, want leave to go on", line, err)
	}
	c.in.ReadString('\n')
	if r := c.answer("userName=admin"); r.status != 200 || !strings.Contains(r.body, `"userName": "admin"`) {
		t.Errorf("answer = %d %s, want the user", r.status, r.body)
	}
}

func TestLogins(t *testing.T) {
	basic := func(user, password string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	tests := []struct {
		name      string
		path      string
		header    string
		options   Options
		status    int
		challenge bool
	}{
		{"without login there is a challenge", "invoke/GetServerInfo", "X: y", Options{}, 401, true},
		{"a wrong password", "invoke/GetServerInfo", basic("admin", "x"), Options{}, 401, true},
		{"a password with letters beyond ASCII", "invoke/GetServerInfo", basic("chef", "Grüße"), Options{User: "chef", Password: "Grüße"}, 200, false},
		{"a password with a colon", "invoke/GetServerInfo", basic("admin", "a:b"), Options{Password: "a:b"}, 200, false},
		{"another scheme", "invoke/GetServerInfo", "Authorization: Bearer YWRtaW46UGFzc3cwcmQ=", Options{}, 401, true},
		{"no base64", "invoke/GetServerInfo", "Authorization: Basic admin", Options{}, 401, true},
		{"metadata of a Server is open", "get-metadata", "X: y", Options{}, 200, false},
		{"metadata of an SPE is not", "get-metadata", "X: y", Options{Edition: catalogue.SPE}, 401, true},
		{"metadata of an SPE with login", "get-metadata", login, Options{Edition: catalogue.SPE}, 200, false},
		{"get-status needs a login", "get-status", "X: y", Options{}, 401, true},
		{"cancel-async needs a login", "cancel-async", "X: y", Options{}, 401, true},
		{"an unknown function needs a login", "invoke/Nonsense", "X: y", Options{}, 401, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := dial(t, start(t, tt.options)).answer("POST /api/" + tt.path + " HTTP/1.1\r\nHost: x\r\n" + tt.header + "\r\nContent-Length: 0\r\n\r\n")
			if r.status != tt.status {
				t.Errorf("status = %d, want %d", r.status, tt.status)
			}
			if got := strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Basic realm="); got != tt.challenge {
				t.Errorf("challenge %v, want %v", got, tt.challenge)
			}
		})
	}
}

func TestALoginHoldsUntilItIsChanged(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	c.call("CreateUser", "userName=bob&privileges=login&password=b")
	c.call("SetUserPassword", "userName=admin&password=new")
	if r, _ := c.post("/api/invoke/GetServerInfo", ""); r.status != http.StatusUnauthorized {
		t.Errorf("the old password = %d, want 401", r.status)
	}
	r := c.answer("POST /api/get-status HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " +
		base64.StdEncoding.EncodeToString([]byte("bob:b")) + "\r\nContent-Length: 0\r\n\r\n")
	if r.status != http.StatusForbidden {
		t.Errorf("a user without admin = %d, want 403", r.status)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"an unknown behaviour", Options{Behaviour: []string{"wrong-logn=401"}}, `sandbox: there is no behaviour "wrong-logn"`},
		{"a value that a behaviour does not have", Options{Behaviour: []string{"wrong-login=403"}}, `sandbox: behaviour wrong-login is 401 or failed, not "403"`},
		{"unknown error texts", Options{ErrorTexts: "latin"}, `sandbox: error texts are vendor, german or random, not "latin"`},
		{"an unknown fault", Options{Faults: []string{"*:drop"}}, `sandbox: there is no fault "drop"`},
		{"a fault of an unknown function", Options{Faults: []string{"Createuser:hang"}}, `sandbox: a fault for "Createuser": there is no such function`},
		{"a rate above 1", Options{Faults: []string{"*:hang:2"}}, "sandbox: the rate of a fault is 0 to 1, not 2"},
		{"a rate that is no number", Options{Faults: []string{"*:hang:often"}}, `sandbox: the rate of fault "*:hang:often" is no number`},
		{"a fault without a name", Options{Faults: []string{"CreateUser"}}, `sandbox: a fault is FUNCTION:FAULT[:RATE[:MS]], not "CreateUser"`},
		{"a speed beyond the clock", Options{JobSpeed: 1e5}, "sandbox: the speed of jobs is above 0 and 10000 at most, not 100000"},
		{"a negative speed", Options{JobSpeed: -1}, "sandbox: the speed of jobs is above 0 and 10000 at most, not -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New(tt.o); err == nil || err.Error() != tt.want {
				t.Errorf("New(%+v) = %v, want %s", tt.o, err, tt.want)
			}
		})
	}
}

func TestAnAddressInUseIsSaid(t *testing.T) {
	first := start(t, Options{})
	second, err := New(Options{Addr: first.listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.Start(); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Start() = %v, want that the address is in use", err)
	}
}
