package stdlib

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
	"moonpost/stdlib/csvfile"
)

// csvReader opens files for one run.
type csvReader struct {
	host Host

	mu   sync.Mutex
	told map[string]bool
}

// csvRows gives the rows of one file to Lua.
type csvRows struct {
	reader *csvfile.Reader
	source *csvSource
	secret *secret.Redactor

	names []string // of the columns; nil: rows by position
	hide  []bool   // which are secret; nil: none
	line  string   // field for the line number; "" for none
	shape *luavm.Shape
	row   luavm.Row

	// Tasks may share an iterator, and reading may wait: busy says that one
	// of them reads, and freed is closed when it has. Both with the lock.
	busy  bool
	freed chan struct{}
}

// csvSource reads for the call that is under way, without the interpreter lock.
type csvSource struct {
	io.Reader
	call *luavm.Call
}

func (s *csvSource) Read(p []byte) (n int, err error) {
	waited := s.call.Wait(func(context.Context) error {
		n, err = s.Reader.Read(p)
		return nil
	})
	if waited != nil {
		return n, waited
	}
	return n, err
}

func (m *csvReader) open(c *luavm.Call, op string) (*csvRows, error) {
	name := c.String(0)
	if name == "" {
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Message: "the path is empty"}
	}
	opts := csvfile.Options{}
	strict := true
	given := c.Table(1)
	if given != nil {
		text := func(key string) string { s, _ := given.Get(key).(string); return s }
		opts.Delimiter, opts.Encoding, opts.Comment = text("delimiter"), text("encoding"), text("comment")
		opts.Trim, _ = given.Get("trim").(bool)
		if header, ok := given.Get("header").(bool); ok {
			opts.NoHeader = !header
		}
		if s, ok := given.Get("strict").(bool); ok {
			strict = s
		}
	}
	opts.Short = !strict
	rows := &csvRows{source: &csvSource{}, secret: m.host.Secrets}
	err := c.Wait(func(ctx context.Context) (err error) {
		rows.reader, err = csvfile.Open(ctx, m.host.path(name), opts, func(r io.Reader) io.Reader {
			rows.source.Reader = r
			return rows.source
		})
		return err
	})
	if err == nil {
		err = rows.shapeRows(given, strict)
	}
	if err != nil {
		if rows.reader != nil {
			_ = rows.reader.Close()
		}
		return nil, asOp(op, err)
	}
	m.tell(c, rows.reader)
	return rows, nil
}

// tell says once how a file is read.
func (m *csvReader) tell(c *luavm.Call, r *csvfile.Reader) {
	message := r.Name() + ": " + r.Found().String()
	m.mu.Lock()
	told := m.told[message]
	m.told[message] = true
	m.mu.Unlock()
	if told {
		return
	}
	level := event.Info
	if f := r.Found(); f.Encoding == "UTF-8" && (f.Delimiter == "," || f.Delimiter == "") {
		level = event.Debug
	}
	m.host.Sink.Emit(event.Log{Level: level, Message: message, Where: c.Where()})
}

// take waits until no other task reads.
func (r *csvRows) take(c *luavm.Call) error {
	for r.busy {
		if r.freed == nil {
			r.freed = make(chan struct{})
		}
		freed := r.freed
		err := c.Wait(func(ctx context.Context) error {
			select {
			case <-freed:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if err != nil {
			return err
		}
	}
	r.busy = true
	return nil
}

func (r *csvRows) free() {
	r.busy = false
	if r.freed != nil {
		close(r.freed)
		r.freed = nil
	}
}

// next is the iterator that csv.rows returns.
func (r *csvRows) next(c *luavm.Call) error {
	if err := r.take(c); err != nil {
		return err
	}
	row, err := r.read(c)
	r.free()
	if err != nil || row == nil {
		return err
	}
	return c.Return(row)
}

// all is the rest of csv.read.
func (r *csvRows) all(c *luavm.Call) error {
	list := c.NewTable(0, 0)
	list.SetArray()
	for {
		row, err := r.read(c)
		if err != nil {
			return asOp("csv.read", err)
		}
		if row == nil {
			return c.Return(list)
		}
		list.Append(row)
	}
}

// read returns the next row as a Lua value, nil after the last.
func (r *csvRows) read(c *luavm.Call) (any, error) {
	r.source.call = c
	fields, err := r.reader.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	case r.names == nil:
		r.row.Values = fields
		return &r.row, nil
	case len(fields) > len(r.names), len(fields) < len(r.names) && r.shape != nil:
		return nil, r.fault("line %d has %d fields, and columns names %d", r.reader.Line(), len(fields), len(r.names))
	}
	if r.hide == nil && r.line == "" {
		r.row.Values = fields
		return &r.row, nil
	}
	row := c.NewTable(0, len(r.names)+1)
	for i, field := range fields {
		if r.hide != nil && r.hide[i] && field != "" {
			value := secret.New(field)
			r.secret.Add(value)
			row.Set(r.names[i], value)
			continue
		}
		row.Set(r.names[i], field)
	}
	if r.line != "" {
		row.Set(r.line, r.reader.Line())
	}
	if r.shape != nil {
		row.SetShape(r.shape)
	}
	return row, nil
}

// asOp gives an error the name of the function that people called.
func asOp(op string, err error) error {
	if f, ok := err.(*fault.Error); ok {
		f.Op = op
	}
	return err
}

// clip shortens text for a message.
func clip(text string) string {
	const longest = 200
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
