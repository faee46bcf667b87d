package command

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"moonpost/engine/event"
)

// lines is a Sink that writes every event as one line of JSON. It is safe for
// concurrent use.
type lines struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
}

// Emit writes e. Errors of writing are the writer's to keep.
func (l *lines) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := event.JSON(e, l.now())
	if err == nil {
		_, _ = l.w.Write(append(text, '\n'))
	}
}

// create opens a file to write that may hold personal data. A relative name
// begins in the current folder.
func (p *program) create(op, flag, name string) (*os.File, error) {
	if name == "-" {
		return nil, misuse(op, flag+" takes a file", "")
	}
	f, err := os.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, misuse(op, flag+": "+err.Error(), "")
	}
	return f, nil
}

// path returns name as seen from the current folder of the process.
func (p *program) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.Dir, name)
}
