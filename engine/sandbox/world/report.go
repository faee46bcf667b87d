package world

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

// reason is why a run of a profile went wrong; "" when it did not, or when that
// is not known.
type reason string

// The reasons.
const (
	hostMissing  reason = "host"       // the mail server was not found
	loginRefused reason = "login"      // it refused the login
	storeMissing reason = "store"      // there was no store to archive into
	hostLost     reason = "connection" // the connection broke off
	itemsSkipped reason = "items"      // some messages could not be read
)

// problem says what went wrong; nil when nothing is known.
func (r *result) problem() *Problem {
	switch r.Reason {
	case hostMissing:
		return problem("The mail server could not be reached: no such host is known.", "Der Mailserver ist nicht erreichbar: Der Host ist unbekannt.")
	case loginRefused:
		return noMailbox(r.User)
	case storeMissing:
		return noCurrentStore()
	case hostLost:
		return problem("The connection to the mail server was closed unexpectedly.", "Die Verbindung zum Mailserver wurde unerwartet geschlossen.")
	case itemsSkipped:
		return problem("%d messages could not be read and were left out.", "%d Nachrichten konnten nicht gelesen werden und wurden ausgelassen.", r.skipped())
	}
	return nil
}

// skipped returns how many messages a run with errors left out.
func (r *result) skipped() int64 { return 1 + r.ID%4 }

// getWorkerResultReport answers a text for people. Only that there is such a
// function is known.
func getWorkerResultReport(c *Call) (any, error) {
	id := c.Number("id")
	i := slices.IndexFunc(c.archive.Results, func(r result) bool { return r.ID == id })
	if i < 0 {
		return nil, problem("The result %d does not exist.", "Das Ergebnis %d ist nicht vorhanden.", id)
	}
	return c.archive.Results[i].report(c.opts.ErrorTexts), nil
}

func (r *result) report(texts Texts) string {
	profile := "(temporary)"
	if r.ProfileID != 0 {
		profile = fmt.Sprintf("%s (#%d)", r.ProfileName, r.ProfileID)
	}
	lines := []string{
		"Profile: " + profile,
		"User: " + r.User,
		"Machine: " + r.Machine,
		"Start: " + date(r.Start.In(time.Local)),
		"End: " + date(r.Complete.In(time.Local)),
		"Result: " + r.Result,
		fmt.Sprintf("Items archived: %d", r.Items),
	}
	if p := r.problem(); p != nil {
		lines = append(lines, "Error: "+p.text(texts))
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// listRuns adds the runs that have not ended yet, where they are to be listed.
func (c *Call) listRuns(list answer.List, zone *time.Location, want func(result) bool) answer.List {
	if !c.opts.Behaviour.ListRuns {
		return list
	}
	for _, r := range c.archive.Runs {
		if !want(*r) {
			continue
		}
		now := *r
		now.Result = answer.Running
		list = append(list, now.object(zone).With("completeTime", nil).Without("id"))
	}
	return list
}
