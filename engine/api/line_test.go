package api

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// bare returns a client for a server that is not there: connect says what
// happens instead.
func unconnected(t *testing.T, connect func(context.Context) (net.Conn, *dialError)) *Client {
	t.Helper()
	c, err := New(Config{URL: "https://mail.example.com", User: testUser, Password: secret.New(testPassword)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.line.connect = connect
	return c
}

func TestDeadServerCostsFewDials(t *testing.T) {
	for _, tasks := range []int{1, 64} {
		t.Run(fmt.Sprintf("%d tasks", tasks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var dials atomic.Int64
				c := unconnected(t, func(context.Context) (net.Conn, *dialError) {
					dials.Add(1)
					return nil, dialer{address: "mail.example.com:8463"}.refused(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
				})
				start := time.Now()
				var all sync.WaitGroup
				for range tasks {
					all.Go(func() {
						for range 5000 / tasks {
							_, err := invoke(c, "GetUsers")
							if fault.KindOf(err) != fault.Unreachable {
								t.Errorf("GetUsers = %v, want kind unreachable", err)
								return
							}
						}
					})
				}
				all.Wait()
				if n := dials.Load(); n > 10 {
					t.Errorf("5,000 calls cost %d dials, want at most 10", n)
				}
				if took := time.Since(start); took > 60*time.Second { // one by one they would wait for hours
					t.Errorf("5,000 calls took %v, want an end", took)
				}
				_, err := invoke(c, "GetUsers")
				wantKind(t, "GetUsers", err, fault.Unreachable, "no connection to mail.example.com:8463: connection refused", "off by default", "Service Configuration")
			})
		})
	}
}

func TestServerThatComesBackIsFound(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t)
	good := c.line.connect
	var down atomic.Bool
	var dials atomic.Int64
	c.line.connect = func(ctx context.Context) (net.Conn, *dialError) {
		dials.Add(1)
		if down.Load() {
			return nil, &dialError{message: "no connection", err: syscall.ECONNREFUSED}
		}
		return good(ctx)
	}
	down.Store(true)
	time.AfterFunc(100*time.Millisecond, func() { down.Store(false) })
	if _, err := invoke(c, "GetUsers"); err != nil {
		t.Errorf("GetUsers = %v, want success once the server is back", err)
	}
	if n := dials.Load(); n != 2 {
		t.Errorf("%d dials, want 2", n)
	}
}

func TestSilentHostIsGivenUpSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		c := unconnected(t, func(context.Context) (net.Conn, *dialError) {
			dials++
			time.Sleep(dialTimeout)
			return nil, dialer{address: "mail.example.com:8474"}.refused(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded})
		})
		var err error
		d := took(func() { _, err = invoke(c, "GetUsers") })
		wantKind(t, "GetUsers", err, fault.Unreachable, "no answer in time", "Service Provider Edition")
		if dials != 2 || d > 25*time.Second {
			t.Errorf("%d dials in %v, want 2 in about 20 s", dials, d)
		}
	})
}

func TestUnknownHostIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int64
		c := unconnected(t, func(context.Context) (net.Conn, *dialError) {
			dials.Add(1)
			return nil, dialer{address: "mail.example.com:8463"}.refused(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "mail.example.com", IsNotFound: true}})
		})
		_, err := invoke(c, "GetUsers")
		wantKind(t, "GetUsers", err, fault.Unreachable, "there is no host mail.example.com")
		if n := dials.Load(); n != 1 {
			t.Errorf("%d dials, want 1", n)
		}
	})
}

func TestNoFileDescriptorsIsSaid(t *testing.T) {
	err := dialer{address: "mail.example.com:8463"}.refused(&net.OpError{Op: "dial", Err: syscall.EMFILE})
	if !strings.Contains(err.message, "file descriptors") || !strings.Contains(err.hint, "--concurrency") {
		t.Errorf("refused(EMFILE) = %q, %q, want the limit named", err.message, err.hint)
	}
}

// Goal 6 of PERFORMANCE.md: never more connections than calls in flight.
func TestConnectionsAreAtMostTheTasks(t *testing.T) {
	for _, tasks := range []int{1, 2, 8, 32} {
		t.Run(fmt.Sprint(tasks), func(t *testing.T) {
			// net/http drops a good connection when the machine stalls it for
			// 50 ms, which opens one more. So a second try counts.
			var opened int64
			for range 3 {
				if opened = connectionsFor(t, tasks); opened <= int64(tasks) {
					return
				}
			}
			t.Errorf("%d tasks opened %d connections, want at most %d", tasks, opened, tasks)
		})
	}
}

func connectionsFor(t *testing.T, tasks int) int64 {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t)
	var all sync.WaitGroup
	for range tasks {
		all.Go(func() {
			for range 1500 / (tasks + 10) {
				if _, err := invoke(c, "GetUsers"); err != nil {
					t.Errorf("GetUsers = %v", err)
					return
				}
				c.line.mu.Lock()
				if n := len(c.line.live) + c.line.dialing; n > tasks {
					t.Errorf("%d connections at once, want at most %d", n, tasks)
				}
				c.line.mu.Unlock()
			}
		})
	}
	all.Wait()
	return s.opened.Load()
}

func TestConcurrencyIsACeiling(t *testing.T) {
	s := newServer(t)
	var now, most atomic.Int64
	s.on("GetUsers", func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(2 * time.Millisecond)
		now.Add(-1)
		answer("[]")(w, r)
	})
	c := s.client(t, func(c *Config) { c.Concurrency = 3 })
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			for range 5 {
				if _, err := invoke(c, "GetUsers"); err != nil {
					t.Errorf("GetUsers = %v", err)
				}
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > 3 {
		t.Errorf("%d requests at once, want at most 3", n)
	}
	if n := s.opened.Load(); n > 3 {
		t.Errorf("%d connections, want at most 3", n)
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	s := newServer(t)
	hold := make(chan struct{})
	defer close(hold)
	s.on("CreateUser", func(http.ResponseWriter, *http.Request) { <-hold })
	s.on("GetUsers", func(http.ResponseWriter, *http.Request) { <-hold })
	c := s.client(t)
	if _, err := c.About(t.Context()); err != nil {
		t.Fatal(err)
	}
	outcome := map[string]chan error{"CreateUser": make(chan error, 1), "GetUsers": make(chan error, 1)}
	go func() {
		_, err := invoke(c, "CreateUser", createUser("ada")...)
		outcome["CreateUser"] <- err
	}()
	go func() {
		_, err := invoke(c, "GetUsers")
		outcome["GetUsers"] <- err
	}()
	waitFor(t, func() bool { return s.sent("CreateUser") == 1 && s.sent("GetUsers") == 1 })
	c.Close()
	wantKind(t, "CreateUser", <-outcome["CreateUser"], fault.Unknown, "closed before the answer came")
	wantKind(t, "GetUsers", <-outcome["GetUsers"], fault.Cancelled, "closed")
	_, err := invoke(c, "GetUsers")
	wantKind(t, "GetUsers after Close", err, fault.Cancelled, "the client is closed")
	c.Close() // a second time does nothing
}

// What was given up is not begun, and what has begun is spared.
func TestExchangeEndsBeforeItBeginsOrNot(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	c := newConn(ours, newLine(1, nil))
	defer c.Close()
	for _, tc := range []struct {
		name                 string
		begins               bool
		spare                bool
		wantGivenUp, begins2 bool
	}{
		{"given up before it begins, it never does", false, true, true, false},
		{"begun, it is spared", true, true, false, true},
		{"begun, it is given up where the answer does not matter", true, false, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x := &exchange{conn: c}
			if tc.begins && !x.begin() {
				t.Fatal("begin() = false, want true for a new exchange")
			}
			if got := x.giveUp(errGrace, tc.spare); got != tc.wantGivenUp {
				t.Errorf("giveUp() = %v, want %v", got, tc.wantGivenUp)
			}
			if got := x.begin(); got != tc.begins2 {
				t.Errorf("begin() afterwards = %v, want %v", got, tc.begins2)
			}
		})
	}
}

// A connection that ended while it was idle is not used: nothing is sent on it,
// and the call goes out on another one.
func TestIdleConnectionThatHasEndedIsNotUsed(t *testing.T) {
	s := newServer(t)
	s.on("CreateUser", answer("null"))
	c := s.client(t)
	asks(t, c)
	for range 20 {
		s.CloseClientConnections()
		waitFor(t, func() bool {
			c.line.mu.Lock()
			defer c.line.mu.Unlock()
			return len(c.line.idle) > 0 && !c.line.idle[0].alive()
		})
		if _, err := invoke(c, "CreateUser", createUser("ada")...); err != nil {
			t.Fatalf("CreateUser = %v, want success on a new connection", err)
		}
	}
	if n := s.sent("CreateUser"); n != 20 {
		t.Errorf("CreateUser arrived %d times, want 20", n)
	}
}
