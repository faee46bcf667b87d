package world

import (
	"slices"
	"strconv"
	"strings"

	"moonpost/engine/sandbox/answer"
)

// Arg is one argument as it was sent.
type Arg struct{ Name, Value string }

// Call is one call as its handler sees it. The arguments have passed check.
type Call struct {
	*World
	caller  string   // who is logged in
	archive *archive // the one the call works in; nil for functions of the whole SPE
	fn      *function
	args    []Arg
	half    bool // give up after half of the effect
	quiet   bool // count no effect
}

// Has reports whether the argument was sent.
func (c *Call) Has(name string) bool {
	_, ok := c.find(name)
	return ok
}

func (c *Call) find(name string) (string, bool) {
	for i := range c.args {
		if c.args[i].Name == name {
			return c.args[i].Value, true
		}
	}
	return "", false
}

// Text returns an argument's text; "" when it was left out.
func (c *Call) Text(name string) string {
	text, _ := c.find(name)
	return text
}

// Number returns a number; 0 when it was left out.
func (c *Call) Number(name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(c.Text(name)), 10, 64)
	return n
}

// Flag returns a bool; false when it was left out.
func (c *Call) Flag(name string) bool { return c.Text(name) == "true" }

// List returns the parts of a comma separated text; an empty list when it was
// left out. Blanks around a part do not count (a client of the vendor was seen
// to send "read, write"). Rights and the like are in it once, however often they
// were sent.
func (c *Call) List(name string) []string {
	text, parts := c.Text(name), []string{}
	if strings.TrimSpace(text) == "" {
		return parts
	}
	i := c.fn.index(name)
	set := i >= 0 && len(c.fn.args[i].Values) > 0
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); !set || !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// JSON returns a JSON argument; nil when it was left out.
func (c *Call) JSON(name string) any {
	v, _ := answer.Parse(c.Text(name))
	return v
}

// Effect counts that the call changed the object of that key. Parts of a key
// are joined with "|", the instance first; empty ones are left out.
func (c *Call) Effect(key ...string) {
	if c.quiet {
		return
	}
	if c.archive != nil && c.archive.InstanceID != "" {
		key = append([]string{c.archive.InstanceID}, key...)
	}
	c.changes++
	key = slices.DeleteFunc(key, func(part string) bool { return part == "" })
	c.Ledger.add(c.fn.name, strings.Join(key, "|"), c.args)
}

// firstHalf returns the list, or its first half in a call that gives up half
// way.
func firstHalf[S ~[]T, T any](c *Call, list S) S {
	if c.half {
		return list[:len(list)/2]
	}
	return list
}
