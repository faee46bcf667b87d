package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"moonpost/engine/atomicfile"
	"moonpost/engine/fault"
	"moonpost/stdlib/csvfile"
)

// errorColumn is the last column of a file of leftover rows: what went wrong.
// It marks a file that moonpost wrote.
const errorColumn = "_error"

// eachRows is the CSV file of --each, read to its end.
type eachRows struct {
	name   string // as people see it
	path   string // where the playbook reads it
	header []string
	rows   [][]string
	found  csvfile.Found
	flags  csvfile.Options
	close  func()
}

// read reads the file before anything is sent: a broken line 5,000 is found
// while nothing has happened yet.
func (f *eachFlags) read(ctx context.Context, p *program) (*eachRows, error) {
	rows := &eachRows{name: f.file, path: p.path(f.file), close: func() {}, flags: csvfile.Options{Delimiter: f.delimiter, Encoding: f.encoding}}
	if f.file == "-" {
		if err := rows.spool(p.Stdin); err != nil {
			return nil, misuse("call", "--each -: "+err.Error(), "")
		}
	}
	err := rows.load(ctx)
	if err != nil {
		rows.close()
		e := &fault.Error{Kind: fault.Usage, Op: "call --each", Err: err}
		if inner, ok := errors.AsType[*fault.Error](err); ok {
			e.Hint = inner.Hint
		}
		return nil, e
	}
	return rows, nil
}

// spool puts standard input into a file that only this user can read.
func (r *eachRows) spool(stdin io.Reader) error {
	dir, err := os.MkdirTemp("", "moonpost-*")
	if err != nil {
		return err
	}
	r.close = func() { _ = os.RemoveAll(dir) }
	r.name, r.path = "standard input", filepath.Join(dir, "standard input")
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		r.close()
		return err
	}
	if _, err = io.Copy(f, stdin); err != nil {
		_ = f.Close()
		r.close()
		return err
	}
	return f.Close()
}

func (r *eachRows) load(ctx context.Context) error {
	in, err := csvfile.Open(ctx, r.path, r.flags, nil)
	if err != nil {
		return err
	}
	defer in.Close()
	r.header, r.found = append([]string(nil), in.Header()...), in.Found()
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		r.rows = append(r.rows, append([]string(nil), row...))
	}
	if len(r.rows) == 0 {
		return fmt.Errorf("%s has no rows", filepath.Base(r.name))
	}
	return nil
}

// replace replaces the file at once, so that an end in the middle loses no row
// of the one that was there.
func (r *eachRows) replace(path string, left [][]string) error {
	return atomicfile.Write(path, func(w io.Writer) error { return r.writeTo(w, left) })
}

// write writes rows that end in an error column to f, and closes it.
func (r *eachRows) write(f *os.File, left [][]string) error {
	err := r.writeTo(f, left)
	if err == nil {
		err = f.Sync()
	}
	return cmp.Or(err, f.Close())
}

func (r *eachRows) writeTo(w io.Writer, left [][]string) error {
	// Raw: what is read back must be what was read.
	out, err := csvfile.NewWriter(w, csvfile.Style{Delimiter: r.found.Delimiter, Raw: true})
	if err != nil {
		return err
	}
	if err := out.Row(cells(r.ending(r.header, errorColumn))...); err != nil {
		return err
	}
	for _, row := range left {
		if err := out.Row(cells(row)...); err != nil {
			return err
		}
	}
	return out.Flush()
}

func cells(row []string) []csvfile.Cell {
	out := make([]csvfile.Cell, len(row))
	for i, text := range row {
		out[i] = csvfile.Cell{Text: text}
	}
	return out
}

// ending returns the row with last in its error column, which an earlier call
// may have added.
func (r *eachRows) ending(row []string, last string) []string {
	out := slices.Clone(row)
	if i := slices.Index(r.header, errorColumn); i >= 0 && i < len(out) {
		out = slices.Delete(out, i, i+1)
	}
	return append(out, last)
}
