package secret

import (
	"io"
	"sync"
	"sync/atomic"
)

// MinLength is the length in bytes below which a secret is not masked: too much
// harmless text would look like it.
const MinLength = 6

// Redactor masks registered secrets in texts and streams. It finds a secret as
// it is, percent- and form-encoded, escaped for JSON, HTML, Go, Lua and CSV, in
// base64 at any offset, in hex and in UTF-16; of a secret with several lines
// also each line alone. Up to the last two characters of a base64 text may
// stay, because they hold bits of what follows.
//
// It is safe for concurrent use. A nil *Redactor masks nothing.
type Redactor struct {
	armed atomic.Bool // there is a secret

	mu     sync.RWMutex
	known  trie
	filter filter
}

// NewRedactor returns a Redactor without secrets.
func NewRedactor() *Redactor { return &Redactor{} }

// Add registers s; everything that passes from now on is searched for it. It
// reports false for a secret shorter than MinLength, which is not masked.
// Adding a secret again costs little.
func (r *Redactor) Add(s Secret) bool {
	text := s.Reveal()
	if len(text) < MinLength {
		return false
	}
	if r == nil || r.has(text) {
		return true
	}
	all := spellings(text)

	r.mu.Lock()
	defer r.mu.Unlock()
	for _, needle := range all {
		if len(needle) > quadBytes { // else few characters that took many bytes in UTF-8
			r.known.insert(needle)
			r.filter.add(needle)
		}
	}
	r.armed.Store(true)
	return true
}

func (r *Redactor) has(text string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known.has(text)
}

// Redact returns text with every secret replaced by Mask.
func (r *Redactor) Redact(text string) string {
	if r == nil || !r.armed.Load() {
		return text
	}
	s := scan{redactor: r, text: []byte(text), last: true}
	s.run()
	if !s.masked {
		return text
	}
	return string(s.out)
}

// Writer returns a writer that passes everything on to w with secrets masked,
// also those that arrive in pieces. Of what was written it keeps back only an
// end that may be the beginning of a secret; Close passes that on and leaves w
// open.
func (r *Redactor) Writer(w io.Writer) io.WriteCloser {
	return &writer{redactor: r, to: w}
}

// scan masks one text.
type scan struct {
	redactor *Redactor
	text     []byte
	covered  int  // bytes at the start of text that an earlier mask stands for
	last     bool // nothing follows text

	out    []byte // the text so far, masked; only complete when masked is set
	masked bool   // out differs from text
	held   int    // text from here on needs to be seen again with what follows
}

// run fills out, masked and held, and sets covered for the rest.
func (s *scan) run() {
	s.redactor.mu.RLock()
	defer s.redactor.mu.RUnlock()
	known, filter := &s.redactor.known, &s.redactor.filter

	end := s.covered  // of the mask
	next := s.covered // first byte that is neither masked nor in out
	s.masked = s.covered > 0
	i := 0
	for {
		if i = filter.next(s.text, i); i == len(s.text) {
			break
		}
		m := match{known: known, text: s.text}
		m.from(cursor{}, i)
		if m.open && !s.last {
			break
		}
		if m.end > end {
			if i >= end {
				s.out = append(append(s.out, s.text[next:i]...), Mask...)
				s.masked = true
			}
			end, next = m.end, m.end
		}
		i++
	}
	s.held = i
	s.covered = max(0, end-i)
	if s.masked && next < i {
		s.out = append(s.out, s.text[next:i]...)
	}
}

// writer is the streaming form of a Redactor.
type writer struct {
	redactor *Redactor
	to       io.Writer

	mu      sync.Mutex
	held    []byte // not passed on yet
	covered int    // bytes at the start of held that a mask passed on stands for
	out     []byte // kept for its memory
}

// Write passes p on. It reports either all of p or none.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.redactor == nil || !w.redactor.armed.Load() {
		return w.to.Write(p)
	}
	text := p
	if len(w.held) > 0 {
		w.held = append(w.held, p...)
		text = w.held
	}
	if err := w.pass(text, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close passes on what was kept back.
func (w *writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) == 0 {
		return nil
	}
	return w.pass(w.held, true)
}

// pass writes what of text can be said now and keeps the rest.
func (w *writer) pass(text []byte, last bool) error {
	s := scan{redactor: w.redactor, text: text, covered: w.covered, last: last, out: w.out[:0]}
	s.run()
	show := text[:s.held]
	if s.masked {
		show = s.out
		w.out = s.out
	}
	var err error
	if len(show) > 0 {
		_, err = w.to.Write(show)
	}
	w.held = append(w.held[:0], text[s.held:]...)
	w.covered = s.covered
	return err
}
