package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"moonpost/engine/sandbox/answer"
)

// FuzzRequest sends bytes to a server, which has to stay alive and to answer in
// whole HTTP answers or not at all.
func FuzzRequest(f *testing.F) {
	s := start(f, Options{Users: 2, Stores: 1, History: -1, JobSpeed: 1e4})
	for _, seed := range []string{
		documented.serverInfo, documented.verifyStore, documented.getStatus,
		"POST /api/invoke/CreateProfile HTTP/1.1\r\nHost: x\r\n" + login + "\r\nContent-Length: 30\r\n\r\nraw=true&properties=%7B%7D&a=b",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"GET /sandbox/effects HTTP/1.1\r\nHost: x\r\n\r\n",
		"HEAD /api/ HTTP/1.1\r\nHost: x\r\n\r\n" + documented.serverInfo + documented.serverInfo,
		"POST /api/invoke/CreateUser HTTP/1.0\r\n" + login + "\r\nExpect: 100-continue\r\nContent-Length: 32\r\n\r\nuserName=%00%C3%BC&privileges=x&",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := dial(t, s)
		c.conn.Write(data)
		c.conn.CloseWrite()
		c.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		rest, head := bytes.CutPrefix(data, []byte("HEAD "))
		for first := true; !bytes.Contains(rest, []byte("HEAD ")); first = false { // else nobody can tell which answer lacks its body
			if _, err := c.in.Peek(1); err != nil {
				return
			}
			res, err := http.ReadResponse(c.in, &http.Request{Method: map[bool]string{true: "HEAD", false: "POST"}[first && head]})
			if err != nil {
				t.Fatalf("%q has an answer that is no HTTP: %v", data, err)
			}
			if first && head && res.Close { // it may not have been read as HEAD at all
				return
			}
			body, err := io.ReadAll(res.Body)
			if bodyless := res.StatusCode == http.StatusContinue || first && head; err != nil || !bodyless && int64(len(body)) != res.ContentLength {
				t.Fatalf("%q has an answer of %d bytes, %v, want %d", data, len(body), err, res.ContentLength)
			}
			if text, marked := bytes.CutPrefix(body, []byte(answer.BOM)); marked && !json.Valid(text) {
				t.Fatalf("%q has an answer that is no JSON: %q", data, text)
			}
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
