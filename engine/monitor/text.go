package monitor

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line returns text on one line: every stretch of blanks and of characters that
// cannot be seen is one blank.
func line(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(clean), " ")
}

// clip cuts text to so many bytes, at a character.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.TrimRight(text[:most], " ")
}

// without replaces every one of the characters.
func without(text, characters, by string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(characters, r) {
			return []rune(by)[0]
		}
		return r
	}, text)
}

// labels returns a name for each metric that is made by clean, is not empty and
// differs from all others, so that no number takes the place of another.
func labels(metrics []Metric, most int, clean func(string) string) []string {
	names := make([]string, len(metrics))
	taken := map[string]bool{"": true}
	for i, m := range metrics {
		base := clip(clean(line(m.Name)), most)
		if base == "" {
			base = "metric"
		}
		name := base
		for n := 2; taken[strings.ToLower(name)]; n++ {
			suffix := "_" + strconv.Itoa(n)
			name = clip(base, most-len(suffix)) + suffix
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}
