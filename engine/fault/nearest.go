package fault

import "strings"

// DidYouMean returns "did you mean X?" for the candidate that is Nearest to
// name, and "" when none is close.
func DidYouMean(name string, candidates []string) string {
	if best := Nearest(name, candidates); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// Nearest returns the candidate that is closest to name by edit distance
// without regard to case, and "" when none is close: more than one edit for
// every three characters makes another name.
func Nearest(name string, candidates []string) string {
	meant := []rune(strings.ToLower(name))
	best, bestDistance := "", 1+len(meant)/3
	for _, candidate := range candidates {
		d := distance(meant, []rune(strings.ToLower(candidate)))
		if d >= len(meant) {
			continue // nothing in common
		}
		if d < bestDistance || d == bestDistance && best == "" {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// distance is the number of single-character edits, swaps of neighbours
// included, that turn a into b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
