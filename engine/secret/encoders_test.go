package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// canary has every character that some encoder escapes.
const canary = "p&s w+rd%\"<é\\>/='`\t;😀!*(~)"

// encoders are the ways in which a secret usually escapes. None shares code
// with the redactor's reader.
var encoders = map[string]func(string) string{
	"raw":               func(s string) string { return s },
	"query":             url.QueryEscape,
	"query, lower hex":  func(s string) string { return lowerHex(url.QueryEscape(s)) },
	"query, %20":        func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
	"path":              url.PathEscape,
	"path, lower hex":   func(s string) string { return lowerHex(url.PathEscape(s)) },
	"form":              func(s string) string { return url.Values{"p": {s}}.Encode()[2:] },
	"component":         encodeComponent,
	"json":              func(s string) string { return inner(jsonOf(s)) },
	"json of json":      func(s string) string { return inner(jsonOf(jsonOf(s))) },
	"json, text only":   func(s string) string { b, _ := jsontext.AppendQuote(nil, s); return inner(string(b)) },
	"json, ASCII only":  func(s string) string { return inner(asciiJSON(s)) },
	"json, upper hex":   func(s string) string { return dotnetJSON(s) },
	"json, \\/":         func(s string) string { return strings.ReplaceAll(inner(jsonOf(s)), "/", `\/`) },
	"html":              html.EscapeString,
	"html, numbers":     numericEntities,
	"go":                func(s string) string { return inner(strconv.Quote(s)) },
	"go, ASCII":         func(s string) string { return inner(strconv.QuoteToASCII(s)) },
	"lua 5.1":           func(s string) string { return luaQuote(s, `\r`) },
	"lua 5.4":           func(s string) string { return luaQuote(s, `\13`) },
	"csv":               func(s string) string { return strings.ReplaceAll(s, `"`, `""`) },
	"hex":               func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":               func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 url":        func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64 in query":   func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
	"utf16 le":          func(s string) string { return utf16Bytes(s, 0) },
	"utf16 be":          func(s string) string { return utf16Bytes(s, 1) },
	"utf16 le, go":      func(s string) string { return inner(strconv.Quote(utf16Bytes(s, 0))) },
	"latin1 where able": latin1,
}

func inner(quoted string) string { return quoted[1 : len(quoted)-1] }

func jsonOf(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func asciiJSON(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(jsonOf(s))) {
		if unit < 0x80 {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

func dotnetJSON(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		switch {
		case unit == '\\':
			b.WriteString(`\\`)
		case unit < 0x20 || unit >= 0x7f || strings.ContainsRune("\"&'+<>`", rune(unit)):
			fmt.Fprintf(&b, `\u%04X`, unit)
		default:
			b.WriteByte(byte(unit))
		}
	}
	return b.String()
}

func numericEntities(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case !strings.ContainsRune("&<>\"'", r) && r < 0x80 || !strings.Contains(s, string(r)):
			b.WriteRune(r)
		case i%2 == 0:
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			fmt.Fprintf(&b, "&#x%X;", r)
		}
	}
	return b.String()
}

func luaQuote(s, cr string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", "\\\n", "\r", cr, "\x00", `\000`).Replace(s)
}

func encodeComponent(s string) string {
	s = strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	return strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(s)
}

func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:i+3], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

func utf16Bytes(s string, high int) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		pair := [2]byte{byte(unit), byte(unit >> 8)}
		b = append(b, pair[high], pair[1-high])
	}
	return string(b)
}

func latin1(s string) string {
	var b []byte
	for _, r := range s {
		if r > 0xFF {
			return s
		}
		b = append(b, byte(r))
	}
	return string(b)
}
