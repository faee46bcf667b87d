package survey

import (
	"maps"
	"slices"
	"strings"
)

// notation is a result as functions.json describes it, by path: JSON with names
// of types for values, "|" between several, and "..." for keys that are not
// known.
type notation struct {
	places map[string]*described
	open   map[string]bool // objects that may have more keys
}

type described struct{ types []string }

// parseNotation reads a description; false for what does not follow the
// notation to its end, or says that the shape is unknown.
func parseNotation(text string) (*notation, bool) {
	p := &notationParser{rest: strings.TrimSpace(text), n: &notation{places: map[string]*described{}, open: map[string]bool{}}}
	if strings.HasPrefix(p.rest, "unknown") || !p.value("") {
		return nil, false
	}
	p.rest = strings.TrimSpace(p.rest)
	if p.rest != "" && !strings.HasPrefix(p.rest, "(") { // a remark
		return nil, false
	}
	return p.n, true
}

func (n *notation) find(path string) (*described, bool) {
	d, ok := n.places[path]
	return d, ok
}

// isOpen reports whether a path stands below an object whose keys are not all
// known.
func (n *notation) isOpen(path string) bool {
	for {
		if n.open[path] {
			return true
		}
		if path == "" {
			return false
		}
		if cut, ok := strings.CutSuffix(path, "[]"); ok {
			path = cut
			continue
		}
		path, _ = parent(path)
	}
}

func (n *notation) paths() []string { return slices.Sorted(maps.Keys(n.places)) }

// takes reports whether all types that were met are among those described. null
// is always taken: the catalogue does not say where it may stand.
func (d *described) takes(types []string) bool {
	for _, t := range types {
		kind := t
		switch t {
		case "null":
			continue
		case "integer", "decimal":
			kind = "number"
		case "boolean", "object", "list":
		default:
			kind = "text"
		}
		if !slices.Contains(d.types, kind) {
			return false
		}
	}
	return true
}

type notationParser struct {
	rest string
	n    *notation
}

// value reads one description of a value: alternatives with "|" between them.
func (p *notationParser) value(path string) bool {
	d := p.n.places[path]
	if d == nil {
		d = &described{}
		p.n.places[path] = d
	}
	for {
		kind, ok := p.alternative(path)
		if !ok {
			return false
		}
		if kind != "" && !slices.Contains(d.types, kind) {
			d.types = append(d.types, kind)
		}
		if !p.take("|") {
			return true
		}
	}
}

func (p *notationParser) alternative(path string) (kind string, ok bool) {
	switch {
	case p.take("..."):
		return "", true
	case p.take("{"):
		return "object", p.object(path)
	case p.take("["):
		return "list", p.value(path+"[]") && p.take("]")
	case p.take(`"`):
		_, rest, ok := strings.Cut(p.rest, `"`)
		p.rest = rest
		return "text", ok
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool { return r < 'a' || r > 'z' })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	kind, ok = map[string]string{
		"string": "text", "date": "text", "guid": "text", "number": "number", "bool": "boolean", "null": "null",
	}[word]
	if ok {
		p.rest = p.rest[end:]
	}
	return kind, ok
}

// object reads the keys of an object behind its brace.
func (p *notationParser) object(path string) bool {
	for !p.take("}") {
		if p.take("...") { // with or without a remark about what the keys depend on
			p.n.open[path] = true
			if i := strings.IndexAny(p.rest, ",}"); i >= 0 {
				p.rest = p.rest[i:]
			}
		} else {
			if !p.take(`"`) {
				return false
			}
			name, rest, ok := strings.Cut(p.rest, `"`)
			p.rest = rest
			if !ok || !p.take(":") || !p.value(strings.TrimPrefix(path+"."+name, ".")) {
				return false
			}
		}
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return false
		}
	}
	return true
}

func (p *notationParser) take(text string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(p.rest, " "), text)
	if ok {
		p.rest = rest
	}
	return ok
}
