package secret_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"moonpost/engine/secret"
)

func TestEveryEncodingIsMasked(t *testing.T) {
	for _, text := range []string{canary, "Sommer2026!", "ÄÖÜäöüß", "a\nb\rc\x00d\x7f", `\\server\share`, "パスワード"} {
		r := redactor(text)
		for name, encode := range encoders {
			encoded := encode(text)
			if got := r.Redact("<<" + encoded + ">>"); leaks(got, encoded) {
				t.Errorf("Redact(%s of %q) = %q, want it masked", name, text, got)
			}
		}
	}
}

func TestBase64IsMaskedAtEveryOffset(t *testing.T) {
	const text = "Sommer2026!"
	r := redactor(text)
	for before := range 8 {
		for after := range 5 {
			plain := strings.Repeat("u", before) + ":" + text + strings.Repeat("x", after)
			got := r.Redact(base64.StdEncoding.EncodeToString([]byte(plain)))
			if !strings.Contains(got, secret.Mask) {
				t.Fatalf("Redact(base64 of %q) = %q, want a mask in it", plain, got)
			}
			// What is left around the mask must not decode to the secret's characters.
			for part := range strings.SplitSeq(got, secret.Mask) {
				decoded, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(part, "=")[:len(strings.TrimRight(part, "="))/4*4])
				if strings.Contains(string(decoded), "omm") || strings.Contains(string(decoded), "26!") {
					t.Errorf("Redact(base64 of %q) = %q, want nothing of the secret left", plain, got)
				}
			}
		}
	}
}

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		name, secrets, text, want string // secrets divided by |
	}{
		{"text without a secret is unchanged", "hunter22", "100 % of hunter2 & more \\ \"x\"", "100 % of hunter2 & more \\ \"x\""},
		{"every occurrence is masked", "hunter22", "hunter22,hunter22", "***,***"},
		{"neighbours have a mask each", "hunter22", "hunter22hunter22", "******"},
		{"overlapping secrets leave no rest", "abcdefgh|efghijkl", "<abcdefghijkl>", "<***>"},
		{"a secret in a longer one leaves no rest", "abcdef|abcdefghi", "<abcdefghi><abcdef>", "<***><***>"},
		{"a secret that overlaps itself leaves no rest", "abcabcabc", "<abcabcabcabc>", "<***>"},
		{"each line of a long secret is masked", "first line\n  second one\nx\n", "1: first line\r\n2: second one\r\n", "1: ***\r\n2: ***\r\n"},
		{"short lines of a secret stay", "first line\nend", "the end", "the end"},
		{"escaped letters are another text", "hunter22", "%68unter22", "%68unter22"},
		{"an escape in the middle is read", "hunter/22", `hunter\/22 hunter%2f22 hunter&#47;22`, "*** *** ***"},
		{"escapes may be mixed", `a"b/c&dé`, `a%22b\/c&amp;d\u00e9`, "***"},
		{"a secret that begins with a mark", "%&\\+secret", `%25&amp;\\+secret`, "***"},
		{"a form puts + for a blank", "a b c d", "a+b+c+d a%20b+c d", "*** ***"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := redactor(strings.Split(c.secrets, "|")...)
			if got := r.Redact(c.text); got != c.want {
				t.Errorf("Redact(%q) = %q, want %q", c.text, got, c.want)
			}
			for size := 1; size <= len(c.text); size++ {
				if got := inPieces(r, c.text, func() int { return size }); got != c.want {
					t.Errorf("Write(%q) by %d bytes = %q, want %q", c.text, size, got, c.want)
				}
			}
		})
	}
}

func TestShortSecretsAreRefused(t *testing.T) {
	r := secret.NewRedactor()
	for text, want := range map[string]bool{"": false, "abcde": false, "abcdef": true, "ööö": true} {
		if got := r.Add(secret.New(text)); got != want {
			t.Errorf("Add(%q) = %v, want %v", text, got, want)
		}
	}
	if got := r.Redact("abcde, \xf6\xf6\xf6"); got != "abcde, \xf6\xf6\xf6" {
		t.Errorf("Redact of short texts = %q, want it unchanged", got)
	}
}

func TestNilRedactorMasksNothing(t *testing.T) {
	var r *secret.Redactor
	if !r.Add(secret.New("hunter22")) || r.Add(secret.New("short")) {
		t.Error("Add on a nil Redactor = false for a long or true for a short secret, want it told by length")
	}
	if got := r.Redact("hunter22"); got != "hunter22" {
		t.Errorf("Redact = %q, want hunter22", got)
	}
	if got := inPieces(r, "hunter22", func() int { return 3 }); got != "hunter22" {
		t.Errorf("Write = %q, want hunter22", got)
	}
}

func TestWriterHoldsBackNoMoreThanABeginning(t *testing.T) {
	r := redactor("password: hunter22", "&start")
	for _, c := range []struct{ text, held string }{
		{"Password? ", ""},
		{"one pass", "pass"},
		{"passpasspassword", "password"},
		{"password: hunter2", "password: hunter2"},
		{"password: hunter22", ""},
		{"50%", "%"},   // may become "%26start"
		{"50%2", "%2"}, // the same
		{"50% ", ""},
		{"a\\u00", "\\u00"},
		{"\r[####   ] 12/500", ""},
	} {
		var got bytes.Buffer
		w := r.Writer(&got)
		fmt.Fprint(w, c.text)
		shown := strings.ReplaceAll(got.String(), secret.Mask, "password: hunter22")
		if want := strings.TrimSuffix(c.text, c.held); shown != want {
			t.Errorf("after Write(%q) = %q is out, want %q", c.text, shown, want)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		shown = strings.ReplaceAll(got.String(), secret.Mask, "password: hunter22")
		if shown != c.text {
			t.Errorf("after Close, %q, want %q", shown, c.text)
		}
	}
}

func TestEndlessOverlapIsNotHeldBack(t *testing.T) {
	r := redactor("abababab")
	var got bytes.Buffer
	w := r.Writer(&got)
	for range 10_000 {
		fmt.Fprint(w, "ab")
	}
	if before := got.String(); before != secret.Mask {
		t.Errorf("before Close = %.40q, want one mask", before)
	}
	if err := w.Close(); err != nil || got.String() != secret.Mask {
		t.Errorf("after Close = %.40q, %v, want one mask", got.String(), err)
	}
}

func TestRunsOfMarksStayCheap(t *testing.T) {
	r := redactor(strings.Repeat(`\`, 40)+"x", strings.Repeat(`"`, 40), strings.Repeat(`"'+ %&\`, 8))
	for _, mark := range []string{`\`, `"`, `"'+ %&\`, "&&", "%5c", `\x5c`} {
		text := strings.Repeat(mark, 2_000)
		if got := r.Redact(text + "end"); !strings.HasSuffix(got, "end") {
			t.Errorf("Redact(%q…) = %.40q, want its end kept", mark, got)
		}
	}
}

func TestWriterPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken pipe")
	w := redactor("hunter22").Writer(failing{broken})
	if n, err := w.Write([]byte("hello")); n != 0 || !errors.Is(err, broken) {
		t.Errorf("Write = %d, %v, want 0, %v", n, err, broken)
	}
	w = redactor("hunter22").Writer(failing{broken})
	if n, err := w.Write([]byte("hunter")); n != 6 || err != nil {
		t.Errorf("Write = %d, %v, want 6, nil", n, err)
	}
	if err := w.Close(); !errors.Is(err, broken) {
		t.Errorf("Close = %v, want %v", err, broken)
	}
}

func TestConcurrentUse(t *testing.T) {
	r := secret.NewRedactor()
	var out lockedBuffer
	w := r.Writer(&out)
	var wg sync.WaitGroup
	for task := range 8 {
		wg.Go(func() {
			for i := range 200 {
				text := fmt.Sprintf("secret-%d-%d-end", task, i)
				r.Add(secret.New(text))
				fmt.Fprintf(w, "%s\n", text)
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), strings.Repeat("***\n", 1600); got != want {
		t.Errorf("got %d bytes beginning %.60q, want %d masks", len(got), got, 1600)
	}
}

func TestManySecrets(t *testing.T) {
	r := secret.NewRedactor()
	random := rand.New(rand.NewPCG(1, 2))
	var all []string
	for i := range 10_000 {
		text := fmt.Sprintf("Passw0rd%05d", i) // all begin alike
		if i%2 == 0 {
			text = randomText(random, 6+random.IntN(12))
		}
		all = append(all, text)
		r.Add(secret.New(text))
	}
	for _, text := range all {
		if got := r.Redact("x" + text); got != "x***" {
			t.Fatalf("Redact(%q) = %q, want %q", "x"+text, got, "x***")
		}
	}
	if got := r.Redact("Passw0rd 1, Passw0rdx0001"); got != "Passw0rd 1, Passw0rdx0001" {
		t.Errorf("Redact of a common beginning = %q, want it unchanged", got)
	}
}

func redactor(secrets ...string) *secret.Redactor {
	r := secret.NewRedactor()
	for _, text := range secrets {
		r.Add(secret.New(text))
	}
	return r
}

// inPieces returns what r's writer makes of text written size() bytes at a time.
func inPieces(r *secret.Redactor, text string, size func() int) string {
	var out bytes.Buffer
	w := r.Writer(&out)
	for len(text) > 0 {
		n := min(size(), len(text))
		if _, err := io.WriteString(w, text[:n]); err != nil {
			panic(err)
		}
		text = text[n:]
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.String()
}

// leaks reports whether encoded still stands in text. The last characters of
// base64 may stay.
func leaks(text, encoded string) bool {
	core := strings.TrimRight(encoded, "=")
	return strings.Contains(text, core)
}

func randomText(random *rand.Rand, n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_!"
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[random.IntN(len(letters))]
	}
	return string(text)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
