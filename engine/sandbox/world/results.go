package world

import (
	"slices"
	"time"
	_ "time/tzdata" // time zones where the machine has none

	"moonpost/engine/sandbox/answer"
)

var resultFunctions = map[string]handler{
	"GetWorkerResults":      getWorkerResults,
	"GetWorkerResultReport": getWorkerResultReport,
	"GetTimeZones":          getTimeZones,
}

// keepResults bounds the history of an archive.
const keepResults = 100_000

// result is a finished run of a profile.
type result struct {
	ID          int64
	User        string
	ProfileID   int64 // 0: a temporary profile
	ProfileName string
	Result      string
	Reason      reason
	Items       int64
	Start       time.Time
	Complete    time.Time
	Machine     string
}

// endRun moves a run that was under way to the history.
func (a *archive) endRun(r *result, code string, at time.Time) {
	a.Runs = slices.DeleteFunc(a.Runs, func(x *result) bool { return x == r })
	r.Result, r.Complete = code, at
	a.addResult(*r)
}

// addResult adds a run to the history.
func (a *archive) addResult(r result) {
	r.ID = a.nextID("result")
	if len(a.Results) >= keepResults {
		a.Results = a.Results[keepResults/10:]
	}
	a.Results = append(a.Results, r)
}

// window reads the three arguments of a time window; ok tells whether a time
// lies in it.
func (c *Call) window(zoneArg string) (zone *time.Location, in func(time.Time) bool, err error) {
	if zone, err = zoneOf(c.Text(zoneArg)); err != nil {
		return nil, nil, err
	}
	from, err := parseDate(c.Text("fromIncluding"), zone)
	if err != nil {
		return nil, nil, err
	}
	to, err := parseDate(c.Text("toExcluding"), zone)
	if err != nil {
		return nil, nil, err
	}
	return zone, func(t time.Time) bool { return !t.Before(from) && t.Before(to) }, nil
}

// parseDate takes yyyy-MM-ddTHH:mm:ss only; a zone or a fraction is refused
// (seen on SPE 25.3).
func parseDate(text string, zone *time.Location) (time.Time, error) {
	const layout = "2006-01-02T15:04:05"
	t, err := time.ParseInLocation(layout, text, zone)
	if err != nil || len(text) != len(layout) {
		return time.Time{}, problem("String was not recognized as a valid DateTime.",
			"Die Zeichenfolge wurde nicht als gültiges DateTime erkannt.")
	}
	return t, nil
}

// getWorkerResults reads 3,000 runs in a second of a job's time, so that a long
// window answers with a job, as it evidently did on SPE 25.3.
func getWorkerResults(c *Call) (any, error) {
	zone, in, err := c.window("timeZoneID")
	if err != nil {
		return nil, err
	}
	profile, user := c.Number("profileID"), c.Text("userName")
	if c.Has("profileID") && profile == 0 || c.Has("userName") && user == "" {
		return nil, OutOfRange() // an empty filter is refused (seen on SPE 25.3)
	}
	want := func(r result) bool {
		return in(r.Start) && (profile == 0 || r.ProfileID == profile) && (user == "" || fold(r.User) == fold(user))
	}
	var found []result
	for _, r := range c.archive.Results {
		if want(r) {
			found = append(found, r)
		}
	}
	return &Work{
		Stages: []Stage{{Takes: time.Duration(len(found)) * time.Second / 3000, Percent: 100}},
		Done: func() (any, error) {
			list := make(answer.List, 0, len(found))
			for _, r := range found {
				list = append(list, r.object(zone))
			}
			return c.listRuns(list, zone, want), nil
		},
	}, nil
}

func (r result) object(zone *time.Location) answer.Object {
	o := append(make(answer.Object, 0, 9), answer.Field{Key: "id", Value: r.ID}, answer.Field{Key: "userName", Value: r.User})
	if r.ProfileID != 0 { // left out, not null
		o = o.Add("profileId", r.ProfileID, "profileName", r.ProfileName)
	}
	return o.Add(
		"result", r.Result,
		"itemsArchived", r.Items,
		"startTime", date(r.Start.In(zone)),
		"completeTime", date(r.Complete.In(zone)),
		"machineName", r.Machine,
	)
}

// timeZone is a time zone by its Windows name.
type timeZone struct{ id, name, location string }

var timeZones = []timeZone{
	{"UTC", "(UTC) Coordinated Universal Time", "UTC"},
	{"GMT Standard Time", "(UTC+00:00) Dublin, Edinburgh, Lisbon, London", "Europe/London"},
	{"W. Europe Standard Time", "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"},
	{"Central Europe Standard Time", "(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague", "Europe/Budapest"},
	{"Romance Standard Time", "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Paris"},
	{"Central European Standard Time", "(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb", "Europe/Warsaw"},
	{"E. Europe Standard Time", "(UTC+02:00) Chisinau", "Europe/Chisinau"},
	{"FLE Standard Time", "(UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius", "Europe/Kiev"},
	{"Turkey Standard Time", "(UTC+03:00) Istanbul", "Europe/Istanbul"},
	{"India Standard Time", "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"},
	{"China Standard Time", "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi", "Asia/Shanghai"},
	{"Tokyo Standard Time", "(UTC+09:00) Osaka, Sapporo, Tokyo", "Asia/Tokyo"},
	{"AUS Eastern Standard Time", "(UTC+10:00) Canberra, Melbourne, Sydney", "Australia/Sydney"},
	{"Eastern Standard Time", "(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"},
	{"Central Standard Time", "(UTC-06:00) Central Time (US & Canada)", "America/Chicago"},
	{"Mountain Standard Time", "(UTC-07:00) Mountain Time (US & Canada)", "America/Denver"},
	{"Pacific Standard Time", "(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"},
	{"E. South America Standard Time", "(UTC-03:00) Brasilia", "America/Sao_Paulo"},
}

// zoneOf returns the zone of a Windows name; $Local is the server's own.
func zoneOf(id string) (*time.Location, error) {
	if id == "$Local" {
		return time.Local, nil
	}
	for _, z := range timeZones {
		if z.id == id {
			return time.LoadLocation(z.location)
		}
	}
	return nil, problem("The time zone ID '%s' was not found on the local computer.",
		"Die Zeitzonen-ID '%s' wurde auf dem lokalen Computer nicht gefunden.", id)
}

func getTimeZones(*Call) (any, error) {
	list := answer.List{}
	for _, z := range timeZones {
		list = append(list, answer.Obj("id", z.id, "name", z.name))
	}
	return list, nil
}
