package api

import (
	"net/http"
	"testing"
	"time"

	"moonpost/engine/fault"
)

// Whoever reports a call reports how often it was sent, also when it failed.
func TestAttemptsAreToldBesideAnError(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }
	for _, tc := range []struct {
		name   string
		fn     string
		args   []any
		answer http.HandlerFunc
		kind   fault.Kind
		want   int
	}{
		{"read that is repeated in vain", "GetUsers", nil, busy, fault.Server, 1 + maxRepeats},
		{"change with an unknown outcome", "CreateUser", createUser("ada"), busy, fault.Unknown, 1},
		{"change that the server refuses", "CreateUser", createUser("ada"), answerText(refused("no")), fault.Server, 1},
		{"answer that makes no sense", "CreateUser", createUser("ada"), answerText("<html>"), fault.Unknown, 1},
		{"job without a token", "VerifyStore", []any{"id", 1.0}, answerText(envelopeText("null", "", 3, "running", "null", "", "null", "")), fault.Server, 1},
		{"call that is not sent", "CreateUser", nil, nil, fault.Invalid, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on(tc.fn, tc.answer)
			c := s.client(t)
			c.backoff = func(int) time.Duration { return time.Millisecond }
			got, err := invoke(c, tc.fn, tc.args...)
			wantKind(t, tc.fn, err, tc.kind)
			if got.Attempts != tc.want {
				t.Errorf("%s = %d attempts, want %d", tc.fn, got.Attempts, tc.want)
			}
		})
	}
}
