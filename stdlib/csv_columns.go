package stdlib

import (
	"fmt"
	"slices"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/stdlib/csvfile"
)

// shapeRows settles the names and kinds of the columns.
func (r *csvRows) shapeRows(given luavm.Tab, strict bool) error {
	r.names = slices.Clone(r.reader.Header())
	if given == nil {
		r.makeShape(strict)
		return nil
	}
	if columns, ok := given.Get("columns").(luavm.Tab); ok {
		if err := r.nameColumns(columns); err != nil {
			return err
		}
	}
	allowed := texts(given.Get("allowed"))
	if err := r.allow(allowed); err != nil {
		return err
	}
	if hidden, ok := given.Get("secret").(luavm.Tab); ok {
		for i := range hidden.Len() {
			name, _ := hidden.Index(i + 1).(string)
			at := slices.Index(r.names, name)
			if at < 0 && slices.Contains(allowed, name) {
				continue
			}
			if at < 0 {
				return r.noColumn(name, r.names)
			}
			if r.hide == nil {
				r.hide = make([]bool, len(r.names))
			}
			r.hide[at] = true
		}
	}
	r.line, _ = given.Get("line").(string)
	switch {
	case r.line == "":
	case r.names == nil:
		return r.fault("line = %q needs rows by name: name the columns", r.line)
	case slices.Contains(r.names, r.line):
		return r.fault("line = %q is a column of the file: choose another name", r.line)
	}
	r.makeShape(strict, allowed...)
	return nil
}

// allow refuses a column that is none of these; nil allows all.
func (r *csvRows) allow(allowed []string) error {
	for _, name := range r.names {
		if allowed == nil || slices.Contains(allowed, name) {
			continue
		}
		err := r.fault("there is no use for the column %s", csvfile.Shown(name)).(*fault.Error)
		if err.Hint = fault.DidYouMean(name, allowed); err.Hint == "" {
			err.Hint = "columns are " + strings.Join(allowed, ", ")
		}
		return err
	}
	return nil
}

// texts returns a list of texts; nil for none.
func texts(list any) []string {
	t, ok := list.(luavm.Tab)
	if !ok {
		return nil
	}
	all := make([]string, t.Len())
	for i := range all {
		all[i], _ = t.Index(i + 1).(string)
	}
	return all
}

// nameColumns applies the option columns.
func (r *csvRows) nameColumns(columns luavm.Tab) error {
	header := r.reader.Header()
	var wanted []string
	for i := range columns.Len() {
		name, _ := columns.Index(i + 1).(string)
		wanted = append(wanted, name)
	}
	if header == nil {
		if len(wanted) == 0 {
			return r.fault("without header, columns must be a list of all names")
		}
		r.names = wanted
		return r.unique()
	}
	for _, name := range wanted {
		if !slices.Contains(header, name) {
			return r.noColumn(name, header)
		}
	}
	var missing error
	columns.Each(func(key, value any) bool {
		as, ok := key.(string)
		if !ok {
			return true
		}
		name, _ := value.(string)
		at := slices.Index(header, name)
		if at < 0 {
			missing = r.noColumn(name, header)
			return false
		}
		r.names[at] = as
		return true
	})
	if missing != nil {
		return missing
	}
	return r.unique()
}

func (r *csvRows) unique() error {
	for i, name := range r.names {
		if slices.Contains(r.names[:i], name) {
			return r.fault("two columns would be named %s", csvfile.Shown(name))
		}
	}
	return nil
}

func (r *csvRows) fault(format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Op: "csv", Message: r.reader.Name() + ": " + fmt.Sprintf(format, args...)}
}

// noColumn says that the file has no such column.
func (r *csvRows) noColumn(name string, columns []string) *fault.Error {
	safe := make([]string, len(columns))
	for i, column := range columns {
		safe[i] = csvfile.Shown(column)
	}
	hint := fault.DidYouMean(name, safe)
	if hint == "" {
		hint = "its columns are " + clip(strings.Join(safe, ", "))
	}
	return &fault.Error{
		Kind: fault.Invalid, Op: "csv", Message: fmt.Sprintf("%s: has no column %s", r.reader.Name(), csvfile.Shown(name)), Hint: hint,
	}
}

// makeShape settles what reading a column that is not there is: nil for those
// that may be missing.
func (r *csvRows) makeShape(strict bool, optional ...string) {
	if strict && r.names != nil {
		columns := r.names
		if r.line != "" {
			columns = append(slices.Clone(columns), r.line)
		}
		r.shape = &luavm.Shape{Missing: func(key string) error {
			if slices.Contains(optional, key) {
				return nil
			}
			err := r.noColumn(key, columns)
			err.Kind = fault.Script // the file was taken as it is, so the playbook is wrong
			return err
		}}
	}
	r.row.Names, r.row.Shape = r.names, r.shape
}
