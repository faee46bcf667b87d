package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"moonpost/engine/luavm/decl"
)

// flag is a flag of a command with what arrange and help ask of it.
type flag struct{ cli.DocGenerationFlag }

func (f flag) name() string     { return f.Names()[0] }
func (f flag) takesValue() bool { return f.TakesValue() }

// spellings returns the ways to write the flag: "--output", "-o".
func (f flag) spellings() []string {
	spelled := make([]string, 0, 2)
	for _, name := range f.Names() {
		if len(name) == 1 {
			spelled = append(spelled, "-"+name)
		} else {
			spelled = append(spelled, "--"+name)
		}
	}
	return spelled
}

// told returns what help says of the flag: what stands for its value, and a
// sentence. In the usage text the former leads, in back quotes.
func (f flag) told() (placeholder, sentence string) {
	if rest, ok := strings.CutPrefix(f.GetUsage(), "`"); ok {
		placeholder, sentence, _ = strings.Cut(rest, "`")
		return placeholder, strings.TrimSpace(sentence)
	}
	return "", f.GetUsage()
}

func (f flag) category() string {
	if c, ok := f.DocGenerationFlag.(cli.CategorizableFlag); ok {
		return c.GetCategory()
	}
	return ""
}

func (f flag) repeatable() bool {
	g, ok := f.DocGenerationFlag.(*cli.GenericFlag)
	if !ok {
		return false
	}
	_, ok = g.Value.(*collected)
	return ok
}

// check says what is wrong with text as the flag's value.
func (f flag) check(text string) error {
	if g, ok := f.DocGenerationFlag.(*cli.GenericFlag); ok {
		return g.Value.(value).check(text)
	}
	if _, err := strconv.ParseBool(text); err != nil {
		return fmt.Errorf("want true or false, got %q", text)
	}
	return nil
}

// value is the value of a flag that takes one.
type value interface {
	cli.Generic
	check(text string) error
}

// parsed is a value that a function reads.
type parsed[T any] struct {
	dest *T
	read func(text string) (T, error)
	text string // as given: the parser sets the other names of a flag to String()
}

func (p *parsed[T]) check(text string) error {
	_, err := p.read(text)
	return err
}

func (p *parsed[T]) Set(text string) error {
	v, err := p.read(text)
	*p.dest, p.text = v, text
	return err
}

func (p *parsed[T]) String() string { return p.text }

// collected is a value that may be given several times.
type collected struct{ dest *[]string }

func (c *collected) check(string) error { return nil }

func (c *collected) Set(text string) error {
	*c.dest = append(*c.dest, text)
	return nil
}

func (c *collected) String() string { return "" }

// The constructors of flags. about is "`VALUE` sentence" for those that take a
// value and a sentence for the others.

func switchFlag(dest *bool, category, name, about string) cli.Flag {
	return &cli.BoolFlag{Name: name, Category: category, Usage: about, Destination: dest}
}

func parsedFlag[T any](dest *T, category, name, about string, read func(string) (T, error)) *cli.GenericFlag {
	return &cli.GenericFlag{Name: name, Category: category, Usage: about, Value: &parsed[T]{dest: dest, read: read}}
}

func textFlag(dest *string, category, name, about string) *cli.GenericFlag {
	return parsedFlag(dest, category, name, about, func(text string) (string, error) { return text, nil })
}

func textsFlag(dest *[]string, category, name, about string) *cli.GenericFlag {
	return &cli.GenericFlag{Name: name, Category: category, Usage: about, Value: &collected{dest}}
}

// count reads a whole number of 1 or more.
func count(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("want a whole number of 1 or more, got %q", text)
	}
	return n, nil
}

// optional makes of read a reader that tells a value from none.
func optional[T any](read func(string) (T, error)) func(string) (*T, error) {
	return func(text string) (*T, error) {
		v, err := read(text)
		return &v, err
	}
}

// span reads a time: "90s", "2m", "1d", or seconds as a plain number.
func span(text string) (time.Duration, error) {
	d, err := decl.ParseDuration(text)
	if err != nil {
		d, err = decl.ParseDuration(text + "s")
	}
	if err != nil {
		return 0, fmt.Errorf("want a time like 90s or 2m, got %q", text)
	}
	if d < 0 {
		return 0, fmt.Errorf("a time is never negative, got %q", text)
	}
	return d, nil
}

// positiveSpan is span without zero.
func positiveSpan(text string) (time.Duration, error) {
	if d, err := span(strings.TrimPrefix(text, "-")); err != nil || d > 0 && text[0] != '-' {
		return d, err
	}
	return 0, fmt.Errorf("the time must be positive, got %q", text)
}

// perSecond reads a rate: "10/s" or "10".
func perSecond(text string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "/s"), 64)
	if err != nil || !(n > 0) || n > 1e9 {
		return 0, fmt.Errorf("want calls per second like 10/s, got %q", text)
	}
	return n, nil
}

// oneOf reads one of words.
func oneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		for _, w := range words {
			if text == w {
				return text, nil
			}
		}
		return "", fmt.Errorf("want %s or %s, got %q", strings.Join(words[:len(words)-1], ", "), words[len(words)-1], text)
	}
}

// names reads a comma-separated list.
func names(text string) ([]string, error) {
	list := strings.Split(text, ",")
	for i, name := range list {
		list[i] = strings.TrimSpace(name)
		if list[i] == "" {
			return nil, fmt.Errorf("want names with commas between them, got %q", text)
		}
	}
	return list, nil
}
