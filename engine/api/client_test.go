package api

import (
	"errors"
	"testing"

	"moonpost/engine/fault"
)

func asFault(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }

func TestCallGivesTheResult(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	got, err := invoke(c, "GetServerInfo")
	if err != nil {
		t.Fatalf("GetServerInfo = %v, want an answer", err)
	}
	if want := `{"version":"25.3.1.1","machineName":"MAIL"}`; string(got.Result) != want {
		t.Errorf("result = %s, want %s", got.Result, want)
	}
	if got.Envelope[0] != '{' || got.Job != nil || got.Attempts != 1 {
		t.Errorf("answer = %.20q, job %v, attempts %d, want an envelope without byte order mark, no job, 1", got.Envelope, got.Job, got.Attempts)
	}
}
