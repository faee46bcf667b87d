package display

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"moonpost/engine/event"
)

func TestJobsCanBeToldApartInTwentyColumns(t *testing.T) {
	percent := 37.0
	now := time.Now()
	var r rows
	for i := range 2 {
		e := event.JobProgress{Call: uint64(i), Fn: "VerifyStore", Label: fmt.Sprint(i + 1), Status: running, Percent: &percent}
		r.job(e, now).take(e, now)
	}
	for i, got := range r.draw(style{width: 20}, now) {
		if want := fmt.Sprintf("…Store %d  37%%", i+1); !strings.HasPrefix(got, want) {
			t.Errorf("row %d = %q, want %q first", i+1, got, want)
		}
	}
}
