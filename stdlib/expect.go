package stdlib

import (
	"context"
	"fmt"
	"math"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

func expectModule() luavm.Module {
	got := luavm.Param{Name: "got", Type: luavm.Any, Doc: "what came out"}
	about := luavm.Param{Name: "about", Type: luavm.String, Doc: "what was tested, for the message", Optional: true}
	return luavm.Module{
		Name: "expect",
		Doc: "Expectations for tests. One that is not met raises an error of kind script that names what came out and what was wanted, " +
			"with the place in a table where they differ.",
		Funcs: []luavm.Func{
			{
				Name: "equal",
				Doc: "Expects got to be want: the same value, or a table with equal fields. An absent field and json.null differ. " +
					"Functions and secrets cannot be compared.",
				Params:  []luavm.Param{got, {Name: "want", Type: luavm.Any, Doc: "what should come out"}, about},
				Example: `expect.equal({ name = "ada", rights = { "login" } }, { name = "ada", rights = { "login" } })`,
				Call: func(c *luavm.Call) error {
					if diff := difference(c.Arg(0), c.Arg(1), nil); diff != "" {
						return unmet(c, "expect.equal", 2, diff)
					}
					return nil
				},
			},
			{
				Name: "near",
				Doc:  "Expects a number that differs from want by tolerance at most.",
				Params: []luavm.Param{
					{Name: "got", Type: luavm.Number, Doc: "what came out"},
					{Name: "want", Type: luavm.Number, Doc: "what should come out"},
					{Name: "tolerance", Type: luavm.Number, Doc: "largest difference", Optional: true, Default: "0.000001"},
					about,
				},
				Example: `expect.near(0.1 + 0.2, 0.3)`,
				Call: func(c *luavm.Call) error {
					tolerance := 1e-6
					if c.Has(2) {
						tolerance = c.Number(2)
					}
					if math.Abs(c.Number(0)-c.Number(1)) <= tolerance {
						return nil
					}
					return unmet(c, "expect.near", 3, fmt.Sprintf("got %v, want %v within %v", c.Number(0), c.Number(1), tolerance))
				},
			},
			{
				Name:    "is_true",
				Doc:     "Expects true, and nothing that only counts as true.",
				Params:  []luavm.Param{got, about},
				Example: `expect.is_true(1 < 2)`,
				Call:    func(c *luavm.Call) error { return is(c, "expect.is_true", true) },
			},
			{
				Name:    "is_false",
				Doc:     "Expects false, and not nil.",
				Params:  []luavm.Param{got, about},
				Example: `expect.is_false(2 < 1)`,
				Call:    func(c *luavm.Call) error { return is(c, "expect.is_false", false) },
			},
			{
				Name:    "is_nil",
				Doc:     "Expects nil. json.null is not nil.",
				Params:  []luavm.Param{got, about},
				Example: `expect.is_nil(({}).name)`,
				Call:    func(c *luavm.Call) error { return is(c, "expect.is_nil", nil) },
			},
			{
				Name: "contains",
				Doc:  "Expects a text that has another in it, or a list with an element that equals part.",
				Params: []luavm.Param{
					{Name: "got", Type: luavm.Union(luavm.String, luavm.Table), Doc: "a text or a list"},
					{Name: "part", Type: luavm.Any, Doc: "a text without patterns, or an element"},
					about,
				},
				Example: `expect.contains("user ada exists", "ada")
expect.contains({ "login", "admin" }, "admin")`,
				Call: contains,
			},
			{
				Name: "matches",
				Doc:  "Expects a text in which a Lua pattern matches somewhere.",
				Params: []luavm.Param{
					{Name: "got", Type: luavm.String, Doc: "a text"},
					{Name: "pattern", Type: luavm.String, Doc: "the pattern; ^ and $ bind it to the ends"},
					about,
				},
				Example: `expect.matches("user ada exists", "^user %a+")`,
				Call: func(c *luavm.Call) error {
					ok, err := luavm.Matches(c.String(0), c.String(1))
					switch {
					case err != nil:
						return &fault.Error{Kind: fault.Invalid, Op: "expect.matches", Message: "argument pattern", Err: err}
					case !ok:
						return unmet(c, "expect.matches", 2, fmt.Sprintf("got %s, want a match of %s", show(c.String(0)), show(c.String(1))))
					}
					return nil
				},
			},
			{
				Name: "raises",
				Doc: "Calls a function without arguments and expects an error. want is its kind, such as \"invalid\", or a text that its " +
					"message has in it.",
				Params: []luavm.Param{
					{Name: "fn", Type: luavm.Function, Doc: "the function"},
					{Name: "want", Type: luavm.String, Doc: "kind, or part of the message", Optional: true, Default: "any error"},
				},
				Returns: []luavm.Param{{Name: "err", Type: luavm.Any, Doc: "the error, for a closer look"}},
				Example: `local err = expect.raises(function() json.decode("{") end, "invalid")
expect.contains(err.message, "byte 2")`,
				Call: raises,
			},
		},
	}
}

// unmet returns the error of an expectation, with the argument about.
func unmet(c *luavm.Call, op string, about int, message string) error {
	if text := c.String(about); text != "" {
		message = text + ": " + message
	}
	return &fault.Error{Kind: fault.Script, Op: op, Message: message}
}

func is(c *luavm.Call, op string, want any) error {
	if c.Arg(0) == want {
		return nil
	}
	return unmet(c, op, 1, fmt.Sprintf("got %s, want %s", show(c.Arg(0)), show(want)))
}

func contains(c *luavm.Call) error {
	const op = "expect.contains"
	if text, ok := c.Arg(0).(string); ok {
		part, ok := c.Arg(1).(string)
		if !ok {
			return &fault.Error{Kind: fault.Invalid, Op: op, Message: fmt.Sprintf("argument part: want string, got %s", show(c.Arg(1)))}
		}
		if strings.Contains(text, part) {
			return nil
		}
		return unmet(c, op, 2, fmt.Sprintf("got %s, want %s in it", show(text), show(part)))
	}
	list := c.Table(0)
	for i := range list.Len() {
		if difference(list.Index(i+1), c.Arg(1), nil) == "" {
			return nil
		}
	}
	return unmet(c, op, 2, fmt.Sprintf("got %s, want %s among its elements", show(list), show(c.Arg(1))))
}

func raises(c *luavm.Call) error {
	const op = "expect.raises"
	want := c.String(1)
	results, err := c.Func(0).Call()
	if err == nil {
		message := "raised nothing"
		if len(results) > 0 {
			message = "returned " + show(results[0])
		}
		if want == "" {
			want = "an error"
		}
		return &fault.Error{Kind: fault.Script, Op: op, Message: fmt.Sprintf("got no error, the function %s, want %s", message, want)}
	}
	if cause := context.Cause(c.Context()); cause != nil {
		return cause
	}
	switch kind := fault.KindOf(err); {
	case want == "", fault.Kind(want) == kind, !isKind(want) && strings.Contains(err.Error(), want):
		return c.Return(err)
	case isKind(want):
		return &fault.Error{Kind: fault.Script, Op: op, Message: fmt.Sprintf("got an error of kind %s (%s), want one of kind %s", kind, clip(err.Error()), want)}
	}
	return &fault.Error{Kind: fault.Script, Op: op, Message: fmt.Sprintf("got the error %q, want %q in it", clip(err.Error()), want)}
}

// isKind reports whether text is a kind of error that playbooks meet.
func isKind(text string) bool { return fault.Kind(text).Info().Playbook }
