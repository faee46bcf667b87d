package csvfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"moonpost/engine/fault"
)

// The code pages that Western and Central European systems write when it is
// not UTF-8: Windows, its console, and Windows from Prague to Zagreb.
var pages = []string{"cp1252", "cp850", "cp1250"}

// Judging is done on this many different words.
const maxWords = 2000

// evidence returns the words of the source that have bytes outside ASCII.
func (f *finder) evidence() ([]string, error) {
	if _, err := f.src.Seek(f.start, io.SeekStart); err != nil {
		return nil, unreadable(f.name, err)
	}
	var (
		words []string
		known = map[string]bool{}
		word  []byte
		high  bool
		buf   = make([]byte, 256<<10)
	)
	endWord := func() {
		if high && !known[string(word)] {
			known[string(word)] = true
			words = append(words, string(word))
		}
		word, high = word[:0], false
	}
	for len(words) < maxWords {
		if err := context.Cause(f.ctx); err != nil {
			return nil, err
		}
		n, err := f.src.Read(buf)
		for _, b := range buf[:n] {
			switch letter := 'a' <= b|0x20 && b|0x20 <= 'z'; {
			case !letter && b < utf8.RuneSelf || len(word) > 60:
				endWord()
			default:
				word = append(word, b)
				high = high || !letter
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(f.name, err)
		}
	}
	endWord()
	return words, nil
}

// reading is the evidence in one code page.
type reading struct {
	codec
	words  []string
	scores []float64 // likeness of each word, summed up over its characters outside ASCII
	count  []int     // those characters
}

// mean returns the likeness per character of the words for which use holds.
func (r reading) mean(use func(word int) bool) float64 {
	total, n := 0.0, 0
	for i := range r.words {
		if use(i) {
			total += r.scores[i]
			n += r.count[i]
		}
	}
	return total / float64(max(n, 1))
}

// judge returns the code page in which words make sense, and refuses when two
// of them do or none does.
func judge(name string, words []string) (codec, error) {
	// Per character: below plausible the words are no words; of two readings
	// that are closer than margin where they differ neither is better. Set by
	// TestCodePages, where no list may be read wrongly and few refused.
	const plausible, margin = 1.0, 0.4
	readings := make([]reading, 0, len(pages))
	for _, page := range pages {
		c, err := byName(page)
		if err != nil {
			return codec{}, err
		}
		readings = append(readings, read(c, words))
	}
	best := readings[0]
	for _, r := range readings[1:] {
		differ := func(word int) bool { return r.words[word] != best.words[word] }
		if r.mean(differ) > best.mean(differ) {
			best = r
		}
	}
	if best.mean(func(int) bool { return true }) < plausible {
		return codec{}, &fault.Error{
			Kind: fault.Invalid, Op: op,
			Message: fmt.Sprintf("%s: is not UTF-8, and in no code page tried (%s) its words look right", name, strings.Join(pages, ", ")),
			Hint:    `save the file as UTF-8, or name its encoding: encoding = "windows-1251", for example`,
		}
	}
	for _, r := range readings {
		differ := func(word int) bool { return r.words[word] != best.words[word] }
		first := 0
		for first < len(words) && !differ(first) {
			first++
		}
		if first < len(words) && best.mean(differ)-r.mean(differ) < margin {
			return codec{}, &fault.Error{
				Kind: fault.Invalid, Op: op,
				Message: fmt.Sprintf("%s: the encoding is not certain: %s in %s, or %s in %s",
					name, Shown(best.words[first]), best.name, Shown(r.words[first]), r.name),
				Hint: fmt.Sprintf("name the one that is right: encoding = %q", best.name),
			}
		}
	}
	return best.codec, nil
}

// read decodes words and says how much each looks like one.
func read(c codec, words []string) reading {
	r := reading{codec: c}
	for _, word := range words {
		text, err := c.NewDecoder().String(word)
		if err != nil {
			text = string(utf8.RuneError)
		}
		runes := []rune(text)
		lower := strings.ContainsFunc(text, func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLower(r) })
		capitals := !lower && strings.ContainsFunc(text, func(r rune) bool { return r < utf8.RuneSelf })
		score, n := 0.0, 0
		for i, r := range runes {
			if r < utf8.RuneSelf {
				continue
			}
			var before, after rune
			if i > 0 {
				before = runes[i-1]
			}
			if i+1 < len(runes) {
				after = runes[i+1]
			}
			score += likeness(r, before, after, lower, capitals)
			n++
		}
		r.words, r.scores, r.count = append(r.words, text), append(r.scores, score), append(r.count, n)
	}
	return r
}

const (
	// Letters that names in the languages of the three code pages use often.
	usual = "äöüßéèêëàâáãçñíóúåæøôîïœšžčřěůýłąęćńśźżűìòù"
	known = "õőăđşţ"
	vowel = "aeiouyäöüéèêëàâáíóúåæøôîïœěůýąęőűăõãìòùûÿ"
	marks = "’€§°–„“”´«»"
)

// likeness says how well r fits between its neighbours, 0 for none, in a word
// that has small letters or is all capitals.
func likeness(r, before, after rune, lower, capitals bool) float64 {
	inside := unicode.IsLetter(before) || unicode.IsLetter(after)
	switch {
	case r == utf8.RuneError, unicode.IsControl(r):
		return -20
	case r == '’' && unicode.IsLetter(before) && unicode.IsLetter(after):
		return 4
	case !unicode.IsLetter(r) && inside && !strings.ContainsRune(marks, r):
		return -6
	case strings.ContainsRune(marks, r) && inside:
		return -1
	case strings.ContainsRune(marks, r):
		return 1.5
	case !unicode.IsLetter(r):
		return -1
	}
	small := unicode.ToLower(r)
	score := 1.0
	switch {
	case small == 'ń' && isVowel(after): // Polish writes ni there, Spanish ñ
	case strings.ContainsRune(usual, small):
		score = 3
	case strings.ContainsRune(known, small):
		score = 2
	}
	if lower && unicode.IsUpper(r) && before != 0 || capitals && r == small && r != 'ß' {
		score -= 2
	}
	for _, next := range [...]rune{before, after} {
		if next >= utf8.RuneSelf && unicode.IsLetter(next) {
			score -= 1.5
		}
	}
	if unicode.IsLetter(before) && unicode.IsLetter(after) &&
		isVowel(r) == isVowel(before) && isVowel(r) == isVowel(after) {
		score -= 2
	}
	return score
}

func isVowel(r rune) bool { return strings.ContainsRune(vowel, unicode.ToLower(r)) }
