package stdlib

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"moonpost/engine/columns"
)

func FuzzText(f *testing.F) {
	for _, text := range []string{"", "ada", "Jürgen Łukasiewicz", "日本 語", "a\u0308b", "x\xff\n y", "İ½ﬁ“’", "\xf3\u0301", "\x0e 0", "\u0308\u0301", "ΟΔΟΣ", "𝔸"} {
		f.Add(text, 3)
	}
	forms := newTextForms()
	f.Fuzz(func(t *testing.T, text string, n int) {
		if got := characters(text, 1, int64(n)) + characters(text, int64(n)+1, -1); n > 0 && got != text {
			t.Errorf("the characters up to %d and those behind of %q = %q", n, text, got)
		}
		key := forms.toFold(text)
		if again := forms.toFold(key); again != key {
			t.Errorf("fold(%q) = %q, and of that %q", text, key, again)
		}
		for _, long := range []bool{false, true} {
			plain := plainText(text, long)
			if again := plainText(plain, long); again != plain {
				t.Errorf("plain(%q) = %q, and of that %q", text, plain, again)
			}
			if utf8.ValidString(text) && !utf8.ValidString(plain) {
				t.Errorf("plain(%q) = %q, want UTF-8", text, plain)
			}
		}
		name := slug(text, "-")
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.Contains(name, "--") || strings.Trim(name, "-") != name {
			t.Errorf("slug(%q) = %q", text, name)
		}
		width := 1 + max(n, -n)%100
		wrapped := wrap(text, width)
		if got, want := strings.Fields(wrapped), strings.Fields(text); !slices.Equal(got, want) {
			t.Errorf("wrap(%q) has the words %q", text, got)
		}
		for line := range strings.Lines(wrapped) {
			if line = strings.TrimSuffix(line, "\n"); strings.Contains(line, " ") && utf8.ValidString(line) && columns.Width(line) > width {
				t.Errorf("wrap(%q, %d) has the line %q", text, width, line)
			}
		}
		if _, err := fromBase64(text); err == nil && len(text) > 0 {
			for _, r := range text {
				if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n", r) {
					t.Errorf("Base64 was read from %q", text)
				}
			}
		}
	})
}
