package harden

import (
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		text, pattern string
		want          bool
		fails         string
	}{
		{"user ada", "^user %a+$", true, ""},
		{"user 7", "^user %a+$", false, ""},
		{"", "", true, ""},
		{"x", "[", false, "malformed pattern"},
		{strings.Repeat("a", 5000), ".-.-.-.-b", false, "too many steps"},
	} {
		got, err := Matches(test.text, test.pattern)
		if got != test.want || test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
			t.Errorf("Matches(%.20q, %q) = %v, %v, want %v, %q", test.text, test.pattern, got, err, test.want, test.fails)
		}
	}
}
