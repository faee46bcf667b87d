package csvfile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"moonpost/engine/fault"
)

func wantFault(t *testing.T, err error, message, hint string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok || f.Kind != fault.Invalid:
		t.Errorf("error = %v, want a fault of kind invalid", err)
	case !strings.Contains(f.Text(), message):
		t.Errorf("error = %q, want %q in it", f.Text(), message)
	case !strings.Contains(f.Hint, hint):
		t.Errorf("hint = %q, want %q in it", f.Hint, hint)
	}
}

func utf16(order unicode.Endianness, bom unicode.BOMPolicy, text string) string {
	out, err := unicode.UTF16(order, bom).NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return out
}

// all reads a file to its end.
func all(r *Reader) (rows [][]string, lines []int, err error) {
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, lines, nil
		}
		if err != nil {
			return rows, lines, err
		}
		rows, lines = append(rows, slices.Clone(row)), append(lines, r.Line())
	}
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name   string
		file   string
		opts   Options
		found  string
		header []string
		rows   [][]string
		lines  []int
	}{
		{"comma", "a,b\n1,2\n", Options{}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"semicolon", "a;b\n1,5;2,5\n", Options{}, `read as UTF-8, delimiter ";"`, []string{"a", "b"}, [][]string{{"1,5", "2,5"}}, []int{2}},
		{"tab", "a\tb\n1\t2\n", Options{}, "read as UTF-8, delimiter tab", []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"pipe", "a|b\n1|2\n", Options{}, `read as UTF-8, delimiter "|"`, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"another delimiter when it is named", "a:b\n1:2\n", Options{Delimiter: ":"}, `read as UTF-8, delimiter ":"`,
			[]string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"one column", "name\nada\nbob\n", Options{}, "read as UTF-8, one column", []string{"name"}, [][]string{{"ada"}, {"bob"}}, []int{2, 3}},
		{"one column with commas in quotes", "name\n\"Doe, Jane\"\n", Options{}, "read as UTF-8, one column", []string{"name"}, [][]string{{"Doe, Jane"}}, []int{2}},
		{"delimiters in quotes do not count", "\"a;x\",b\n\"1;2\",3\n", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"a;x", "b"}, [][]string{{"1;2", "3"}}, []int{2}},
		{"delimiters that only some rows have do not count", "user,groups\nada,a;b\nbob,c\n", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"user", "groups"}, [][]string{{"ada", "a;b"}, {"bob", "c"}}, []int{2, 3}},
		{"only a header", "a,b", Options{}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, nil, nil},
		{"no line end at the end", "a,b\n1,2", Options{}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"mixed line ends and blank lines", "a,b\r\n1,2\n\r\n\n3,4\r\n", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}, []int{2, 5}},
		{"carriage returns alone in the whole file", "a,b\r1,2\r3,4\r", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}, []int{2, 3}},
		{"byte order mark", "\xEF\xBB\xBFa,b\n1,2\n", Options{}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"byte order mark before a quote", "\xEF\xBB\xBF\"a\",b\n1,2\n", Options{}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"UTF-16LE with mark", utf16(unicode.LittleEndian, unicode.UseBOM, "a;b\nü;😀\n"), Options{}, `read as UTF-16LE, delimiter ";"`,
			[]string{"a", "b"}, [][]string{{"ü", "😀"}}, []int{2}},
		{"UTF-16BE with mark", utf16(unicode.BigEndian, unicode.UseBOM, "a;b\nü;2\n"), Options{}, `read as UTF-16BE, delimiter ";"`,
			[]string{"a", "b"}, [][]string{{"ü", "2"}}, []int{2}},
		{"UTF-16LE without mark", utf16(unicode.LittleEndian, unicode.IgnoreBOM, "a\tb\nü\t2\n"), Options{}, "read as UTF-16LE, delimiter tab",
			[]string{"a", "b"}, [][]string{{"ü", "2"}}, []int{2}},
		{"UTF-16BE without mark", utf16(unicode.BigEndian, unicode.IgnoreBOM, "a\tb\nü\t2\n"), Options{Encoding: "utf-16"}, "read as UTF-16BE, delimiter tab",
			[]string{"a", "b"}, [][]string{{"ü", "2"}}, []int{2}},
		{"code page that is named", "name\nErd\xF5s\n", Options{Encoding: "windows-1250"}, "read as cp1250, one column", []string{"name"}, [][]string{{"Erdős"}}, []int{2}},
		{"name of the web", "name\n\x8E\x52\x93\x63\n", Options{Encoding: "Shift_JIS"}, "read as shift_jis, one column", []string{"name"}, [][]string{{"山田"}}, []int{2}},
		{"separator line of Excel", "sep=;\r\na;b,c\r\n1;2\r\n", Options{}, `read as UTF-8, delimiter ";"`, []string{"a", "b,c"}, [][]string{{"1", "2"}}, []int{3}},
		{"line ends and quotes in quotes", "a,b\n\"1\r\n\"\"x\"\"\",2\n3,4\n", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"a", "b"}, [][]string{{"1\r\n\"x\"", "2"}, {"3", "4"}}, []int{2, 4}},
		{"empty fields", "a,b,c\n,,\n\"\",\"\",\"\"\n", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"a", "b", "c"}, [][]string{{"", "", ""}, {"", "", ""}}, []int{2, 3}},
		{"lone quotes inside a field", "size,b\n5\" disk,\"x\"\nd\"e,f\"\n", Options{}, `read as UTF-8, delimiter ","`,
			[]string{"size", "b"}, [][]string{{"5\" disk", "x"}, {"d\"e", "f\""}}, []int{2, 3}},
		{"blanks are kept", "a , b\n 1 , 2 \n", Options{}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, [][]string{{" 1 ", " 2 "}}, []int{2}},
		{"blanks are cut on request", "a , b\n 1 , \" 2\" \n", Options{Trim: true}, `read as UTF-8, delimiter ","`, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"comments", "# users; of, 2026\na,b\n#1,2\n3,#4\n", Options{Comment: "#"}, `read as UTF-8, delimiter ","`,
			[]string{"a", "b"}, [][]string{{"3", "#4"}}, []int{4}},
		{"short rows on request", "a,b,c\n1\n1,2\n", Options{Short: true, Delimiter: ","}, `read as UTF-8, delimiter ","`,
			[]string{"a", "b", "c"}, [][]string{{"1"}, {"1", "2"}}, []int{2, 3}},
		{"without header", "1;2\n3;4\n", Options{NoHeader: true}, `read as UTF-8, delimiter ";"`, nil, [][]string{{"1", "2"}, {"3", "4"}}, []int{1, 2}},
		{"empty, without header", "", Options{NoHeader: true}, "read as UTF-8, one column", nil, nil, nil},
		{"cp1252 is said", "name;town\nM\xFCller;K\xF6ln\n", Options{}, `read as cp1252, delimiter ";"`, []string{"name", "town"}, [][]string{{"Müller", "Köln"}}, []int{2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			// One byte at a time finds what breaks at the end of a piece.
			for _, src := range []io.ReadSeeker{strings.NewReader(test.file), byteReader{strings.NewReader(test.file)}} {
				r, err := NewReader(t.Context(), src, "x.csv", test.opts)
				if err != nil {
					t.Fatalf("NewReader(%q) = %v", test.file, err)
				}
				if got := r.Found().String(); got != test.found {
					t.Errorf("Found() = %q, want %q", got, test.found)
				}
				if !slices.Equal(r.Header(), test.header) {
					t.Errorf("Header() = %q, want %q", r.Header(), test.header)
				}
				rows, lines, err := all(r)
				if err != nil || !slices.EqualFunc(rows, test.rows, slices.Equal) || !slices.Equal(lines, test.lines) {
					t.Errorf("rows of %q = %q on lines %v, %v, want %q on lines %v", test.file, rows, lines, err, test.rows, test.lines)
				}
			}
		})
	}
}

// byteReader gives one byte at a time.
type byteReader struct{ *strings.Reader }

func (r byteReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }

func TestBadFilesAreRefused(t *testing.T) {
	wide := strings.Repeat("c,", 1_000_000) + "c"
	for _, test := range []struct {
		name          string
		file          string
		opts          Options
		message, hint string
	}{
		{"empty", "", Options{}, "x.csv: is empty; its first line must name the columns", ""},
		{"blank lines only", "\n\n\r\n", Options{}, "x.csv: is empty", ""},
		{"mark only", "\xEF\xBB\xBF", Options{}, "x.csv: is empty", ""},
		{"a field too many", "a,b\n1,2\n\n1,2,3\n", Options{}, "x.csv:4: 3 fields, the header has 2", ""},
		{"a field too few", "a,b\n1\n", Options{}, "x.csv:2: 1 field, the header has 2", ""},
		{"a field too many where rows may be short", "a,b\n1\n1,2,3\n", Options{Short: true, Delimiter: ","}, "x.csv:3: 3 fields, the header has 2", ""},
		{"rows of different length without header", "1,2\n1,2\n3\n", Options{NoHeader: true}, "x.csv:3: 1 field, the rows before have 2", ""},
		{"column without a name", "a,,c\n1,2,3\n", Options{}, "x.csv:1: column 2 has no name", "header = false"},
		{"two columns of one name", "a,b, a\n", Options{}, "x.csv:1: columns 1 and 3 are both named a", ""},
		{"quote that is never closed", "a,b\n1,2\nü,\"x\n3,4\n", Options{}, "x.csv:3:3: the quote that opens here is never closed", "written twice"},
		{"quote that is never closed in 1 MiB", "a,b\n1,\"" + strings.Repeat("x\n", MaxRow), Options{}, "x.csv:2:3: the quote that opens here", ""},
		{"text after a closing quote", "a,b\n1,\"x\ny\" z\n", Options{Delimiter: ","}, `x.csv:3:3: text after a closing quote: ' '`, "written twice"},
		{"carriage return inside a line", "a,b\n1,2\n1\r2,3\n", Options{}, "x.csv:3:2: a carriage return alone, outside quotes", ""},
		{"carriage return after a quoted field", "a,b\n1,\"2\"\rx\n", Options{}, "x.csv:2:6: a carriage return alone, outside quotes", ""},
		{"NUL", "a,b\n1,\x002\n", Options{}, "x.csv:2: has a NUL byte, so it is no text", ""},
		{"binary", "\x7FELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3E\x00", Options{}, "x.csv:1: has a NUL byte", ""},
		{"spreadsheet", "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xDF", Options{}, "x.csv:1: has a NUL byte", ""},
		{"not the encoding that was given", "a,b\n1,\xFC\n", Options{Encoding: "utf-8"}, "x.csv:2: byte 0xFC is not UTF-8", ""},
		{"byte that the encoding lacks", "a,b\n1,\x81\n", Options{Encoding: "cp1252"}, "x.csv:2: has bytes that are not cp1252", ""},
		{"half of a UTF-16 character", "\xFF\xFEa\x00\n\x00\x00\xD8", Options{}, "x.csv:2: has bytes that are not UTF-16LE", ""},
		{"odd number of bytes in UTF-16", "\xFF\xFEa\x00\n\x00b", Options{}, "x.csv:2: has bytes that are not UTF-16LE", ""},
		{"UTF-32", "\xFF\xFE\x00\x00a\x00\x00\x00", Options{}, "x.csv: is UTF-32LE text, which is not read; save it as UTF-8", ""},
		{"mark that contradicts the option", "\xEF\xBB\xBFa,b\n", Options{Encoding: "cp1252"}, `x.csv: begins with the mark of UTF-8, but encoding = "cp1252" was given`, ""},
		{"UTF-16 without mark and pattern", "\x93\x5E\x01\x4E", Options{Encoding: "utf-16"}, `give encoding = "utf-16le" or "utf-16be"`, ""},
		{"unknown encoding", "a,b\n", Options{Encoding: "ebcdic"}, "unknown encoding ebcdic; known are utf-8", ""},
		{"two delimiters that fit equally well", "a;b,c\n1;2,3\n", Options{}, `x.csv: the delimiter is not certain: "," gives 2 columns, ";" gives 2 columns`, `delimiter = ","`},
		{"decimal commas without header", "1,5;2,5\n3,5;4,5\n", Options{NoHeader: true}, "x.csv: the delimiter is not certain", ""},
		{"long delimiter", "a,b\n", Options{Delimiter: "::"}, `delimiter = "::" is no single ASCII character`, ""},
		{"quote as delimiter", "a,b\n", Options{Delimiter: `"`}, `delimiter = "\"" is no single`, ""},
		{"comment that is the delimiter", "a,b\n", Options{Delimiter: "#", Comment: "#"}, `comment and delimiter are both "#"`, ""},
		{"million columns", wide + "\n", Options{}, "x.csv:1: the row", ""},
		{"1,001 columns", strings.Repeat(",", 1000) + "\n", Options{}, "x.csv:1: the row has more than 1000 columns", ""},
		{"1,001 columns in quotes", strings.Repeat(`"",`, 1000) + "\n", Options{}, "x.csv:1: the row has more than 1000 columns", ""},
		{"large field", "a,b\n1," + strings.Repeat("x", MaxField+1) + "\n", Options{}, "x.csv:2: field 2 is longer than 65536 bytes", ""},
		{"large field in quotes", "a,b\n1,\"" + strings.Repeat("x", MaxField+1) + "\"\n", Options{}, "x.csv:2: field 2 is longer than 65536 bytes", ""},
		{"large row", "a,b\n" + strings.Repeat("x", MaxRow+1) + "\n", Options{}, "x.csv:2: the row is longer than 1048576 bytes", ""},
		{"control characters in a name are shown escaped", "\x1b[31m,\x1b[31m\n", Options{}, `columns 1 and 2 are both named "\x1b[31m"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := NewReader(t.Context(), strings.NewReader(test.file), "x.csv", test.opts)
			if err == nil {
				_, _, err = all(r)
				if _, again := r.Read(); err == nil || again == nil || again.Error() != err.Error() {
					t.Errorf("Read() after an error = %v, want %v again", again, err)
				}
			}
			wantFault(t, err, test.message, test.hint)
		})
	}
}

var exes = strings.Repeat("x", 256<<10)

// endless is a file of one line.
type endless struct{ size, at int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), e.size-e.at))
	if n == 0 {
		return 0, io.EOF
	}
	for rest := p[:n]; len(rest) > 0; {
		rest = rest[copy(rest, exes):]
	}
	e.at += int64(n)
	return n, nil
}

func (e *endless) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	e.at = offset
	return offset, nil
}

func TestAnEndlessLineTakesLittleMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewReader(t.Context(), &endless{size: 128 << 20}, "x.csv", Options{})
	runtime.ReadMemStats(&after)
	wantFault(t, err, "x.csv:1: the row is longer than 1048576 bytes", "")
	if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
		t.Errorf("a line of 128 MiB takes %d bytes, want at most 8 MiB", got)
	}
}

func TestTheSearchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	if _, err := NewReader(ctx, &endless{size: 1 << 50}, "x.csv", Options{}); !errors.Is(err, cause) {
		t.Errorf("NewReader() = %v, want %v", err, cause)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "users.csv")
	if err := os.WriteFile(file, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("reads through what it is given", func(t *testing.T) {
		var through bytes.Buffer
		r, err := Open(t.Context(), file, Options{}, func(r io.Reader) io.Reader { return io.TeeReader(r, &through) })
		if err != nil {
			t.Fatal(err)
		}
		if rows, _, err := all(r); err != nil || len(rows) != 1 {
			t.Errorf("rows = %q, %v, want one", rows, err)
		}
		if r.Name() != "users.csv" {
			t.Errorf("Name() = %q, want users.csv", r.Name())
		}
	})
	for _, test := range []struct{ name, path, message, hint string }{
		{"missing file", filepath.Join(dir, "user.csv"), "user.csv: no such file", "looked for " + dir},
		{"folder", dir, "is a folder, not a CSV file", ""},
		{"device", os.DevNull, "is no regular file", ""},
		{"name with control characters", filepath.Join(dir, "a\x1b[2J.csv"), `"a\x1b[2J.csv": no such file`, ""},
	} {
		t.Run(test.name+" is refused", func(t *testing.T) {
			_, err := Open(t.Context(), test.path, Options{}, nil)
			wantFault(t, err, test.message, test.hint)
		})
	}
}
