package secret

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// spellings returns the byte strings that stand for text where it is encoded as
// a whole. Escapes of single characters are not among them: match reads
// through those, whichever characters an encoder escapes.
func spellings(text string) []string {
	all := encodings(text)
	if runes := string([]rune(text)); runes != text {
		all = append(all, runes) // JSON encoders put U+FFFD for bytes that are no UTF-8
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= MinLength && line != text {
			all = append(all, encodings(line)...) // logs break, indent and prefix lines
		}
	}
	return all
}

func encodings(text string) []string {
	lower := hex.EncodeToString([]byte(text))
	all := []string{text, lower, strings.ToUpper(lower)}

	// In base64 a text looks different at each of three offsets. Characters that
	// it shares with its neighbours are left out.
	for offset := range 3 {
		padded := append(make([]byte, offset), text...)
		from, to := (offset*8+5)/6, len(padded)*8/6
		all = append(all,
			base64.RawStdEncoding.EncodeToString(padded)[from:to],
			base64.RawURLEncoding.EncodeToString(padded)[from:to])
	}

	// Without the outer zero byte both orders of plain ASCII are the same.
	units := utf16.Encode([]rune(text))
	little, big := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
	for _, unit := range units {
		little = binary.LittleEndian.AppendUint16(little, unit)
		big = binary.BigEndian.AppendUint16(big, unit)
	}
	all = append(all, strings.TrimSuffix(string(little), "\x00"), strings.TrimPrefix(string(big), "\x00"))

	if narrow, ok := latin1(text); ok {
		all = append(all, narrow)
	}
	return all
}

// latin1 returns text in ISO 8859-1 when it has characters beyond ASCII and all
// of them exist there.
func latin1(text string) (string, bool) {
	var b strings.Builder
	beyond := false
	for _, r := range text {
		if r > 0xFF {
			return "", false
		}
		beyond = beyond || r > 0x7F
		b.WriteByte(byte(r))
	}
	return b.String(), beyond
}

// match finds the needles that begin at one place of a text. It reads the text
// as it is and through the escapes of URLs and forms, HTML, JSON, Go, Lua and
// CSV, also mixed. An escape counts only where it stands for a character that
// encoders escape, never for a letter or a digit.
type match struct {
	known *trie
	text  []byte
	end   int  // end of the longest needle
	open  bool // the text ends within a needle that goes on
}

// longestEscape is more than any escape has but runs of marks, which look for
// the end of the text themselves.
const longestEscape = 40

// isMark tells the bytes that an escape may begin with.
var isMark = [256]bool{'%': true, '&': true, '\\': true, '+': true, '"': true, '\'': true}

// plain reports whether b is never escaped.
func plain(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func special(b byte) bool { return !plain(b) }

func anything(byte) bool { return true }

// from follows every reading of text[i:] from c.
func (m *match) from(c cursor, i int) {
	for {
		if m.known.ended(c) {
			m.end = max(m.end, i)
		}
		if i == len(m.text) {
			m.open = m.open || m.known.goesOn(c, anything)
			return
		}
		// An escape that the text cuts off opens the match, if one fits here.
		if isMark[m.text[i]] && (len(m.text)-i > longestEscape || m.known.goesOn(c, special)) {
			m.escape(c, i)
		}
		next, ok := m.known.step(c, m.text[i])
		if !ok {
			return
		}
		c, i = next, i+1
	}
}

// take goes on behind an escape that ends before i and stands for bytes.
func (m *match) take(c cursor, i int, bytes ...byte) {
	for _, b := range bytes {
		if plain(b) {
			return
		}
		next, ok := m.known.step(c, b)
		if !ok {
			return
		}
		c = next
	}
	m.from(c, i)
}

func (m *match) takeRune(c cursor, i int, r rune) {
	m.take(c, i, utf8.AppendRune(nil, r)...)
}

func (m *match) escape(c cursor, i int) {
	switch mark := m.text[i]; mark {
	case '+':
		m.take(c, i+1, ' ')
	case '"', '\'':
		m.doubled(c, i, mark)
	case '%':
		if value, ok := m.digits(i+1, 2, 16); ok {
			m.take(c, i+3, byte(value))
		}
	case '&':
		m.entity(c, i)
	case '\\':
		m.backslashes(c, i, 2)
		m.backslashes(c, i, 4)
	}
}

// step goes on by a byte that ends before i.
func (m *match) step(c cursor, i int, b byte) (cursor, bool) {
	next, ok := m.known.step(c, b)
	if ok && m.known.ended(next) {
		m.end = max(m.end, i)
	}
	return next, ok
}

// doubled reads a run of quotes as half as many: CSV, SQL, YAML.
func (m *match) doubled(c cursor, i int, quote byte) {
	start := i
	for ; i < len(m.text) && m.text[i] == quote; i += 2 {
		if i+1 == len(m.text) {
			m.open = m.open || m.known.goesOn(c, func(b byte) bool { return b == quote })
		}
		if i+1 == len(m.text) || m.text[i+1] != quote {
			break
		}
		next, ok := m.step(c, i+2, quote)
		if !ok {
			return
		}
		c = next
	}
	if i > start {
		m.from(c, i)
	}
}

// entity reads "&amp;", "&#34;" and "&#x22;".
func (m *match) entity(c cursor, i int) {
	const longest = len("&thetasym;")
	for j := i + 1; j < i+longest; j++ {
		if j == len(m.text) {
			m.open = true
			return
		}
		if m.text[j] == ';' {
			m.take(c, j+1, entityText(string(m.text[i:j+1]))...)
			return
		}
		if !plain(m.text[j]) && m.text[j] != '#' {
			return
		}
	}
}

func entityText(entity string) []byte {
	name := entity[1 : len(entity)-1]
	number, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return []byte(html.UnescapeString(entity))
	}
	base := 10
	if strings.HasPrefix(number, "x") || strings.HasPrefix(number, "X") {
		number, base = number[1:], 16
	}
	// Not left to package html, which reads 128 to 159 as Windows-1252.
	value, err := strconv.ParseInt(number, base, 32)
	if err != nil {
		return []byte(entity)
	}
	return utf8.AppendRune(nil, rune(value))
}

// backslashes reads a run of them the same way from end to end: in JSON, Go and
// Lua two stand for one, in JSON within JSON four do. What is left over begins
// the escape of another character.
func (m *match) backslashes(c cursor, i, perOne int) {
	start := i
	left := 0
	for {
		for left = 0; left < perOne && i+left < len(m.text) && m.text[i+left] == '\\'; left++ {
		}
		if i+left == len(m.text) {
			m.open = m.open || m.known.goesOn(c, special)
		}
		if left < perOne {
			break
		}
		next, ok := m.step(c, i+perOne, '\\')
		if !ok {
			return
		}
		c, i = next, i+perOne
	}
	switch {
	case i+left == len(m.text):
	case left == 0:
		m.from(c, i)
	case perOne == 2 || left > 1 || i > start: // else it was read with two for one
		m.letter(c, i+left)
	}
}

// letter reads what stands after a backslash.
func (m *match) letter(c cursor, j int) {
	switch letter := m.text[j]; letter {
	case '"', '\'', '/', '`', '\n':
		m.take(c, j+1, letter)
	case 'x':
		if value, ok := m.digits(j+1, 2, 16); ok {
			m.take(c, j+3, byte(value))
		}
	case 'U':
		if value, ok := m.digits(j+1, 8, 16); ok {
			m.takeRune(c, j+9, rune(value))
		}
	case 'u':
		m.unit(c, j)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9': // Lua: up to three decimal digits
		for width := 1; width <= 3; width++ {
			if value, ok := m.digits(j, width, 10); ok && value <= 0xFF {
				m.take(c, j+width, byte(value))
			}
		}
	default:
		const letters, meanings = "abfnrtv", "\a\b\f\n\r\t\v"
		if k := strings.IndexByte(letters, letter); k >= 0 {
			m.take(c, j+1, meanings[k])
		}
	}
}

// unit reads "uXXXX" at j, and the second half of a surrogate pair after it.
func (m *match) unit(c cursor, j int) {
	first, ok := m.digits(j+1, 4, 16)
	if !ok {
		return
	}
	if !utf16.IsSurrogate(rune(first)) {
		m.takeRune(c, j+5, rune(first))
		return
	}
	k := j + 5
	for k < len(m.text) && k < j+5+3 && m.text[k] == '\\' {
		k++
	}
	if k == len(m.text) {
		m.open = true
		return
	}
	if k == j+5 || m.text[k] != 'u' {
		return
	}
	if second, ok := m.digits(k+1, 4, 16); ok {
		m.takeRune(c, k+5, utf16.DecodeRune(rune(first), rune(second)))
	}
}

// digits reads exactly n digits at i. Where the text ends before them, the
// match is open.
func (m *match) digits(i, n int, base uint32) (value uint32, ok bool) {
	for end := i + n; i < end; i++ {
		if i == len(m.text) {
			m.open = true
			return 0, false
		}
		digit := uint32(99)
		switch b := m.text[i]; {
		case '0' <= b && b <= '9':
			digit = uint32(b - '0')
		case 'a' <= b && b <= 'f':
			digit = uint32(b-'a') + 10
		case 'A' <= b && b <= 'F':
			digit = uint32(b-'A') + 10
		}
		if digit >= base {
			return 0, false
		}
		value = value*base + digit
	}
	return value, true
}
