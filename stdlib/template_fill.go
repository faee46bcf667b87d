package stdlib

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
	actions "text/template/parse"

	"moonpost/engine/fault"
)

// What a template is and becomes at most.
const (
	maxTemplate = 1 << 20
	maxFilled   = 16 << 20
)

// filledTemplate is a template on its way to a text.
type filledTemplate struct {
	op, name, text string
	html           bool

	keys map[string]bool // all names of the values, for suggestions
}

// fill returns the template with values, which are JSON, filled in.
func (t *filledTemplate) fill(ctx context.Context, values []byte) (string, error) {
	if len(t.text) > maxTemplate {
		return "", t.fault("%s is larger than 1 MiB", t.name)
	}
	data, err := t.data(values)
	if err != nil {
		return "", err
	}
	run, err := t.parse(templateFuncs(ctx))
	if err != nil {
		return "", t.failed(err)
	}
	out := limitedText{ctx: ctx}
	if err := run(&out, data); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		return "", t.failed(err)
	}
	return out.String(), nil
}

// parse returns what fills the template in.
func (t *filledTemplate) parse(funcs map[string]any) (run func(io.Writer, any) error, err error) {
	// A copy of this action goes into every repetition. Its result is kept in
	// a variable, because where it stands even nothing may have to be escaped.
	ticks, err := template.New("").Funcs(funcs).Parse("{{$" + tick + " := " + tick + "}}")
	if err != nil {
		return nil, err
	}
	action := ticks.Root.Nodes[0]
	if t.html {
		made, err := htmltemplate.New(t.name).Option("missingkey=error").Funcs(funcs).Parse(t.text)
		if err != nil {
			return nil, err
		}
		for _, part := range made.Templates() {
			watchTree(part.Tree, action)
		}
		return made.Execute, nil
	}
	made, err := template.New(t.name).Option("missingkey=error").Funcs(funcs).Parse(t.text)
	if err != nil {
		return nil, err
	}
	for _, part := range made.Templates() {
		watchTree(part.Tree, action)
	}
	return made.Execute, nil
}

// watchTree puts action at the beginning of a template and of everything that
// it repeats: the interpreter of templates cannot be stopped in another way.
func watchTree(tree *actions.Tree, action actions.Node) {
	if tree == nil || tree.Root == nil {
		return
	}
	begin := func(list *actions.ListNode) { list.Nodes = slices.Insert(list.Nodes, 0, action.Copy()) }
	var watch func(list *actions.ListNode)
	watch = func(list *actions.ListNode) {
		if list == nil {
			return
		}
		for _, node := range list.Nodes {
			switch node := node.(type) {
			case *actions.RangeNode:
				watch(node.List)
				watch(node.ElseList)
				begin(node.List)
			case *actions.IfNode:
				watch(node.List)
				watch(node.ElseList)
			case *actions.WithNode:
				watch(node.List)
				watch(node.ElseList)
			}
		}
	}
	watch(tree.Root)
	begin(tree.Root)
}

// decimal is a number with a fraction, which prints as people write it.
type decimal float64

func (d decimal) String() string { return numberText(float64(d)) }

// MarshalJSON keeps it a number in scripts, where a Stringer becomes a text.
func (d decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// data returns the values as the template sees them: whole numbers as such,
// and nulls as empty texts, which are false and print nothing.
func (t *filledTemplate) data(values []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(values))
	d.UseNumber()
	var data any
	if err := d.Decode(&data); err != nil {
		return nil, &fault.Error{Kind: fault.Internal, Op: t.op, Err: err}
	}
	t.keys = map[string]bool{}
	return t.plain(data), nil
}

func (t *filledTemplate) plain(value any) any {
	switch v := value.(type) {
	case nil:
		return ""
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() // it was one
		return decimal(f)
	case []any:
		for i := range v {
			v[i] = t.plain(v[i])
		}
	case map[string]any:
		for key := range v {
			t.keys[key] = true
			v[key] = t.plain(v[key])
		}
	}
	return value
}

func (t *filledTemplate) fault(format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Op: t.op, Message: fmt.Sprintf(format, args...)}
}

// The messages of the packages for templates: what comes before and after the
// place, and a name that is not there. They have no types for these.
var (
	templateError = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:html/template:|template: )?(.*?:\d+)(?::\d+)?: (?:executing ".*?" at (<.*?>): )?(.*)$`)
	})
	missingValue = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^map has no entry for key (".*")$`) })
	missingFunc  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^function (".*") not defined$`) })
)

// failed makes an error of a playbook of one of the packages for templates.
func (t *filledTemplate) failed(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Message == tooLarge {
		return t.fault("the result is larger than 16 MiB")
	}
	parts := templateError().FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	if parts == nil {
		return t.fault("%s: %s", t.name, strings.TrimPrefix(err.Error(), "template: "))
	}
	place, at, what := parts[1], parts[2], parts[3]
	e := &fault.Error{Kind: fault.Invalid, Op: t.op}
	switch name := quoted(missingValue(), what); {
	case name != "":
		what = "the values have no " + name
		e.Hint = fault.DidYouMean(name, slices.Sorted(maps.Keys(t.keys)))
		if e.Hint == "" {
			e.Hint = fmt.Sprintf(`for one that may be missing: {{get . %q ""}}`, name)
		}
	default:
		if name = quoted(missingFunc(), what); name != "" {
			e.Hint = fault.DidYouMean(name, slices.Sorted(maps.Keys(templateFuncs(context.Background()))))
		}
	}
	e.Message = place + ": " + what
	if at != "" {
		e.Message += " at " + at
	}
	return e
}

func quoted(pattern *regexp.Regexp, text string) string {
	if parts := pattern.FindStringSubmatch(text); parts != nil {
		name, _ := strconv.Unquote(parts[1])
		return name
	}
	return ""
}

// tooLarge is what ends a template whose text, or a value on the way to it,
// grows too large.
const tooLarge = "larger than the result of a template may be"

func errTooLarge() error { return &fault.Error{Kind: fault.Invalid, Message: tooLarge} }

// limitedText takes the result.
type limitedText struct {
	strings.Builder
	ctx context.Context
}

func (l *limitedText) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxFilled {
		return 0, errTooLarge()
	}
	if err := context.Cause(l.ctx); err != nil {
		return 0, err
	}
	return l.Builder.Write(p)
}
