package world

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestServerJobs(t *testing.T) {
	w := bare()
	a := w.Archives[""]
	a.Jobs = nil
	a.LastID["job"] = 0
	daily := []string{"name=Nightly", "action=VerifyStores", "owner=admin", "timeZoneId=UTC", "time=02:00"}
	run(t, w, []step{
		fails("CreateJob", "Missing API argument owner.", "name=a", "action=VerifyStores", "timeZoneId=UTC", "interval=60"),
		fails("CreateJob", "The API function Sleep does not exist.", "name=a", "action=Sleep", "owner=admin", "timeZoneId=UTC", "interval=60"),
		fails("CreateJob", "The schedule needs exactly one of date, interval and time.", append(daily, "interval=60")...),
		fails("CreateJob", "Requested value '7' was not found.", "name=a", "action=VerifyStores", "owner=admin", "timeZoneId=UTC", "interval=7"),
		fails("CreateJob", "Specified argument was out of the range of valid values.", append(daily, "dayOfMonth=32")...),
		fails("CreateJob", "String was not recognized as a valid TimeSpan.", append(slices.Clone(daily[:4]), "time=25:00")...),
		do("CreateJob", "1", daily...),
		fails("RenameJob", "Nullable object must have a value.", "name=x"),
		do("RenameJob", "null", "id=1", "name=Every night"),
		do("SetJobEnabled", "null", "id=1", "enabled=false"),
		fails("SetJobEnabled", "Nullable object must have a value.", "id=1"),
		do("SetJobSchedule", "null", "id=1", "timeZoneId=UTC", "time=03:00:00", "dayOfMonth=Last"),
		fails("CancelJobAsync", "The job 'Every night' is not running.", "id=1"),
		do("RunJobAsync", "null", "id=1"),
		fails("RunJobAsync", "The job 'Every night' is running already.", "id=1"),
	})
	w.Advance(time.Minute)
	run(t, w, []step{do("RunJobAsync", "null", "id=1"), do("CancelJobAsync", "null", "id=1")})
	w.Advance(time.Minute)

	window := today()
	window[2] = "timeZoneId=UTC"
	got := call(t, w, "GetJobResults", append(window, "jobId=1")...)
	if !strings.Contains(got, `[{"jobResultId":1,"jobId":1,"action":"VerifyStores","startTime":"`) ||
		!strings.Contains(got, `"result":"succeeded"},{"jobResultId":2,`) || !strings.HasSuffix(got, `"result":"cancelled"}]`) {
		t.Errorf("GetJobResults() = %s, want a run that succeeded and one that was cancelled", got)
	}
	if got := call(t, w, "GetJobResults", append(window, "jobId=2")...); got != "[]" {
		t.Errorf("GetJobResults(2) = %s, want []", got)
	}
	got = call(t, w, "GetJobs")
	for _, want := range []string{
		`[{"id":1,"name":"Every night","action":"VerifyStores","owner":"admin","creationDateTimeUtc":"`,
		`"enabled":false,"schedule":{"timeZoneId":"UTC","time":"03:00:00","dayOfMonth":"Last"}}]`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("GetJobs() = %s, lacks %s", got, want)
		}
	}
	call(t, w, "DeleteJob", "id=1")
	if got := call(t, w, "GetJobs"); got != "[]" {
		t.Errorf("GetJobs() = %s, want []", got)
	}
}

func TestNextStart(t *testing.T) {
	after := time.Date(2026, 2, 27, 12, 0, 0, 0, time.UTC) // a Friday
	tests := []struct {
		name string
		plan schedule
		want string
	}{
		{"every two hours", schedule{ZoneID: "UTC", Interval: 120}, "2026-02-27T14:00:00"},
		{"daily, later today", schedule{ZoneID: "UTC", Time: "13:00:00"}, "2026-02-27T13:00:00"},
		{"daily, tomorrow", schedule{ZoneID: "UTC", Time: "12:00:00"}, "2026-02-28T12:00:00"},
		{"in the zone of the schedule", schedule{ZoneID: "W. Europe Standard Time", Time: "13:30:00"}, "2026-02-27T12:30:00"},
		{"weekly", schedule{ZoneID: "UTC", Time: "01:00:00", DayOfWeek: "Sunday"}, "2026-03-01T01:00:00"},
		{"on the last of the month", schedule{ZoneID: "UTC", Time: "01:00:00", DayOfMonth: "Last"}, "2026-02-28T01:00:00"},
		{"on the 31st", schedule{ZoneID: "UTC", Time: "01:00:00", DayOfMonth: "31"}, "2026-03-31T01:00:00"},
		{"on the first when it is a Friday", schedule{ZoneID: "UTC", Time: "01:00:00", DayOfMonth: "1", DayOfWeek: "Friday"}, "2026-05-01T01:00:00"},
		{"once", schedule{ZoneID: "UTC", Date: "2026-12-24T18:00:00"}, "2026-12-24T18:00:00"},
		{"once, and over", schedule{ZoneID: "UTC", Date: "2025-12-24T18:00:00"}, "0001-01-01T00:00:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := date(tt.plan.next(after).UTC()); got != tt.want {
				t.Errorf("next(%s) = %s, want %s", date(after), got, tt.want)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	for _, s := range settings() {
		t.Run(s.get, func(t *testing.T) {
			w, more := spe(), []string{"instanceID=alpha"}
			before := call(t, w, s.get, more...)
			if strings.Contains(before, "secret") {
				t.Errorf("%s() = %s, which shows a password", s.get, before)
			}
			wrong, right, want := `[]`, `{"a":{"b":[1]},"password":"new"}`, `{"a":{"b":[1]},"password":null}`
			if strings.HasPrefix(before, "[") {
				wrong, right, want = `{}`, `[{"name":"seven years"}]`, `[{"name":"seven years"}]`
			}
			run(t, w, []step{
				fails(s.set, "The API argument "+s.arg+" has the wrong shape.", append(more, s.arg+"="+wrong)...),
				do(s.set, "null", append(more, s.arg+"="+right)...),
				do(s.get, want, more...),
			})
			if got := call(t, w, s.get, "instanceID=bravo"); got != before {
				t.Errorf("%s(bravo) = %s, want it unchanged: %s", s.get, got, before)
			}
			if got, want := effects(w), []string{s.set + " alpha"}; !slices.Equal(got, want) {
				t.Errorf("effects = %q, want %q", got, want)
			}
		})
	}
}
