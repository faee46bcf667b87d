package display

import (
	"math"
	"strings"
	"testing"
	"time"

	"moonpost/engine/columns"
)

func TestTheTimeLeftIsToldWhenItIsHonest(t *testing.T) {
	steady := func(second int) int { return second * 10 }
	for _, c := range []struct {
		name    string
		total   int
		done    func(second int) int
		seconds int
		want    string // "" for none
	}{
		{"steady work", 1000, steady, 20, "1:20"},
		{"too early", 1000, steady, 3, ""},
		{"too few items", 1000, func(s int) int { return s / 2 }, 18, ""},
		{"an unknown total", -1, steady, 20, ""},
		{"everything is done", 200, steady, 20, ""},
		{"it came to a halt", 1000, func(s int) int { return min(s, 5) * 10 }, 40, ""},
		{"it was much faster at first", 10_000, func(s int) int { return min(s, 5)*200 + s }, 40, ""},
	} {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		m := &mapRow{name: "users", total: c.total, began: start}
		for second := range c.seconds + 1 {
			m.done = c.done(second)
			m.speed.observe(m.done, start.Add(time.Duration(second)*time.Second))
		}
		got := ""
		if left, ok := m.left(start.Add(time.Duration(c.seconds) * time.Second)); ok {
			got = clock(left)
		}
		if got != c.want {
			t.Errorf("%s: left after %d s = %q, want %q", c.name, c.seconds, got, c.want)
		}
	}
}

func TestSpeed(t *testing.T) {
	for perMinute, want := range map[int]string{0: "0/min", 20: "20/min", 120: "2.0/s", 6000: "100/s"} {
		var s speed
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for second := range 61 {
			s.observe(perMinute*second/60, start.Add(time.Duration(second)*time.Second))
		}
		if got := s.String(); got != want {
			t.Errorf("speed of %d a minute = %q, want %q", perMinute, got, want)
		}
	}
	var s speed
	s.observe(5, time.Now())
	if got := s.String(); got != "" {
		t.Errorf("speed after one look = %q, want none", got)
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0:00", 6700 * time.Millisecond: "0:07", 59 * time.Second: "0:59", 10 * time.Minute: "10:00",
		time.Hour + 2*time.Minute + 3*time.Second: "1:02:03", 30 * time.Hour: "30:00:00",
	} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSpent(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 999 * time.Millisecond: "999 ms", 1240 * time.Millisecond: "1.2 s", 61 * time.Second: "1:01",
	} {
		if got := spent(d); got != want {
			t.Errorf("spent(%v) = %q, want %q", d, got, want)
		}
	}
}

// Whatever the width and the contents, a row is never wider than the screen.
func TestRowsFit(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	percent := 55.5
	wide := strings.Repeat("日本語", 30)
	for width := range 121 {
		for _, ascii := range []bool{false, true} {
			for _, name := range []string{"u", "users of the archive", wide} {
				m := &mapRow{name: name, total: 12345, done: 6789, failed: 12, unknown: 3, began: now.Add(-time.Hour)}
				counter := &mapRow{name: name, total: -1, done: math.MaxInt32, began: now}
				j := &jobRow{name: name, percent: &percent, text: name + " " + wide, at: now}
				r := rows{order: []row{m, counter, j}}
				for _, line := range r.draw(style{width: width, ascii: ascii}, now) {
					most := width - 1
					if width <= 1 {
						most = map[int]int{0: 79, 1: 1}[width]
					}
					if got := columns.Width(line); got > most {
						t.Fatalf("at width %d a row has %d columns: %q", width, got, line)
					}
				}
			}
		}
	}
}
