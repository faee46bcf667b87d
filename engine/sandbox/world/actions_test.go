package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
)

func TestShellWords(t *testing.T) {
	tests := []struct {
		line string
		want []string
		ok   bool
	}{
		{"VerifyStores", []string{"VerifyStores"}, true},
		{`  CreateBackup  --path="E:\My Backup" --x=1 `, []string{"CreateBackup", `--path=E:\My Backup`, "--x=1"}, true},
		{`a "" b`, []string{"a", "", "b"}, true},
		{"", nil, true},
		{`a "b`, []string{"a", "b"}, false},
	}
	for _, tt := range tests {
		if got, ok := shellWords(tt.line); !slices.Equal(got, tt.want) || ok != tt.ok {
			t.Errorf("shellWords(%s) = %q, %v, want %q, %v", tt.line, got, ok, tt.want, tt.ok)
		}
	}
}

func TestActionsAreChecked(t *testing.T) {
	w := bare()
	create := func(action string) []string {
		return []string{"name=j", "owner=admin", "timeZoneId=UTC", "interval=60", "action=" + action}
	}
	run(t, w, []step{
		fails("CreateJob", "The API function Sleep does not exist.", create("Sleep --id=1")...),
		fails("CreateJob", "'VerifyStore \"' is not a valid action.", create(`VerifyStore "`)...),
		fails("CreateJob", "' ' is not a valid action.", create(" ")...),
		fails("CreateJob", "'id=1' is not a valid argument of an action.", create("VerifyStore id=1")...),
		fails("CreateJob", "'--id' is not a valid argument of an action.", create("VerifyStore --id 1")...),
		fails("CreateJob", "The function RunJobAsync cannot be run by a job.", create("RunJobAsync --id=1")...),
		fails("CreateJob", "The API function StartInstances does not exist.", create("StartInstances")...),
		do("CreateJob", "4", create("VerifyStore --id=1")...),
	})
}

// outcome runs the job of an action to its end and returns its result.
func outcome(t *testing.T, w *World, action string, instance ...string) string {
	t.Helper()
	id := call(t, w, "CreateJob", append(instance, "name=j", "owner=admin", "timeZoneId=UTC", "interval=60", "action="+action)...)
	call(t, w, "RunJobAsync", append(instance, "id="+id)...)
	w.Advance(time.Hour)
	window := today()
	window[2] = "timeZoneId=UTC"
	got := call(t, w, "GetJobResults", append(append(window, instance...), "jobId="+id)...)
	if strings.Count(got, `"jobResultId"`) != 1 {
		t.Fatalf("the job of %s left %s, want one result", action, got)
	}
	_, text, _ := strings.Cut(got, `"result":"`)
	return strings.TrimSuffix(text, `"}]`)
}

func TestJobsDoTheirAction(t *testing.T) {
	w := New(Options{Users: 3, Stores: 3, History: -1})
	a := w.Archives[""]
	a.Stores[1].NeedsRebuild, a.Stores[2].Fault = true, unreachable
	size := a.Stores[0].Size
	tests := []struct {
		action, want string
		done         func() bool
	}{
		{"VerifyStores", "succeeded", nil}, // includeIndexes is filled in
		{"UpgradeStores", "succeeded", func() bool { return !a.Stores[0].NeedsUpgrade && !a.Stores[1].NeedsUpgrade }},
		{"RebuildSelectedStoreIndexes", "succeeded", func() bool { return !a.Stores[1].NeedsRebuild }},
		{"RetryOpenStores", "succeeded", func() bool { return a.Stores[2].Fault == "" }},
		{"CompactStore --id=1", "succeeded", func() bool { return a.Stores[0].Size < size }},
		{`CreateUser --userName="made by a job" --privileges=login`, "succeeded", func() bool { return a.Users["made by a job"] != nil }},
		{"CompactStore --id=9", "failed", nil},
		{"CompactStore", "failed", nil},
		{"CompactStore --id=one", "failed", nil},
		{"SyncUsersWithDirectoryServices", "succeeded", func() bool { return a.Users["agnes.szabo"] != nil }},
		{`CreateBackup --path=E:\b`, "succeeded", func() bool { return len(a.Backups) == 1 }},
		{`CreateBackup --path=E:\b`, "failed", nil},
	}
	for _, tt := range tests {
		if got := outcome(t, w, tt.action); got != tt.want {
			t.Errorf("%s ended as %s, want %s", tt.action, got, tt.want)
		}
		if tt.done != nil && !tt.done() {
			t.Errorf("%s was not done", tt.action)
		}
	}
	for _, line := range effects(w) {
		if !strings.HasPrefix(line, "CreateJob ") && !strings.HasPrefix(line, "RunJobAsync ") {
			t.Errorf("effects hold %q, which no client called", line)
		}
	}
}

func TestAJobThatRunsAProfileLeavesItsResult(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, History: -1})
	call(t, w, "CreateProfile", mailbox, "raw=true")
	if got := outcome(t, w, "RunProfile --id=1"); got != "succeeded" {
		t.Errorf("the job ended as %s, want succeeded", got)
	}
	if a := w.Archives[""]; len(a.Results) != 1 || a.Results[0].Result != "succeeded" || len(a.Runs) != 0 {
		t.Errorf("results are %+v, runs %v; want one result", a.Results, a.Runs)
	}
}

func TestAJobIsCancelledInTheMiddle(t *testing.T) {
	w := New(Options{Users: -1, Stores: 4, History: -1, JobSpeed: 0.001})
	a := w.Archives[""]
	for _, s := range a.Stores {
		s.NeedsUpgrade, s.Count = true, 80_000 // 13 s each
	}
	id := call(t, w, "CreateJob", "name=j", "owner=admin", "timeZoneId=UTC", "interval=60", "action=UpgradeStores")
	call(t, w, "RunJobAsync", "id="+id)
	w.Advance(20 * time.Second)
	call(t, w, "CancelJobAsync", "id="+id)
	w.Advance(time.Minute)
	if r := a.JobResults[0]; r.Result != "cancelled" || a.Stores[0].NeedsUpgrade || !a.Stores[3].NeedsUpgrade {
		t.Errorf("the job ended as %s; stores need an upgrade: %v … %v", r.Result, a.Stores[0].NeedsUpgrade, a.Stores[3].NeedsUpgrade)
	}
}

func TestJobsOfAnInstanceStayInIt(t *testing.T) {
	w := New(Options{Edition: catalogue.SPE, Users: 1, Stores: 2, History: -1})
	if got := outcome(t, w, "UpgradeStores", "instanceID=bravo"); got != "succeeded" {
		t.Errorf("the job ended as %s, want succeeded", got)
	}
	state := fmt.Sprint(w.Archives["alpha"].Stores[0].NeedsUpgrade, w.Archives["bravo"].Stores[0].NeedsUpgrade)
	if state != "true false" {
		t.Errorf("alpha and bravo need an upgrade: %s, want true false", state)
	}
	if got := outcome(t, w, "UpgradeStores --instanceID=alpha", "instanceID=bravo"); got != "failed" {
		t.Errorf("a job on another instance ended as %s, want failed", got)
	}
}
