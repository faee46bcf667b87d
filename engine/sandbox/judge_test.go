package sandbox

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// look asks the judge, on a connection of its own.
func look(t *testing.T, s *Server, method, path, body string) (int, string) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequest(method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(string(text))
}

func TestTheJudgeCounts(t *testing.T) {
	s := start(t, Options{})
	one, two := dial(t, s), dial(t, s)
	one.call("CreateUser", "userName=ada&privileges=login&password=top+secret")
	one.call("CreateUser", "userName=ada&privileges=login")
	two.call("SetUserPrivilegesOnFolder", "userName=ada&folder=ada&privileges=read")
	two.call("SetUserPrivilegesOnFolder", "folder=ada&userName=ada&privileges=read")
	two.post("/api/invoke/Nonsense", "x=1")

	status, text := look(t, s, "GET", "/sandbox/effects", "")
	var effects struct {
		Effects []struct {
			Fn, Key, Args string
			Count         int
		}
	}
	if err := json.Unmarshal([]byte(text), &effects); err != nil || status != 200 {
		t.Fatalf("effects = %d %s: %v", status, text, err)
	}
	got := ""
	for _, e := range effects.Effects {
		got += fmt.Sprintf("%s %s %d %d; ", e.Fn, e.Key, len(e.Args), e.Count)
	}
	if want := "CreateUser ada 16 1; SetUserPrivilegesOnFolder ada|ada 16 2; "; got != want {
		t.Errorf("effects = %q, want %q", got, want)
	}

	status, text = look(t, s, "GET", "/sandbox/requests", "")
	want := `{"connections":2,"requests":[` +
		`{"seq":1,"fn":"CreateUser","args":["userName","privileges","password"],"status":200},` +
		`{"seq":2,"fn":"CreateUser","args":["userName","privileges"],"status":200},` +
		`{"seq":3,"fn":"SetUserPrivilegesOnFolder","args":["userName","folder","privileges"],"status":200},` +
		`{"seq":4,"fn":"SetUserPrivilegesOnFolder","args":["folder","userName","privileges"],"status":200},` +
		`{"seq":5,"fn":"Nonsense","args":["x"],"status":404}]}`
	if text != want || status != 200 {
		t.Errorf("requests = %d %s, want %s", status, text, want)
	}
}

func TestTheJudgeIsEmptyAtFirst(t *testing.T) {
	s := start(t, Options{})
	if _, got := look(t, s, "GET", "/sandbox/effects", ""); got != `{"effects":[]}` {
		t.Errorf("effects = %s", got)
	}
	if _, got := look(t, s, "GET", "/sandbox/requests", ""); got != `{"connections":0,"requests":[]}` {
		t.Errorf("requests = %s", got)
	}
}

func TestTheJudgeSetsFaultsAndClock(t *testing.T) {
	s := start(t, Options{JobSpeed: 1})
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"faults are set", "POST", "/sandbox/faults", `[{"fn":"CreateUser","fault":"hang","rate":0.5,"ms":10,"times":3},{"fn":"*","fault":"html"}]`, 200,
			`{"faults":[{"fn":"CreateUser","fault":"hang","rate":0.5,"ms":10,"times":3},{"fn":"*","fault":"html","rate":1}]}`},
		{"an unknown fault is refused", "POST", "/sandbox/faults", `[{"fn":"*","fault":"explode"}]`, 400, `{"error":"sandbox: there is no fault \"explode\""}`},
		{"what is no list is refused", "POST", "/sandbox/faults", `{}`, 400, `{"error":"want a list of faults: json: cannot unmarshal object into Go value of type []sandbox.Fault"}`},
		{"refused faults leave the old ones", "GET", "/sandbox/faults", "", 200,
			`{"faults":[{"fn":"CreateUser","fault":"hang","rate":0.5,"ms":10,"times":3},{"fn":"*","fault":"html","rate":1}]}`},
		{"faults are cleared", "POST", "/sandbox/faults", `[]`, 200, `{"faults":[]}`},
		{"the clock moves", "POST", "/sandbox/clock", `{"advance":"10m"}`, 200, `{"advanced":"10m0s"}`},
		{"not backwards", "POST", "/sandbox/clock", `{"advance":"-10m"}`, 400, `{"error":"want {\"advance\": \"10m\"}, not {\"advance\":\"-10m\"}"}`},
		{"other paths are not there", "GET", "/sandbox/users", "", 404, "HTTP Error 404"},
		{"effects are not written", "POST", "/sandbox/effects", "", 404, "HTTP Error 404"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, got := look(t, s, tt.method, tt.path, tt.body)
			if status != tt.status || got != tt.want && (tt.status != 404 || !strings.Contains(got, tt.want)) {
				t.Errorf("%s %s = %d %s, want %d %s", tt.method, tt.path, status, got, tt.status, tt.want)
			}
		})
	}
	c := dial(t, s)
	token := *c.call("VerifyStore", "id=1").Token
	look(t, s, "POST", "/sandbox/clock", `{"advance":"1h"}`)
	if e := c.call(getStatus, "token="+token+"&lastKnownStatusVersion=3&millisecondsTimeout=0"); e.Code != "succeeded" {
		t.Errorf("the job is %s after an hour, want succeeded", e.Code)
	}
}

func TestTheJudgeIsForThisMachineOnly(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1": true, "127.8.8.8": true, "::1": true, "192.0.2.7": false, "2001:db8::1": false} {
		if got := local(&net.TCPAddr{IP: net.ParseIP(addr)}); got != want {
			t.Errorf("local(%s) = %v, want %v", addr, got, want)
		}
	}
}

// far is a connection from another machine.
type far struct{ net.Conn }

func (far) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711} }

func TestTheJudgeTellsOthersNothing(t *testing.T) {
	s := start(t, Options{})
	for _, path := range []string{"effects", "requests", "certificates", "faults", "clock", "nothing"} {
		for _, method := range []string{"GET", "POST"} {
			r := s.judge(&conn{raw: far{}}, &request{method: method, segments: []string{"sandbox", path}, body: []byte(`[{"fn":"*","fault":"hang"}]`)})
			if r.status != http.StatusNotFound || string(r.body) != string(notFound().body) {
				t.Errorf("%s /sandbox/%s from another machine = %d %s, want what is at any other path", method, path, r.status, r.body)
			}
		}
	}
	if got := s.Faults(); len(got) != 0 {
		t.Errorf("another machine set the faults %v", got)
	}
}

func TestMistakesToTheJudgeAreToldInJSON(t *testing.T) {
	s := start(t, Options{})
	for _, tt := range []struct{ path, body string }{
		{"faults", ""},
		{"faults", "\x00\xff"},
		{"faults", `[{"fn":"*"}]`},
		{"faults", `[{"fn":"*","fault":"hang","rate":-1}]`},
		{"faults", `[{"fn":7}]`},
		{"faults", strings.Repeat("[", 100_000)},
		{"clock", ""},
		{"clock", `{"advance":10}`},
		{"clock", `{"advance":"soon \u0000"}`},
		{"clock", `{}`},
	} {
		status, text := look(t, s, "POST", "/sandbox/"+tt.path, tt.body)
		var told struct{ Error string }
		if err := json.Unmarshal([]byte(text), &told); err != nil || status != 400 || told.Error == "" {
			t.Errorf("POST /sandbox/%s %.40q = %d %s, want 400 and a JSON error", tt.path, tt.body, status, text)
		}
	}
}

func TestNamesInTheLogOfRequestsAreCutOff(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	c.post("/api/invoke/"+strings.Repeat("Ü", 5000), strings.Repeat("x", 100_000)+"=1"+strings.Repeat("&userName=1", 150))
	rows := s.Requests()
	if len(rows) != 1 || len(rows[0].Fn) > 2*keepName || len(rows[0].Args) != keepArgs+1 || len(rows[0].Args[0]) > 2*keepName || rows[0].Args[keepArgs] != "…" {
		t.Errorf("the log holds %.200q with %d arguments", rows[0].Fn, len(rows[0].Args))
	}
	if text := rows[0].Fn; !utf8.ValidString(text) || !strings.HasSuffix(text, "…") {
		t.Errorf("the name is cut to %q", text)
	}
}

func TestTheLogOfRequestsIsBounded(t *testing.T) {
	l := newRequestLog()
	for range keepRequests + 10 {
		l.open("GetUsers", nil)
	}
	l.close(1, 200, "") // long gone
	l.close(keepRequests+10, 200, "")
	rows, _ := l.all()
	if len(rows) != keepRequests || rows[0].Seq != 11 || rows[0].Status != 0 || rows[len(rows)-1].Seq != keepRequests+10 || rows[len(rows)-1].Status != 200 {
		t.Errorf("%d rows from %+v to %+v, want %d from 11 on", len(rows), rows[0], rows[len(rows)-1], keepRequests)
	}
}
