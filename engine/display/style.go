package display

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"moonpost/engine/columns"
)

// style is how rows and tables are drawn.
type style struct {
	width int // columns of the terminal, 0: not limited
	label int // columns of the labels of rows
	ascii bool
}

// cut shortens text to width columns.
func (s style) cut(text string, width int) string { return columns.Cut(text, width, s.ascii) }

// rowLine composes one row out of parts of which some may be left out.
type rowLine struct {
	style style
	parts []part
}

// part is one piece of a row. Those with the lowest weight go first when there
// is no room.
type part struct {
	text        string
	weight      int
	done, total int // of a gauge; total 0: it is text
	stretches   bool
}

// The narrowest and widest gauge, and the narrowest free text.
const (
	gaugeLeast, gaugeMost = 8, 40
	restLeast             = 8
	required              = 9
)

func (s style) line(label string) *rowLine {
	return &rowLine{style: s, parts: []part{{text: columns.Pad(columns.Shorten(label, s.label, s.ascii), s.label), weight: required}}}
}

func (l *rowLine) must(text string) { l.may(required, text) }

func (l *rowLine) may(weight int, text string) {
	if text != "" {
		l.parts = append(l.parts, part{text: text, weight: weight})
	}
}

// gauge draws done of total behind the label.
func (l *rowLine) gauge(weight, done, total int) {
	l.parts = slices.Insert(l.parts, 1, part{weight: weight, done: done, total: total})
}

// rest takes what room is left for text.
func (l *rowLine) rest(text string) {
	if text != "" {
		l.parts = append(l.parts, part{text: text, stretches: true})
	}
}

// least is the room that a part needs.
func (p part) least() int {
	switch {
	case p.total > 0:
		return gaugeLeast
	case p.stretches:
		return min(restLeast, columns.Width(p.text))
	}
	return columns.Width(p.text)
}

func (l *rowLine) String() string {
	byWeight := slices.Clone(l.parts)
	slices.SortStableFunc(byWeight, func(a, b part) int { return cmp.Compare(b.weight, a.weight) })
	room := l.style.width + 1
	var kept []part
	for _, p := range byWeight {
		if need := p.least() + 1; need <= room || p.weight == required {
			room -= need
			kept = append(kept, p)
		}
	}
	room = max(room, 0)

	texts := make([]string, 0, len(kept))
	for _, p := range l.parts {
		if !slices.Contains(kept, p) {
			continue
		}
		switch {
		case p.total > 0:
			more := min(room, gaugeMost-gaugeLeast)
			if slices.ContainsFunc(kept, func(p part) bool { return p.stretches }) {
				more = min(more, (room+1)/2)
			}
			room -= more
			texts = append(texts, l.style.gauge(p.done, p.total, gaugeLeast+more))
		case p.stretches:
			texts = append(texts, l.style.cut(p.text, p.least()+room))
		default:
			texts = append(texts, p.text)
		}
	}
	return l.style.cut(strings.TrimRight(strings.Join(texts, " "), " "), l.style.width)
}

var (
	blocks = mpb.BarStyle().Lbound("").Filler("█").Tip("█").Padding("░").Rbound("")
	signs  = mpb.BarStyle()
)

// gauge draws a bar of exactly width columns.
func (s style) gauge(done, total, width int) string {
	look := blocks
	if s.ascii {
		look = signs
	}
	var b bytes.Buffer
	_ = look.Build().Fill(&b, decor.Statistics{
		AvailableWidth: width, RequestedWidth: width, Current: int64(min(done, total)), Total: int64(total), Completed: done >= total,
	})
	return b.String()
}
