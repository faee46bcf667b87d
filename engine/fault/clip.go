package fault

import "unicode/utf8"

// Clip returns text for a message: what is longer than most bytes is cut at a
// character and ends with "…".
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
