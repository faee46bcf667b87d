package survey

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Shape is what one place of a result holds. Path is "" for the result itself,
// "[]" for the elements of a list, "[].name" for a key of theirs.
type Shape struct {
	Path   string   `json:"path"`
	Types  []string `json:"types"`            // null, boolean, integer, decimal, object, list, or a form of text
	Length []string `json:"length,omitempty"` // classes of texts and lists
	Absent bool     `json:"absent,omitempty"` // some objects lack the key
}

// shapes collects what the places of a result hold.
type shapes struct {
	mask   *mask
	places map[string]*place
}

type place struct {
	types, length map[string]bool
	seen          int // how often
	parent        *place
}

// shapeOf returns the shape of a result, JSON text; nil is null.
func shapeOf(m *mask, result []byte) []Shape {
	s := &shapes{mask: m, places: map[string]*place{}}
	s.visit("", nil, decode(result), false)
	list := make([]Shape, 0, len(s.places))
	for _, path := range slices.Sorted(maps.Keys(s.places)) {
		p := s.places[path]
		list = append(list, Shape{
			Path: path, Types: slices.Sorted(maps.Keys(p.types)), Length: slices.Sorted(maps.Keys(p.length)),
			Absent: p.parent != nil && p.seen < p.parent.seen,
		})
	}
	return list
}

// decode reads a result; what is no JSON is no value either.
func decode(result []byte) any {
	if result == nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(result))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return nil
	}
	return value
}

// visit takes note of a value at a path. record says that it is one of several
// objects that all have the same keys.
func (s *shapes) visit(path string, parent *place, value any, record bool) {
	p := s.places[path]
	if p == nil {
		p = &place{types: map[string]bool{}, length: map[string]bool{}, parent: parent}
		s.places[path] = p
	}
	switch v := value.(type) {
	case nil:
		p.types["null"] = true
	case bool:
		p.types["boolean"] = true
	case json.Number:
		p.types[numberForm(v.String())] = true
	case string:
		p.types[textForm(v)] = true
		p.length[lengthOf(len(v))] = true
	case []any:
		p.types["list"] = true
		p.length[countOf(len(v))+" elements"] = true
		alike := sameKeys(v)
		for _, element := range v {
			s.visit(path+"[]", nil, element, alike)
		}
	case map[string]any:
		p.types["object"] = true
		p.seen++
		names := s.keys(v, record)
		for key, element := range v {
			if within, ok := strings.CutSuffix(path, names[key]+"[]"); ok && (within == "" || strings.HasSuffix(within, ".")) {
				s.visit(within+names[key], nil, element, false) // a tree: its branches have one shape
				continue
			}
			s.visit(strings.TrimPrefix(path+"."+names[key], "."), p, element, false)
		}
	}
	if _, object := value.(map[string]any); !object && parent != nil {
		p.seen++
	}
}

// keys returns how the keys of an object are shown: as they are where they are
// names, "*" where they may be values, as in a table by user name.
func (s *shapes) keys(object map[string]any, record bool) map[string]string {
	named := record
	for key := range object {
		named = named || s.mask.known[key]
	}
	names := make(map[string]string, len(object))
	for key := range object {
		switch {
		case s.mask.known[key], named && namePattern().MatchString(key) && !s.mask.met(key):
			names[key] = key
		default:
			names[key] = "*"
		}
	}
	return names
}

// sameKeys reports whether there are several objects, all with the same keys.
func sameKeys(list []any) bool {
	var first map[string]any
	for i, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			return false
		}
		if i == 0 {
			first = object
		}
		if len(object) != len(first) {
			return false
		}
		for key := range object {
			if _, ok := first[key]; !ok {
				return false
			}
		}
	}
	return len(list) > 1
}

func numberForm(text string) string {
	if strings.ContainsAny(text, ".eE") {
		return "decimal"
	}
	return "integer"
}

// forms are the forms of text that matter to a client.
var forms = sync.OnceValue(func() []form {
	return []form{
		{"date", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)},
		{"date with Z", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)},
		{"date with fraction", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z?$`)},
		{"date with offset", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$`)},
		{"date of .NET", regexp.MustCompile(`^/Date\(`)},
		{"time of day", regexp.MustCompile(`^\d\d:\d\d:\d\d$`)},
		{"guid", regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)},
		{"hex of 40 digits", regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)},
		{"digits", regexp.MustCompile(`^\d+$`)},
	}
})

type form struct {
	name    string
	pattern *regexp.Regexp
}

func textForm(text string) string {
	for _, f := range forms() {
		if f.pattern.MatchString(text) {
			return f.name
		}
	}
	return "text"
}

// leaves calls meet for every text in a value.
func leaves(value any, meet func(string)) {
	switch v := value.(type) {
	case string:
		meet(v)
	case []any:
		for _, element := range v {
			leaves(element, meet)
		}
	case map[string]any:
		for _, element := range v {
			leaves(element, meet)
		}
	}
}
