package call

import (
	"testing"

	"moonpost/engine/luavm/decl"
)

func TestMatches(t *testing.T) {
	f := Function{Func: decl.Func{Name: "GetUsers"}}
	for _, test := range []struct {
		name, pattern string
		want          bool
	}{
		{"nothing asks for all", "", true},
		{"a part is enough", "user", true},
		{"case does not matter", "GETUSERS", true},
		{"another part is not there", "store", false},
		{"a star stands for any text", "get*", true},
		{"a star stands for nothing too", "getusers*", true},
		{"with a star the whole name is meant", "user*", false},
		{"stars on both sides", "*user*", true},
		{"a question mark is itself", "get*user?", false},
		{"a bracket is itself", "[g]et*", false},
	} {
		if got := f.Matches(test.pattern); got != test.want {
			t.Errorf("%s: Matches(%q) = %v, want %v", test.name, test.pattern, got, test.want)
		}
	}
}
