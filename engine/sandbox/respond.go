package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// response is an answer before it is written.
type response struct {
	status  int
	kind    string   // content type; "": no body
	headers []string // further lines, in the form "Name: value"
	body    []byte
	close   bool // the connection ends with this answer
	pooled  bool // the body goes back to buffers once it is sent
}

// buffers hold the bytes of answers: a connection that is idle has none, and a
// big list is not copied again and again while it grows.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the size up to which a buffer is kept for the next answer.
const maxPooled = 4 << 20

// giveBack keeps a buffer for other answers.
func giveBack(b []byte) {
	if cap(b) <= maxPooled {
		buffers.Put(&b)
	}
}

// append appends the answer's bytes: headers in the order of the customer's
// document, then the body.
func (r *response) append(dst []byte) []byte {
	dst = r.appendHead(dst, len(r.body))
	return append(dst, r.body...)
}

func (r *response) appendHead(dst []byte, length int) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(r.status), 10)
	dst = append(append(dst, ' '), http.StatusText(r.status)...)
	dst = append(dst, "\r\nCache-Control: no-cache,private,no-store,must-revalidate,max-stale=0,post-check=0,pre-check=0"+
		"\r\nPragma: no-cache\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(length), 10)
	if r.kind != "" {
		dst = append(append(dst, "\r\nContent-Type: "...), r.kind...)
	}
	dst = append(dst, dates()...)
	for _, line := range r.headers {
		dst = append(append(dst, "\r\n"...), line...)
	}
	if r.close {
		dst = append(dst, "\r\nConnection: close"...)
	}
	return append(dst, "\r\n\r\n"...)
}

// dateLines are the header lines that depend on the time, made once a second.
type dateLines struct {
	second int64
	text   string
}

var lastDates atomic.Pointer[dateLines]

func dates() string {
	now := time.Now()
	if d := lastDates.Load(); d != nil && d.second == now.Unix() {
		return d.text
	}
	d := &dateLines{now.Unix(), "\r\nExpires: " + now.UTC().AddDate(0, 0, -1).Format(http.TimeFormat) +
		"\r\nServer: Microsoft-HTTPAPI/2.0\r\nDate: " + now.UTC().Format(http.TimeFormat)}
	lastDates.Store(d)
	return d.text
}

func jsonResponse(body []byte) *response {
	return &response{status: http.StatusOK, kind: "application/json", body: body}
}

// page returns an error page as HTTP.sys writes them.
func page(status int, text string) *response {
	title := http.StatusText(status)
	return &response{status: status, kind: "text/html; charset=us-ascii", body: fmt.Appendf(nil,
		"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\r\n"+
			"<HTML><HEAD><TITLE>%s</TITLE>\r\n"+
			"<META HTTP-EQUIV=\"Content-Type\" Content=\"text/html; charset=us-ascii\"></HEAD>\r\n"+
			"<BODY><h2>%s</h2>\r\n<hr><p>HTTP Error %d. %s</p>\r\n</BODY></HTML>\r\n", title, title, status, text)}
}

// challenge asks for a login. The realm of the real server is not known.
func challenge() *response {
	return &response{status: http.StatusUnauthorized, headers: []string{`WWW-Authenticate: Basic realm="MailStore"`}}
}
