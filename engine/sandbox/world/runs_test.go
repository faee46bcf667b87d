package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/sandbox/answer"
)

func box(details string) string {
	return fmt.Sprintf(`properties={"name":"Box","owner":"admin","type":"I","connector":"Imap","details":{%s}}`, details)
}

func TestRunsOfProfiles(t *testing.T) {
	tests := []struct {
		name, details string
		code, report  string
		folder        string // where mail came in
		log           string
	}{
		{"into the owner's archive", `"password":"p"`, answer.Succeeded, "Result: succeeded\r\nItems archived: ", "admin/Exchange admin/Inbox", "archived..."},
		{"into another archive", `"password":"p","targetUserFolder":"shared/"`, answer.Succeeded, "Result: succeeded", "shared/Exchange shared/Inbox", "archived..."},
		{"deleting in the mailbox", `"password":"p","deleteInMailbox":true`, answer.Succeeded, "Result: succeeded", "admin/Exchange admin/Sent Items", "deleted in the mailbox."},
		{"without a password", `"password":""`, answer.Failed, "Items archived: 0\r\nError: The mailbox refused the login of 'admin'.\r\n", "", "Running profile 'Box'"},
		{"without a mail server", `"password":"p","host":"imap.example.invalid"`, answer.Failed, "Error: The mail server could not be reached", "", "Running profile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := bare()
			call(t, w, "CreateStore", "name=a", "requestedState=current")
			call(t, w, "CreateProfile", box(tt.details), "raw=true")
			s := finish(t, w, "RunProfile", "id=1")
			if s.Code != tt.code || !strings.Contains(s.Log, tt.log) {
				t.Errorf("RunProfile(1) = %s, want %s and %q in its log:\n%s", s.Code, tt.code, tt.log, s.Log)
			}
			a := w.Archives[""]
			if got := call(t, w, "GetWorkerResultReport", "id=1"); !strings.Contains(got, strings.Trim(strings.ReplaceAll(tt.report, "\r\n", `\r\n`), `"`)) {
				t.Errorf("GetWorkerResultReport(1) = %s, want %q in it", got, tt.report)
			}
			if tt.folder != "" && a.tallies()[a.Folders.at(tt.folder).ID].count == 0 {
				t.Errorf("no mail came into %s", tt.folder)
			}
			agree(t, w)
		})
	}
}

func TestAnExportLeavesTheArchive(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, History: -1})
	before := w.Archives[""].Stores[0].Count
	finish(t, w, "RunTemporaryProfile", strings.Replace(box(`"password":"p"`), `"I"`, `"E"`, 1), "raw=true")
	a := w.Archives[""]
	if a.Stores[0].Count != before || a.Results[0].Items == 0 {
		t.Errorf("the store holds %d messages, was %d; %d were exported", a.Stores[0].Count, before, a.Results[0].Items)
	}
	if got := call(t, w, "GetWorkerResultReport", "id=1"); !strings.HasPrefix(got, `"Profile: (temporary)\r\nUser: admin\r\n`) {
		t.Errorf("GetWorkerResultReport(1) = %s", got)
	}
}

func TestACancelledRunKeepsWhatItArchived(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, History: -1, JobSpeed: 0.001})
	a := w.Archives[""]
	before := a.Stores[0].Count
	call(t, w, "CreateProfile", mailbox, "raw=true")
	s := w.Invoke("RunProfile", args("id=1"), Straight)
	w.Advance(50 * time.Second) // two of six batches
	w.Cancel(s.Token)
	w.Advance(time.Minute)
	if r := a.Results[0]; r.Result != "cancelled" || r.Items == 0 || r.Items != a.Stores[0].Count-before {
		t.Errorf("the run ended as %s with %d items, the store grew by %d; want the same part", r.Result, r.Items, a.Stores[0].Count-before)
	}
	if s := status(t, w, s.Token, 0, 0); s.Code != answer.Cancelled {
		t.Errorf("the job ended as %s, want cancelled", s.Code)
	}
}

func TestRunsWithoutAnOwnerFail(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, History: -1})
	call(t, w, "CreateUser", "userName=ada", "privileges=login")
	call(t, w, "CreateProfile", strings.Replace(box(`"password":"p"`), "admin", "ada", 1), "raw=true")
	call(t, w, "DeleteUser", "userName=ada")
	if s := finish(t, w, "RunProfile", "id=1"); s.Code != answer.Failed || s.Error.Message != "The user 'ada' does not exist." {
		t.Errorf("RunProfile(1) = %s %+v, want failed", s.Code, s.Error)
	}
}

func TestUnfinishedRunsCanBeListed(t *testing.T) {
	for list, want := range map[bool]string{
		false: "[]",
		true:  `[{"userName":"admin","profileId":1,"profileName":"Box","result":"running","itemsArchived":0,"startTime":"`,
	} {
		w := New(Options{Users: -1, Stores: 1, History: -1, JobSpeed: 0.001, Behaviour: Behaviour{ListRuns: list}})
		call(t, w, "CreateProfile", mailbox, "raw=true")
		w.Invoke("RunProfile", args("id=1"), Straight)
		got := call(t, w, "GetWorkerResults", today()...)
		if !strings.HasPrefix(got, want) || list && !strings.HasSuffix(got, `"completeTime":null,"machineName":"MAILSTORE"}]`) {
			t.Errorf("listed %v: GetWorkerResults() = %s, want %s…", list, got, want)
		}
	}
}

func TestReportsOfResultsThatAreNotThere(t *testing.T) {
	if got, want := refused(t, bare(), "GetWorkerResultReport", "id=1"), "The result 1 does not exist."; got != want {
		t.Errorf("GetWorkerResultReport(1) = %q, want %q", got, want)
	}
}

// TestALargeWorldIsBelievable looks for what monitoring has to find.
func TestALargeWorldIsBelievable(t *testing.T) {
	const day = 24 * time.Hour
	w := New(Options{Users: 2000, Stores: 60, History: 90 * day, Seed: 1})
	a, now := w.Archives[""], time.Now()
	results := map[string]int{}
	last := map[int64]time.Time{}
	for _, r := range a.Results {
		results[r.Result]++
		last[r.ProfileID] = r.Start
	}
	for _, want := range []string{"succeeded", "failed", "completedWithErrors", "completedWithWarnings", "cancelled", "disconnected", "threadAbort"} {
		if results[want] == 0 {
			t.Errorf("of %d runs none is %s", len(a.Results), want)
		}
	}
	overdue := 0
	for _, p := range a.Profiles {
		if p.Automatic && now.Sub(last[p.ID]) > 2*day {
			overdue++
		}
	}
	if overdue != 1 || len(a.Runs) != 1 || now.Sub(a.Runs[0].Start) < day {
		t.Errorf("%d profiles are overdue and %d runs have not ended, want one each", overdue, len(a.Runs))
	}
	faults, damaged, upgrades := 0, 0, 0
	for _, s := range a.Stores {
		faults += map[bool]int{true: 1}[s.Fault != ""]
		damaged += map[bool]int{true: 1}[s.Damaged > 0]
		upgrades += map[bool]int{true: 1}[s.NeedsUpgrade]
	}
	if faults != 1 || damaged != 1 || upgrades == 0 {
		t.Errorf("%d stores cannot be opened, %d are damaged, %d need an upgrade", faults, damaged, upgrades)
	}
	year := func(stores []*store) (sum int64) {
		for _, s := range stores {
			sum += s.Count
		}
		return sum
	}
	for i := 12; i < 60; i += 12 {
		if before, after := year(a.Stores[i-12:i]), year(a.Stores[i:i+12]); after <= before {
			t.Errorf("a year held %d messages, the next one %d: want growth", before, after)
		}
	}
	if first, last := a.Stores[0].Name, a.Stores[59].Name; first != "2021-01" || last != "2025-12" || a.Stores[59].State != "current" {
		t.Errorf("stores are %s to %s, the last one %s; want months up to the current one", first, last, a.Stores[59].State)
	}
	if names := slices.Collect(func(yield func(string) bool) {
		for _, s := range a.Stores {
			if s.Mail[0].archived(0).UTC().Format("2006-01") != s.Name && !yield(s.Name) {
				return
			}
		}
	}); len(names) > 0 {
		t.Errorf("the mail of %v is not of its month", names)
	}
	portions := 0
	for _, s := range a.Stores {
		portions += len(s.Mail)
	}
	if most := 60 * chunks; portions > most {
		t.Errorf("the mail is kept in %d portions, want %d at most", portions, most)
	}
}
