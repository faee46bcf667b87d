package sandbox

import (
	"fmt"
	"testing"
	"time"
)

func TestLatencyIsAdded(t *testing.T) {
	c := dial(t, start(t, Options{Latency: 20 * time.Millisecond}))
	begin := time.Now()
	for range 5 {
		c.call("GetServerInfo", "")
	}
	if took := time.Since(begin); took < 100*time.Millisecond {
		t.Errorf("5 calls took %v, want 100ms or more", took)
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
	if took := time.Since(begin); took > 30*time.Second { // what it ends would take a minute
		t.Errorf("Close took %v", took)
	}
	if got := s.Effects(); len(got) != 0 {
		t.Errorf("effects after Close = %v, want none", got)
	}
}

func TestAThousandIdleConnectionsAreCheap(t *testing.T) {
	const n = 1000
	s := start(t, Options{})
	first := dial(t, s)
	first.call("GetServerInfo", "")
	before := taken()
	idle(t, s, n)
	if each := (taken() - before) / n; each > 40<<10 {
		t.Errorf("a connection takes %d KiB, want 40 at most", each>>10)
	}
	if got := s.Connections(); got != n+1 {
		t.Errorf("connections = %d, want %d", got, n+1)
	}
	if e := first.call("GetServerInfo", ""); e.Code != "succeeded" {
		t.Errorf("the first connection = %s, want succeeded", e.Code)
	}
	alive(t, s)
}
