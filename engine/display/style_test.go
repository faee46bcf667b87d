package display

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"moonpost/engine/event"
)

func TestNamesKeepTheirEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		ascii bool
		want  string
	}{
		{"users", 8, false, "users"},
		{"VerifyStore 1", 8, false, "…Store 1"},
		{"VerifyStore 1", 8, true, "...ore 1"},
		{"VerifyStore 1", 13, false, "VerifyStore 1"},
		{"RecoverRecords of the archive 12", 24, false, "RecoverR… the archive 12"},
		{"メールアーカイブ", 8, false, "… カイブ"},
	} {
		got := style{ascii: c.ascii}.shorten(c.name, c.width)
		if got != c.want || cells(got) > c.width {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.name, c.width, got, c.want)
		}
	}
}

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
