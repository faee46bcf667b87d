package display

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"moonpost/engine/event"
	"moonpost/engine/fault"
)

// take turns an event into lines and into the state of rows. It is called with
// the lock held.
func (d *Display) take(e event.Event, now time.Time) {
	switch e := e.(type) {
	case event.Printed:
		text := e.Text
		if d.opts.OutTerminal {
			text = fault.Visible(text)
		}
		d.put(line{text, true})
	case event.Log:
		d.log(e)
	case event.RunStarted:
		if d.opts.Verbose {
			d.say("debug: run " + e.Run + ": " + strings.TrimSpace(e.Playbook+" "+e.Target))
		}
	case event.RunEnded:
		d.summary(e)
	case event.CallEnded:
		d.call(e)
	case event.CallWaiting:
		d.waiting(e, now)
	case event.JobProgress:
		d.job(e, now)
	case event.MapStarted:
		m := d.rows.beginMap(e, now)
		if d.plain() && named(m) && m.outer == nil && m.total >= 0 {
			d.say(m.name + ": " + plural(int64(m.total), "item", "items"))
		}
	case event.ItemEnded:
		if m := d.rows.maps[e.Map]; m != nil {
			d.item(m, e)
		}
	case event.MapEnded:
		d.mapEnded(e, now)
	}
}

// plain reports whether progress is told in lines.
func (d *Display) plain() bool { return !d.opts.Terminal && !d.opts.Quiet }

// named reports whether the playbook gave the map a label. Those without one
// are often small and many, and get a line only when they last.
func named(m *mapRow) bool { return m.name != "items" }

func (d *Display) put(l line) {
	d.queue = append(d.queue, l)
	d.queued += len(l.text)
}

// say tells text, of which each line after the first is indented so that it
// cannot pass for a line of its own.
func (d *Display) say(text string) {
	text = strings.TrimRight(fault.Visible(text), "\n")
	d.put(line{strings.ReplaceAll(text, "\n", "\n  ") + "\n", false})
}

func (d *Display) log(e event.Log) {
	if d.opts.Quiet && e.Level != event.Warn && e.Level != event.Error {
		return
	}
	text := string(e.Level) + ": " + e.Message
	if d.opts.Verbose && e.Where != "" {
		text += " (" + e.Where + ")"
	}
	d.say(text)
	if !d.opts.Color {
		return
	}
	colour := map[event.Level]string{event.Warn: "33", event.Error: "31", event.Debug: "2"}[e.Level]
	if said := &d.queue[len(d.queue)-1]; colour != "" {
		level, rest, _ := strings.Cut(said.text, ":")
		said.text = "\x1b[" + colour + "m" + level + ":\x1b[0m" + rest
		d.queued += len("\x1b[" + colour + "m\x1b[0m")
	}
}

func (d *Display) call(e event.CallEnded) {
	d.rows.endJob(e.Call)
	if !d.opts.Verbose {
		return
	}
	text := fmt.Sprintf("debug: %s: %s after %s", e.Fn, e.Outcome, time.Duration(e.Elapsed*float64(time.Second)).Round(time.Millisecond))
	if e.Attempts > 1 {
		text += fmt.Sprintf(", %d attempts", e.Attempts)
	}
	if e.Item > 0 {
		text += fmt.Sprintf(", item %d", e.Item)
	}
	d.say(text)
}

// waiting tells of a wait that a person notices. Many tasks wait for the same
// reason at a time; one line in five seconds is enough.
func (d *Display) waiting(e event.CallWaiting, now time.Time) {
	if !d.opts.Verbose && (d.opts.Quiet || e.Delay < 1 || now.Sub(d.waited) < remind) {
		return
	}
	d.waited = now
	d.say(fmt.Sprintf("%s: waiting %.3g s: %s", e.Fn, e.Delay, e.Reason))
}

func (d *Display) job(e event.JobProgress, now time.Time) {
	j := d.rows.job(e, now)
	for _, text := range j.take(e, now) {
		if d.plain() || d.opts.Verbose || d.opts.JobLog && !d.opts.Quiet {
			d.say(j.name + ": " + text)
			j.told = true
		}
	}
	if e.Status == running {
		if text := j.due(now); text != "" && d.plain() {
			d.say(text)
		}
		return
	}
	d.rows.endJob(e.Call)
	if !d.opts.Quiet && (j.told || j.elapsed >= 2*time.Second) {
		d.say(j.name + ": " + e.Status + ", " + clock(j.elapsed))
	}
}

// running is the status of a job that goes on.
const running = "running"

func (d *Display) item(m *mapRow, e event.ItemEnded) {
	switch m.done++; {
	case e.Outcome == event.OutcomeUnknown:
		m.unknown++
	case e.Outcome == event.OutcomeFailed:
		m.failed++
		if !e.Counted && !d.opts.Verbose {
			return // the playbook takes care of it, or it is the error of the run
		}
	default:
		return
	}
	var err struct{ Op, Message, Hint string }
	_ = json.Unmarshal(e.Error, &err) // an event without an error still names its item
	text := fmt.Sprintf("%s: item %d", m.name, e.Index)
	if e.Key != "" {
		text += " (" + oneLine(e.Key) + ")"
	}
	for _, part := range []string{err.Op, err.Message} {
		if part != "" {
			text += ": " + oneLine(part)
		}
	}
	if e.Outcome == event.OutcomeUnknown && !strings.Contains(err.Message, "outcome unknown") {
		text += " (outcome unknown)"
	}
	if err.Hint != "" && err.Hint != m.hint {
		text += "\nhint: " + oneLine(err.Hint)
		m.hint = err.Hint
	}
	d.say(text)
}

func (d *Display) mapEnded(e event.MapEnded, now time.Time) {
	m := d.rows.endMap(e.Map)
	if m == nil || d.opts.Quiet {
		return
	}
	elapsed := now.Sub(m.began)
	for _, inner := range m.inner {
		d.say(inner.String())
	}
	whole := e.Failed+e.Unknown+e.Cancelled == 0 && e.Begun >= e.Total
	switch {
	case !whole || elapsed >= remind:
	case !named(m):
		return
	case m.outer != nil && !m.outer.ended:
		m.outer.sum(m.name, e.OK)
		return
	}
	parts := []string{fmt.Sprintf("%d ok", e.OK)}
	for _, part := range []string{
		counted(e.Failed, "failed"), counted(e.Unknown, "unknown"), counted(e.Cancelled, "cancelled"),
		counted(max(e.Total-e.Begun, 0), "not begun"),
	} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	d.say(m.name + ": " + strings.Join(parts, ", ") + ", " + spent(elapsed))
}

// summary tells what a run did.
func (d *Display) summary(e event.RunEnded) {
	c := e.Counts
	if c.Calls+c.Items == 0 || d.opts.Quiet && (e.Code == fault.ExitOK || e.State == "findings") {
		return
	}
	var parts []string
	for _, count := range []struct {
		n         int64
		one, many string
	}{
		{c.Calls, "call", "calls"}, {c.Changes, "change", "changes"}, {c.Items, "item", "items"},
		{c.Failed, "failed", "failed"}, {c.Unknown, "unknown", "unknown"}, {c.Warnings, "warning", "warnings"},
	} {
		if count.n > 0 {
			parts = append(parts, plural(count.n, count.one, count.many))
		}
	}
	state := e.State
	switch e.State {
	case "items_failed":
		state = "ended with failed items"
	case "findings":
		state = "ended with findings"
	case "unknown":
		state = "ended with unknown outcomes"
	}
	elapsed := time.Duration(e.Elapsed * float64(time.Second))
	d.say("run " + state + ": " + strings.Join(parts, ", ") + ", " + spent(elapsed))
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// spent returns a finished time: 120 ms, 4.2 s, or as a clock from a minute on.
func spent(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return clock(d)
}
