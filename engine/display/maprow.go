package display

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// mapRow is the progress of a task.map or task.each.
type mapRow struct {
	name                  string
	total                 int // -1: not known
	done, failed, unknown int
	began                 time.Time
	speed                 speed

	hint     string    // the last one told, which is not told again
	said     time.Time // when a line about it was last written
	saidDone int       // done at that time

	// A map that begins while another one runs belongs to one of its items, as
	// far as can be seen: many such maps are short, and told of together.
	outer *mapRow
	inner []*innerMaps
	ended bool
}

// innerMaps sums up short maps with one label that went well within a map.
type innerMaps struct {
	name     string
	maps, ok int
}

func (i *innerMaps) String() string {
	if i.maps == 1 {
		return fmt.Sprintf("%s: %d ok", i.name, i.ok)
	}
	return fmt.Sprintf("%s: %d ok in %d maps", i.name, i.ok, i.maps)
}

// sum takes an inner map into account.
func (m *mapRow) sum(name string, ok int) {
	at := slices.IndexFunc(m.inner, func(i *innerMaps) bool { return i.name == name })
	if at < 0 {
		at = len(m.inner)
		m.inner = append(m.inner, &innerMaps{name: name})
	}
	m.inner[at].maps++
	m.inner[at].ok += ok
}

func (m *mapRow) label() string { return m.name }

func (m *mapRow) draw(s style, now time.Time) string {
	m.speed.observe(m.done, now)
	l := s.line(m.name)
	l.must(m.count())
	l.may(3, counted(m.failed, "failed"))
	l.may(3, counted(m.unknown, "unknown"))
	if m.total > 0 {
		l.gauge(2, m.done, m.total)
	}
	l.may(0, m.speed.String())
	if left, ok := m.left(now); ok {
		l.may(1, clock(left)+" left")
	} else {
		l.may(1, clock(now.Sub(m.began)))
	}
	return l.String()
}

// parts are the pieces of a line about the map.
func (m *mapRow) parts(now time.Time) []string {
	parts := []string{m.count()}
	for _, part := range []string{counted(m.failed, "failed"), counted(m.unknown, "unknown"), m.speed.String()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if left, ok := m.left(now); ok {
		parts = append(parts, clock(left)+" left")
	}
	return parts
}

func (m *mapRow) count() string {
	if m.total < 0 {
		return strconv.Itoa(m.done)
	}
	return fmt.Sprintf("%d/%d", m.done, m.total)
}

// left returns the time that the rest will take, when that can be said
// honestly: enough is done, and the speed of now is about that of all the time.
func (m *mapRow) left(now time.Time) (time.Duration, bool) {
	elapsed := now.Sub(m.began)
	if m.total <= m.done || m.done < 10 || elapsed < 5*time.Second {
		return 0, false
	}
	mean := float64(m.done) / elapsed.Seconds()
	recent := m.speed.perSecond
	if recent < mean/2 || recent > mean*2 {
		return 0, false
	}
	return time.Duration(float64(m.total-m.done) / recent * float64(time.Second)), true
}

// counted returns "3 failed", or "" for none.
func counted(n int, what string) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " " + what
}

// speed is how fast items end, over the last ten seconds or so. It changes once
// a second, because figures that flicker cannot be read.
type speed struct {
	samples   [10]sample // the oldest first
	n         int
	perSecond float64
	known     bool
}

type sample struct {
	at   time.Time
	done int
}

// observe is to be called often; it takes a sample every second.
func (s *speed) observe(done int, now time.Time) {
	if s.n > 0 && now.Sub(s.samples[s.n-1].at) < time.Second {
		return
	}
	if s.n == len(s.samples) {
		copy(s.samples[:], s.samples[1:])
		s.n--
	}
	s.samples[s.n] = sample{now, done}
	s.n++
	if oldest := s.samples[0]; s.n > 1 {
		s.perSecond, s.known = float64(done-oldest.done)/now.Sub(oldest.at).Seconds(), true
	}
}

// String returns the speed as text, "" before there is one.
func (s *speed) String() string {
	switch v := s.perSecond; {
	case !s.known:
		return ""
	case v >= 10:
		return fmt.Sprintf("%.0f/s", v)
	case v >= 1:
		return fmt.Sprintf("%.1f/s", v)
	default:
		return fmt.Sprintf("%.0f/min", v*60)
	}
}

// clock returns d as 0:07 or 1:02:03.
func clock(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
