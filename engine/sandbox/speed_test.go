package sandbox

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkCalls counts calls a second over kept connections. The client is as
// bare as it can be and shares the machine with the server.
func BenchmarkCalls(b *testing.B) {
	for _, work := range []struct {
		name  string
		users int
		call  func(i int) string
	}{
		{"read", 200, func(int) string { return posted("GetUserInfo", "userName=admin") }},
		{"change", 200, func(i int) string {
			return posted("CreateUser", fmt.Sprintf("userName=user%d&privileges=login&fullName=User+Number&password=correct+horse", i))
		}},
		{"list_of_200", 200, func(int) string { return posted("GetUsers", "") }},
		{"list_of_2000", 2000, func(int) string { return posted("GetUsers", "") }},
		{"worker_results", 200, func(int) string {
			return posted("GetWorkerResults", "fromIncluding=2000-01-01T00:00:00&toExcluding=2100-01-01T00:00:00&timeZoneID=W.+Europe+Standard+Time")
		}},
	} {
		for _, conns := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/%d_connections", work.name, conns), func(b *testing.B) {
				s := start(b, Options{Users: work.users, JobAfter: time.Hour})
				todo := make(chan string, conns)
				var wait sync.WaitGroup
				for range conns {
					c := dial(b, s)
					c.conn.SetDeadline(time.Now().Add(time.Hour))
					wait.Go(func() {
						for text := range todo {
							io.WriteString(c.conn, text)
							if err := c.skip(); err != nil {
								b.Error(err)
							}
						}
					})
				}
				i := 0
				for b.Loop() {
					i++
					todo <- work.call(i)
				}
				close(todo)
				wait.Wait()
				b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "calls/s")
			})
		}
	}
}

func posted(fn, form string) string {
	return fmt.Sprintf("POST /api/invoke/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YWRtaW46UGFzc3cwcmQ=\r\nUser-Agent: bench\r\n"+
		"Content-Length: %d\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n%s", fn, len(form), form)
}

// skip reads an answer and throws it away.
func (c *client) skip() error {
	length := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if n, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			fmt.Sscan(n, &length)
		}
		if len(line) == 2 {
			break
		}
	}
	_, err := c.in.Discard(length)
	return err
}

// idle opens connections that made one call and then wait. Of their own side
// nothing is kept but the socket, so that what they take is the server's.
func idle(t testing.TB, s *Server, n int) {
	for range n {
		raw, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { raw.Close() })
		c := &client{t: t, s: s, conn: tls.Client(raw, &tls.Config{InsecureSkipVerify: true})}
		io.WriteString(c.conn, posted("GetServerInfo", ""))
		var answer [2048]byte
		if _, err := c.conn.Read(answer[:]); err != nil {
			t.Fatal(err)
		}
	}
}

// taken returns the memory in use.
func taken() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools hold goes with the second one
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// BenchmarkIdleConnections measures what a connection takes that made one call
// and waits.
func BenchmarkIdleConnections(b *testing.B) {
	const n = 1000
	var each int
	for range b.N {
		s := start(b, Options{})
		before := taken()
		idle(b, s, n)
		each = (taken() - before) / n
		s.Close()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(each)/1024, "KiB/connection")
}
