package secret_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"moonpost/engine/secret"
)

func BenchmarkWriter(b *testing.B) {
	var text []byte
	random := rand.New(rand.NewPCG(3, 4))
	for len(text) < 64<<10 {
		text = fmt.Appendf(text, "info: user %d of store %q has 100 %% & more: %s\n", len(text), "main", randomText(random, 20))
	}
	for _, count := range []int{0, 1, 10, 1000, 100_000} {
		b.Run(fmt.Sprintf("secrets=%d", count), func(b *testing.B) {
			r := secret.NewRedactor()
			for range count {
				r.Add(secret.New(randomText(random, 12)))
			}
			w := r.Writer(io.Discard)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Write(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	r := secret.NewRedactor()
	b.ReportAllocs()
	for b.Loop() {
		r.Add(secret.New(randomText(random, 12)))
	}
}
