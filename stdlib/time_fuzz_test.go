package stdlib

import (
	"errors"
	"testing"
	"time"

	"moonpost/engine/fault"
)

// FuzzParse checks that a text is refused or is the time that it is written as
// again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"2026-11-22", "2026-11-22T10:00", "2026-11-22 10:00:00.5", "2026-11-22T10:00:00+01:00", "0000-01-01", "9999-12-31T23:59:59Z", "2026-02-30", "", " ",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _, err := parse("time.parse", text, time.UTC)
		if err != nil {
			if !errors.Is(err, fault.Of(fault.Invalid)) {
				t.Errorf("parse(%q) = %v, want an error of kind invalid", text, err)
			}
			return
		}
		again, absolute, err := parse("time.parse", got.Format(time.RFC3339Nano), time.UTC)
		if err != nil || !absolute || !again.Equal(got) {
			t.Errorf("parse(%q) = %v, written and parsed again %v, %v", text, got, again, err)
		}
	})
}
