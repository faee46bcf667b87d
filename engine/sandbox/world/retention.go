package world

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"moonpost/engine/sandbox/answer"
)

var retentionFunctions = map[string]handler{
	"ProcessRetentionPolicies": processRetentionPolicies,
}

// policy is a retention policy that is enabled. Mail is kept by the shortest
// period that applies to it, and deleted when the longest one is over (vendor's
// help on retention policies).
type policy struct {
	name     string
	ago      func(now time.Time) time.Time // the beginning of a period that ends now
	delete   bool
	excluded []string // folded archives
}

type policies []policy

// policies reads those that are enabled. One with search criteria that look at
// the mail itself is left out: the messages here say nothing worth a search.
func (a *archive) policies() policies {
	all := policies{}
	list, _ := a.Settings["GetRetentionPolicies"].(answer.List)
	for _, item := range list {
		o, _ := item.(answer.Object)
		if p, ok := readPolicy(o); ok && !searches(o) {
			all = append(all, p)
		}
	}
	return all
}

// readPolicy reads a policy; ok is false for one that is not enabled or says no
// period.
func readPolicy(o answer.Object) (p policy, ok bool) {
	period, err := strconv.Atoi(fmt.Sprint(o.Get("period")))
	if o.Get("enabled") != true || err != nil {
		return policy{}, false
	}
	p = policy{name: o.Text("name"), delete: o.Get("delete") == true}
	p.ago = func(now time.Time) time.Time { return begins(now, o.Text("periodInterval"), period) }
	criteria, _ := o.Get("searchCriteria").(answer.Object)
	excluded, _ := criteria.Get("excludedArchives").(answer.List)
	for _, name := range excluded {
		p.excluded = append(p.excluded, fold(fmt.Sprint(name)))
	}
	return p, true
}

// begins returns the beginning of a period that ends now.
func begins(now time.Time, interval string, period int) time.Time {
	switch interval {
	case "year":
		return now.AddDate(-period, 0, 0)
	case "month":
		return now.AddDate(0, -period, 0)
	}
	return now.AddDate(0, 0, -period)
}

// searches reports whether a policy chooses mail by what it says.
func searches(o answer.Object) bool {
	criteria, _ := o.Get("searchCriteria").(answer.Object)
	return criteria.Text("from") != "" || criteria.Text("to") != "" || criteria.Text("query") != ""
}

// keep returns the time since which mail of an archive must not be deleted:
// now, when no policy keeps any.
func (all policies) keep(top string, now time.Time) time.Time {
	since := time.Time{}
	for _, p := range all {
		if ago := p.ago(now); !slices.Contains(p.excluded, fold(top)) && ago.After(since) {
			since = ago
		}
	}
	if since.IsZero() {
		return now
	}
	return since
}

// expired returns the time before which mail of an archive is to be deleted:
// zero when none is.
func (all policies) expired(top string, now time.Time) time.Time {
	before, deletes := now, false
	for _, p := range all {
		if slices.Contains(p.excluded, fold(top)) {
			continue
		}
		deletes = deletes || p.delete
		if ago := p.ago(now); ago.Before(before) {
			before = ago
		}
	}
	if !deletes {
		return time.Time{}
	}
	return before
}

// maxPeriod keeps the arithmetic of dates within its bounds.
const maxPeriod = 1_000_000

// likePolicy gives the kinds of the keys of a policy.
var likePolicy = answer.Obj("name", "", "enabled", false, "delete", false, "periodInterval", "", "searchCriteria",
	answer.Obj("from", "", "to", "", "query", "", "excludedArchives", answer.List{}))

// checkPolicies refuses what cannot be a list of policies. Keys that are left
// out are let through: the shape is read off one script.
func checkPolicies(value any) error {
	list, _ := value.(answer.List)
	for _, item := range list {
		o, ok := item.(answer.Object)
		if !ok {
			return wrongShape("config")
		}
		if err := sameKinds(likePolicy, o, ""); err != nil { // guessing could delete what is to be kept
			return err
		}
		if interval := o.Get("periodInterval"); interval != nil && !slices.Contains([]any{"year", "month", "day"}, interval) {
			return problem("Requested value '%v' was not found.", "Der angeforderte Wert '%v' konnte nicht gefunden werden.", interval)
		}
		if period := o.Get("period"); period != nil {
			if n, err := strconv.Atoi(fmt.Sprint(period)); err != nil || n < 1 || n > maxPeriod || begins(time.Now(), o.Text("periodInterval"), n).Year() < 1 {
				return OutOfRange() // .NET has no time before the year 1
			}
		}
	}
	return nil
}

// processRetentionPolicies deletes mail whose retention is over, store by store.
func processRetentionPolicies(c *Call) (any, error) {
	if err := c.archive.deletable(); err != nil {
		return nil, err
	}
	c.Effect()
	a := c.archive
	stages := []Stage{{Log: "Processing retention policies..."}}
	list, _ := a.Settings["GetRetentionPolicies"].(answer.List)
	for _, item := range list {
		if o, _ := item.(answer.Object); searches(o) {
			stages = append(stages, Stage{Log: fmt.Sprintf("Policy '%s' was passed over: searching mail is not simulated.", o.Text("name"))})
		}
	}
	deleted := int64(0)
	for i, s := range a.Stores {
		said := ""
		stages = append(stages, Stage{
			Takes: s.takes() / 2, Percent: share(i+1, len(a.Stores)),
			Do: func() error {
				if err := s.writable(); err != nil {
					said = err.Error()
					return nil
				}
				n := c.expire(s)
				deleted += n
				said = fmt.Sprintf("Archive store #%d (%s): %s deleted.", s.ID, s.Name, messages(n))
				return nil
			},
			Say: func() string { return said },
		})
	}
	last := Stage{Takes: 3 * time.Second, Percent: 100, Say: func() string { return fmt.Sprintf("Finished: %s deleted.", messages(deleted)) }}
	return &Work{Stages: append(stages, last)}, nil
}

// expire deletes the mail of a store whose retention is over and returns how
// much it was.
func (c *Call) expire(s *store) int64 {
	all, tops, now := c.archive.policies(), c.archive.tops(), time.Now()
	before := map[int64]time.Time{}
	deleted := int64(0)
	for at := 0; at < len(s.Mail); at++ {
		p := s.Mail[at]
		if _, ok := before[p.Folder]; !ok {
			before[p.Folder] = all.expired(tops[p.Folder], now)
		}
		if n := p.before(before[p.Folder]); n > 0 {
			s.drop(at, 0, n)
			deleted += n
			if n == p.Count {
				at--
			}
		}
	}
	if deleted > 0 {
		c.changed(s)
	}
	return deleted
}
