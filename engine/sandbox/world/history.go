package world

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"moonpost/engine/sandbox/answer"
)

// seedProfiles gives every third user a profile that runs every six hours, 40
// profiles at most. The third one lacks its password, so its runs fail.
func (w *World) seedProfiles(a *archive) {
	for i, name := range slices.Sorted(maps.Keys(a.users)) {
		if i%3 != 0 || len(a.profiles) == 40 {
			continue
		}
		u := a.users[name]
		details := answer.Obj("host", "imap.example.com", "protocol", "IMAP-TLS", "emailAddress", u.addresses[0],
			"userName", u.name, "password", "mailbox secret", "targetUserFolder", u.name, "timeout", 180, "deleteInMailbox", false)
		if len(a.profiles) == 2 {
			details = details.With("password", "")
		}
		a.profiles = append(a.profiles, &profile{
			id: a.nextID("profile"), version: 1, automatic: true, pause: 6 * 3600,
			properties: answer.Obj("name", "Mailbox of "+u.fullName, "owner", u.name, "type", "I", "connector", "Imap", "details", details),
		})
	}
}

func (w *World) seedJobs(a *archive) {
	for _, j := range []serverJob{
		{name: "Verify all stores", action: "VerifyStores", schedule: schedule{zoneID: "$Local", time: "02:00:00"}},
		{name: "Refresh statistics", action: "RefreshAllStoreStatistics", schedule: schedule{zoneID: "W. Europe Standard Time", interval: 360}},
		{name: "Apply retention policies", action: "ProcessRetentionPolicies", schedule: schedule{zoneID: "UTC", time: "04:30:00", dayOfWeek: "Sunday"}},
	} {
		j.id, j.owner, j.enabled = a.nextID("job"), w.opts.User, true
		j.created = time.Now().Add(-max(w.opts.History, 0) - 30*24*time.Hour).Truncate(time.Second)
		a.jobs = append(a.jobs, &j)
	}
}

// seedHistory makes the past runs of profiles and jobs. It draws from a source
// of its own: how much there is depends on the time of day, and the rest of the
// world must not.
func (w *World) seedHistory(a *archive) {
	rng := rand.New(rand.NewPCG(w.opts.Seed, 0x70617374))
	now := time.Now().Truncate(time.Second)
	begin := now.Add(-max(w.opts.History, 0))
	took := func(most int) time.Duration { return time.Duration(5+rng.IntN(most)) * time.Second }
	for _, p := range a.profiles {
		for due := begin; due.Before(now); due = due.Add(time.Duration(p.pause) * time.Second) {
			start := due.Add(took(3600))
			r := p.pastRun(rng)
			r.start, r.complete, r.machine = start, start.Add(took(600)), w.opts.MachineName
			if r.complete.Before(now) {
				a.results = append(a.results, r)
			}
		}
	}
	slices.SortFunc(a.results, func(x, y result) int { return cmp.Or(x.start.Compare(y.start), cmp.Compare(x.user, y.user)) })
	for i := range a.results {
		a.results[i].id = a.nextID("result")
	}
	for _, j := range a.jobs {
		for start := j.schedule.next(begin); start.Before(now); start = j.schedule.next(start) {
			r := jobResult{job: j.id, action: j.action, result: answer.Succeeded, start: start, complete: start.Add(took(900))}
			if rng.IntN(25) == 0 {
				r.result = answer.Failed
			}
			if r.complete.Before(now) {
				j.lastStart, j.lastComplete = r.start, r.complete
				a.jobResults = append(a.jobResults, r)
			}
		}
	}
	slices.SortFunc(a.jobResults, func(x, y jobResult) int { return cmp.Or(x.start.Compare(y.start), cmp.Compare(x.job, y.job)) })
	for i := range a.jobResults {
		a.jobResults[i].id = a.nextID("jobResult")
	}
}

// pastRun draws how a run of the profile went.
func (p *profile) pastRun(rng *rand.Rand) result {
	r := result{
		user: p.properties.Text("owner"), profileID: p.id, profileName: p.name(),
		result: answer.Succeeded, items: int64(rng.IntN(400)),
	}
	details, _ := p.properties.Get("details").(answer.Object)
	switch draw := rng.IntN(100); {
	case details.Text("password") == "" || draw < 2:
		r.result, r.items = answer.Failed, 0
	case draw < 7:
		r.result = "completedWithErrors"
	case draw < 8:
		r.result = answer.Cancelled
	case draw < 9:
		r.profileID, r.profileName = 0, "" // of a profile that is gone
	}
	return r
}
