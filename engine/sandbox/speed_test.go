package sandbox

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkCreateUser counts calls a second over kept connections. The client
// is as bare as it can be and shares the machine with the server.
func BenchmarkCreateUser(b *testing.B) {
	for _, conns := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("%d_connections", conns), func(b *testing.B) {
			s := start(b, Options{})
			work := make(chan int)
			var wait sync.WaitGroup
			for range conns {
				c := dial(b, s)
				c.conn.SetDeadline(time.Now().Add(time.Hour))
				wait.Go(func() {
					for i := range work {
						form := fmt.Sprintf("userName=user%d&privileges=login&fullName=User+Number&password=correct+horse", i)
						fmt.Fprintf(c.conn, "POST /api/invoke/CreateUser HTTP/1.1\r\nHost: x\r\n"+
							"Authorization: Basic YWRtaW46UGFzc3cwcmQ=\r\nUser-Agent: bench\r\nContent-Length: %d\r\n"+
							"Content-Type: application/x-www-form-urlencoded\r\n\r\n%s", len(form), form)
						if err := c.skip(); err != nil {
							b.Error(err)
						}
					}
				})
			}
			i := 0
			for b.Loop() {
				i++
				work <- i
			}
			close(work)
			wait.Wait()
			b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "calls/s")
		})
	}
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
	_, err := io.CopyN(io.Discard, c.in, int64(length))
	return err
}
