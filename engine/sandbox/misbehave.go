package sandbox

import (
	"bytes"
	"fmt"
	"math"
	"net"
	"net/http"
	"strings"
	"time"
)

// before does what a fault does ahead of the call. ends says that the call does
// not take place; then reply is what the client gets.
func (s *Server) before(c *conn, hit Fault) (reply *response, ends bool) {
	switch hit.Fault {
	case refuse:
		return nil, true
	case "status_401":
		return challenge(), true
	case "status_403":
		return &response{status: http.StatusForbidden}, true
	case "status_429":
		return retryLater(http.StatusTooManyRequests, hit.ms(time.Second)), true
	case "status_503":
		return retryLater(http.StatusServiceUnavailable, hit.ms(0)), true
	case lateEffect:
		return nil, !s.pause(hit.ms(time.Second))
	case newCertificate:
		return nil, s.newCertificate() != nil
	}
	return nil, false
}

// retryLater returns a bare status, with Retry-After in whole seconds unless
// after is 0.
func retryLater(status int, after time.Duration) *response {
	r := &response{status: status}
	if after > 0 {
		r.headers = []string{fmt.Sprintf("Retry-After: %d", int(math.Ceil(after.Seconds())))}
	}
	return r
}

// deliver sends a reply, or what a fault makes of it, and reports whether the
// connection goes on. The request's row is complete before the client can know.
func (s *Server) deliver(c *conn, seq uint64, reply *response, hit Fault) bool {
	if reply == nil {
		s.log.close(seq, 0, hit.Fault)
		c.reset()
		return false
	}
	switch hit.Fault {
	case dropReply:
		s.log.close(seq, 0, hit.Fault)
		return false
	case hang:
		s.log.close(seq, 0, hit.Fault)
		gone := c.gone()
		if hit.MS > 0 {
			timer := time.NewTimer(hit.ms(0))
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-gone.Done():
			}
			return false
		}
		<-gone.Done()
		return false
	}
	s.log.close(seq, reply.status, hit.Fault)
	switch hit.Fault {
	case cutBody:
		c.send(append(reply.appendHead(nil, len(reply.body)), reply.body[:len(reply.body)/2]...))
		return false
	case drip:
		return s.drip(c, reply, hit.ms(2*time.Second))
	case huge:
		c.sendHuge(reply)
		return false
	case html:
		reply = page(http.StatusOK, "This is not the API.")
	case empty:
		reply.body = nil
	case truncated:
		reply.body = reply.body[:len(reply.body)/2]
	case badJSON:
		reply.body = spoil(reply.body, seq)
	case newCertificate:
		reply.close = true
	}
	return c.write(reply)
}

// spoil makes something of an answer that is no envelope, a different thing for
// different requests.
func spoil(body []byte, seq uint64) []byte {
	switch seq % 4 {
	case 0:
		return bytes.Replace(body, []byte(`"statusVersion": `), []byte(`"statusVersion": NaN, "x": `), 1)
	case 1:
		return append(bytes.TrimSuffix(bytes.Clone(body), []byte("}")), "  oops\r\n}"...)
	case 2:
		return []byte("[]")
	}
	return []byte(`{"error": 0, "token": {}, "statusVersion": "two", "statusCode": null}`)
}

// drip sends an answer in pieces over a time.
func (s *Server) drip(c *conn, reply *response, over time.Duration) bool {
	text := reply.append(nil)
	const pieces = 50
	size := len(text)/pieces + 1
	for start := 0; start < len(text); start += size {
		if !s.pause(over / pieces) {
			return false
		}
		if _, err := c.send(text[start:min(start+size, len(text))]); err != nil {
			return false
		}
	}
	return true
}

// sendHuge sends a JSON text of 10 GiB until the client hangs up.
func (c *conn) sendHuge(reply *response) {
	const length = 10 << 30
	if _, err := c.send(append(reply.appendHead(nil, length), `{"result": "`...)); err != nil {
		return
	}
	chunk := []byte(strings.Repeat("0123456789abcdef", 1<<12))
	for range length / len(chunk) {
		if _, err := c.send(chunk); err != nil {
			return
		}
	}
}

// reset makes the end of the connection a TCP reset.
func (c *conn) reset() {
	if tcp, ok := c.raw.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}
