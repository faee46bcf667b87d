package world

import (
	"slices"
	"strconv"
	"time"

	"moonpost/engine/sandbox/answer"
)

// schedule says when a server job runs: once at date, every interval minutes,
// or at a time of day, daily or on some days only.
type schedule struct {
	zoneID     string
	date       string
	interval   int64
	time       string // HH:mm:ss
	dayOfWeek  string
	dayOfMonth string // 1 to 31, or Last
}

var weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// schedule reads the arguments of a schedule.
func (c *Call) schedule() (schedule, error) {
	s := schedule{
		zoneID: c.Text("timeZoneId"), date: c.Text("date"), interval: c.Number("interval"),
		dayOfWeek: c.Text("dayOfWeek"), dayOfMonth: c.Text("dayOfMonth"),
	}
	zone, err := zoneOf(s.zoneID)
	if err != nil {
		return s, err
	}
	if c.Has("date") {
		if _, err := parseDate(s.date, zone); err != nil {
			return s, err
		}
	}
	if c.Has("time") {
		if s.time = clockTime(c.Text("time")); s.time == "" {
			return s, problem("String was not recognized as a valid TimeSpan.",
				"Die Zeichenfolge wurde nicht als gültiger TimeSpan erkannt.")
		}
	}
	if s.dayOfMonth != "" && s.dayOfMonth != "Last" {
		if day, err := strconv.Atoi(s.dayOfMonth); err != nil || day < 1 || day > 31 {
			return s, OutOfRange()
		}
	}
	ways := 0
	for _, given := range []bool{s.date != "", s.interval != 0, s.time != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 || s.time == "" && (s.dayOfWeek != "" || s.dayOfMonth != "") {
		return s, problem("The schedule needs exactly one of date, interval and time.",
			"Der Zeitplan benötigt genau eine der Angaben date, interval und time.")
	}
	return s, nil
}

// clockTime returns a time of day as HH:mm:ss; "" when it is none.
func clockTime(text string) string {
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format("15:04:05")
		}
	}
	return ""
}

// object returns the keys that are set, as the server does.
func (s schedule) object() answer.Object {
	o := answer.Obj("timeZoneId", s.zoneID)
	if s.interval != 0 {
		o = o.Add("interval", s.interval)
	}
	for _, f := range []struct{ key, value string }{
		{"date", s.date}, {"time", s.time}, {"dayOfWeek", s.dayOfWeek}, {"dayOfMonth", s.dayOfMonth},
	} {
		if f.value != "" {
			o = o.Add(f.key, f.value)
		}
	}
	return o
}

// next returns the first start after a time; zero when there is none.
func (s schedule) next(after time.Time) time.Time {
	zone, err := zoneOf(s.zoneID)
	if err != nil {
		return time.Time{}
	}
	if s.date != "" {
		at, err := parseDate(s.date, zone)
		if err != nil || !at.After(after) {
			return time.Time{}
		}
		return at
	}
	if s.interval != 0 {
		step := time.Duration(s.interval) * time.Minute
		return after.Truncate(step).Add(step)
	}
	at, err := time.Parse("15:04:05", s.time)
	if err != nil {
		return time.Time{}
	}
	day := after.In(zone)
	for range 12 * 31 { // every kind of day comes within a year
		start := time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone)
		if start.After(after) && s.onDay(start) {
			return start
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}
}

func (s schedule) onDay(t time.Time) bool {
	if s.dayOfWeek != "" && slices.Index(weekdays, s.dayOfWeek) != int(t.Weekday()) {
		return false
	}
	switch s.dayOfMonth {
	case "":
		return true
	case "Last":
		return t.AddDate(0, 0, 1).Day() == 1
	}
	return strconv.Itoa(t.Day()) == s.dayOfMonth
}
