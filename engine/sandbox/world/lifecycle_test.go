package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// states returns the state of each instance: "alpha running".
func states(w *World) []string {
	list := []string{}
	for _, id := range []string{"alpha", "bravo", "charlie"} {
		if a := w.Archives[id]; a != nil {
			list = append(list, id+" "+a.Instance.status())
		}
	}
	return list
}

func TestTheLifeOfInstances(t *testing.T) {
	tests := []struct {
		fn, filter string
		fails      string
		want       []string // states after it
	}{
		{"StartInstances", "*", "", []string{"alpha running", "bravo running", "charlie running"}},
		{"StartInstances", "delta", "The instance 'delta' does not exist.", nil},
		{"StopInstances", "delta*", "", nil}, // a pattern may find none
		{"StopInstances", "Alpha", "", []string{"alpha stopped", "bravo running", "charlie running"}},
		{"FreezeInstances", "alpha,bravo", "The instance 'alpha' is not running.", nil},
		{"ThawInstances", "alpha", "The instance 'alpha' is not running.", nil},
		{"FreezeInstances", "*", "", []string{"alpha stopped", "bravo frozen", "charlie frozen"}},
		{"StartInstances", "bravo", "The instance 'bravo' is frozen.", nil},
		{"DeleteInstances", "*", "The instance 'bravo' is running and cannot be deleted.", nil},
		{"DeleteInstances", "alpha,bravo", "The instance 'bravo' is running and cannot be deleted.", nil},
		{"ThawInstances", "*", "", []string{"alpha stopped", "bravo running", "charlie running"}},
		{"FreezeInstances", "charlie", "", []string{"alpha stopped", "bravo running", "charlie frozen"}},
		{"RestartInstances", "*", "", []string{"alpha running", "bravo running", "charlie running"}},
		{"StopInstances", "alpha,charlie", "", []string{"alpha stopped", "bravo running", "charlie stopped"}},
		{"DeleteInstances", "charlie", "", []string{"alpha stopped", "bravo running"}},
		{"DeleteInstances", "charlie", "The instance 'charlie' does not exist.", nil},
		{"DeleteInstances", "a*", "", []string{"bravo running"}},
	}
	w := spe()
	counted := []string{}
	before := states(w)
	for _, tt := range tests {
		s := w.Invoke(tt.fn, args("instanceFilter="+tt.filter), Straight)
		message := ""
		if s.Error != nil {
			message = s.Error.Message
		}
		if message != tt.fails {
			t.Errorf("%s(%s) = error %q, want %q", tt.fn, tt.filter, message, tt.fails)
		}
		want := before
		if tt.want != nil {
			want = tt.want
			counted = append(counted, tt.fn+" "+tt.filter)
		}
		if got := states(w); !slices.Equal(got, want) {
			t.Errorf("after %s(%s): %q, want %q", tt.fn, tt.filter, got, want)
		}
		before = want
	}
	if got := effects(w); !slices.Equal(got, counted) {
		t.Errorf("effects = %q, want %q", got, counted)
	}
	if got := refused(t, w, "GetUsers", "instanceID=alpha"); got != "The instance 'alpha' does not exist." {
		t.Errorf("GetUsers of a deleted instance = %q", got)
	}
}

func TestAnInstanceThatDoesNotRunRefusesCalls(t *testing.T) {
	w := New(Options{Edition: catalogue.SPE, Users: 2, Stores: 2, History: -1, ErrorTexts: German})
	call(t, w, "FreezeInstances", "instanceFilter=alpha")
	call(t, w, "StopInstances", "instanceFilter=bravo")
	run(t, w, []step{
		fails("CreateUser", "Die Instanz 'alpha' ist eingefroren.", "instanceID=alpha", "userName=ada", "privileges=login"),
		fails("SetArchiveAdminEnabled", "Die Instanz 'alpha' ist eingefroren.", "instanceID=alpha", "enabled=false"),
		do("GetDirectoryServicesConfiguration", call(t, w, "GetDirectoryServicesConfiguration", "instanceID=charlie"), "instanceID=alpha"),
		do("CanRunArchiveProfiles", "false", "instanceID=alpha"),
		fails("GetUsers", "Die Instanz 'bravo' wird nicht ausgeführt.", "instanceID=bravo"),
		fails("GetInstanceStatistics", "Die Instanz 'bravo' wird nicht ausgeführt.", "instanceID=bravo"),
		fails("GetUsers", "Die Instanz 'delta' ist nicht vorhanden.", "instanceID=delta"),
		do("CanRunArchiveProfiles", "true", "instanceID=charlie"),
	})
	if got := effects(w); len(got) != 2 {
		t.Errorf("effects = %q, want those of FreezeInstances and StopInstances", got)
	}
}

func TestAStoppedInstanceEndsItsJobs(t *testing.T) {
	w := spe()
	verify := w.Invoke("VerifyStore", args("instanceID=alpha", "id=1"), Straight)
	other := w.Invoke("VerifyStore", args("instanceID=bravo", "id=1"), Straight)
	call(t, w, "RunJobAsync", "instanceID=alpha", "id=1")
	call(t, w, "StopInstances", "instanceFilter=alpha")
	if s := status(t, w, verify.Token, 0, 0); s.Code != answer.Failed || s.Error.Message != "The instance 'alpha' was stopped." {
		t.Errorf("the job in alpha = %s %+v, want failed", s.Code, s.Error)
	}
	w.Advance(time.Hour)
	if s := status(t, w, other.Token, 0, 0); s.Code != answer.Succeeded {
		t.Errorf("the job in bravo = %s, want succeeded", s.Code)
	}
	call(t, w, "StartInstances", "instanceFilter=alpha")
	window := today()
	window[2] = "timeZoneId=UTC"
	if got := call(t, w, "GetJobResults", append(window, "instanceID=alpha")...); !strings.Contains(got, `"result":"failed"`) {
		t.Errorf("GetJobResults() = %s, want a failed run", got)
	}
}

func TestAFrozenInstanceHaltsItsJobs(t *testing.T) {
	w := spe()
	stores := w.Archives["alpha"].Stores
	upgrade := w.Invoke("UpgradeStore", args("instanceID=alpha", "id=1"), Straight)
	cancelled := w.Invoke("UpgradeStore", args("instanceID=alpha", "id=2"), Straight)
	call(t, w, "FreezeInstances", "instanceFilter=alpha")
	call(t, w, "FreezeInstances", "instanceFilter=alpha") // again, without effect on the jobs
	w.Advance(time.Hour)
	if s := status(t, w, upgrade.Token, 0, 0); s.Code != answer.Running || !stores[0].NeedsUpgrade {
		t.Fatalf("the job of a frozen instance = %s, needs upgrade %v; want running, true", s.Code, stores[0].NeedsUpgrade)
	}
	if err := w.Cancel(cancelled.Token); err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Hour)
	if s := status(t, w, cancelled.Token, 0, 0); s.Code != answer.Running {
		t.Errorf("the cancelled job of a frozen instance = %s, want running", s.Code)
	}
	call(t, w, "ThawInstances", "instanceFilter=alpha")
	w.Advance(time.Hour)
	if s := status(t, w, upgrade.Token, 0, 0); s.Code != answer.Succeeded || stores[0].NeedsUpgrade {
		t.Errorf("the job after the thaw = %s, needs upgrade %v; want succeeded, false", s.Code, stores[0].NeedsUpgrade)
	}
	if s := status(t, w, cancelled.Token, 0, 0); s.Code != answer.Cancelled || !stores[1].NeedsUpgrade {
		t.Errorf("the cancelled job after the thaw = %s, needs upgrade %v; want cancelled, true", s.Code, stores[1].NeedsUpgrade)
	}

	held := w.Invoke("VerifyStore", args("instanceID=alpha", "id=1"), Straight)
	call(t, w, "FreezeInstances", "instanceFilter=alpha")
	call(t, w, "StopInstances", "instanceFilter=alpha")
	if s := status(t, w, held.Token, 0, 0); s.Code != answer.Failed || len(w.work.held) != 0 {
		t.Errorf("a held job after the stop = %s, %d are held; want failed, none", s.Code, len(w.work.held))
	}
}

func TestManyInstancesAreStartedByAJob(t *testing.T) {
	w := spe()
	for i := range 5 {
		call(t, w, "CreateInstance", config(fmt.Sprintf("more%d", i), ""))
	}
	s := finish(t, w, "StartInstances", "instanceFilter=more*")
	if s.Code != answer.Succeeded || strings.Count(s.Log, "Starting instance more") != 5 {
		t.Errorf("StartInstances(more*) = %s, log:\n%s\nwant five starts", s.Code, s.Log)
	}
	if s := w.Invoke("StopInstances", args("instanceFilter=more*"), Half); s.Code != answer.Failed && s.Code != answer.Running {
		t.Errorf("StopInstances(more*) by half = %s", s.Code)
	}
	w.Advance(time.Hour)
	stopped := 0
	for i := range 5 {
		if w.Archives[fmt.Sprintf("more%d", i)].Instance.Process == nil {
			stopped++
		}
	}
	if stopped != 2 {
		t.Errorf("StopInstances(more*) by half stopped %d of 5, want 2", stopped)
	}

	freeze := w.Invoke("FreezeInstances", args("instanceFilter=*"), Straight)
	call(t, w, "StopInstances", "instanceFilter=alpha") // before it is its turn
	w.Advance(time.Hour)
	if s := status(t, w, freeze.Token, 0, 0); s.Code != answer.Failed || s.Error.Message != "The instance 'alpha' is not running." {
		t.Errorf("FreezeInstances(*) = %s %+v, want failed", s.Code, s.Error)
	}
	if got, want := states(w), []string{"alpha stopped", "bravo frozen", "charlie frozen"}; !slices.Equal(got, want) {
		t.Errorf("states = %q, want %q", got, want)
	}
}

func TestWhatKeepsAnInstanceFromStarting(t *testing.T) {
	w := spe()
	run(t, w, []step{
		do("CreateInstance", "null", config("delta", `,"startMode":"disabled"`)),
		fails("StartInstances", "The start mode of the instance 'delta' is disabled.", "instanceFilter=delta"),
		do("StartInstances", "null", "instanceFilter=d*"), // passes over it
		do("GetInstances", instanceLine("delta", `"startMode":"disabled","processID":0,"status":"stopped","startStopError":null`), "instanceFilter=delta"),
		do("SetInstanceConfiguration", "null", config("delta", "")),

		do("SetInstanceHostConfiguration", "null", hostConfig("MAILSTORE", strings.Repeat("ab", 20))), // an unpaired certificate
		fails("StartInstances", "The instance host 'MAILSTORE' is not available.", "instanceFilter=d*"),
		do("GetInstances", instanceLine("delta", `"startMode":"automatic","processID":0,"status":"stopped",`+
			`"startStopError":"The instance host 'MAILSTORE' is not available."`), "instanceFilter=delta"),
		fails("CreateInstance", "The instance host 'MAILSTORE' is not available.", config("echo", "")),
		do("PairWithManagementServer", "null", "serverType=instanceHost", "serverName=mailstore", "port=8472", "thumbprint="+strings.Repeat("AB", 20)),
		do("StartInstances", "null", "instanceFilter=delta"),
	})
	if got := call(t, w, "GetInstances", "instanceFilter=delta"); !strings.Contains(got, `"status":"running","startStopError":null`) {
		t.Errorf("GetInstances(delta) = %s, want running without an error", got)
	}
}

func TestEveryStartMakesANewProcess(t *testing.T) {
	w := spe()
	read := func() (int64, string, int64) {
		t.Helper()
		p := w.Archives["alpha"].Instance.Process
		got := call(t, w, "GetInstanceProcessLiveStatistics", "instanceID=alpha")
		if want := `{"processUniqueID":"` + p.UniqueID + `","timestamp":`; !strings.HasPrefix(got, want) || len(p.UniqueID) != 36 {
			t.Errorf("GetInstanceProcessLiveStatistics() = %s, want %s", got, want)
		}
		return p.ID, p.UniqueID, p.Archived
	}
	call(t, w, "CreateUser", "instanceID=alpha", "userName=admin", "privileges=admin")
	if s := finish(t, w, "RunTemporaryProfile", mailbox, "raw=true", "instanceID=alpha"); s.Code != answer.Succeeded {
		t.Fatalf("RunTemporaryProfile() = %s %+v", s.Code, s.Error)
	}
	id, unique, archived := read()
	if archived == 0 {
		t.Error("totalMessagesArchived = 0, want those of the profile")
	}
	call(t, w, "RestartInstances", "instanceFilter=alpha")
	nextID, nextUnique, archived := read()
	if nextID == id || nextUnique == unique || archived != 0 {
		t.Errorf("after the restart: process %d %s with %d messages, before: %d %s", nextID, nextUnique, archived, id, unique)
	}
}
