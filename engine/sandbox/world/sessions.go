package world

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"moonpost/engine/sandbox/answer"
)

var sessionFunctions = map[string]handler{
	"GetActiveSessions": getActiveSessions,
}

const (
	// sessionIdle is how long a session is listed after its last call. The real
	// figure is not known.
	sessionIdle = 20 * time.Minute
	// maxSessions bounds how many are remembered.
	maxSessions = 10_000
)

// session is the time during which somebody calls the API without a long pause.
// It ends with the server.
type session struct {
	id          string
	user        string
	start, last time.Time
}

// seen notes that a user called.
func (w *World) seen(name string) {
	now := time.Now()
	s := w.sessions[fold(name)]
	if s == nil || now.Sub(s.last) > sessionIdle {
		if len(w.sessions) >= maxSessions {
			w.endSessions(now)
		}
		w.lastSession++
		s = &session{id: fmt.Sprintf("api-%d", w.lastSession), user: name, start: now}
		w.sessions[fold(name)] = s
	}
	s.last = now
}

// endSessions forgets who did not call for long, and everybody when there are
// too many even so.
func (w *World) endSessions(now time.Time) {
	maps.DeleteFunc(w.sessions, func(_ string, s *session) bool { return now.Sub(s.last) > sessionIdle })
	if len(w.sessions) >= maxSessions {
		clear(w.sessions)
	}
}

// getActiveSessions lists who called the API lately; there are no other
// clients here. The shape of the real answer is not known.
func getActiveSessions(c *Call) (any, error) {
	c.endSessions(time.Now())
	list := answer.List{}
	for _, name := range slices.Sorted(maps.Keys(c.sessions)) {
		s := c.sessions[name]
		list = append(list, answer.Obj(
			"sessionId", s.id,
			"userName", s.user,
			"client", "api",
			"startDateTimeUtc", date(s.start.UTC()),
			"lastActivityDateTimeUtc", date(s.last.UTC()),
		))
	}
	return list, nil
}
