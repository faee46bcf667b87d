package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/sandbox/answer"
)

const mailbox = `properties={"id": 77, "name": "Box", "owner": "admin", "connector": "Imap", "details": {"host": "h", "password": "p"}}`

func TestProfiles(t *testing.T) {
	w := bare()
	w.Archives[""].LastID["profile"] = 6
	box := `{"id":7,"version":1,"name":"Box","owner":"admin","connector":"Imap","details":{"host":"h","password":null},` +
		`"serverSideExecution":{"automatic":false,"automaticPauseBetweenExecutions":0}}`
	run(t, w, []step{
		fails("CreateProfile", "Only raw profiles are supported.", mailbox, "raw=false"),
		fails("CreateProfile", "The profile is no JSON object.", "properties=[]", "raw=true"),
		fails("CreateProfile", "The profile has no connector.", `properties={"name": "a", "owner": "admin"}`, "raw=true"),
		fails("CreateProfile", "The user 'zoe' does not exist.", `properties={"name": "a", "owner": "zoe", "connector": "x"}`, "raw=true"),
		do("CreateProfile", "7", mailbox, "raw=true"),
		do("CreateProfile", "8", mailbox, "raw=true"), // names need not be unique
		do("DeleteProfile", "null", "id=8"),
		fails("DeleteProfile", "The profile 8 does not exist.", "id=8"),
		fails("GetProfiles", "Only raw profiles are supported.", "raw=false"),
		do("GetProfiles", "["+box+"]", "raw=true"),
		do("SetProfileServerSideExecution", "null", "id=7", "automatic=true", "automaticPauseBetweenExecutions=60"),
		do("GetProfiles", `[{"id":7,"version":2,"name":"Box","owner":"admin","connector":"Imap","details":{"host":"h","password":null},`+
			`"serverSideExecution":{"automatic":true,"automaticPauseBetweenExecutions":60}}]`, "raw=true"),
	})
	want := []string{"CreateProfile Box|admin again", "DeleteProfile 8", "SetProfileServerSideExecution 7"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

// today is a window around now in UTC.
func today() []string {
	now := time.Now().UTC()
	return []string{"fromIncluding=" + date(now.Add(-time.Hour)), "toExcluding=" + date(now.Add(time.Hour)), "timeZoneID=UTC"}
}

func TestRunsOfProfilesLeaveResults(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, History: -1})
	a := w.Archives[""]
	before := a.Stores[0].Count
	call(t, w, "CreateProfile", mailbox, "raw=true")

	if s := finish(t, w, "RunProfile", "id=1"); s.Code != answer.Succeeded {
		t.Fatalf("RunProfile(1) = %s, want succeeded", s.Code)
	}
	archived := a.Stores[0].Count - before
	mail, in := a.tallies(), int64(0)
	for _, name := range []string{"Inbox", "Sent Items"} {
		in += mail[a.Folders.at("admin/Exchange admin/"+name).ID].count
	}
	if archived <= 0 || in != archived {
		t.Errorf("the store grew by %d messages, the folders by %d; want the same number", archived, in)
	}

	s := w.Invoke("RunProfile", args("id=1"), Straight)
	w.Cancel(s.Token)
	w.Advance(time.Hour)

	call(t, w, "SetStoreRequestedState", "id=1", "requestedState=normal") // no current store
	if s := finish(t, w, "RunProfile", "id=1"); s.Code != answer.Failed || s.Error.Message != "There is no current archive store." {
		t.Errorf("RunProfile(1) without a current store = %s %+v, want failed", s.Code, s.Error)
	}
	noPassword := strings.Replace(mailbox, `"p"`, "null", 1)
	if s := finish(t, w, "RunTemporaryProfile", noPassword, "raw=true"); s.Code != answer.Failed {
		t.Errorf("RunTemporaryProfile without a password = %s, want failed", s.Code)
	}

	got := call(t, w, "GetWorkerResults", today()...)
	for _, want := range []string{
		fmt.Sprintf(`{"id":1,"userName":"admin","profileId":1,"profileName":"Box","result":"succeeded","itemsArchived":%d,"startTime":`, archived),
		`{"id":2,"userName":"admin","profileId":1,"profileName":"Box","result":"cancelled","itemsArchived":0,`,
		`{"id":3,"userName":"admin","profileId":1,"profileName":"Box","result":"failed",`,
		`{"id":4,"userName":"admin","result":"failed","itemsArchived":0,`, // no profileId, no profileName
		`"machineName":"MAILSTORE"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("GetWorkerResults() lacks %s:\n%s", want, got)
		}
	}
	want := []string{"CreateProfile Box|admin", "RunProfile 1 again again", "SetStoreRequestedState 1", "RunTemporaryProfile Box"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestWorkerResultsOfAWindow(t *testing.T) {
	w := bare()
	a := w.Archives[""]
	at := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC) // half an hour before summer time begins in Berlin
	for i := range 3 {
		start := at.Add(time.Duration(i) * time.Hour)
		a.addResult(result{User: []string{"ada", "bob"}[i%2], ProfileID: int64(i + 1), ProfileName: "p", Result: "succeeded", Start: start, Complete: start})
	}
	window := func(from, to string, more ...string) []string {
		return append([]string{"fromIncluding=2026-03-29T" + from, "toExcluding=2026-03-29T" + to}, more...)
	}
	berlin := "timeZoneID=W. Europe Standard Time"
	ids := func(form []string) (found []string) {
		for part := range strings.SplitSeq(call(t, w, "GetWorkerResults", form...), `{"id":`) {
			if id, _, ok := strings.Cut(part, ","); ok {
				found = append(found, id)
			}
		}
		return found
	}
	tests := []struct {
		name string
		form []string
		want []string
	}{
		{"from is in the window, to is not", window("00:30:00", "02:30:00", "timeZoneID=UTC"), []string{"1", "2"}},
		{"the zone is that of the question", window("01:30:00", "03:30:00", berlin), []string{"1"}},
		{"of one user", window("00:00:00", "23:00:00", berlin, "userName=ADA"), []string{"1", "3"}},
		{"of one profile", window("00:00:00", "23:00:00", berlin, "profileID=2"), []string{"2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ids(tt.form); !slices.Equal(got, tt.want) {
				t.Errorf("GetWorkerResults(%v) = %v, want %v", tt.form, got, tt.want)
			}
		})
	}
	if got := call(t, w, "GetWorkerResults", window("03:00:00", "04:00:00", berlin)...); !strings.Contains(got, `"startTime":"2026-03-29T03:30:00"`) {
		t.Errorf("the hour after the change to summer time gives %s, want a start at 03:30:00", got)
	}
	run(t, w, []step{
		do("GetWorkerResults", "[]", window("05:00:00", "06:00:00", berlin)...),
		fails("GetWorkerResults", "String was not recognized as a valid DateTime.", window("00:00:00Z", "23:00:00", berlin)...),
		fails("GetWorkerResults", "String was not recognized as a valid DateTime.", window("00:00:00", "23:00:00.5", berlin)...),
		fails("GetWorkerResults", "Specified argument was out of the range of valid values.", window("00:00:00", "23:00:00", berlin, "profileID=0")...),
		fails("GetWorkerResults", "Specified argument was out of the range of valid values.", window("00:00:00", "23:00:00", berlin, "userName=")...),
		fails("GetWorkerResults", "The time zone ID 'Europe/Berlin' was not found on the local computer.", window("00:00:00", "23:00:00", "timeZoneID=Europe/Berlin")...),
	})
}

func TestEveryTimeZoneIsKnown(t *testing.T) {
	for _, z := range timeZones {
		if _, err := zoneOf(z.id); err != nil {
			t.Errorf("zoneOf(%s) = %v", z.id, err)
		}
	}
}

func TestALongWindowAnswersWithAJob(t *testing.T) {
	w := bare()
	for range 10_000 {
		w.Archives[""].addResult(result{Start: time.Now()})
	}
	if s := finish(t, w, "GetWorkerResults", today()...); len(s.Result.(answer.List)) != 10_000 {
		t.Errorf("GetWorkerResults() gave %d results, want 10000", len(s.Result.(answer.List)))
	}
}

func TestTheSeededHistoryIsPlausible(t *testing.T) {
	w := New(Options{Seed: 3, History: 48 * time.Hour})
	a := w.Archives[""]
	if len(a.Results) < 40 || len(a.JobResults) < 5 {
		t.Errorf("48 h hold %d runs of profiles and %d of jobs", len(a.Results), len(a.JobResults))
	}
	now, failed := time.Now(), 0
	for i, r := range a.Results {
		if r.Start.Before(now.Add(-49*time.Hour)) || r.Complete.After(now) || !r.Complete.After(r.Start) || r.ID != int64(i+1) {
			t.Errorf("run %+v lies outside", r)
		}
		if r.Result == "failed" {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no run failed, although one profile has no password")
	}
}
