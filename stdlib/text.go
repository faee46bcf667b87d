package stdlib

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"moonpost/engine/columns"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

func textModule() luavm.Module {
	text := luavm.Param{Name: "text", Type: luavm.String, Doc: "the text"}
	changed := []luavm.Param{{Name: "changed", Type: luavm.String, Doc: "the new text"}}
	forms := newTextForms()
	return luavm.Module{
		Name: "text",
		Doc: "What Lua's own string functions lack: characters instead of bytes, words, layout. Text is UTF-8; a character is a code point, " +
			"and a byte that is no UTF-8 counts as one; text.plain puts U+FFFD in its place. For joining a list see table.concat.",
		Funcs: []luavm.Func{
			{
				Name: "trim", Doc: "Returns a text without the white space at its ends.",
				Params: []luavm.Param{text}, Returns: changed,
				Example: `assert(text.trim("  ada \r\n") == "ada")`,
				Call:    func(c *luavm.Call) error { return c.Return(strings.TrimSpace(c.String(0))) },
			},
			{
				Name: "split", Doc: "Returns the parts of a text between separators. A text without separators is one part, an empty one too.",
				Params: []luavm.Param{
					text,
					{Name: "separator", Type: luavm.String, Doc: "what stands between the parts; no pattern"},
					{Name: "limit", Type: luavm.Integer, Doc: "most parts; the last one keeps what is left", Optional: true, Default: "not limited"},
				},
				Returns: []luavm.Param{{Name: "parts", Type: luavm.List(luavm.String), Doc: "one at least"}},
				Example: `local path = text.split("store/2026/inbox", "/", 2)
assert(path[1] == "store" and path[2] == "2026/inbox")`,
				Call: splitText,
			},
			{
				Name: "lines", Doc: "Returns the lines of a text, whether they end with \\n or \\r\\n. The last one needs no end.",
				Params:  []luavm.Param{text},
				Returns: []luavm.Param{{Name: "lines", Type: luavm.List(luavm.String), Doc: "without line ends"}},
				Example: `assert(#text.lines("a\r\n\nb\n") == 3)`,
				Call: func(c *luavm.Call) error {
					lines := []string{}
					for line := range strings.Lines(c.String(0)) {
						lines = append(lines, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
					}
					return c.Return(lines)
				},
			},
			textQuestion("starts_with", "Tells whether a text begins with another; no pattern.", `text.starts_with("user:ada", "user:")`, strings.HasPrefix),
			textQuestion("ends_with", "Tells whether a text ends with another; no pattern.", `text.ends_with("users.csv", ".csv")`, strings.HasSuffix),
			textQuestion("contains", "Tells whether a text has another in it; no pattern.", `text.contains("50% done", "% d")`, strings.Contains),
			{
				Name: "len", Doc: "Returns the number of characters.",
				Params:  []luavm.Param{text},
				Returns: []luavm.Param{{Name: "count", Type: luavm.Integer, Doc: "0 or more"}},
				Example: `assert(text.len("größe") == 5 and #"größe" == 7)`,
				Call:    func(c *luavm.Call) error { return c.Return(utf8.RuneCountInString(c.String(0))) },
			},
			{
				Name: "sub", Doc: "Returns the characters from one to another, like string.sub for bytes.",
				Params: []luavm.Param{
					text,
					{Name: "first", Type: luavm.Integer, Doc: "the first one; negative: counted from the end"},
					{Name: "last", Type: luavm.Integer, Doc: "the last one; negative: counted from the end", Optional: true, Default: "-1, the last of the text"},
				},
				Returns: changed,
				Example: `assert(text.sub("größe", 3, -2) == "öß")`,
				Call: func(c *luavm.Call) error {
					last := int64(-1)
					if c.Has(2) {
						last = c.Int(2)
					}
					return c.Return(characters(c.String(0), c.Int(1), last))
				},
			},
			{
				Name: "is_utf8", Doc: "Tells whether all bytes are UTF-8. Text of files that csv and fs read is.",
				Params:  []luavm.Param{text},
				Returns: []luavm.Param{{Name: "yes", Type: luavm.Bool, Doc: "the answer"}},
				Example: `assert(text.is_utf8("größe") and not text.is_utf8("gr\246\223e"))`,
				Call:    func(c *luavm.Call) error { return c.Return(utf8.ValidString(c.String(0))) },
			},
			{
				Name: "upper", Doc: "Returns a text in capital letters, of all scripts.",
				Params: []luavm.Param{text}, Returns: changed,
				Example: `assert(text.upper("straße") == "STRASSE")`,
				Call:    func(c *luavm.Call) error { return c.Return(forms.toUpper(c.String(0))) },
			},
			{
				Name: "lower", Doc: "Returns a text in small letters, of all scripts.",
				Params: []luavm.Param{text}, Returns: changed,
				Example: `assert(text.lower("ÄRGER") == "ärger")`,
				Call:    func(c *luavm.Call) error { return c.Return(forms.toLower(c.String(0))) },
			},
			{
				Name: "title", Doc: "Returns a text whose words begin with a capital letter and go on in small ones.",
				Params: []luavm.Param{text}, Returns: changed,
				Example: `assert(text.title("MÜLLER-lüdenscheidt") == "Müller-Lüdenscheidt")`,
				Call:    func(c *luavm.Call) error { return c.Return(forms.title.String(c.String(0))) },
			},
			{
				Name: "fold",
				Doc: "Returns a form of a text that is equal for texts which differ in nothing but capital and small letters, or in how accents " +
					"are coded. It is for comparing and for keys of tables, not for people.",
				Params: []luavm.Param{text}, Returns: []luavm.Param{{Name: "key", Type: luavm.String, Doc: "to compare with others of its kind"}},
				Example: `assert(text.fold("STRASSE") == text.fold("straße"))`,
				Call:    func(c *luavm.Call) error { return c.Return(forms.toFold(c.String(0))) },
			},
			{
				Name: "normalize",
				Doc: "Returns a text in a normal form of Unicode. The same letter with an accent can be coded in two ways: as one character (NFC, as " +
					"Windows writes it) or as two (NFD, as macOS names files).",
				Params: []luavm.Param{
					text,
					{Name: "form", Type: luavm.Enum("NFC", "NFD", "NFKC", "NFKD"), Optional: true, Default: `"NFC"`,
						Doc: "NFKC and NFKD also replace ligatures, wide letters and the like by what they stand for"},
				},
				Returns: changed,
				Example: `assert(text.len(text.normalize("ä", "NFD")) == 2)`,
				Call:    func(c *luavm.Call) error { return c.Return(normalForms[c.String(1)].String(c.String(0))) },
			},
			{
				Name: "plain",
				Doc: "Returns a text in ASCII as far as it has Latin letters: " + plainWords() + ". Other letters lose their accents. Letters of other " +
					"scripts stay, so that no name becomes empty: look for them with text.plain(name):find(\"[\\128-\\255]\").",
				Params: []luavm.Param{
					text,
					{Name: "umlauts", Type: luavm.Enum("ae", "a"), Doc: `what ä, ö and ü become: "ae" as in German, "a" as in Swedish or Turkish`, Optional: true, Default: `"ae"`},
				},
				Returns: changed,
				Example: `assert(text.plain("Jürgen Łukasiewicz-Ångström") == "Juergen Lukasiewicz-Angstroem")`,
				Call:    func(c *luavm.Call) error { return c.Return(plainText(c.String(0), c.String(1) != "a")) },
			},
			{
				Name: "slug",
				Doc: "Returns a text as a name for users, files or addresses: text.plain in small letters, with a separator for whatever is neither " +
					"letter nor digit, none at its ends. Letters that are not Latin are lost; the result may be empty.",
				Params: []luavm.Param{
					text,
					{Name: "separator", Type: luavm.Enum("-", "_", ".", ""), Doc: "what stands between words", Optional: true, Default: `"-"`},
				},
				Returns: changed,
				Example: `assert(text.slug("Ada Lovelace", ".") == "ada.lovelace")`,
				Call: func(c *luavm.Call) error {
					separator := "-"
					if c.Has(1) {
						separator = c.String(1)
					}
					return c.Return(slug(c.String(0), separator))
				},
			},
			{
				Name: "nearest",
				Doc: "Returns the name of a list that was probably meant: the one with the fewest letters to change, without regard to case, " +
					"and at most one for every three letters.",
				Params: []luavm.Param{
					{Name: "name", Type: luavm.String, Doc: "what was given, up to 1,000 bytes"},
					{Name: "names", Type: luavm.List(luavm.String), Doc: "what there is; longer names than 1,000 bytes are left out"},
				},
				Returns: []luavm.Param{{Name: "meant", Type: luavm.String, Doc: "one of names; nil when none is close", Optional: true}},
				Example: `assert(text.nearest("ada.lovlace", { "bob", "ada.lovelace" }) == "ada.lovelace")`,
				Call:    nearestText,
			},
			{
				Name: "width", Doc: "Returns how many columns of a terminal a text takes: wide East-Asian characters two, combining accents none.",
				Params:  []luavm.Param{text},
				Returns: []luavm.Param{{Name: "width", Type: luavm.Integer, Doc: "columns"}},
				Example: `assert(text.width("日本") == 4)`,
				Call:    func(c *luavm.Call) error { return c.Return(columns.Width(c.String(0))) },
			},
			textLayout("pad_left", "Returns a text with blanks before it, so that it is width columns wide or as wide as it is.",
				`text.pad_left("日本", 6) == "  日本"`, columns.PadLeft),
			textLayout("pad_right", "Returns a text with blanks behind it, so that it is width columns wide or as wide as it is. See also grid.",
				`text.pad_right("ada", 5) == "ada  "`, columns.Pad),
			textLayout("cut", "Returns a text that is at most width columns wide, with … at its end where something was cut.",
				`text.cut("a long remark", 8) == "a long …"`, func(text string, width int) string { return columns.Cut(text, width, false) }),
			{
				Name: "wrap",
				Doc: "Returns a text with lines of at most width columns, broken at blanks; longer words stand on lines of their own. Line ends of the " +
					"text stay, blanks at the ends of lines and between words do not.",
				Params: []luavm.Param{
					text, {Name: "width", Type: luavm.Integer, Doc: "columns of a terminal, 1 to 10,000", Optional: true, Default: "80"},
				},
				Returns: changed,
				Example: `assert(text.wrap("one two three", 8) == "one two\nthree")`,
				Call: func(c *luavm.Call) error {
					width := int64(80)
					if c.Has(1) {
						width = c.Int(1)
					}
					if err := checkWidth("text.wrap", width); err != nil {
						return err
					}
					return c.Return(wrap(c.String(0), int(width)))
				},
			},
			{
				Name: "to_hex", Doc: "Returns the bytes of a text as lower-case hexadecimal digits.",
				Params: []luavm.Param{text}, Returns: changed,
				Example: `assert(text.to_hex("\0ä") == "00c3a4")`,
				Call:    func(c *luavm.Call) error { return c.Return(hex.EncodeToString([]byte(c.String(0)))) },
			},
			textDecoder("from_hex", "Returns the bytes that hexadecimal digits stand for.", `text.from_hex("C3a4") == "ä"`, hex.DecodeString),
			{
				Name: "to_base64", Doc: "Returns the bytes of a text in Base64 with padding, on one line.",
				Params: []luavm.Param{text}, Returns: changed,
				Example: `assert(text.to_base64("ada:x") == "YWRhOng=")`,
				Call:    func(c *luavm.Call) error { return c.Return(base64.StdEncoding.EncodeToString([]byte(c.String(0)))) },
			},
			textDecoder("from_base64", "Returns the bytes of a text in Base64: with or without padding and line ends, in the alphabet of addresses too.",
				`text.from_base64("YWRhOng") == "ada:x"`, fromBase64),
		},
	}
}

// textQuestion declares a function that asks whether a text has a part.
func textQuestion(name, doc, example string, ask func(text, part string) bool) luavm.Func {
	return luavm.Func{
		Name: name, Doc: doc, Example: "assert(" + example + ")",
		Params: []luavm.Param{
			{Name: "text", Type: luavm.String, Doc: "where to look"}, {Name: "part", Type: luavm.String, Doc: "what to look for"},
		},
		Returns: []luavm.Param{{Name: "yes", Type: luavm.Bool, Doc: "true or false"}},
		Call:    func(c *luavm.Call) error { return c.Return(ask(c.String(0), c.String(1))) },
	}
}

// textLayout declares a function that brings a text to a width.
func textLayout(name, doc, example string, bring func(text string, width int) string) luavm.Func {
	return luavm.Func{
		Name: name, Doc: doc, Example: "assert(" + example + ")",
		Params: []luavm.Param{
			{Name: "text", Type: luavm.String, Doc: "one line"}, {Name: "width", Type: luavm.Integer, Doc: "1 to 10,000 columns of a terminal"},
		},
		Returns: []luavm.Param{{Name: "changed", Type: luavm.String, Doc: "the line"}},
		Call: func(c *luavm.Call) error {
			if err := checkWidth("text."+name, c.Int(1)); err != nil {
				return err
			}
			return c.Return(bring(c.String(0), int(c.Int(1))))
		},
	}
}

// textDecoder declares a function that reads bytes written as text.
func textDecoder(name, doc, example string, decode func(string) ([]byte, error)) luavm.Func {
	return luavm.Func{
		Name: name, Doc: doc, Example: "assert(" + example + ")",
		Params:  []luavm.Param{{Name: "coded", Type: luavm.String, Doc: "white space at the ends does not count"}},
		Returns: []luavm.Param{{Name: "text", Type: luavm.String, Doc: "bytes, which need not be UTF-8"}},
		Call: func(c *luavm.Call) error {
			bytes, err := decode(strings.TrimSpace(c.String(0)))
			if err != nil {
				return &fault.Error{Kind: fault.Invalid, Op: "text." + name, Message: strings.TrimPrefix(err.Error(), "encoding/hex: ")}
			}
			return c.Return(bytes)
		},
	}
}
