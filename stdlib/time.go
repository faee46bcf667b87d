package stdlib

import (
	"fmt"
	"math"
	"strings"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// windowType is a stretch of time as the server's functions take it.
var windowType = luavm.Record("window",
	luavm.Param{Name: "from", Type: luavm.String, Doc: "first second of it: yyyy-MM-ddTHH:mm:ss"},
	luavm.Param{Name: "to", Type: luavm.String, Doc: "first second after it"},
	luavm.Param{Name: "zone", Type: luavm.String, Doc: `time zone of both: "UTC", "$Local" (the server's own), or a Windows zone id`},
)

// The zones that need no list of zones: every Windows knows the id UTC, and the
// server reads $Local as its own zone (protocol.md 3).
const (
	utcZone   = "UTC"
	localZone = "$Local"
)

// windowLayout is how the server reads dates: without zone and fraction, both of
// which it refuses (protocol.md 3).
const windowLayout = "2006-01-02T15:04:05"

func timeModule(h Host) luavm.Module {
	zone := luavm.Param{Name: "zone", Type: luavm.Enum("local", "utc"), Optional: true, Default: `"local"`}
	withDoc := func(p luavm.Param, doc string) luavm.Param {
		p.Doc = doc
		return p
	}
	return luavm.Module{
		Name: "time",
		Doc: "Times, durations and windows. A time is the number of seconds since 1970 in UTC, as os.time() gives it, so times can be " +
			"compared and subtracted. To wait, see task.sleep.",
		Funcs: []luavm.Func{
			{
				Name:    "now",
				Doc:     "Returns the time. It moves on while a playbook runs and differs after a resume; run.started does not.",
				Returns: []luavm.Param{{Name: "t", Type: luavm.Number, Doc: "seconds, with milliseconds behind the point"}},
				Example: `assert(time.now() > 1700000000)`,
				Call: func(c *luavm.Call) error {
					return c.Return(float64(h.Now().UnixMilli()) / 1000)
				},
			},
			{
				Name: "format",
				Doc: "Returns a time as text. The layout has the letters of os.date: %Y-%m-%d %H:%M:%S, %y %j %a %A %b %B %e %I %p, %F for " +
					"the date, %T for the time, %z for the offset, %s for the seconds, %% for a per cent sign.",
				Params: []luavm.Param{
					{Name: "t", Type: luavm.Number, Doc: "the time"},
					{Name: "layout", Type: luavm.String, Doc: "how to write it", Optional: true, Default: `ISO 8601 with offset: "2026-11-22T10:00:00+01:00"`},
					withDoc(zone, "whose clock"),
				},
				Returns: []luavm.Param{{Name: "text", Type: luavm.String, Doc: "the text"}},
				Example: `assert(time.format(0, "%F %T", "utc") == "1970-01-01 00:00:00")`,
				Call:    formatTime,
			},
			{
				Name: "parse",
				Doc: "Returns the time that a text means: a date, with or without a time of day behind a T or a blank, seconds and a fraction, " +
					"Z or an offset. Fields of the server whose names end in Utc are in UTC without saying so.",
				Params: []luavm.Param{
					{Name: "text", Type: luavm.String, Doc: "2026-11-22, 2026-11-22T10:00, 2026-11-22 10:00:00.5+01:00"},
					withDoc(zone, "whose clock it is when the text does not say"),
				},
				Returns: []luavm.Param{{Name: "t", Type: luavm.Number, Doc: "the time"}},
				Example: `assert(time.parse("1970-01-02", "utc") == 24 * 60 * 60)`,
				Call:    parseTime,
			},
			{
				Name:    "duration",
				Doc:     "Returns the seconds of a duration written as text.",
				Params:  []luavm.Param{{Name: "text", Type: luavm.Duration, Doc: `"90s", "1h30m", "7d", "2w", or seconds`}},
				Returns: []luavm.Param{{Name: "seconds", Type: luavm.Number, Doc: "the duration"}},
				Example: `assert(time.duration("1h30m") == 5400)`,
				Call:    func(c *luavm.Call) error { return c.Return(c.Duration(0)) },
			},
			{
				Name: "last",
				Doc: "Returns the window from so long ago until now, for opts.window of api.invoke. It is in UTC, so that it is right " +
					"whatever the zones of this machine and of the server are; the times in the server's answer are then in UTC too.",
				Params:  []luavm.Param{{Name: "duration", Type: luavm.Duration, Doc: `how far back: "24h", "90m", "30d", or seconds`}},
				Returns: []luavm.Param{{Name: "window", Type: windowType, Doc: "the window"}},
				Example: `local day = time.last("24h")
assert(day.zone == "UTC" and day.from < day.to)`,
				Call: func(c *luavm.Call) error {
					if c.Duration(0) <= 0 {
						return timeError("time.last", "the duration must be more than nothing", "")
					}
					// The end is excluded, so it is the next full second.
					to := h.Now().UTC().Truncate(time.Second).Add(time.Second)
					return window(c, to.Add(-c.Duration(0)).Format(windowLayout), to.Format(windowLayout), utcZone)
				},
			},
			{
				Name: "window",
				Doc: "Returns the window from one time until before another, for opts.window of api.invoke. Texts without offset are read " +
					"by the server's clock (zone $Local) unless zone says otherwise; times as numbers, and texts with Z or an offset, give " +
					"a window in UTC.",
				Params: []luavm.Param{
					{Name: "from", Type: luavm.Union(luavm.String, luavm.Number), Doc: "first moment: a date, a date with time, or a time"},
					{Name: "to", Type: luavm.Union(luavm.String, luavm.Number), Doc: "first moment after it"},
					{Name: "zone", Type: luavm.String, Doc: `zone of texts: "UTC" or a Windows zone id such as "W. Europe Standard Time"`, Optional: true, Default: `"$Local"`},
				},
				Returns: []luavm.Param{{Name: "window", Type: windowType, Doc: "the window"}},
				Example: `local november = time.window("2026-11-01", "2026-12-01")
assert(november.from == "2026-11-01T00:00:00" and november.zone == "$Local")`,
				Call: makeWindow,
			},
		},
	}
}

func timeError(op, message, hint string) error {
	return &fault.Error{Kind: fault.Invalid, Op: op, Message: message, Hint: hint}
}

func location(zone string) *time.Location {
	if zone == "utc" {
		return time.UTC
	}
	return time.Local
}

// latest is the end of the year 9999, the last that the texts can hold.
const latest = 253402300800

// toTime returns the time of a number of Lua.
func toTime(op string, seconds float64) (time.Time, error) {
	if !(math.Abs(seconds) < latest) {
		return time.Time{}, timeError(op, fmt.Sprintf("%v is no time", seconds), "a time is the number of seconds since 1970")
	}
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64((seconds-whole)*1e9)), nil
}

func formatTime(c *luavm.Call) error {
	t, err := toTime("time.format", c.Number(0))
	if err != nil {
		return err
	}
	t = t.In(location(c.String(2)))
	if !c.Has(1) {
		return c.Return(t.Truncate(time.Second).Format(time.RFC3339))
	}
	text, err := strftime(t, c.String(1))
	if err != nil {
		return err
	}
	return c.Return(text)
}

// verbs are the letters of layouts as Go writes them.
var verbs = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'j': "002", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'F': "2006-01-02", 'T': "15:04:05", 'z': "-0700", 'Z': "MST",
}

func strftime(t time.Time, layout string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			b.WriteByte(layout[i])
			continue
		}
		i++
		var verb byte
		if i < len(layout) {
			verb = layout[i]
		}
		switch format, known := verbs[verb]; {
		case known:
			b.WriteString(t.Format(format))
		case verb == 's':
			fmt.Fprint(&b, t.Unix())
		case verb == '%':
			b.WriteByte('%')
		default:
			return "", timeError("time.format", fmt.Sprintf("the layout %q has %%%s, which is no letter of os.date", layout, layout[i:min(i+1, len(layout))]),
				"write a per cent sign as %%")
		}
	}
	return b.String(), nil
}

func parseTime(c *luavm.Call) error {
	t, _, err := parse("time.parse", c.String(0), location(c.String(1)))
	if err != nil {
		return err
	}
	return c.Return(float64(t.UnixMicro()) / 1e6)
}

// parse reads text by the clock of zone; absolute says that the text has an
// offset of its own.
func parse(op, text string, zone *time.Location) (t time.Time, absolute bool, err error) {
	clean := strings.TrimSpace(text)
	if len(clean) > len("2006-01-02") && clean[len("2006-01-02")] == ' ' {
		clean = clean[:len("2006-01-02")] + "T" + clean[len("2006-01-02")+1:]
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, clean); err == nil {
			return t, true, nil
		}
	}
	for _, layout := range []string{windowLayout, "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, clean, zone); err == nil {
			return t, false, nil
		}
	}
	return time.Time{}, false, timeError(op, fmt.Sprintf("%q is no time", clip(text)), "write 2026-11-22, 2026-11-22T10:00:00 or 2026-11-22T10:00:00+01:00")
}

func makeWindow(c *luavm.Call) error {
	const op = "time.window"
	var ends [2]time.Time
	var absolute [2]bool
	for i := range ends {
		var err error
		switch end := c.Arg(i).(type) {
		case float64:
			absolute[i] = true
			ends[i], err = toTime(op, end)
		case string:
			// By UTC's clock every text means itself, even in the hour that a
			// change of the clock leaves out.
			ends[i], absolute[i], err = parse(op, end, time.UTC)
		}
		if err != nil {
			return err
		}
		ends[i] = ends[i].UTC()
	}
	zone := localZone
	switch {
	case absolute[0] != absolute[1]:
		return timeError(op, "one end has a zone and the other has none", `write both as dates, or both with Z: "2026-11-22T10:00:00Z"`)
	case absolute[0] && c.Has(2) && c.String(2) != utcZone:
		return timeError(op, fmt.Sprintf("both ends have a zone, so the window is in UTC, not in %q", clip(c.String(2))), "leave the zone out")
	case absolute[0]:
		zone = utcZone
	case c.Has(2):
		zone = c.String(2)
	}
	if !ends[0].Before(ends[1]) {
		return timeError(op, fmt.Sprintf("from %s is not before to %s", ends[0].Format(windowLayout), ends[1].Format(windowLayout)), "")
	}
	return window(c, ends[0].Format(windowLayout), ends[1].Format(windowLayout), zone)
}

func window(c *luavm.Call, from, to, zone string) error {
	t := c.NewTable(0, 3)
	t.Set("from", from)
	t.Set("to", to)
	t.Set("zone", zone)
	return c.Return(t)
}
