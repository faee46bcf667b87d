package display

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// pen writes lines, and draws bars below them while there are any. It belongs
// to one goroutine.
type pen struct {
	out, err    io.Writer
	outTerminal bool
	frame       func() []string // rows of the bars, from the top
	entered     atomic.Int32    // lines typed below the bars since the last frame

	bars *mpb.Progress // nil while there are none
	bar  *mpb.Bar      // stands for all rows
}

// turn changes to the other stream where both are written as one. A frame with
// lines above its rows has two for each of them; visible text has none.
const turn = "\x00"

// write writes lines in their order, few writes for many lines.
func (p *pen) write(lines []line) {
	var text []byte
	for i, l := range lines {
		above := p.bars != nil && (!l.out || p.outTerminal)
		switch {
		case above && l.out:
			text = append(append(append(text, turn...), l.text...), turn...)
		case above:
			text = append(append(text, turn+turn...), l.text...)
		default:
			text = append(text, l.text...)
		}
		if i+1 < len(lines) {
			next := lines[i+1]
			if above && p.outTerminal || next.out == l.out {
				continue
			}
		}
		switch {
		case above:
			_, _ = p.bars.Write(text)
		case l.out:
			_, _ = p.out.Write(text)
		default:
			_, _ = p.err.Write(text)
		}
		text = text[:0]
	}
}

// beginBars draws the rows of frame from now on. All rows are one bar of mpb,
// which keeps lines above them and removes them at the end: its own bars linger
// for two redraws and do not follow the width of a terminal behind a writer.
func (p *pen) beginBars() {
	if p.bars != nil {
		return
	}
	var shown []string
	p.entered.Store(0)
	p.bars = mpb.New(
		mpb.WithOutput(&screen{out: p.out, err: p.err, entered: &p.entered}),
		mpb.WithAutoRefresh(),
		mpb.WithRefreshRate(redraw),
	)
	first := func(w io.Writer, _ decor.Statistics) error {
		if rows := p.frame(); len(rows) > 0 { // else the end is near: show the last ones
			shown = rows
		}
		if len(shown) == 0 {
			return nil
		}
		_, err := io.WriteString(w, shown[0])
		return err
	}
	others := func(w io.Writer, _ decor.Statistics) error {
		for i := 1; i < len(shown); i++ {
			if _, err := io.WriteString(w, shown[i]+"\n"); err != nil {
				return err
			}
		}
		return nil
	}
	p.bar = p.bars.MustAdd(0, mpb.BarFillerFunc(first), mpb.BarFillerTrim(), mpb.BarExtender(mpb.BarFillerFunc(others), false))
}

// endBars removes the bars.
func (p *pen) endBars() {
	if p.bars == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
	p.bars, p.bar = nil, nil
}

// screen takes whole frames: what removes the frame before, lines, then rows.
type screen struct {
	out, err io.Writer
	entered  *atomic.Int32
	last     []byte
}

// Write writes a frame, unless it would draw the same rows in the same place.
func (s *screen) Write(frame []byte) (int, error) {
	if bytes.Equal(frame, s.last) && !bytes.Contains(frame, []byte(turn)) {
		return len(frame), nil
	}
	s.last = append(s.last[:0], frame...)
	all := string(frame)
	if strings.HasPrefix(all, "\x1b[") {
		// What the user typed has moved the cursor, ^C for one.
		if down := s.entered.Swap(0); down > 0 {
			all = fmt.Sprintf("\x1b[%dA", down) + all
		}
		all = "\r" + all
	}
	forOut := false
	for text := range strings.SplitSeq(all, turn) {
		w := s.err
		if forOut {
			w = s.out
		}
		forOut = !forOut
		if text == "" {
			continue
		}
		_, _ = io.WriteString(w, text) // the stream keeps its error; drawing on needs none
	}
	return len(frame), nil
}
