package targets

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"moonpost/engine/fault"
)

// heading stands at the top of a file that moonpost begins.
const heading = "# Servers by name, for moonpost --target NAME. Passwords are never kept here.\n"

// put returns the text with the target as t is: a new section at the end, or
// the values that differ in the section that is there.
func (d *document) put(t Target) ([]byte, error) {
	if err := (&document{file: d.file}).check(t.Name, t.entry()); err != nil {
		e := err.(*fault.Error)
		return nil, &fault.Error{Kind: e.Kind, Op: "target", Message: e.Message, Hint: e.Hint}
	}
	if e := t.entry(); !utf8.ValidString(strings.Join([]string{e.URL, e.User, e.Instance, e.Fingerprint, e.CA, e.Comment}, " ")) {
		return nil, &fault.Error{Kind: fault.Usage, Op: "target " + t.Name, Message: "not all of it is UTF-8 text"}
	}
	_, known := d.find(t.Name)
	if !known {
		if err := d.clash(t.Name); err != nil {
			return nil, err
		}
		return d.appended(t), nil
	}
	s, err := d.section(t.Name)
	if err != nil {
		return nil, err
	}
	text := slices.Clone(d.text)
	at := s.last // of new values
	type change struct {
		start, end int
		with       string
	}
	var changes []change
	for _, v := range values(t.entry()) {
		old, there := s.values[v.key]
		switch {
		case there && v.text == "" && (d.same(old, value{text: "''"}) || d.same(old, value{text: "false"})): // says the same
		case there && v.text == "":
			changes = append(changes, change{old.line, old.after, ""})
		case there && !d.same(old, v):
			changes = append(changes, change{old.start, old.end, v.text})
		case !there && v.text != "":
			line := v.key + " = " + v.text + d.lineEnd()
			if at == len(text) && !bytes.HasSuffix(text, []byte("\n")) && !slices.ContainsFunc(changes, func(c change) bool { return c.start == at }) {
				line = d.lineEnd() + line
			}
			changes = append(changes, change{at, at, line})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return b.start - a.start })
	// From the end on, so that offsets hold; those at one place keep their order.
	for i := 0; i < len(changes); {
		c := changes[i]
		for i++; i < len(changes) && changes[i].start == c.start && c.end == c.start; i++ {
			c.with += changes[i].with
		}
		text = slices.Replace(text, c.start, c.end, []byte(c.with)...)
	}
	return text, nil
}

// clash refuses a new name that differs from that of a target in case alone.
func (d *document) clash(name string) error {
	for _, other := range d.targets {
		if strings.EqualFold(other.Name, name) {
			return &fault.Error{
				Kind: fault.Usage, Op: "target " + name, Message: "there is a target " + other.Name + " already",
				Hint: "names that differ in case alone are not told apart everywhere",
			}
		}
	}
	return nil
}

// appended returns the text with a new section at its end.
func (d *document) appended(t Target) []byte {
	var b bytes.Buffer
	b.Write(d.text)
	if len(d.text) == 0 {
		b.WriteString(heading)
	} else if !bytes.HasSuffix(d.text, []byte("\n")) {
		b.WriteString(d.lineEnd())
	}
	fmt.Fprintf(&b, "%s[target.%s]%s", d.lineEnd(), t.Name, d.lineEnd())
	for _, v := range values(t.entry()) {
		if v.text != "" {
			b.WriteString(v.key + " = " + v.text + d.lineEnd())
		}
	}
	return b.Bytes()
}

// without returns the text without the target's section.
func (d *document) without(name string) ([]byte, error) {
	s, err := d.section(name)
	if err != nil {
		return nil, err
	}
	before, after := d.text[:s.start], d.text[s.end:]
	if len(bytes.TrimSpace(after)) == 0 {
		before = append(bytes.TrimRight(before, "\r\n"), d.lineEnd()...) // no empty lines at the end
		after = nil
	} else if len(before) == 0 || bytes.HasSuffix(before, []byte(d.lineEnd()+d.lineEnd())) {
		after = bytes.TrimLeft(after, "\r\n") // the empty line before the section is enough
	}
	return slices.Concat(bytes.Clone(before), after), nil
}

// section returns where the target stands, when it can be changed there.
func (d *document) section(name string) (*section, error) {
	s := d.layout.sections[name]
	if s == nil || s.elsewhere {
		return nil, d.refuse(name, "", "target "+name+" is not written as [target."+name+"], so only its author can change it",
			"change it with an editor")
	}
	return s, nil
}

// same reports whether a value of the text is that already, in whatever quotes.
func (d *document) same(old span, v value) bool {
	read := func(text string) any {
		var form map[string]any
		_ = toml.Unmarshal([]byte("v = "+text), &form)
		return form["v"]
	}
	return read(string(d.text[old.start:old.end])) == read(v.text)
}

// lineEnd returns the line end of the file.
func (d *document) lineEnd() string {
	if i := bytes.IndexByte(d.text, '\n'); i > 0 && d.text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// value is one key with its value as the file has it; "" for none.
type value struct{ key, text string }

// values returns all keys of a target, in the order of entry.
func values(e entry) []value {
	encoded, err := toml.Marshal(e)
	if err != nil {
		panic(err) // texts and a boolean
	}
	var all []value
	rest := map[string]string{}
	for line := range strings.Lines(string(encoded)) {
		key, text, _ := strings.Cut(line, " = ")
		rest[key] = strings.TrimRight(text, "\n")
	}
	for _, key := range keys {
		all = append(all, value{key, rest[key]})
	}
	return all
}
