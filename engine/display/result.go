package display

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"moonpost/engine/fault"
)

// Format is how a result is written.
type Format string

// The formats.
const (
	Table Format = "table" // for people
	JSON  Format = "json"  // indented by two, keys in the order of the server
	CSV   Format = "csv"   // with a header; text that a spreadsheet takes for a formula is guarded
)

// ResultOptions are what the formats can be told.
type ResultOptions struct {
	Columns []string // fields to write, in this order; none: all, in the order in which they appear
	// Preferred are the fields that a table shows when Columns names none; those
	// that no row has are left out.
	Preferred []string
	Width     int  // of tables; 0: not limited
	ASCII     bool // draw tables with ASCII characters only
}

// WriteResult writes the result of a run or a call, which is JSON text; nil
// stands for null. Objects become rows, one for each object, or one for each
// field when there is a single object. Text of servers is made harmless for
// terminals. Columns that cannot be chosen are a *fault.Error of kind invalid,
// after the whole result was written: a call cannot be made again for it.
func WriteResult(w io.Writer, json []byte, f Format, o ResultOptions) error {
	v, err := parse(json)
	if err != nil {
		return &fault.Error{Kind: fault.Internal, Op: "write result", Err: err}
	}
	var unchosen error
	if len(o.Columns) > 0 {
		v, unchosen = choose(v, o.Columns)
	} else if f == Table {
		v = prefer(v, o.Preferred)
	}
	switch f {
	case Table:
		_, err = io.WriteString(w, tableOf(v, style{width: o.Width, ascii: o.ASCII}))
	case JSON:
		_, err = w.Write(append(appendJSON(nil, v, "\n"), '\n'))
	case CSV:
		err = writeCSV(w, v)
	default:
		return &fault.Error{Kind: fault.Usage, Op: "write result", Message: fmt.Sprintf("there is no format %q", f)}
	}
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return unchosen
}

// prefer returns the rows v with those of the fields called names that there
// are; anything else, and rows that have none of them, as they are.
func prefer(v any, names []string) any {
	list, ok := v.([]any)
	rows, all := objects(v)
	if !ok || !all {
		return v
	}
	known := fields(rows)
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(known, name) })
	if len(names) == 0 || len(list) == 0 {
		return v
	}
	chosen, _ := choose(v, names) // they are there
	return chosen
}

// choose returns v with the fields called names alone, in their order. With an
// error it returns v as it is.
func choose(v any, names []string) (any, error) {
	rows, ok := objects(v)
	switch {
	case v == nil:
		return nil, nil
	case !ok:
		return v, &fault.Error{Kind: fault.Invalid, Op: "write result", Message: "the result has no columns to choose from"}
	}
	known := fields(rows)
	for _, name := range names {
		if len(rows) > 0 && !slices.Contains(known, name) {
			return v, &fault.Error{
				Kind: fault.Invalid, Op: "write result", Message: fmt.Sprintf("there is no column %q", name),
				Hint: strings.TrimSpace(fault.DidYouMean(name, known) + " columns are: " + strings.Join(known, ", ")),
			}
		}
	}
	chosen := make([]any, len(rows))
	for i, row := range rows {
		var kept object
		for _, name := range names {
			if value, ok := row.get(name); ok {
				kept = append(kept, field{name, value})
			}
		}
		chosen[i] = kept
	}
	if _, single := v.(object); single {
		return chosen[0], nil
	}
	return chosen, nil
}

// objects returns v as rows when it is an object or a list of objects.
func objects(v any) ([]object, bool) {
	switch v := v.(type) {
	case object:
		return []object{v}, true
	case []any:
		rows := make([]object, len(v))
		for i, element := range v {
			row, ok := element.(object)
			if !ok {
				return nil, false
			}
			rows[i] = row
		}
		return rows, true
	}
	return nil, false
}

// fields returns the names that rows have, in the order in which they appear.
func fields(rows []object) []string {
	var names []string
	seen := make(map[string]bool)
	for _, row := range rows {
		for _, f := range row {
			if !seen[f.name] {
				seen[f.name] = true
				names = append(names, f.name)
			}
		}
	}
	return names
}
