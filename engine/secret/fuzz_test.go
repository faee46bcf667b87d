package secret_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/secret"
)

func FuzzNoSecretPasses(f *testing.F) {
	f.Add(canary, "before ", " after", uint64(1))
	f.Add("hunter22", "hunte", "r22", uint64(2))
	f.Add("line one\nline two", "\\", "\\", uint64(3))
	f.Add(`""""""`, `"`, `"`, uint64(4))
	f.Add(`\\\\\\"`, `\`, `\"`, uint64(5))
	f.Add("ab\xff\xfecdef", "%", "%f", uint64(6))
	names := slices.Sorted(maps.Keys(encoders))
	f.Fuzz(func(t *testing.T, text, before, after string, seed uint64) {
		if len(text) < secret.MinLength || len(text) > 200 || strings.Contains(text, "*") || strings.Contains(secret.Mask, text) {
			t.Skip("too long to be quick, or a mask beside other text may look like the secret")
		}
		r := redactor(text)
		random := rand.New(rand.NewPCG(seed, seed))
		for _, name := range names {
			encoded := encoders[name](text)
			if len(encoded) < secret.MinLength || strings.HasPrefix(name, "utf16") && len([]rune(text)) < 3 {
				continue // too short to be told from other text
			}
			whole := before + encoded + after
			want := r.Redact(whole)
			if leaks(want, encoded) {
				t.Errorf("Redact(%q), %s of %q = %q, want it masked", whole, name, text, want)
			}
			if got := inPieces(r, whole, func() int { return 1 + random.IntN(7) }); got != want {
				t.Errorf("Write(%q) in pieces = %q, want %q as in one", whole, got, want)
			}
		}
	})
}

func FuzzOtherTextIsUnchanged(f *testing.F) {
	f.Add("12 % & \\\\ \"\" + 'x' &amp; %41 \\u0041", uint64(1))
	f.Add("\x00\x01\xff &#x", uint64(2))
	r := redactor("hunter-zwei", canary, "p&s w+rd% more", "Sömmer…")
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		// Every spelling of these secrets has at least one of these letters.
		text = strings.Map(func(r rune) rune {
			if strings.ContainsRune("hunterzweipswrdSmö", r) {
				return '.'
			}
			return r
		}, text)
		if strings.ContainsAny(text, "0123456789") && hexOrBase64(text) {
			t.Skip("may be an encoding")
		}
		random := rand.New(rand.NewPCG(seed, seed))
		if got := inPieces(r, text, func() int { return 1 + random.IntN(5) }); got != text {
			t.Errorf("Write(%q) = %q, want it unchanged", text, got)
		}
	})
}

func hexOrBase64(text string) bool {
	run := 0
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == 0 {
			if run++; run >= secret.MinLength {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}
