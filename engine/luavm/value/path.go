package value

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"moonpost/engine/fault"
)

// mismatch is a value that is not what it should be, and where it stands inside
// the value that was given.
type mismatch struct {
	problem string
	hint    string
	path    []string // innermost first: "[3]", ".name"
}

// in adds a step on the way out: an index or the name of a field.
func (m *mismatch) in(step any) *mismatch {
	switch step := step.(type) {
	case int:
		m.path = append(m.path, "["+strconv.Itoa(step)+"]")
	case string:
		if isName(step) {
			m.path = append(m.path, "."+step)
		} else {
			m.path = append(m.path, "["+strconv.Quote(clip(step))+"]")
		}
	}
	return m
}

// where returns the path: "[3].name"; "" for the value itself. Of a long one the
// middle is left out.
func (m *mismatch) where() string {
	const ends = 4 // steps that are kept at either end
	path := slices.Clone(m.path)
	slices.Reverse(path)
	if len(path) > 2*ends+1 {
		path = slices.Replace(path, ends, len(path)-ends, "…")
	}
	for i, step := range path {
		path[i] = fault.Clip(step, 50)
	}
	return strings.Join(path, "")
}

func (m *mismatch) Error() string {
	where := strings.TrimPrefix(m.where(), ".")
	if where == "" {
		return m.problem
	}
	return fmt.Sprintf("%s: %s", where, m.problem)
}

func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
