package monitor

import (
	"fmt"
	"strconv"
	"strings"
)

// Range is what is fine: from Low to High, both included. nil is no limit; a
// Range without limits allows everything.
type Range struct{ Low, High *float64 }

// AtMost is the range up to n.
func AtMost(n float64) Range { return Range{High: &n} }

// ParseRange reads a range: "90" is at most 90, "30:" at least 30, "10:20"
// from 10 to 20.
func ParseRange(text string) (Range, error) {
	low, high, both := strings.Cut(strings.TrimSpace(text), ":")
	if !both {
		low, high = "", low
	}
	var r Range
	for _, end := range []struct {
		text string
		dest **float64
	}{{low, &r.Low}, {high, &r.High}} {
		if end.text == "" {
			continue
		}
		n, err := strconv.ParseFloat(end.text, 64)
		if err != nil || !finite(&n) {
			return Range{}, badRange(text)
		}
		*end.dest = &n
	}
	if r.none() || r.Low != nil && r.High != nil && *r.Low > *r.High {
		return Range{}, badRange(text)
	}
	return r, nil
}

func badRange(text string) error {
	return fmt.Errorf("%q is no range: want 90 (at most), 30: (at least) or 10:20", text)
}

func (r Range) none() bool { return r.Low == nil && r.High == nil }

// String returns the range as ParseRange reads it, "" for no limits.
func (r Range) String() string {
	switch {
	case r.none():
		return ""
	case r.Low == nil:
		return number(*r.High)
	case r.High == nil:
		return number(*r.Low) + ":"
	}
	return number(*r.Low) + ":" + number(*r.High)
}

// optional writes a number that may not be there.
func optional(n *float64) string {
	if n == nil {
		return ""
	}
	return number(*n)
}

// number writes n with digits, a sign and a point alone: no exponent, which
// some readers do not know.
func number(n float64) string {
	if n == 0 {
		return "0" // also for the negative zero
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
