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
	ZoneID     string
	Date       string
	Interval   int64
	Time       string // HH:mm:ss
	DayOfWeek  string
	DayOfMonth string // 1 to 31, or Last
}

var weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// schedule reads the arguments of a schedule.
func (c *Call) schedule() (schedule, error) {
	s := schedule{
		ZoneID: c.Text("timeZoneId"), Date: c.Text("date"), Interval: c.Number("interval"),
		DayOfWeek: c.Text("dayOfWeek"), DayOfMonth: c.Text("dayOfMonth"),
	}
	zone, err := zoneOf(s.ZoneID)
	if err != nil {
		return s, err
	}
	if c.Has("date") {
		if _, err := parseDate(s.Date, zone); err != nil {
			return s, err
		}
	}
	if c.Has("time") {
		if s.Time = clockTime(c.Text("time")); s.Time == "" {
			return s, problem("String was not recognized as a valid TimeSpan.",
				"Die Zeichenfolge wurde nicht als gültiger TimeSpan erkannt.")
		}
	}
	if s.DayOfMonth != "" && s.DayOfMonth != "Last" {
		day, err := strconv.Atoi(s.DayOfMonth)
		if err != nil || day < 1 || day > 31 {
			return s, OutOfRange()
		}
		s.DayOfMonth = strconv.Itoa(day) // 05 is the fifth
	}
	ways := 0
	for _, given := range []bool{s.Date != "", s.Interval != 0, s.Time != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 || s.Time == "" && (s.DayOfWeek != "" || s.DayOfMonth != "") {
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
	o := answer.Obj("timeZoneId", s.ZoneID)
	if s.Interval != 0 {
		o = o.Add("interval", s.Interval)
	}
	for _, f := range []struct{ key, value string }{
		{"date", s.Date}, {"time", s.Time}, {"dayOfWeek", s.DayOfWeek}, {"dayOfMonth", s.DayOfMonth},
	} {
		if f.value != "" {
			o = o.Add(f.key, f.value)
		}
	}
	return o
}

// next returns the first start after a time; zero when there is none.
func (s schedule) next(after time.Time) time.Time {
	zone, err := zoneOf(s.ZoneID)
	if err != nil {
		return time.Time{}
	}
	if s.Date != "" {
		at, err := parseDate(s.Date, zone)
		if err != nil || !at.After(after) {
			return time.Time{}
		}
		return at
	}
	if s.Interval != 0 {
		step := time.Duration(s.Interval) * time.Minute
		return after.Truncate(step).Add(step)
	}
	at, err := time.Parse("15:04:05", s.Time)
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
	if s.DayOfWeek != "" && slices.Index(weekdays, s.DayOfWeek) != int(t.Weekday()) {
		return false
	}
	switch s.DayOfMonth {
	case "":
		return true
	case "Last":
		return t.AddDate(0, 0, 1).Day() == 1
	}
	return strconv.Itoa(t.Day()) == s.DayOfMonth
}
