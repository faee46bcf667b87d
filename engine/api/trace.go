package api

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/secret"
)

// trace writes what goes over the wire, for people. Each request and each
// answer is one block; the number joins them. Headers are left out: they are
// always the same, and one of them is the login. A nil trace writes nothing.
type trace struct {
	secrets *secret.Redactor
	count   atomic.Uint64

	mu  sync.Mutex
	out io.Writer
}

// request returns the number of the request.
func (t *trace) request(o *operation) uint64 {
	if t == nil {
		return 0
	}
	n := t.count.Add(1)
	var b strings.Builder
	fmt.Fprintf(&b, "#%d > %s POST %s\n", n, time.Now().Format(time.TimeOnly+".000"), o.route.url)
	for pair := range strings.SplitSeq(string(o.form), "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		name, _ = url.PathUnescape(name) // written by us: cannot fail
		value, _ = url.PathUnescape(value)
		switch paths := catalogue.SecretPaths(o.name, name); {
		case catalogue.SecretArg(o.name, name) || slices.Contains(o.secrets, name):
			value = secret.Mask
		case len(paths) > 0:
			value = maskPaths(value, paths)
		}
		fmt.Fprintf(&b, "    %s = %s\n", name, indent(value))
	}
	t.write(b.String())
	return n
}

func (t *trace) answer(n uint64, o *operation, r reply, f *failure, start time.Time) {
	if t == nil {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#%d < %s after %v", n, o.name, time.Since(start).Round(time.Microsecond))
	if f != nil {
		sent := "nothing was sent"
		if f.sent {
			sent = "it was sent"
		}
		fmt.Fprintf(&b, ": %s (%s)\n", f.text(), sent)
		t.write(b.String())
		return
	}
	fmt.Fprintf(&b, ": HTTP %d, %d bytes\n", r.status, len(r.body))
	body := string(bytes.TrimPrefix(r.body, bom))
	if catalogue.BehaviourOf(o.name).SecretResult {
		body = secret.Mask
	}
	fmt.Fprintf(&b, "    %s\n", indent(body))
	t.write(b.String())
}

// write hands over one block. An unwritable trace must not end a run.
func (t *trace) write(block string) {
	block = t.secrets.Redact(block)
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = io.WriteString(t.out, block)
}

func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(lines(text), "\n"), "\n", "\n    ")
}
