package call

import (
	"path"
	"strings"
)

// Matches reports whether pattern asks for the function: "" for all, with a
// star in it for the whole name, else for a part of the name. Case does not
// matter.
func (f Function) Matches(pattern string) bool {
	pattern, name := strings.ToLower(pattern), strings.ToLower(f.Name)
	if !strings.Contains(pattern, "*") {
		return strings.Contains(name, pattern)
	}
	// Of path.Match only the star is wanted.
	ok, _ := path.Match(strings.NewReplacer(`\`, `\\`, `[`, `\[`, `?`, `\?`).Replace(pattern), name)
	return ok
}
