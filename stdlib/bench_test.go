package stdlib_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
	"moonpost/stdlib"
)

// readers are the same work in Lua and in Python: every row is read, and one of
// its fields.
var readers = map[string]struct{ lua, python string }{
	"position": {
		`local csv, n = require("csv"), 0
for row in csv.rows("rows.csv", { header = false }) do n = n + #row[2] end
return n`,
		`import csv, sys, time
start = time.perf_counter()
n = 0
with open(sys.argv[1], newline="") as f:
    for row in csv.reader(f): n += len(row[1])
print(time.perf_counter() - start)`,
	},
	"name": {
		`local csv, n = require("csv"), 0
for row in csv.rows("rows.csv") do n = n + #row.fullName end
return n`,
		`import csv, sys, time
start = time.perf_counter()
n = 0
with open(sys.argv[1], newline="") as f:
    for row in csv.DictReader(f): n += len(row["fullName"])
print(time.perf_counter() - start)`,
	},
}

// BenchmarkRows streams 1,000,000 rows of 6 fields (82 MB) through a playbook,
// in turn with Python's csv where python3 is found, and reports the median ratio
// of the two and the peak of the heap. The collector is set as moonpost sets it.
//
//	go test -run xxx -bench Rows -benchtime 5x ./stdlib
func BenchmarkRows(b *testing.B) {
	dir := b.TempDir()
	file := writeRows(b, dir, 1_000_000)
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Log("no python3 here: no ratio")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	for name, reader := range readers {
		b.Run(name, func(b *testing.B) {
			var ratios []float64
			var peak uint64
			for b.Loop() {
				start := time.Now()
				peak = max(peak, stream(b, dir, reader.lua))
				ours := time.Since(start)
				if python == "" {
					continue
				}
				b.StopTimer()
				out, err := exec.Command(python, "-c", reader.python, file).Output()
				if err != nil {
					b.Fatal(err)
				}
				theirs, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
				if err != nil {
					b.Fatal(err)
				}
				ratios = append(ratios, ours.Seconds()/theirs)
				b.StartTimer()
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
			if len(ratios) > 0 {
				slices.Sort(ratios)
				b.ReportMetric(ratios[len(ratios)/2], "of-python")
			}
		})
	}
}

func writeRows(b *testing.B, dir string, rows int) string {
	file, err := os.Create(filepath.Join(dir, "rows.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(w, "userName,fullName,email,department,quota,active")
	for i := range rows {
		fmt.Fprintf(w, "user%07d,First%d Last%d,user%07d@mail.example.com,Department %d,%d,true\n", i, i, i, i, i%50, i%2048)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return file.Name()
}

// stream runs a playbook and returns the most heap that it was seen to use.
func stream(b *testing.B, dir, text string) (peak uint64) {
	chunk, err := source.Parse("bench.lua", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse+now.StackInuse)
			}
		}
	}()
	defer func() { <-watched }()
	defer close(done)
	state, err := luavm.New(luavm.Options{Modules: stdlib.Modules(stdlib.Host{Dir: dir})})
	if err != nil {
		b.Fatal(err)
	}
	defer state.Close()
	if _, err := state.Run(b.Context(), chunk, nil); err != nil {
		b.Fatal(err)
	}
	return peak
}
