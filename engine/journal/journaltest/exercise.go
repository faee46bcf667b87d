// Package journaltest is what every journal.Store has to pass. Start at
// Exercise, and at Crash for a store that outlives its process.
package journaltest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"moonpost/engine/journal"
)

// OpenFunc opens one journal, each time the same one. Opened twice, it is
// another process to itself.
type OpenFunc func(context.Context) (journal.Store, error)

// opening opens the journal of a case, and closes it at its end.
type opening func(testing.TB) journal.Store

// Exercise runs the whole suite. make gives a new journal at each call.
func Exercise(t *testing.T, make func(t testing.TB) OpenFunc) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, opening)
	}{
		{"a run is there as it was begun", begun},
		{"a run moves only from the state and epoch that it has", moved},
		{"of two that take a run one gets it", taken},
		{"only who holds a run writes it", held},
		{"what was written is read", written},
		{"steps and runs are found by what they are about", found},
		{"runs are removed with all they had", removed},
		{"a closed store says so", closed},
		{"many tasks write at once", crowded},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := make(t)
			c.run(t, func(t testing.TB) journal.Store {
				s, err := open(t.Context())
				must(t, "open", err)
				t.Cleanup(func() { must(t, "Close", s.Close()) })
				return s
			})
		})
	}
	t.Run("it does what the model does", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) { model(r, make(t)) })
	})
}

// Key is a state key for tests.
type Key string

// ID names the key.
func (k Key) ID() string { return "key " + string(k) }

// Sign returns a keyed hash.
func (k Key) Sign(domain string, data []byte) journal.Digest {
	h := hmac.New(sha256.New, []byte(k))
	_, _ = h.Write([]byte(domain + "\x00"))
	_, _ = h.Write(data)
	return journal.Digest(h.Sum(nil))
}

// Signer is the key that the stores of this suite are opened with.
const Signer Key = "suite"

// Clear seals nothing, but keeps the place beside the text.
type Clear struct{}

// Seal returns the text with its place.
func (Clear) Seal(place string, clear []byte) []byte { return append([]byte(place+"="), clear...) }

// Open returns the text of the place.
func (Clear) Open(place string, sealed []byte) ([]byte, error) {
	if prefix := place + "="; len(sealed) >= len(prefix) && string(sealed[:len(prefix)]) == prefix {
		return sealed[len(prefix):], nil
	}
	return nil, fmt.Errorf("%q was not sealed for %s", sealed, place)
}

// begin is a time for tests; stores keep microseconds in UTC.
var begin = time.Date(2026, 11, 22, 9, 0, 0, 123456000, time.UTC)

// Sample returns a run for tests.
func Sample(id string) journal.Run {
	return journal.Run{
		ID: id, State: journal.Running, Epoch: 1, Owner: "o1", Playbook: "users.lua", Target: "mail:8463", Instance: "alpha",
		Started: begin, Code: []byte{1, 2}, Metadata: []byte{3},
	}
}

func sampleStep(run string, seq uint64, key string) journal.Step {
	return journal.Step{
		Run: run, Seq: seq, Scope: 2, Nth: 1, Epoch: 1, Attempt: 1, Intended: begin, State: journal.Intended,
		Identity: journal.Identity{Target: "mail:8463", Fn: "CreateUser", Key: key, Args: Signer.Sign("args", []byte(key))},
		Names:    []string{"userName", "privileges"}, Before: []byte("absent"),
	}
}

// all reads a sequence to its end.
func all[T any](t fataler, rows iter.Seq2[T, error]) []T {
	t.Helper()
	var got []T
	for row, err := range rows {
		if err != nil {
			t.Fatalf("reading: %v", err)
		}
		got = append(got, row)
	}
	return got
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func must(t fataler, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func same(t fataler, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func wants(t fataler, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: error %v, want %v", what, err, want)
	}
}

// write puts changes on disk that are all to get there.
func write(t fataler, s journal.Store, changes ...journal.Change) {
	t.Helper()
	for _, err := range s.Write(context.Background(), changes) {
		must(t, "Write", err)
	}
}

// intact looks for anything that the audit finds wrong.
func intact(t fataler, s journal.Store) journal.Verified {
	t.Helper()
	v, err := journal.Verify(context.Background(), s, Signer, journal.Head{})
	must(t, "Verify", err)
	if len(v.Findings) > 0 {
		t.Fatalf("Verify found %v", v.Findings)
	}
	return v
}
