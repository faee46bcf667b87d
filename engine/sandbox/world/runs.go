package world

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

// profileRun is a run of a profile that is under way.
type profileRun struct {
	*Call
	archive *archive
	profile *profile
	details answer.Object
	result  *result
}

// runOf returns the job that runs a profile: it archives mail into the owner's
// archive and the current store, and leaves a worker result.
func (c *Call) runOf(p *profile) *Work {
	const batches = 6
	a := c.archive
	r := &profileRun{Call: c, archive: a, profile: p, result: &result{
		User: p.owner(), Start: time.Now(), Machine: c.opts.MachineName,
	}}
	r.details = p.details()
	if p.ID != 0 {
		r.result.ProfileID, r.result.ProfileName = p.ID, p.name()
	}
	total := int64(200 + c.rng.IntN(2000))
	stages := []Stage{
		{Log: fmt.Sprintf("Running profile '%s'...", p.name())},
		{Takes: 5 * time.Second, Do: r.connect, Log: "Connected to the mailbox."},
	}
	for i := range int64(batches) {
		folder, batch := "Inbox", total*(i+1)/batches-total*i/batches
		if i >= batches-2 {
			folder = "Sent Items"
		}
		stages = append(stages, Stage{
			Takes:   20 * time.Second,
			Percent: share(int(i+1), batches),
			Text:    fmt.Sprintf("Archiving %s (%d of %d)", folder, total*(i+1)/batches, total),
			Log:     messages(batch) + " archived...",
			Do:      func() error { return r.archiveMail(folder, batch) },
		})
	}
	if r.details.Get("deleteInMailbox") == true {
		stages = append(stages, Stage{Takes: 5 * time.Second, Percent: 100, Log: messages(total) + " deleted in the mailbox."})
	}
	return &Work{
		Stages: stages,
		Begins: func() { a.Runs = append(a.Runs, r.result) },
		Ended:  func(code string) { a.endRun(r.result, code, time.Now()) },
	}
}

// connect logs in to the mailbox. A profile without a password cannot.
func (r *profileRun) connect() error {
	r.result.User = r.profile.owner() // renamed meanwhile, maybe
	if r.archive.Users[fold(r.result.User)] == nil {
		return noUser(r.result.User)
	}
	if host := r.details.Text("host"); host != "" {
		if err := reach(host); err != nil {
			r.result.Reason = hostMissing
			return err
		}
	}
	if r.details.Text("password") == "" {
		r.result.Reason = loginRefused
		return noMailbox(r.result.User)
	}
	return nil
}

func noMailbox(owner string) *Problem {
	return problem("The mailbox refused the login of '%s'.", "Das Postfach hat die Anmeldung von '%s' abgelehnt.", owner)
}

// archiveMail puts a batch where the profile says: into the archive of
// targetUserFolder, or else of the owner. An export takes mail out instead, and
// leaves the archive as it is.
func (r *profileRun) archiveMail(folder string, batch int64) error {
	if !r.profile.exports() {
		top := r.result.User
		parts := strings.FieldsFunc(r.details.Text("targetUserFolder"), func(c rune) bool { return c == '/' })
		if len(parts) > 0 {
			top = strings.Join(parts, "/")
		}
		if err := r.receive(r.archive, top+"/Exchange "+top+"/"+folder, batch); err != nil {
			r.result.Reason = storeMissing
			return err
		}
	}
	r.result.Items += batch
	return nil
}

// exports reports whether a profile takes mail out of the archive. Only I, for
// import, was seen of its types.
func (p *profile) exports() bool { return p.Properties.Text("type") == "E" }

// receive puts messages into a folder of the current store.
func (w *World) receive(a *archive, path string, count int64) error {
	i := slices.IndexFunc(a.Stores, func(s *store) bool { return s.State == "current" })
	if i < 0 {
		return noCurrentStore()
	}
	s := a.Stores[i]
	if err := s.usable(); err != nil {
		return err
	}
	s.put(portion{Folder: a.makeFolder(path).ID, Count: count, Origin: a.origin(count), Mean: 60_000, Start: time.Now().Unix()})
	w.changed(s)
	if a.Instance != nil {
		a.Instance.Process.Archived += count
	}
	return nil
}

func noCurrentStore() *Problem {
	return problem("There is no current archive store.", "Es gibt keinen aktuellen Archivspeicher.")
}
