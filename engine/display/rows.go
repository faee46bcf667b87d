package display

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"moonpost/engine/columns"
	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// rows is the progress of a run: what is going on now, in the order in which it
// began.
type rows struct {
	order []row
	maps  map[uint64]*mapRow
	jobs  map[uint64]*jobRow
}

// row is one thing in progress.
type row interface {
	label() string
	// draw returns the row in at most s.width columns.
	draw(s style, now time.Time) string
}

// most is the number of rows shown at once: a frame must not be taller than the
// terminal, whose height is not known.
const most = 10

// draw returns what the bars look like, from the top.
func (r *rows) draw(s style, now time.Time) []string {
	if s.width <= 0 {
		s.width = 80
	}
	if s.width > 1 {
		s.width-- // a full line makes some terminals begin another one
	}
	shown := r.order
	if len(shown) > most {
		shown = shown[:most-1]
	}
	for _, row := range shown {
		s.label = max(s.label, columns.Width(row.label()))
	}
	s.label = min(s.label, 24, max(s.width/3, 8))
	frame := make([]string, 0, most)
	for _, row := range shown {
		frame = append(frame, row.draw(s, now))
	}
	if hidden := len(r.order) - len(shown); hidden > 0 {
		frame = append(frame, s.cut(fmt.Sprintf("and %d more", hidden), s.width))
	}
	return frame
}

// due returns the lines about maps that are due where there are no bars.
func (r *rows) due(now time.Time) []string {
	var lines []string
	for _, row := range r.order {
		m, ok := row.(*mapRow)
		if !ok {
			continue
		}
		m.speed.observe(m.done, now)
		if m.done > m.saidDone && now.Sub(m.said) >= remind {
			lines = append(lines, m.name+": "+strings.Join(m.parts(now), ", "))
			m.said, m.saidDone = now, m.done
		}
	}
	return lines
}

func (r *rows) beginMap(e event.MapStarted, now time.Time) *mapRow {
	m := &mapRow{name: oneLine(e.Label), total: e.Total, began: now, said: now}
	if m.name == "" {
		m.name = "items"
	}
	for _, row := range r.order {
		if outer, ok := row.(*mapRow); ok {
			m.outer = outer
			break
		}
	}
	if r.maps == nil {
		r.maps = make(map[uint64]*mapRow)
	}
	r.maps[e.Map] = m
	r.order = append(r.order, m)
	return m
}

func (r *rows) endMap(number uint64) *mapRow {
	m := r.maps[number]
	if m != nil {
		m.ended = true
		delete(r.maps, number)
		r.remove(m)
	}
	return m
}

// job returns the row of a call, which begins with its first status.
func (r *rows) job(e event.JobProgress, now time.Time) *jobRow {
	if j := r.jobs[e.Call]; j != nil {
		return j
	}
	j := &jobRow{name: oneLine(strings.TrimSpace(e.Fn + " " + e.Label)), said: now}
	if r.jobs == nil {
		r.jobs = make(map[uint64]*jobRow)
	}
	r.jobs[e.Call] = j
	r.order = append(r.order, j)
	return j
}

func (r *rows) endJob(call uint64) {
	j, ok := r.jobs[call]
	if !ok {
		return
	}
	delete(r.jobs, call)
	r.remove(j)
}

func (r *rows) remove(gone row) {
	r.order = slices.DeleteFunc(r.order, func(row row) bool { return row == gone })
}

// oneLine makes text of others fit for a part of a line.
func oneLine(text string) string {
	return fault.Visible(strings.Join(strings.Fields(text), " "))
}
