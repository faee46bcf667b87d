package stdlib

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// textForms changes the case of texts for one run. It is used with the
// interpreter lock, as some of what it holds has a state.
type textForms struct{ upper, lower, title, fold cases.Caser }

func newTextForms() *textForms {
	return &textForms{
		upper: cases.Upper(language.Und), lower: cases.Lower(language.Und), title: cases.Title(language.Und), fold: cases.Fold(),
	}
}

func (f *textForms) toUpper(text string) string {
	if isASCII(text) { // a tenth of the time
		return strings.ToUpper(text)
	}
	return f.upper.String(text)
}

func (f *textForms) toLower(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	return f.lower.String(text)
}

func (f *textForms) toFold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	// Folding makes new letters that compose, and composing ones that fold.
	return norm.NFC.String(f.fold.String(norm.NFD.String(text)))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

var normalForms = map[string]norm.Form{"": norm.NFC, "NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

// umlauts are the letters that plain writes in one of two ways.
var umlauts = map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue"}

// plainLetters are the small letters, and plainSigns the other characters, that
// Unicode does not make of ASCII characters and accents.
var (
	plainLetters = map[rune]string{
		'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i", 'ŧ': "t", 'ŋ': "n",
	}
	plainSigns = map[rune]string{
		'‘': "'", '’': "'", '‚': "'", '‛': "'", '‹': "'", '›': "'", '´': "'", 'ʼ': "'",
		'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`,
		'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '−': "-", '⁄': "/", '\u00ad': "",
	}
)

// plainWords lists the letters that plain replaces, for the manual.
func plainWords() string {
	var words []string
	for _, r := range "äöüßæœøłđðþħıŧŋ" {
		to := plainLetters[r]
		if to == "" {
			to = umlauts[r]
		}
		words = append(words, string(r)+" "+to)
	}
	return strings.Join(words, ", ") + "; quotation marks, dashes, ligatures and special blanks become simple ones"
}

// plainText returns text in ASCII as far as it is Latin. long says that umlauts
// become two letters.
func plainText(text string, long bool) string {
	if isASCII(text) {
		return text
	}
	p := plainer{long: long, runes: []rune(norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD")))}
	for i, r := range p.runes {
		p.write(i, r)
	}
	return p.out.String()
}

type plainer struct {
	long  bool
	runes []rune
	out   strings.Builder
	latin bool // the last letter was a Latin one: accents behind it are left out
}

func (p *plainer) write(i int, r rune) {
	if r < utf8.RuneSelf {
		p.out.WriteRune(r)
		p.latin = unicode.IsLetter(r)
		return
	}
	if p.latin && unicode.Is(unicode.Mn, r) {
		return
	}
	p.latin = false
	if to, ok := plainSigns[r]; ok {
		p.out.WriteString(to)
		return
	}
	small := unicode.ToLower(r)
	to, ok := umlauts[small]
	if !ok || !p.long {
		to, ok = plainLetter(small)
	}
	p.latin = ok
	switch {
	case !ok:
		p.out.WriteRune(r)
	case small == r:
		p.out.WriteString(to)
	case len(to) == 1 || p.shouts(i):
		p.out.WriteString(strings.ToUpper(to))
	default:
		p.out.WriteString(strings.ToUpper(to[:1]) + to[1:])
	}
}

// plainLetter returns what stands for a character that is no capital letter.
func plainLetter(small rune) (string, bool) {
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(small)) {
		switch to, ok := plainLetters[part]; {
		case ok:
			b.WriteString(to)
		case part < utf8.RuneSelf:
			b.WriteRune(part)
		case plainSigns[part] != "":
			b.WriteString(plainSigns[part])
		case !unicode.Is(unicode.Mn, part):
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// shouts reports whether the capital letter at i stands in a word of capitals.
func (p *plainer) shouts(i int) bool {
	if i+1 < len(p.runes) && unicode.IsLetter(p.runes[i+1]) {
		return unicode.IsUpper(p.runes[i+1])
	}
	return i > 0 && unicode.IsUpper(p.runes[i-1])
}

// slug returns text as a name of small letters and digits.
func slug(text, separator string) string {
	var b strings.Builder
	between := false
	for _, r := range strings.ToLower(plainText(text, true)) {
		if r < 'a' || r > 'z' {
			if r < '0' || r > '9' {
				between = between || r != '\''
				continue
			}
		}
		if between && b.Len() > 0 {
			b.WriteString(separator)
		}
		between = false
		b.WriteRune(r)
	}
	return b.String()
}
