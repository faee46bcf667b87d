package stdlib

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
	"moonpost/stdlib/csvfile"
)

func csvWrite(h Host) luavm.Func {
	return luavm.Func{
		Name: "write",
		Doc: "Writes rows as CSV and returns their number. The file appears whole or not at all: it is written beside its place, " +
			"brought to disk and then moved there, over a file that is there already. Rows are tables by column name or lists. Text that " +
			"a spreadsheet would take for a formula gets an apostrophe before it; numbers do not. Tables are written as JSON, " +
			"secrets as ***, nil and json.null as nothing. Lines end with \\n; the text is UTF-8.",
		Params: []luavm.Param{
			{Name: "path", Type: luavm.String, Doc: `the file, relative to the playbook's folder, or "-" for standard output`},
			{Name: "rows", Type: luavm.Union(luavm.List(luavm.Table), luavm.Function), Doc: "the rows, or an iterator over them such as csv.rows"},
			{Name: "opts", Type: luavm.Record("csv_write_options",
				luavm.Param{Name: "columns", Type: luavm.List(luavm.String), Optional: true,
					Doc:     "names and order of the columns; other fields are left out",
					Default: "all names in the order in which they come up; for an iterator those of its first row"},
				luavm.Param{Name: "delimiter", Type: luavm.Enum(",", ";", "\t", "|"), Doc: "what separates fields", Optional: true, Default: `","`},
				luavm.Param{Name: "bom", Type: luavm.Bool, Doc: "begin with a byte order mark, which Excel needs to read UTF-8", Optional: true, Default: "false"},
				luavm.Param{Name: "raw", Type: luavm.Bool, Doc: "leave text that looks like a formula as it is", Optional: true, Default: "false"},
			), Doc: "how to write", Optional: true},
		},
		Returns: []luavm.Param{{Name: "count", Type: luavm.Integer, Doc: "number of rows, the header not counted"}},
		Effect:  luavm.Writes,
		Example: `local users = { { userName = "ada", quota = 5 }, { userName = "bob" } }
assert(csv.write("-", users, { columns = { "userName", "quota" } }) == 2)`,
		Call: func(c *luavm.Call) error { return writeCSV(h, c) },
	}
}

func writeCSV(h Host, c *luavm.Call) error {
	var style csvfile.Style
	var columns []string
	if opts := c.Table(2); opts != nil {
		style.Delimiter, _ = opts.Get("delimiter").(string)
		style.BOM, _ = opts.Get("bom").(bool)
		style.Raw, _ = opts.Get("raw").(bool)
		if list, ok := opts.Get("columns").(luavm.Tab); ok {
			for i := range list.Len() {
				name, _ := list.Index(i + 1).(string)
				columns = append(columns, name)
			}
		}
	}
	if c.String(0) == "-" {
		out := &printing{sink: h.Sink}
		count, err := writeRows(h, c, out, style, columns)
		if err != nil {
			return err
		}
		out.flush()
		return c.Return(count)
	}
	file, err := createWhole(h.path(c.String(0)))
	if err != nil {
		return &fault.Error{Kind: fault.Invalid, Op: "csv.write", Err: err}
	}
	defer file.Discard()
	count, err := writeRows(h, c, file, style, columns)
	if err != nil {
		return err
	}
	if err := c.Wait(func(context.Context) error { return file.Commit() }); err != nil {
		return &fault.Error{Kind: fault.Invalid, Op: "csv.write", Err: err}
	}
	return c.Return(count)
}

func writeRows(h Host, c *luavm.Call, out io.Writer, style csvfile.Style, columns []string) (count int, err error) {
	w, err := csvfile.NewWriter(out, style)
	if err != nil {
		return 0, err
	}
	t := &table{call: c, out: w, columns: columns, given: columns != nil}
	if err := t.write(); err != nil {
		return 0, asOp("csv.write", err)
	}
	if err := w.Flush(); err != nil {
		return 0, &fault.Error{Kind: fault.Invalid, Op: "csv.write", Err: err}
	}
	place := csvfile.Shown(c.String(0))
	if place == "-" {
		place = "standard output"
	}
	for _, name := range t.masked {
		h.Sink.Emit(event.Log{
			Level: event.Warn, Where: c.Where(),
			Message: fmt.Sprintf("%s: the values of %s are secret and written as %s", place, csvfile.Shown(name), secret.Mask),
		})
	}
	return t.count, nil
}

// table writes Lua rows as one table.
type table struct {
	call    *luavm.Call
	out     *csvfile.Writer
	columns []string
	given   bool // columns are the playbook's choice
	list    bool // rows are lists
	count   int
	cells   []csvfile.Cell
	masked  []string // columns with secrets
}

func (t *table) write() error {
	next := t.call.Func(1)
	if next == nil {
		rows := t.call.Table(1)
		if !t.given {
			for i := range rows.Len() {
				row, _ := rows.Index(i + 1).(luavm.Tab)
				t.collect(row)
			}
		}
		for i := range rows.Len() {
			row, _ := rows.Index(i + 1).(luavm.Tab)
			if err := t.row(row); err != nil {
				return err
			}
		}
		return t.headAlone()
	}
	for {
		results, err := next.Call()
		if err != nil {
			return err
		}
		if len(results) == 0 || results[0] == nil {
			return t.headAlone()
		}
		row, ok := results[0].(luavm.Tab)
		if !ok {
			return t.fault("the iterator gave no table")
		}
		switch {
		case t.given:
		case t.count == 0:
			t.collect(row)
		default:
			if name := t.unknown(row); name != "" {
				return &fault.Error{
					Kind: fault.Invalid, Op: "csv.write",
					Message: fmt.Sprintf("row %d has the column %s, which is not in the header", t.count+1, csvfile.Shown(name)),
					Hint:    "name all columns: { columns = { … } }",
				}
			}
		}
		if err := t.row(row); err != nil {
			return err
		}
	}
}

// unknown returns a field of row that no column has.
func (t *table) unknown(row luavm.Tab) (name string) {
	row.Each(func(key, _ any) bool {
		if text, ok := key.(string); ok && !slices.Contains(t.columns, text) {
			name = text
		}
		return name == ""
	})
	return name
}

// collect adds the fields of row to the columns.
func (t *table) collect(row luavm.Tab) {
	row.Each(func(key, _ any) bool {
		if name, ok := key.(string); ok && !slices.Contains(t.columns, name) {
			t.columns = append(t.columns, name)
		}
		return true
	})
}

// headAlone writes the header of a table without rows.
func (t *table) headAlone() error {
	if t.count == 0 && t.columns != nil {
		return t.head()
	}
	return nil
}

func (t *table) head() error {
	t.cells = t.cells[:0]
	for _, name := range t.columns {
		t.cells = append(t.cells, csvfile.Cell{Text: name})
	}
	return t.out.Row(t.cells...)
}

func (t *table) row(row luavm.Tab) error {
	if t.count == 0 {
		t.list = row.Len() > 0
		if t.columns != nil {
			if err := t.head(); err != nil {
				return err
			}
		}
	}
	t.count++
	if (row.Len() > 0) != t.list {
		return t.fault("row %d is a list and others are not, or the other way round", t.count)
	}
	width := len(t.columns)
	if t.list && width == 0 {
		width = row.Len()
	}
	switch {
	case width == 0:
		return t.fault("row %d has no fields", t.count)
	case t.list && row.Len() > width:
		return t.fault("row %d has %d fields, and columns names %d", t.count, row.Len(), width)
	}
	t.cells = t.cells[:0]
	for i := range width {
		name := strconv.Itoa(i + 1)
		if i < len(t.columns) {
			name = t.columns[i]
		}
		value := any(nil)
		if t.list {
			value = row.Index(i + 1)
		} else {
			value = row.Get(name)
		}
		cell, err := t.cell(name, value)
		if err != nil {
			return err
		}
		t.cells = append(t.cells, cell)
	}
	return t.out.Row(t.cells...)
}

func (t *table) cell(name string, value any) (csvfile.Cell, error) {
	switch v := value.(type) {
	case nil, luavm.JSONNull:
		return csvfile.Cell{}, nil
	case string:
		return csvfile.Cell{Text: v}, nil
	case bool:
		return csvfile.Cell{Text: strconv.FormatBool(v)}, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return csvfile.Cell{}, t.fault("row %d, column %s: the number is not finite", t.count, csvfile.Shown(name))
		}
		return csvfile.Cell{Text: strconv.FormatFloat(v, 'f', -1, 64), Number: true}, nil
	case secret.Secret:
		if !slices.Contains(t.masked, name) {
			t.masked = append(t.masked, name)
		}
		return csvfile.Cell{Text: secret.Mask}, nil
	case error:
		return csvfile.Cell{Text: v.Error()}, nil
	}
	text, err := t.call.EncodeJSON(value, luavm.EncodeOptions{})
	if err != nil {
		return csvfile.Cell{}, &fault.Error{
			Kind: fault.Invalid, Op: "csv.write", Message: fmt.Sprintf("row %d, column %s", t.count, csvfile.Shown(name)), Err: err,
		}
	}
	return csvfile.Cell{Text: string(text)}, nil
}

func (t *table) fault(format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Op: "csv.write", Message: fmt.Sprintf(format, args...)}
}

// printing gives whole lines to standard output.
type printing struct {
	sink event.Sink
	held []byte
}

func (p *printing) Write(text []byte) (int, error) {
	p.held = append(p.held, text...)
	if end := bytes.LastIndexByte(p.held, '\n') + 1; end > 0 {
		p.sink.Emit(event.Printed{Text: string(p.held[:end])})
		p.held = append(p.held[:0], p.held[end:]...)
	}
	return len(text), nil
}

func (p *printing) flush() {
	if len(p.held) > 0 {
		p.sink.Emit(event.Printed{Text: string(p.held)})
	}
}
