package display

import (
	"io"
	"strings"

	"moonpost/stdlib/csvfile"
)

// writeCSV writes rows of objects under their names, and everything else in one
// column named value.
func writeCSV(w io.Writer, v any) error {
	if v == nil {
		return nil
	}
	out, err := csvfile.NewWriter(w, csvfile.Style{})
	if err != nil {
		return err
	}
	rows, ok := objects(v)
	if !ok {
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		for _, element := range list {
			rows = append(rows, object{{"value", element}})
		}
	}
	names := fields(rows)
	if len(names) == 0 {
		return nil
	}
	header := make([]csvfile.Cell, len(names))
	for column, name := range names {
		header[column] = csvfile.Cell{Text: name}
	}
	if err := out.Row(header...); err != nil {
		return err
	}
	for _, row := range rows {
		cells := make([]csvfile.Cell, len(names))
		for column, name := range names {
			v, _ := row.get(name)
			cells[column] = csvCell(v)
		}
		if err := out.Row(cells...); err != nil {
			return err
		}
	}
	return out.Flush()
}

func csvCell(v any) csvfile.Cell {
	switch v := v.(type) {
	case nil:
		return csvfile.Cell{}
	case number:
		return csvfile.Cell{Text: string(v), Number: true}
	case string:
		return csvfile.Cell{Text: v}
	case []any:
		if texts, ok := scalars(v); ok { // as the arguments of MailStore take lists
			return csvfile.Cell{Text: strings.Join(texts, ",")}
		}
	}
	return csvfile.Cell{Text: string(appendJSON(nil, v, ""))}
}
