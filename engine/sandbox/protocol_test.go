package sandbox

import (
	"strings"
	"testing"
)

// The first example of using-the-api.txt, to the byte.
const serverInfo = "POST /api/invoke/GetServerInfo HTTP/1.1\r\n" +
	"Authorization: Basic YWRtaW46UGFzc3cwcmQ=\r\n" +
	"User-Agent: curl/7.35.0\r\n" +
	"Host: mailstore.example.com:8463\r\n" +
	"Accept: */*\r\n" +
	"Content-Length: 0\r\n\r\n"

func TestGetServerInfoIsTheDocumentsExample(t *testing.T) {
	c := dial(t, start(t, Options{Version: "9.0.0.9702"}))
	c.send(serverInfo)
	r, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	want := "\xEF\xBB\xBF" + strings.ReplaceAll(`{
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
}`, "\n", "\r\n")
	if r.body != want {
		t.Errorf("body = %q, want %q", r.body, want)
	}
	if got := r.header.Get("Content-Length"); got != "251" {
		t.Errorf("Content-Length = %s, want 251", got)
	}
	t.Log(r.head)
}

func TestVerifyStoreIsTheDocumentsExample(t *testing.T) {
	c := dial(t, start(t, Options{}))
	c.send("POST /api/invoke/VerifyStore HTTP/1.1\r\n" +
		"Authorization: Basic YWRtaW46UGFzc3cwcmQ=\r\n" +
		"User-Agent: curl/7.35.0\r\n" +
		"Host: mailstore.example.com:8463\r\n" +
		"Accept: */*\r\n" +
		"Content-Length: 5\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\n\r\n" +
		"id=11")
	r, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	if got := r.header.Get("Content-Length"); got != "290" {
		t.Errorf("Content-Length = %s, want 290\n%s", got, r.body)
	}
}
