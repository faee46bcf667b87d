//go:build linux

package benchmark

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// worked is what the programs print that read a text.
type worked struct{ Seconds, Rows, Sum float64 }

// BenchmarkCSV measures goal 10: a large CSV file through a playbook, against
// Python's csv.reader (by position) and csv.DictReader (by name).
func BenchmarkCSV(b *testing.B) {
	python := pythonOrSkip(b)
	file := written(b, "users.csv", func(w *bufio.Writer) { writeCSV(w, 1_000_000) })
	tenth := written(b, "tenth.csv", func(w *bufio.Writer) { writeCSV(w, 100_000) })
	for _, by := range []string{"position", "name"} {
		b.Run("by="+by, func(b *testing.B) {
			var ours, theirs, peak, tenthPeak []float64
			run := func(file string) usage {
				return measure(b, nil, moonpost(b), "run", "testdata/read_csv.lua", "--output", "json", "--quiet", "file="+file, "by="+by)
			}
			for range b.N {
				alternate(rounds, func() {
					u := run(file)
					ours, peak = append(ours, decode[worked](b, u.out).Seconds), append(peak, float64(u.peak))
				}, func() {
					u := measure(b, nil, python, "testdata/read_csv.py", file, by)
					theirs = append(theirs, decode[worked](b, u.out).Seconds)
					if got, want := decode[worked](b, run(tenth).out).Rows, 100_000.0; got != want {
						b.Fatalf("read %v rows, want %v", got, want)
					}
				})
				tenthPeak = append(tenthPeak, float64(run(tenth).peak))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ratio(ours, theirs), "of-Python-time")
			b.ReportMetric(median(peak)/(1<<20), "MB-peak")
			b.ReportMetric(median(tenthPeak)/(1<<20), "MB-peak-100k")
		})
	}
}

// BenchmarkJSON measures goal 11: a JSON text of 50 MB into tables, against
// Python's json.loads.
func BenchmarkJSON(b *testing.B) {
	python := pythonOrSkip(b)
	file := written(b, "users.json", writeJSON)
	var ours, theirs, oursPeak, theirsPeak []float64
	for range b.N {
		alternate(rounds, func() {
			u := measure(b, nil, moonpost(b), "run", "testdata/read_json.lua", "--output", "json", "--quiet", "text=@"+file)
			ours, oursPeak = append(ours, decode[worked](b, u.out).Seconds), append(oursPeak, float64(u.peak))
		}, func() {
			u := measure(b, nil, python, "testdata/read_json.py", file)
			theirs, theirsPeak = append(theirs, decode[worked](b, u.out).Seconds), append(theirsPeak, float64(u.peak))
		})
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratio(ours, theirs), "of-Python-time")
	b.ReportMetric(ratio(oursPeak, theirsPeak), "of-Python-memory")
}

func pythonOrSkip(b *testing.B) string {
	b.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Skip("no python3 here: install it with apt-get install python3")
	}
	return python
}

// written returns the path of a file that write fills.
func written(b *testing.B, name string, write func(*bufio.Writer)) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func writeCSV(w *bufio.Writer, rows int) {
	fmt.Fprintln(w, "userName,fullName,emailAddress,size,folder,note")
	for i := range rows {
		fmt.Fprintf(w, "user%d,\"Müller, Anna %d\",user%d@example.com,%d,user%d/Inbox,a note of some length\n", i, i, i, 1000+i%977, i)
	}
}

func writeJSON(w *bufio.Writer) {
	fmt.Fprint(w, "[")
	for i := range 250_000 {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `{"id":%d,"userName":"user%d","fullName":"Anna Müller %d","distinguishedName":null,`+
			`"emailAddresses":["user%d@example.com","a.mueller%d@example.com"],"size":%d.5,"admin":%t,"note":"line\nnext \u00e4"}`,
			i, i, i, i, i, 1000+i%977, i%7 == 0)
	}
	fmt.Fprint(w, "]")
}
