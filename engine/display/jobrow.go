package display

import (
	"fmt"
	"strings"
	"time"

	"moonpost/engine/event"
)

// jobRow is the progress of a long-running call.
type jobRow struct {
	name    string
	status  string
	percent *float64
	text    string        // what the server says of it, or the last line it logged
	elapsed time.Duration // as of at
	at      time.Time

	said     time.Time // when a line about it was last written
	saidText string    // what that line said
	saidStep int       // tens of percent then
	told     bool      // there was a line
}

func (j *jobRow) label() string { return j.name }

func (j *jobRow) draw(s style, now time.Time) string {
	l := s.line(j.name)
	if j.percent != nil {
		l.must(percentage(*j.percent))
		l.gauge(1, int(*j.percent*100), 100*100)
	}
	l.may(2, clock(j.elapsed+now.Sub(j.at)))
	l.rest(j.text)
	return l.String()
}

// take notes a status and returns the lines that the job logged with it.
func (j *jobRow) take(e event.JobProgress, now time.Time) (logged []string) {
	for text := range strings.Lines(e.Log) {
		if text = oneLine(text); text != "" {
			logged = append(logged, text)
		}
	}
	j.status, j.percent = e.Status, e.Percent
	j.elapsed, j.at = time.Duration(e.Elapsed*float64(time.Second)), now
	switch text := oneLine(e.Text); {
	case text != "":
		j.text = text
	case len(logged) > 0:
		j.text = logged[len(logged)-1]
	}
	return logged
}

// due returns the line about the job that is due where there are no bars, "" for
// none: at every tenth of the way, at most one a second, and at any news after
// five seconds.
func (j *jobRow) due(now time.Time) string {
	text, step := j.text, j.saidStep
	if j.percent != nil {
		text = strings.TrimSpace(percentage(*j.percent) + " " + text)
		step = int(*j.percent / 10)
	}
	since := now.Sub(j.said)
	if text == j.saidText || since < remind && (step <= j.saidStep || since < time.Second) {
		return ""
	}
	j.said, j.saidText, j.saidStep, j.told = now, text, step, true
	return j.name + ": " + text
}

func percentage(p float64) string {
	return fmt.Sprintf("%3.0f%%", p)
}
