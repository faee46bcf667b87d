package decl

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration of KindDuration that is text: "90s", "1h30m",
// "7d", "2w", "1w12h". A day is 24 hours, a week seven days; they stand before
// the smaller units.
func ParseDuration(text string) (time.Duration, error) {
	var days float64
	rest := text
	for {
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		if end == 0 || end == len(rest) || rest[end] != 'd' && rest[end] != 'w' {
			break
		}
		n, err := strconv.ParseFloat(rest[:end], 64)
		if err != nil {
			return 0, fmt.Errorf("duration %q: %w", text, err)
		}
		if rest[end] == 'w' {
			n *= 7
		}
		days += n
		rest = rest[end+1:]
	}
	var d time.Duration
	if rest != "" || text == "" {
		var err error
		if d, err = time.ParseDuration(rest); err != nil {
			return 0, fmt.Errorf("duration %q: %w", text, err)
		}
		if d < 0 && rest != text {
			return 0, fmt.Errorf("duration %q: a sign within", text)
		}
	}
	nanoseconds := days * float64(24*time.Hour)
	if nanoseconds >= math.MaxInt64-float64(d) {
		return 0, fmt.Errorf("duration %q is too long", text)
	}
	return d + time.Duration(nanoseconds), nil
}
