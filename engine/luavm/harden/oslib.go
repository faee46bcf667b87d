package harden

import (
	"fmt"
	"math"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
)

func (l *library) osFuncs() map[string]lua.LGFunction {
	began := time.Now()
	return map[string]lua.LGFunction{
		"clock": func(L *lua.LState) int {
			L.Push(lua.LNumber(time.Since(began).Seconds()))
			return 1
		},
		"date": l.date,
		"difftime": func(L *lua.LState) int {
			L.Push(lua.LNumber(l.number(L, 1) - l.number(L, 2)))
			return 1
		},
		"time": l.time,
	}
}

// time returns the seconds since 1970 of now, or of a table of local time whose
// fields may lie outside their usual range.
func (l *library) time(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		L.Push(lua.LNumber(time.Now().Unix()))
		return 1
	}
	t := l.tableArg(L, 1)
	field := func(name string, otherwise int) int {
		v := L.GetField(t, name)
		text, isText := v.(lua.LString)
		n, ok := v.(lua.LNumber)
		if isText {
			var f float64
			f, ok = parseNumber(string(text))
			n = lua.LNumber(f)
		}
		switch {
		case v == lua.LNil && otherwise >= 0:
			return otherwise
		case v == lua.LNil:
			l.raise(L, fault.Script, "field '%s' is missing in the table of os.time", name)
		case !ok || float64(n) != math.Trunc(float64(n)) || math.Abs(float64(n)) > math.MaxInt32:
			l.raise(L, fault.Script, "field '%s' of the table of os.time is no whole number of usual size", name)
		}
		return int(n)
	}
	at := time.Date(field("year", -1), time.Month(field("month", -1)), field("day", -1),
		field("hour", 12), field("min", 0), field("sec", 0), 0, time.Local)
	L.Push(lua.LNumber(at.Unix()))
	return 1
}

func (l *library) date(L *lua.LState) int {
	format := l.optString(L, 1, "%c")
	at := time.Now()
	if L.Get(2) != lua.LNil {
		seconds := l.number(L, 2)
		if !(math.Abs(seconds) < 1<<40) {
			l.badArg(L, 2, "time out of range")
		}
		at = time.Unix(int64(math.Floor(seconds)), 0)
	}
	if strings.HasPrefix(format, "!") {
		format, at = format[1:], at.UTC()
	}
	if strings.HasPrefix(format, "*t") {
		L.Push(dateTable(at))
		return 1
	}
	var out strings.Builder
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		out.WriteString(format[:i])
		if i+1 == len(format) {
			l.badArg(L, 1, "the format ends with %%")
		}
		text, ok := dateField(at, format[i+1])
		if !ok {
			l.badArg(L, 1, "there is no %%%s", cut(format[i+1:], 1))
		}
		if out.Len()+len(text) > l.MaxString {
			l.tooLong(L)
		}
		out.WriteString(text)
		format = format[i+2:]
	}
	out.WriteString(format)
	L.Push(lua.LString(out.String()))
	return 1
}

func dateTable(at time.Time) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	for name, n := range map[string]int{
		"year": at.Year(), "month": int(at.Month()), "day": at.Day(),
		"hour": at.Hour(), "min": at.Minute(), "sec": at.Second(),
		"wday": int(at.Weekday()) + 1, "yday": at.YearDay(),
	} {
		t.RawSetString(name, lua.LNumber(n))
	}
	t.RawSetString("isdst", lua.LBool(at.IsDST()))
	return t
}

// layouts are the fields of strftime in the C locale that package time writes.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan",
	'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
	'd': "02", 'D': "01/02/06", 'e': "_2", 'F': "2006-01-02", 'H': "15", 'I': "03",
	'm': "01", 'M': "04", 'p': "PM", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05",
	'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

func dateField(at time.Time, letter byte) (string, bool) {
	if layout, ok := layouts[letter]; ok {
		return at.Format(layout), true
	}
	weekday, yearDay := int(at.Weekday()), at.YearDay()-1
	isoYear, isoWeek := at.ISOWeek()
	switch letter {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'C':
		return fmt.Sprintf("%02d", at.Year()/100), true
	case 'G':
		return fmt.Sprintf("%d", isoYear), true
	case 'g':
		return fmt.Sprintf("%02d", isoYear%100), true
	case 'j':
		return fmt.Sprintf("%03d", yearDay+1), true
	case 's':
		return fmt.Sprintf("%d", at.Unix()), true
	case 'u':
		return fmt.Sprintf("%d", (weekday+6)%7+1), true
	case 'U':
		return fmt.Sprintf("%02d", (yearDay+7-weekday)/7), true
	case 'V':
		return fmt.Sprintf("%02d", isoWeek), true
	case 'w':
		return fmt.Sprintf("%d", weekday), true
	case 'W':
		return fmt.Sprintf("%02d", (yearDay+7-(weekday+6)%7)/7), true
	}
	return "", false
}
