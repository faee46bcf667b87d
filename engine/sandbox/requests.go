package sandbox

import (
	"strings"
	"sync"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/world"
)

// keepRequests bounds the log of requests; the oldest are dropped. So that what
// clients send cannot fill the memory, names are cut off and so is their list;
// no function has half as many arguments.
const (
	keepRequests = 100_000
	keepName     = 60
	keepArgs     = 30
)

// Request is one request of the API as the judge saw it. Values of arguments
// are not kept.
type Request struct {
	Seq    uint64   `json:"seq"` // from 1, in the order of arrival
	Fn     string   `json:"fn"`
	Args   []string `json:"args"`            // names, in the order sent
	Status int      `json:"status"`          // HTTP status; 0: no answer, or none yet
	Fault  string   `json:"fault,omitempty"` // what the sandbox did to it on purpose
}

// requestLog keeps the latest requests and counts connections.
type requestLog struct {
	names map[string]string // of functions and arguments, so that rows share them

	mu          sync.Mutex
	rows        []Request // a ring once it is full
	last        uint64
	connections int
}

func newRequestLog() *requestLog {
	l := &requestLog{names: map[string]string{}}
	for _, f := range catalogue.All() {
		l.names[f.Name] = f.Name
		for _, a := range f.Args {
			l.names[a.Name] = a.Name
		}
	}
	return l
}

// keep returns a copy of a name that does not hold on to the request's body, and
// of one that no function has no more than its beginning.
func (l *requestLog) keep(name string) string {
	if known, ok := l.names[name]; ok {
		return known
	}
	if len(name) > keepName {
		return strings.ToValidUTF8(name[:keepName], "") + "…"
	}
	return strings.Clone(name)
}

// open adds a request and returns its number.
func (l *requestLog) open(fn string, args []world.Arg) uint64 {
	names := make([]string, 0, min(len(args), keepArgs+1))
	for _, a := range args {
		if len(names) == keepArgs {
			names = append(names, "…")
			break
		}
		names = append(names, l.keep(a.Name))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	row := Request{Seq: l.last, Fn: l.keep(fn), Args: names}
	if len(l.rows) < keepRequests {
		l.rows = append(l.rows, row)
	} else {
		l.rows[(l.last-1)%keepRequests] = row
	}
	return l.last
}

// close completes a request.
func (l *requestLog) close(seq uint64, status int, fault string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if row := &l.rows[(seq-1)%keepRequests]; row.Seq == seq {
		row.Status, row.Fault = status, fault
	}
}

func (l *requestLog) connected(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connections += n
}

func (l *requestLog) all() ([]Request, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := 0
	if len(l.rows) == keepRequests {
		first = int(l.last % keepRequests)
	}
	return append(append([]Request{}, l.rows[first:]...), l.rows[:first]...), l.connections
}

// Requests returns the latest requests of the API, oldest first.
func (s *Server) Requests() []Request {
	rows, _ := s.log.all()
	return rows
}

// Connections returns how many connections clients opened, those of the judge
// left out.
func (s *Server) Connections() int {
	_, n := s.log.all()
	return n
}
