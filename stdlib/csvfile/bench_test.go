package csvfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// sample is 100,000 rows of 6 fields.
func sample() string {
	var b strings.Builder
	b.WriteString("userName,fullName,email,department,quota,active\n")
	for i := range 100_000 {
		fmt.Fprintf(&b, "user%06d,First Last %d,user%06d@example.com,Department %d,%d,true\n", i, i, i, i%50, i%2048)
	}
	return b.String()
}

func BenchmarkSplit(b *testing.B) {
	text := sample()
	quoted := strings.NewReplacer(",", `","`, "\n", "\"\n\"").Replace(text)
	quoted = `"` + strings.TrimSuffix(quoted, `"`)
	for name, text := range map[string]string{"plain": text, "quoted": quoted} {
		b.Run(name+"/ours", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s, _ := newSplitter(strings.NewReader(text), Options{})
				for {
					if _, err := s.row(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(name+"/encoding_csv", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := csv.NewReader(strings.NewReader(text))
				r.ReuseRecord, r.LazyQuotes = true, true
				for {
					if _, err := r.Read(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	text := []byte(sample())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		c := checker{name: "x.csv", encoding: utf8Name, line: 1}
		for piece := range slices.Chunk(text, 256<<10) {
			if bad := c.write(piece); bad != nil {
				b.Fatal(bad)
			}
		}
	}
}
