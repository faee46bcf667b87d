package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/fault"
)

// A connection carries the next request only where its answer has left nothing
// behind: what a server says unasked must not become the answer to what is
// asked next.
func TestConnectionIsUsedAgainOnlyAfterAWholeAnswer(t *testing.T) {
	long := done(`"` + strings.Repeat("x", 10_000) + `"`)
	withBody := func(status, header, body string) string {
		return "HTTP/1.1 " + status + "\r\n" + header + "\r\n" + body
	}
	forged := withBody("200 OK", "Content-Length: 2\r\n", "{}")
	for _, tc := range []struct {
		name   string
		answer string
		closes bool // the server ends the connection behind the answer
		kind   fault.Kind
		again  bool
	}{
		{"answer with a length", withBody("200 OK", "Content-Length: "+strconv.Itoa(len(long))+"\r\n", long), false, "", true},
		{"answer in chunks with a trailer", withBody("200 OK", "Transfer-Encoding: chunked\r\n", chunked(long)+"X-Sum: 1\r\n\r\n"), false, "", true},
		{"interim answers come first", withBody("103 Early Hints", "Link: x\r\n", "") + withBody("100 Continue", "", "") +
			withBody("200 OK", "Content-Length: "+strconv.Itoa(len(long))+"\r\n", long), false, "", true},
		{"HTTP/1.0 that keeps the connection", strings.Replace(withBody("200 OK", "Connection: keep-alive\r\nContent-Length: "+strconv.Itoa(len(long))+"\r\n", long), "/1.1", "/1.0", 1), false, "", true},
		{"HTTP/1.0 that does not", strings.Replace(withBody("200 OK", "Content-Length: "+strconv.Itoa(len(long))+"\r\n", long), "/1.1", "/1.0", 1), false, "", false},
		{"Connection: close", withBody("200 OK", "Connection: close\r\nContent-Length: "+strconv.Itoa(len(long))+"\r\n", long), false, "", false},
		{"body up to the end of the connection", withBody("200 OK", "", long), true, "", false},
		{"second answer behind a short one", withBody("404 Not Found", "Content-Length: 0\r\n", "") + forged, false, fault.Server, false},
		{"second answer behind a long one", withBody("200 OK", "Content-Length: "+strconv.Itoa(len(long))+"\r\n", long) + forged, false, "", false},
		{"second answer behind chunks", withBody("200 OK", "Transfer-Encoding: chunked\r\n", chunked(long)+"\r\n") + forged, false, "", false},
		{"body of a 204", withBody("204 No Content", "", "") + forged, false, fault.Server, false},
		{"other protocol", withBody("101 Switching Protocols", "Connection: Upgrade\r\nUpgrade: x\r\n", ""), false, fault.Server, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRaw(t, func(n int64, conn net.Conn, in *bufio.Reader) {
				for {
					switch path, _, ok := read(in); {
					case !ok:
						return
					case path == "GetUsers" && n == 1:
						_, _ = io.WriteString(conn, tc.answer)
						if tc.closes {
							return
						}
					case !greet(conn, path):
						respond(conn, done("null"))
					}
				}
			})
			c := r.client(t, func(c *Config) { c.CallTimeout = time.Second })
			asks(t, c)
			_, err := invoke(c, "GetUsers")
			wantKind(t, "GetUsers", err, tc.kind)
			if _, err := invoke(c, "CreateUser", createUser("ada")...); err != nil {
				t.Errorf("CreateUser = %v, want success", err)
			}
			want := int64(1)
			if !tc.again {
				want = 2
			}
			if n := r.accepts.Load(); n != want {
				t.Errorf("two calls took %d connections, want %d", n, want)
			}
		})
	}
}

// chunked returns text in chunks, without the end of the trailer.
func chunked(text string) string {
	half := len(text) / 2
	return fmt.Sprintf("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n", half, text[:half], len(text)-half, text[half:])
}

// A request that is given up when it is over does not disturb the next one on
// its connection.
func TestGivingUpReachesNoLaterRequest(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t)
	asks(t, c)
	o := &operation{name: "GetUsers", route: c.newRoute("/api/invoke/GetUsers")}
	conn, refused := c.line.acquire(t.Context())
	if refused != nil {
		t.Fatal(refused)
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	over := &exchange{conn: conn}
	if _, _, bad := c.transfer(conn, over, o); bad != nil {
		t.Fatalf("first request = %s, want an answer", bad.text())
	}
	again, _ := c.line.acquire(t.Context())
	if again != conn {
		t.Fatal("the second request has a connection of its own, want that of the first")
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	over.giveUp(errGrace, false)
	if _, _, bad := c.transfer(again, &exchange{conn: again}, o); bad != nil {
		t.Errorf("second request = %s, want an answer", bad.text())
	}
}

func TestCloseEndsACallThatDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected(t, func(ctx context.Context) (net.Conn, *dialError) {
			select {
			case <-time.After(dialTimeout):
			case <-ctx.Done():
			}
			return nil, &dialError{message: "no connection", slow: true}
		})
		time.AfterFunc(time.Second, c.Close)
		var err error
		d := took(func() { _, err = invoke(c, "GetUsers") })
		wantKind(t, "GetUsers", err, fault.Cancelled, "the client is closed")
		if d != time.Second {
			t.Errorf("GetUsers returned after %v, want 1s: when the client was closed", d)
		}
	})
}
