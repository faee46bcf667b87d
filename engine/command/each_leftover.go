package command

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/stdlib/csvfile"
)

// errorColumn is the last column of a file of leftover rows: what went wrong.
// It marks a file that moonpost wrote.
const errorColumn = "_error"

// leftover listens to the run of --each and keeps the rows that are not done:
// those that failed or were not reached, which can be fed back, and those of
// which nobody knows, which a person must look at.
type leftover struct {
	program  *program
	changing bool
	failed   string // file of rows that can be fed back
	unknown  string // file of rows whose outcome is not known

	mu      sync.Mutex
	outcome map[int]event.ItemEnded // by number of the row, from 1
	begun   map[int]bool            // rows that sent a call
}

// newLeftover settles where leftover rows go, and refuses to lose those of an
// earlier call.
func newLeftover(p *program, f eachFlags, fn string) (*leftover, error) {
	name := cmp.Or(f.failed, "failed.csv")
	l := &leftover{
		program: p, changing: catalogue.Changing(fn), failed: name,
		unknown: strings.TrimSuffix(name, ".csv") + ".unknown.csv",
		outcome: map[int]event.ItemEnded{}, begun: map[int]bool{},
	}
	for _, file := range []string{l.failed, l.unknown} {
		if f.file != "-" && p.path(f.file) == p.path(file) && endsInError(p.path(file)) {
			continue // fed back: what is left of it takes its place
		}
		_, err := os.Lstat(p.path(file))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, misuse("call", "--failed: "+err.Error(), "")
		case file == l.unknown:
			return nil, misuse("call", file+" is there already: rows of an earlier call whose outcome nobody knows",
				"look at the server for each of them and remove the file, or name other files with --failed FILE.csv")
		default:
			return nil, misuse("call", file+" is there already and is not overwritten",
				"feed it back with --each "+file+", remove it, or name another file with --failed FILE.csv")
		}
	}
	probe, err := os.CreateTemp(filepath.Dir(p.path(l.failed)), ".moonpost-*")
	if err != nil {
		return nil, misuse("call", "--failed: "+err.Error(), "")
	}
	_ = probe.Close()
	return l, os.Remove(probe.Name())
}

// endsInError reports whether the file is one that leftover rows were written to.
func endsInError(path string) bool {
	text, err := os.ReadFile(path)
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return err == nil && bytes.HasSuffix(bytes.TrimSuffix(line, []byte("\r")), []byte(errorColumn))
}

// Emit notes what becomes of a row.
func (l *leftover) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e := e.(type) {
	case event.CallStarted:
		l.begun[e.Item] = true
	case event.ItemEnded:
		l.outcome[e.Index] = e
	}
}

// write writes the files and says what is in them.
func (l *leftover) write(rows *eachRows) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed, unknown [][]string
	for i, row := range rows.rows {
		ended, known := l.outcome[i+1]
		reason := reasonOf(ended.Error)
		cut := !known || ended.Outcome == event.OutcomeCancelled
		switch {
		case ended.Outcome == event.OutcomeOK:
		case ended.Outcome == event.OutcomeUnknown, cut && l.changing && l.begun[i+1]:
			unknown = append(unknown, rows.ending(row, cmp.Or(reason, "interrupted while it was under way")))
		default:
			failed = append(failed, rows.ending(row, cmp.Or(reason, "not tried")))
		}
	}
	return errors.Join(
		l.save(l.failed, rows, failed, "not done: feed them back with --each "+l.failed),
		l.save(l.unknown, rows, unknown, "of unknown outcome: look at the server before any of them is repeated"),
	)
}

func (l *leftover) save(file string, rows *eachRows, left [][]string, meaning string) error {
	path := l.program.path(file)
	if len(left) == 0 {
		if rows.path == path {
			return os.Remove(path) // was fed back, and all of it is done
		}
		return nil
	}
	err := replaceRows(path, rows, left)
	if err != nil {
		return &fault.Error{Kind: fault.State, Op: "write " + file, Err: err}
	}
	noun := "rows are"
	if len(left) == 1 {
		noun = "row is"
	}
	fmt.Fprintf(l.program.stderr, "%s: %d %s %s\n", file, len(left), noun, meaning)
	return nil
}

// replaceRows replaces the file at once, so that an end in the middle loses no
// row of a file that was fed back.
func replaceRows(path string, rows *eachRows, left [][]string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".moonpost-*") // 0600: rows may hold passwords
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	// Raw: what is read back must be what was read.
	out, err := csvfile.NewWriter(f, csvfile.Style{Delimiter: rows.found.Delimiter, Raw: true})
	if err == nil {
		err = out.Row(cells(rows.ending(rows.header, errorColumn))...)
	}
	for i := 0; i < len(left) && err == nil; i++ {
		err = out.Row(cells(left[i])...)
	}
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = cmp.Or(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
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

// reasonOf returns the message of an error object, "" of none.
func reasonOf(object json.RawMessage) string {
	var e struct{ Kind, Message string }
	if json.Unmarshal(object, &e) != nil || e.Message == "" {
		return ""
	}
	return e.Kind + ": " + strings.Join(strings.Fields(e.Message), " ")
}

// result returns what is printed: the results of the rows that have one, with
// their numbers, or a summary where no call has a result.
func (l *leftover) result(list []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var results []json.RawMessage
	if json.Unmarshal(list, &results) == nil {
		var b bytes.Buffer
		for i, result := range results {
			if string(result) != "null" {
				b.WriteString(separator(b.Len() == 0))
				fmt.Fprintf(&b, `{"row":%d,%s}`, i+1, fieldsOf(result))
			}
		}
		if b.Len() > 0 {
			return append(b.Bytes(), ']')
		}
	}
	counts := map[string]int{}
	for _, ended := range l.outcome {
		counts[ended.Outcome]++
	}
	return fmt.Appendf(nil, `{"rows":%d,"ok":%d,"failed":%d,"unknown":%d}`, len(results),
		counts[event.OutcomeOK], counts[event.OutcomeFailed], counts[event.OutcomeUnknown])
}

func separator(first bool) string {
	if first {
		return "["
	}
	return ","
}

// fieldsOf returns the fields of an object, or any other value as the field
// result.
func fieldsOf(result json.RawMessage) []byte {
	if text := bytes.TrimSpace(result); len(text) > 2 && text[0] == '{' {
		return text[1 : len(text)-1]
	}
	return append([]byte(`"result":`), result...)
}
