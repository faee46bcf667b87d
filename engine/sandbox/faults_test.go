package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"moonpost/engine/sandbox/world"
)

const newUser = "userName=ada&privileges=login&fullName=Ada"

// TestFaults has a raw client meet each fault with CreateUser.
func TestFaults(t *testing.T) {
	tests := []struct {
		fault  string
		ms     int
		err    error  // of the connection, while the answer is read
		status int    // 0: no answer
		body   string // part of it
		header string // a line of the head
		effect bool
	}{
		{fault: "drop_reply", err: io.EOF, effect: true},
		{fault: "late_effect", ms: 50, status: 200, body: `"succeeded"`, effect: true},
		{fault: "refuse", err: syscall.ECONNRESET},
		{fault: "cut_body", err: io.ErrUnexpectedEOF, status: 200, body: `"error": null`, effect: true},
		{fault: "status_401", status: 401, header: `WWW-Authenticate: Basic realm="MailStore"`},
		{fault: "status_403", status: 403},
		{fault: "status_429", status: 429, header: "Retry-After: 1"},
		{fault: "status_429", ms: 2500, status: 429, header: "Retry-After: 3"},
		{fault: "status_503", status: 503},
		{fault: "status_503", ms: 100, status: 503, header: "Retry-After: 1"},
		{fault: "error", status: 200, body: `"message": "The operation could not be completed."`},
		{fault: "half_effect", status: 200, body: `"message": "The operation could not be completed."`, effect: true},
		{fault: "drip", ms: 100, status: 200, body: `"succeeded"`, effect: true},
		{fault: "hang", ms: 50, err: io.EOF, effect: true},
		{fault: "html", status: 200, body: "<HTML>", header: "Content-Type: text/html; charset=us-ascii", effect: true},
		{fault: "empty", status: 200, header: "Content-Length: 0", effect: true},
		{fault: "truncated", status: 200, body: `"error": null`, effect: true},
		{fault: "bad_json", status: 200, effect: true},
		{fault: "forget_token", status: 200, body: `"succeeded"`, effect: true},
		{fault: "new_certificate", status: 200, body: `"succeeded"`, header: "Connection: close", effect: true},
	}
	seen := map[string]bool{"huge": true} // has a test of its own
	for _, tt := range tests {
		seen[tt.fault] = true
		t.Run(fmt.Sprintf("%s_%d", tt.fault, tt.ms), func(t *testing.T) {
			s := start(t, Options{Faults: []string{fmt.Sprintf("CreateUser:%s:1:%d", tt.fault, tt.ms)}})
			begin := time.Now()
			r, err := dial(t, s).post("/api/invoke/CreateUser", newUser)
			if tt.err == nil && err != nil || tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("the answer ended with %v, want %v", err, tt.err)
			}
			if r.status != tt.status || !strings.Contains(r.body, tt.body) {
				t.Errorf("answer = %d %q, want %d and %q", r.status, r.body, tt.status, tt.body)
			}
			if tt.header != "" && !strings.Contains(r.head, "\r\n"+tt.header+"\r\n") {
				t.Errorf("head = %q, want the line %q", r.head, tt.header)
			}
			slow := tt.fault == "late_effect" || tt.fault == "drip" || tt.fault == "hang"
			if took := time.Since(begin); slow && took < time.Duration(tt.ms)*time.Millisecond*9/10 {
				t.Errorf("it took %v, want %d ms", took, tt.ms)
			}
			if got := len(s.Effects()) == 1; got != tt.effect {
				t.Errorf("effects = %v, want one: %v", s.Effects(), tt.effect)
			}
			rows := s.Requests()
			if len(rows) != 1 || rows[0].Status != tt.status || rows[0].Fault != tt.fault {
				t.Errorf("requests = %+v, want status %d and fault %s", rows, tt.status, tt.fault)
			}
		})
	}
	for _, k := range FaultKinds() {
		if !seen[k.Name] {
			t.Errorf("fault %s is not tested", k.Name)
		}
	}
}

func TestHalfOfTheUserIsThere(t *testing.T) {
	s := start(t, Options{Faults: []string{"CreateUser:half_effect"}})
	c := dial(t, s)
	c.call("CreateUser", newUser)
	if got := string(c.call("GetUserInfo", "userName=ada").Result); !strings.Contains(got, `"fullName": null`) {
		t.Errorf("the user is %s, want one without a name", got)
	}
}

func TestBrokenEnvelopesAreOfAllKinds(t *testing.T) {
	s := start(t, Options{Faults: []string{"GetServerInfo:bad_json"}})
	c := dial(t, s)
	bodies := map[string]bool{}
	for range 8 {
		r, err := c.post("/api/invoke/GetServerInfo", "")
		if err != nil {
			t.Fatal(err)
		}
		bodies[r.body] = true
	}
	if len(bodies) != 4 {
		t.Errorf("8 answers had %d texts, want 4", len(bodies))
	}
}

func TestATruncatedAnswerIsShort(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	whole, _ := c.post("/api/invoke/GetServerInfo", "")
	s.SetFaults([]Fault{{Fn: "GetServerInfo", Fault: "truncated", Rate: 1}})
	cut, _ := c.post("/api/invoke/GetServerInfo", "")
	if cut.body != whole.body[:len(whole.body)/2] {
		t.Errorf("the answer is %q, want the first half of %q", cut.body, whole.body)
	}
}

func TestAHugeAnswerGoesOnUntilTheClientHangsUp(t *testing.T) {
	c := dial(t, start(t, Options{Faults: []string{"GetServerInfo:huge"}}))
	c.send(documented.serverInfo)
	buf := make([]byte, 3<<20)
	if n, err := io.ReadFull(c.in, buf); err != nil {
		t.Fatalf("the answer ended after %d bytes: %v", n, err)
	}
	if !strings.Contains(string(buf[:1000]), "Content-Length: 10737418240\r\n") {
		t.Errorf("the answer begins with %q, want a length of 10 GiB", buf[:1000])
	}
}

func TestALateEffectDoesNotNeedItsClient(t *testing.T) {
	s := start(t, Options{Faults: []string{"CreateUser:late_effect:1:100"}})
	c := dial(t, s)
	c.send("POST /api/invoke/CreateUser HTTP/1.1\r\nHost: x\r\n" + login + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(newUser), newUser))
	for len(s.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	c.conn.Close()
	if got := s.Effects(); len(got) != 0 {
		t.Errorf("effects = %v before the time", got)
	}
	for end := time.Now().Add(5 * time.Second); len(s.Effects()) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the effect did not come")
		}
	}
}

func TestAForgottenTokenIsUnknown(t *testing.T) {
	s := start(t, Options{Faults: []string{"UpgradeStore:forget_token"}})
	c := dial(t, s)
	token := *c.call("UpgradeStore", "id=1").Token
	if r, _ := c.post("/api/get-status", "token="+token+"&lastKnownStatusVersion=3&millisecondsTimeout=0"); r.status != http.StatusNotFound {
		t.Errorf("get-status = %d, want 404", r.status)
	}
	s.SetFaults([]Fault{{Fn: "get-status", Fault: "forget_token", Rate: 1}})
	token = *c.call("VerifyStore", "id=1").Token
	if r, _ := c.post("/api/get-status", "token="+token+"&lastKnownStatusVersion=3&millisecondsTimeout=0"); r.status != http.StatusNotFound {
		t.Errorf("get-status = %d, want 404", r.status)
	}
	s.Advance(time.Hour)
	if got := string(c.call("GetStores", "").Result); !strings.Contains(got, `"needsUpgrade": false`) {
		t.Error("the upgrade did not go on")
	}
}

func TestServiceCallsCanFail(t *testing.T) {
	s := start(t, Options{Faults: []string{"get-status:error", "get-metadata:status_503", "cancel-async:html"}})
	c := dial(t, s)
	if e := c.call(getStatus, "token=x&lastKnownStatusVersion=1&millisecondsTimeout=0"); e.Error == nil {
		t.Errorf("get-status = %+v, want an error", e)
	}
	if r, _ := c.post("/api/get-metadata", ""); r.status != 503 {
		t.Errorf("get-metadata = %d, want 503", r.status)
	}
	if r, _ := c.post("/api/cancel-async", "token=x"); r.status != 200 || !strings.Contains(r.body, "<HTML>") {
		t.Errorf("cancel-async = %d %s, want HTML", r.status, r.body)
	}
}

func TestFaultsAreDrawnFromTheSeed(t *testing.T) {
	draw := func(seed uint64) string {
		f := newFaults(seed)
		f.set([]Fault{{Fn: "CreateUser", Fault: "hang", Rate: 0.3}, {Fn: "*", Fault: "html", Rate: 0.3}})
		out := ""
		for range 300 {
			out += string(f.hit("CreateUser").Fault + " ")[:1]
		}
		return out
	}
	first := draw(5)
	if first != draw(5) {
		t.Error("the same seed gives other faults")
	}
	if first == draw(6) {
		t.Error("another seed gives the same faults")
	}
	// 0.3 of them hang; of the rest 0.3 are HTML.
	for letter, want := range map[string]int{"h": 153, " ": 147} {
		if got := strings.Count(first, letter); got < want-40 || got > want+40 {
			t.Errorf("%q came %d times in 300, want about %d", letter, got, want)
		}
	}
}

func TestAFaultCanBeLimited(t *testing.T) {
	f := newFaults(1)
	f.set([]Fault{{Fn: "CreateUser", Fault: "hang", Rate: 1, Times: 2}})
	got := []string{}
	for range 4 {
		got = append(got, f.hit("CreateUser").Fault)
	}
	if fmt.Sprint(got) != "[hang hang  ]" {
		t.Errorf("hits = %q, want two", got)
	}
	if hit := f.hit("DeleteUser"); hit.Fault != "" {
		t.Errorf("another function is hit by %q", hit.Fault)
	}
}

func TestTwists(t *testing.T) {
	for kind, want := range map[string]world.Twist{"error": world.Refused, "half_effect": world.Half, "forget_token": world.Forgets, "hang": world.Straight} {
		if got := (Fault{Fault: kind}).twist(); got != want {
			t.Errorf("twist of %s = %q, want %q", kind, got, want)
		}
	}
}
