package world

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestActiveSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := bare()
		w.InvokeAs("ada", "GetServerInfo", nil, Straight)
		time.Sleep(10 * time.Minute)
		w.InvokeAs("Bob", "GetServerInfo", nil, Straight)
		time.Sleep(11 * time.Minute)
		w.InvokeAs("bob", "GetServerInfo", nil, Straight)
		got := call(t, w, "GetActiveSessions")
		now := time.Now().UTC()
		want := `[{"sessionId":"api-3","userName":"admin","client":"api","startDateTimeUtc":"` + date(now) + `","lastActivityDateTimeUtc":"` + date(now) + `"},` +
			`{"sessionId":"api-2","userName":"Bob","client":"api","startDateTimeUtc":"` + date(now.Add(-11*time.Minute)) + `","lastActivityDateTimeUtc":"` + date(now) + `"}]`
		if got != want {
			t.Errorf("GetActiveSessions() = %s, want %s: ada did not call for long", got, want)
		}
		time.Sleep(time.Hour)
		w.InvokeAs("bob", "GetServerInfo", nil, Straight)
		if got := call(t, w, "GetActiveSessions"); !strings.Contains(got, `"sessionId":"api-4","userName":"bob"`) {
			t.Errorf("GetActiveSessions() after a long pause = %s, want a new session of bob", got)
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	w := bare()
	for i := range maxSessions + 5 {
		w.seen(strings.Repeat("x", i%100) + date(time.Unix(int64(i), 0)))
	}
	if n := len(w.sessions); n == 0 || n > maxSessions {
		t.Errorf("%d sessions are remembered, want at most %d", n, maxSessions)
	}
}
