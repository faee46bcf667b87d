package sandbox

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
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

func TestTheCertificateIsGoodForLoopback(t *testing.T) {
	s := start(t, Options{})
	state := dial(t, s).conn.ConnectionState()
	cert := state.PeerCertificates[0]
	sum := sha256.Sum256(cert.Raw)
	if got := hex.EncodeToString(sum[:]); got != s.Fingerprint() {
		t.Errorf("fingerprint = %s, want %s", s.Fingerprint(), got)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		if _, err := cert.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("Verify(%s) = %v", host, err)
		}
	}
	for _, protocol := range []string{"http/1.0", "h2"} {
		conn, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
		if err != nil {
			t.Errorf("a client that asks for %s = %v, want it let in", protocol, err)
			continue
		}
		if got := adopt(t, s, conn).answer(documented.serverInfo).status; got != 200 {
			t.Errorf("a client that asks for %s = %d, want 200", protocol, got)
		}
	}
	if _, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
}

func TestANewCertificateIsMetByTheNextConnection(t *testing.T) {
	s := start(t, Options{Faults: []string{"GetServerInfo:new_certificate"}})
	old := s.Fingerprint()
	sessions := tls.NewLRUClientSessionCache(1)
	connect := func() (*client, string) {
		conn, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, ClientSessionCache: sessions})
		if err != nil {
			t.Fatal(err)
		}
		c := adopt(t, s, conn)
		sum := sha256.Sum256(conn.ConnectionState().PeerCertificates[0].Raw)
		return c, hex.EncodeToString(sum[:])
	}
	idle, _ := connect()
	idle.call("GetUsers", "")
	c, got := connect()
	if got != old {
		t.Fatalf("first certificate = %s, want %s", got, old)
	}
	c.call("GetServerInfo", "")
	if _, err := c.in.ReadByte(); err == nil {
		t.Error("the connection goes on")
	}
	if _, err := idle.in.ReadByte(); err == nil {
		t.Error("an idle connection stays open")
	}
	again, got := connect()
	if got == old || got != s.Fingerprint() {
		t.Errorf("the next certificate = %s, want %s", got, s.Fingerprint())
	}
	if again.conn.ConnectionState().DidResume {
		t.Error("a session of the old certificate is resumed")
	}
}

func TestLatencyIsAdded(t *testing.T) {
	c := dial(t, start(t, Options{Latency: 20 * time.Millisecond}))
	begin := time.Now()
	for range 5 {
		c.call("GetServerInfo", "")
	}
	if took := time.Since(begin); took < 100*time.Millisecond || took > time.Second {
		t.Errorf("5 calls took %v, want a little over 100ms", took)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s := start(t, Options{JobSpeed: 0.001, Faults: []string{"GetUsers:hang", "DeleteUser:late_effect:1:60000"}})
	held := map[string]string{"GetUsers": "", "DeleteUser": "userName=admin"}
	for fn, form := range held {
		c := dial(t, s)
		c.send("POST /api/invoke/" + fn + " HTTP/1.1\r\nHost: x\r\n" + login + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(form), form))
	}
	poll := dial(t, s)
	token := *poll.call("VerifyStore", "id=1").Token
	form := "token=" + token + "&lastKnownStatusVersion=3&millisecondsTimeout=60000"
	poll.send("POST /api/get-status HTTP/1.1\r\nHost: x\r\n" + login + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(form), form))
	dial(t, s) // idle
	for len(s.Requests()) < 4 {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	s.Close()
	s.Close()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("Close took %v", took)
	}
	if got := s.Effects(); len(got) != 0 {
		t.Errorf("effects after Close = %v, want none", got)
	}
}

func TestIdleConnectionsAreCheap(t *testing.T) {
	s := start(t, Options{})
	var before, after runtime.MemStats
	clients := make([]*client, 300)
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range clients {
		clients[i] = dial(t, s)
		clients[i].call("GetServerInfo", "")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := int(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse) / len(clients)
	if each > 100<<10 { // both ends of the connection
		t.Errorf("a connection takes %d KiB, want 100 at most", each>>10)
	}
	if got := s.Connections(); got != len(clients) {
		t.Errorf("connections = %d, want %d", got, len(clients))
	}
	if e := clients[0].call("GetServerInfo", ""); e.Code != "succeeded" {
		t.Errorf("the first connection = %s, want succeeded", e.Code)
	}
}

// FuzzRequest sends bytes to a server, which has to stay alive and sound.
func FuzzRequest(f *testing.F) {
	s := start(f, Options{Users: 2, Stores: 1, History: -1, JobSpeed: 1e4})
	for _, seed := range []string{
		documented.serverInfo, documented.verifyStore, documented.getStatus,
		"POST /api/invoke/CreateProfile HTTP/1.1\r\nHost: x\r\n" + login + "\r\nContent-Length: 30\r\n\r\nraw=true&properties=%7B%7D&a=b",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"GET /sandbox/effects HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := dial(t, s)
		c.conn.Write(data)
		c.conn.CloseWrite()
		c.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		var text bytes.Buffer
		text.ReadFrom(c.conn)
		if out := text.String(); out != "" && !strings.HasPrefix(out, "HTTP/1.1 ") {
			t.Errorf("%q was answered %.80q", data, out)
		}
	})
}

// FuzzForm holds the strict reading of forms against what it promises: it
// gives back what was encoded.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"a=b", "a=%41+b&c=", "=", "a", "a=%", "a=\xff", "a=b&a=c"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		args, err := parseForm(body)
		if err != nil {
			return
		}
		form := ""
		for i, a := range args {
			if i > 0 {
				form += "&"
			}
			form += escape(a.Name) + "=" + escape(a.Value)
		}
		again, err := parseForm([]byte(form))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(args) {
			t.Errorf("parseForm(%q) = %q, %v, want %q", form, again, err, args)
		}
	})
}

func escape(s string) string {
	out := ""
	for _, c := range []byte(s) {
		out += fmt.Sprintf("%%%02x", c)
	}
	return out
}
