package survey

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"moonpost/engine/catalogue"
)

// mask knows what may be said: the vendor's own words, and no value that the
// server gave.
type mask struct {
	known  map[string]bool // names of functions, arguments and keys of the catalogue
	values map[string]bool // what was met as a value, in lower case
	words  map[string]bool // of those, letters and digits
}

func newMask(cfg Config) *mask {
	m := &mask{known: map[string]bool{}, values: map[string]bool{}, words: map[string]bool{}}
	for _, name := range []string{
		"error", "token", "statusVersion", "statusCode", "percentProgress", "statusText", "result", "logOutput",
		"message", "details", "name", "args", "type", "nullable", "path",
	} {
		m.known[name] = true
	}
	for _, f := range catalogue.All() {
		m.known[f.Name] = true
		for _, a := range f.Args {
			m.known[a.Name] = true
		}
		for _, key := range keyPattern().FindAllStringSubmatch(f.Result, -1) {
			m.known[key[1]] = true
		}
	}
	if u, err := url.Parse(cfg.URL); err == nil {
		m.meet(u.Hostname())
	}
	m.meet(cfg.User)
	m.meet(cfg.Instance)
	m.meet(cfg.Password.Reveal())
	return m
}

var keyPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"([A-Za-z]\w*)":`) })

// meet takes note of a value.
func (m *mask) meet(value string) {
	if value == "" {
		return
	}
	value = strings.ToLower(value)
	m.values[value] = true
	// A user may be a key where only his address or his folder was a value.
	for word := range strings.FieldsFuncSeq(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		m.words[word] = true
	}
}

// met reports whether a name was a value, or a word of one.
func (m *mask) met(name string) bool {
	name = strings.ToLower(name)
	return m.values[name] || m.words[name]
}

var namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`) })

// name returns a name of the server's interface, or what kind of text it is
// when it may be something else.
func (m *mask) name(text string) string {
	if m.known[text] || namePattern().MatchString(text) && !m.met(text) {
		return text
	}
	return "(a text of " + lengthOf(len(text)) + ")"
}

// lengthOf returns the class of a text's length.
func lengthOf(n int) string {
	switch {
	case n == 0:
		return "no characters"
	case n <= 8:
		return "1-8 characters"
	case n <= 32:
		return "9-32 characters"
	case n <= 128:
		return "33-128 characters"
	}
	return "more than 128 characters"
}

// countOf returns the class of a number of things.
func countOf(n int) string {
	switch {
	case n < 2:
		return fmt.Sprint(n)
	case n < 10:
		return "2-9"
	case n < 100:
		return "10-99"
	case n < 1000:
		return "100-999"
	}
	return "1000 or more"
}

var versionPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{1,3}(\.\d{1,6}){1,3}$`) })

// maskVersion returns a version, "" for a text that is none.
func maskVersion(text string) string {
	if versionPattern().MatchString(text) {
		return text
	}
	return ""
}

// products are the names of software that a Server header may show.
var products = []string{"Microsoft-HTTPAPI", "Microsoft-IIS", "Kestrel", "nginx", "Apache", "Caddy", "haproxy", "Traefik"}

// maskProduct returns what a Server header says of itself where that is known.
func maskProduct(header string) string {
	if header == "" {
		return "none"
	}
	var said []string
	for word := range strings.FieldsSeq(header) {
		product, version, _ := strings.Cut(word, "/")
		switch {
		case !slices.ContainsFunc(products, func(p string) bool { return strings.EqualFold(p, product) }):
			said = append(said, "("+lengthOf(len(word))+")")
		case maskVersion(version) != "":
			said = append(said, word)
		default:
			said = append(said, product)
		}
	}
	return strings.Join(said, " ")
}

// realmWords are the words that a realm of the vendor may have.
var realmWords = []string{"mailstore", "server", "service", "provider", "edition", "management", "administration", "api", "archive", "basic", "realm", "login"}

// maskRealm returns a realm with every other word left out.
func (m *mask) maskRealm(realm string) string {
	if realm == "" {
		return "empty"
	}
	var said []string
	for word := range strings.FieldsSeq(realm) {
		if !slices.Contains(realmWords, strings.ToLower(word)) || m.values[strings.ToLower(word)] && !strings.EqualFold(word, "mailstore") {
			word = "…"
		}
		said = append(said, word)
	}
	return strings.Join(said, " ")
}

// texts of the vendor that were seen (protocol.md 5), by what they begin with.
var texts = []string{
	"Missing API argument", "Nullable object must have a value", "Specified argument was out of the range of valid values",
	"String was not recognized as a valid DateTime", "System.Exception", "System.",
}

// maskText says which text of the vendor this is, or its length.
func maskText(text string) string {
	for _, known := range texts {
		if strings.HasPrefix(text, known) {
			return fmt.Sprintf("%q…", known)
		}
	}
	return "another text, " + lengthOf(len(text))
}

var codePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]{1,16}$`) })

// maskCode returns a status code, which is a word.
func (m *mask) maskCode(code string) string {
	if codePattern().MatchString(code) && (codes[code] || !m.values[strings.ToLower(code)]) {
		return code
	}
	return "a text of " + lengthOf(len(code))
}

var codes = map[string]bool{"running": true, "succeeded": true, "failed": true, "cancelled": true, "canceled": true}

func compareText(a, b string) int { return cmp.Compare(a, b) }
