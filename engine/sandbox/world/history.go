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
	for i, name := range slices.Sorted(maps.Keys(a.Users)) {
		if i%3 != 0 || len(a.Profiles) == 40 {
			continue
		}
		u := a.Users[name]
		details := answer.Obj("host", "imap.example.com", "protocol", "IMAP-TLS", "emailAddress", u.Addresses[0],
			"userName", u.Name, "password", "mailbox secret", "targetUserFolder", u.Name, "timeout", 180, "deleteInMailbox", false)
		if len(a.Profiles) == 2 {
			details = details.With("password", "")
		}
		a.Profiles = append(a.Profiles, &profile{
			ID: a.nextID("profile"), Version: 1, Automatic: true, Pause: 6 * 3600,
			Properties: answer.Obj("name", "Mailbox of "+u.FullName, "owner", u.Name, "type", "I", "connector", "Imap", "details", details),
		})
	}
}

func (w *World) seedJobs(a *archive) {
	for _, j := range []serverJob{
		{Name: "Verify all stores", Action: "VerifyStores", Schedule: schedule{ZoneID: "$Local", Time: "02:00:00"}},
		{Name: "Refresh statistics", Action: "RefreshAllStoreStatistics", Schedule: schedule{ZoneID: "W. Europe Standard Time", Interval: 360}},
		{Name: "Apply retention policies", Action: "ProcessRetentionPolicies", Schedule: schedule{ZoneID: "UTC", Time: "04:30:00", DayOfWeek: "Sunday"}},
	} {
		j.ID, j.Owner, j.Enabled = a.nextID("job"), w.opts.User, true
		j.Created = time.Now().Add(-max(w.opts.History, 0) - 30*24*time.Hour).Truncate(time.Second)
		a.Jobs = append(a.Jobs, &j)
	}
}

// maxHistory bounds how far back the history of a new world goes: 40 profiles
// run 96,000 times in it, which is what an archive keeps.
const maxHistory = 600 * 24 * time.Hour

// seedHistory makes the past runs of profiles and jobs. It draws from a source
// of its own: how much there is depends on the time of day, and the rest of the
// world must not.
func (w *World) seedHistory(a *archive) {
	rng := rand.New(rand.NewPCG(w.opts.Seed, 0x70617374))
	now := time.Now().Truncate(time.Second)
	begin := now.Add(-min(max(w.opts.History, 0), maxHistory))
	took := func(most int) time.Duration { return time.Duration(5+rng.IntN(most)) * time.Second }
	for _, p := range a.Profiles {
		for due := begin; due.Before(now); due = due.Add(time.Duration(p.Pause) * time.Second) {
			start := due.Add(took(3600))
			r := p.pastRun(rng)
			r.Start, r.Complete, r.Machine = start, start.Add(took(600)), w.opts.MachineName
			if r.Complete.Before(now) {
				a.Results = append(a.Results, r)
			}
		}
	}
	if w.opts.History > 0 {
		a.seedTroubles(w.opts.MachineName, now)
	}
	slices.SortFunc(a.Results, func(x, y result) int { return cmp.Or(x.Start.Compare(y.Start), cmp.Compare(x.User, y.User)) })
	for i := range a.Results {
		a.Results[i].ID = a.nextID("result")
	}
	for _, j := range a.Jobs {
		for start := j.Schedule.next(begin); start.Before(now); start = j.Schedule.next(start) {
			r := jobResult{Job: j.ID, Action: j.Action, Result: answer.Succeeded, Start: start, Complete: start.Add(took(900))}
			if rng.IntN(25) == 0 {
				r.Result = answer.Failed
			}
			if r.Complete.Before(now) {
				j.LastStart, j.LastComplete = r.Start, r.Complete
				a.JobResults = append(a.JobResults, r)
			}
		}
	}
	slices.SortFunc(a.JobResults, func(x, y jobResult) int { return cmp.Or(x.Start.Compare(y.Start), cmp.Compare(x.Job, y.Job)) })
	for i := range a.JobResults {
		a.JobResults[i].ID = a.nextID("jobResult")
	}
}

// pastRun draws how a run of the profile went.
func (p *profile) pastRun(rng *rand.Rand) result {
	r := result{
		User: p.owner(), ProfileID: p.ID, ProfileName: p.name(),
		Result: answer.Succeeded, Items: int64(rng.IntN(400)),
	}
	if p.details().Text("password") == "" {
		r.Result, r.Reason, r.Items = answer.Failed, loginRefused, 0
		return r
	}
	switch draw := rng.IntN(200); {
	case draw < 2:
		r.Result, r.Reason, r.Items = answer.Failed, hostMissing, 0
	case draw < 4:
		r.Result, r.Reason, r.Items = answer.Failed, loginRefused, 0
	case draw < 12:
		r.Result, r.Reason = "completedWithErrors", itemsSkipped
	case draw < 15:
		r.Result = "completedWithWarnings"
	case draw < 16:
		r.Result = answer.Cancelled
	case draw < 17:
		r.Result, r.Reason = "disconnected", hostLost
	case draw < 18:
		r.Result = "threadAbort"
	case draw < 20:
		r.ProfileID, r.ProfileName = 0, "" // of a profile that is gone
	}
	return r
}

// seedTroubles makes two profiles of a large archive that have many stand out:
// one has not run for three days although it should, and a run of the other
// one has not ended since yesterday.
func (a *archive) seedTroubles(machine string, now time.Time) {
	if len(a.Profiles) < 12 {
		return
	}
	overdue, stuck := a.Profiles[4], a.Profiles[7]
	a.Results = slices.DeleteFunc(a.Results, func(r result) bool {
		return r.ProfileID == overdue.ID && r.Start.After(now.Add(-72*time.Hour)) ||
			r.ProfileID == stuck.ID && r.Start.After(now.Add(-26*time.Hour))
	})
	a.Runs = append(a.Runs, &result{
		User: stuck.owner(), ProfileID: stuck.ID, ProfileName: stuck.name(),
		Start: now.Add(-26 * time.Hour), Machine: machine,
	})
}
