package csvfile

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"moonpost/engine/fault"
)

// FuzzRead checks that any bytes under any options are read or refused as
// promised, and that RFC 4180 files are read as encoding/csv does.
func FuzzRead(f *testing.F) {
	for _, file := range []string{
		"", "a,b\n1,2\n", "\xEF\xBB\xBFa;b\r\n1;\"x\r\ny\"\r\n", "a\n\"", "a,b\n1\n", "a|b\r1|2\r", "sep=;\na;b\n",
		"\xFF\xFEa\x00,\x00b\x00\n\x00", "\xFE\xFF\x00a\x00\n", "name\nM\xFCller\n", "name\nM\x81ller\n", "#x\na,b\n1,\"2\" \n", "a,a\n", ",\n", "a\x00",
	} {
		f.Add([]byte(file), "", "", "", byte(0))
	}
	f.Add([]byte("a:b\n1:2\n"), ":", "cp850", "#", byte(7))
	f.Fuzz(func(t *testing.T, file []byte, delimiter, encoding, comment string, flags byte) {
		opts := Options{
			Delimiter: delimiter, Encoding: encoding, Comment: comment,
			Trim: flags&1 != 0, NoHeader: flags&2 != 0, Short: flags&4 != 0,
		}
		r, err := NewReader(t.Context(), strings.NewReader(string(file)), "x.csv", opts)
		var rows [][]string
		if err == nil {
			rows, _, err = all(r)
		}
		if err != nil {
			if found, ok := errors.AsType[*fault.Error](err); !ok || found.Kind != fault.Invalid || !utf8.ValidString(found.Text()) {
				t.Fatalf("error = %v, want a readable fault of kind invalid", err)
			}
			return
		}
		width := len(r.Header())
		for i, row := range rows {
			if width == 0 {
				width = len(row)
			}
			if len(row) > width || len(row) < width && !opts.Short {
				t.Errorf("row %d = %q has %d fields, want %d", i, row, len(row), width)
			}
			for _, field := range row {
				if !utf8.ValidString(field) || strings.Contains(field, "\x00") || len(field) > MaxField*utf8.UTFMax {
					t.Errorf("field %q of row %d is no text", field, i)
				}
			}
		}
		if !opts.Trim && opts.NoHeader && opts.Comment == "" && r.Found().Encoding == utf8Name && r.Found().Delimiter != "" {
			compare(t, file, r.Found().Delimiter, rows)
		}
	})
}

// compare reads the file with encoding/csv, which is stricter, and keeps no
// carriage returns.
func compare(t *testing.T, file []byte, delimiter string, rows [][]string) {
	if strings.Contains(string(file), "\r") || strings.HasPrefix(string(file), "sep=") {
		return
	}
	std := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file), "\xEF\xBB\xBF")))
	std.Comma = rune(delimiter[0])
	std.FieldsPerRecord = -1
	want, err := std.ReadAll()
	if err != nil {
		return
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("rows of %q = %q, want %q", file, rows, want)
	}
}
