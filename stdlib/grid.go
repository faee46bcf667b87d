package stdlib

import (
	"context"
	"fmt"

	"moonpost/engine/columns"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// gridColumn is one column with more than a name.
var gridColumn = luavm.Record("grid_column",
	luavm.Param{Name: "name", Type: luavm.String, Optional: true, Doc: "field of the rows that are tables by name; rows that are lists need none"},
	luavm.Param{Name: "title", Type: luavm.String, Doc: "what stands above the column", Optional: true, Default: "its name"},
	luavm.Param{Name: "align", Type: luavm.Enum("left", "right"), Optional: true, Default: `"right" where all values are numbers, else "left"`, Doc: "which side the values stand on"},
	luavm.Param{Name: "max_width", Type: luavm.Integer, Doc: "widest that it gets, in columns of the terminal", Optional: true, Default: "not limited"},
)

// gridOptions is the options of grid.format and grid.print, which differ in the
// width that they take.
func gridOptions(widthDefault, asciiDefault string) luavm.Type {
	return luavm.Record("grid_options",
		luavm.Param{Name: "columns", Type: luavm.List(luavm.Union(luavm.String, gridColumn)), Optional: true,
			Default: "all names in the order in which they come up",
			Doc:     `the columns in order, by name or as tables: { "userName", { name = "quota", title = "GB", align = "right" } }. For rows that are lists: titles of the elements`},
		luavm.Param{Name: "max_width", Type: luavm.Integer, Doc: "widest line, in columns of the terminal", Optional: true, Default: widthDefault},
		luavm.Param{Name: "header", Type: luavm.Bool, Doc: "write the titles", Optional: true, Default: "true; for lists without columns false"},
		luavm.Param{Name: "border", Type: luavm.Bool, Doc: "draw lines around all cells", Optional: true, Default: "false"},
		luavm.Param{Name: "ascii", Type: luavm.Bool, Doc: "lines and ellipses of ASCII characters", Optional: true, Default: asciiDefault},
	)
}

const aboutGrid = "Rows are tables by column name or lists; nil and json.null are empty, lists of plain values are joined with commas, other tables " +
	"are JSON, secrets ***. Wide East-Asian characters count two. Where max_width leaves too little room, the widest texts are cut " +
	"and end with an ellipsis, numbers never are; where that is not enough, the last columns are left out, with an ellipsis behind the " +
	"titles. Line ends and other control characters are written as \\n and the like."

func gridModule(h Host) luavm.Module {
	rows := luavm.Param{Name: "rows", Type: luavm.List(luavm.Table), Doc: "the rows in order"}
	return luavm.Module{
		Name: "grid",
		Doc:  "Writes tables for people, looking like the results of moonpost itself. For files and other programs see csv.",
		Funcs: []luavm.Func{
			{
				Name:   "format",
				Doc:    "Returns rows as a table for people: lines that end with \\n. " + aboutGrid,
				Params: []luavm.Param{rows, {Name: "opts", Type: gridOptions("not limited", "false"), Doc: "how to write", Optional: true}},
				Returns: []luavm.Param{
					{Name: "text", Type: luavm.String, Doc: "the table; empty when there are neither rows nor columns"},
				},
				Example: `local text = grid.format({ { store = "2025", mails = 1200 }, { store = "2026", mails = 7 } })
assert(text == "store  mails\n─────  ─────\n2025    1200\n2026       7\n")`,
				Call: func(c *luavm.Call) error {
					text, err := formatGrid(c, "grid.format", Screen{})
					if err != nil {
						return err
					}
					return c.Return(text)
				},
			},
			{
				Name:    "print",
				Doc:     "Prints rows as a table that fits the terminal. Where standard output is no terminal, nothing is cut. " + aboutGrid,
				Params:  []luavm.Param{rows, {Name: "opts", Type: gridOptions("that of the terminal", "that of the flag --ascii"), Doc: "how to write", Optional: true}},
				Example: `grid.print({ { "2025", 1200 }, { "2026", 7 } }, { columns = { "store", "mails" } })`,
				Call: func(c *luavm.Call) error {
					text, err := formatGrid(c, "grid.print", h.Screen)
					if err == nil && text != "" {
						h.Sink.Emit(event.Printed{Text: text})
					}
					return err
				},
			},
		},
	}
}

// maxGrid bounds a table: one wide cell makes every row as wide.
const maxGrid = 64 << 20

func formatGrid(c *luavm.Call, op string, screen Screen) (text string, err error) {
	g := gridRows{call: c, op: op, table: columns.Table{Width: screen.Width, ASCII: screen.ASCII}}
	if err := g.options(c.Table(1)); err != nil {
		return "", err
	}
	if err := g.read(c.Table(0)); err != nil {
		return "", err
	}
	err = c.Wait(func(context.Context) error { // a large table takes a while
		width, lines := g.table.Size()
		if g.table.Width > 0 {
			width = min(width, g.table.Width)
		}
		if int64(width)*int64(lines) > maxGrid {
			return g.fault("the table would have %d lines of %d columns, more than 64 MiB", lines, width)
		}
		text = g.table.String()
		return nil
	})
	return text, err
}

// gridRows makes a table of Lua rows.
type gridRows struct {
	call  *luavm.Call
	op    string
	names []string // of the columns, as the rows have them
	given bool     // the columns are the playbook's choice
	side  []string // of the columns, "" for that of the values
	table columns.Table
}

func (g *gridRows) fault(format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Op: g.op, Message: fmt.Sprintf(format, args...)}
}

func (g *gridRows) options(opts luavm.Tab) error {
	if opts == nil {
		return nil
	}
	if width, ok := opts.Get("max_width").(int64); ok {
		if width < 1 {
			return g.fault("max_width is %d, want 1 or more", width)
		}
		g.table.Width = int(width)
	}
	g.table.Border, _ = opts.Get("border").(bool)
	if ascii, ok := opts.Get("ascii").(bool); ok {
		g.table.ASCII = ascii
	}
	if header, ok := opts.Get("header").(bool); ok {
		g.table.Headless = !header
	}
	list, ok := opts.Get("columns").(luavm.Tab)
	if !ok {
		return nil
	}
	g.given = true
	for i := range list.Len() {
		if err := g.column(i, list.Index(i+1)); err != nil {
			return err
		}
	}
	return nil
}

func (g *gridRows) column(i int, column any) error {
	name, side, most := "", "", int64(0)
	var title any
	switch column := column.(type) {
	case string:
		name = column
	case luavm.Tab:
		name, _ = column.Get("name").(string)
		side, _ = column.Get("align").(string)
		title = column.Get("title")
		if width, ok := column.Get("max_width").(int64); ok {
			if most = width; most < 1 {
				return g.fault("max_width of column %d is %d, want 1 or more", i+1, most)
			}
		}
	}
	if title == nil {
		title = name
	}
	g.add(name, title.(string), side, int(most))
	return nil
}

func (g *gridRows) add(name, title, side string, most int) {
	g.names, g.side = append(g.names, name), append(g.side, side)
	g.table.Columns = append(g.table.Columns, columns.Column{Title: columns.Line(title), Most: most})
}

// read takes the rows over.
func (g *gridRows) read(rows luavm.Tab) error {
	tabs, lists, width := make([]luavm.Tab, rows.Len()), 0, 0
	known := map[string]bool{}
	for i := range tabs {
		tabs[i], _ = rows.Index(i + 1).(luavm.Tab)
		if n := tabs[i].Len(); n > 0 {
			lists, width = lists+1, max(width, n)
			continue
		}
		empty := true
		tabs[i].Each(func(key, _ any) bool {
			empty = false
			if name, ok := key.(string); ok && !g.given && !known[name] {
				known[name] = true
				g.add(name, name, "", 0)
			}
			return !g.given
		})
		if empty { // fits lists too
			lists++
		}
	}
	isList := width > 0
	switch {
	case isList && lists < len(tabs):
		return g.fault("some rows are lists and others are tables by name")
	case isList && g.given && width > len(g.names):
		return g.fault("a row has %d elements, and columns names %d", width, len(g.names))
	case isList && !g.given:
		g.table.Headless = true
		for range width {
			g.add("", "", "", 0)
		}
	}
	if g.given && !isList && len(tabs) > 0 {
		for i, name := range g.names {
			if name == "" {
				return g.fault("column %d has no name, which rows by name need", i+1)
			}
		}
	}
	g.fill(tabs, isList)
	return nil
}

// fill makes the cells and settles how the columns are aligned.
func (g *gridRows) fill(tabs []luavm.Tab, isList bool) {
	numbers := make([]bool, len(g.names))
	words := make([]bool, len(g.names))
	g.table.Rows = make([][]string, len(tabs))
	for i, tab := range tabs {
		g.table.Rows[i] = make([]string, len(g.names))
		for at, name := range g.names {
			var value any
			if isList {
				value = tab.Index(at + 1)
			} else {
				value = tab.Get(name)
			}
			switch value.(type) {
			case nil, luavm.JSONNull:
				continue
			case float64:
				numbers[at] = true
			default:
				words[at] = true
			}
			g.table.Rows[i][at] = columns.Line(printed(g.call, value))
		}
	}
	for at, side := range g.side {
		column := &g.table.Columns[at]
		column.Whole = numbers[at] && !words[at]
		column.Right = side == "right" || side == "" && column.Whole
	}
}
