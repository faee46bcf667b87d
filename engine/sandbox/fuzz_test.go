package sandbox

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

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
