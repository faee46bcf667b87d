package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestNoSentenceStandsTwice keeps the single-declaration rule for words: a
// sentence that people read stands in one place, and whoever else needs it
// refers to it.
func TestNoSentenceStandsTwice(t *testing.T) {
	places := map[string]string{}
	sentences := 0
	for file, text := range sources(t) {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			sentence, err := strconv.Unquote(literal.Value)
			if err != nil || len(sentence) < 30 || strings.Count(sentence, " ") < 4 {
				return true
			}
			sentences++
			place := files.Position(literal.Pos()).String()
			if first, twice := places[sentence]; twice {
				t.Errorf("%q stands at %s and at %s", sentence, first, place)
			}
			places[sentence] = place
			return true
		})
	}
	if sentences < 200 {
		t.Errorf("found %d sentences, want those of the whole program", sentences)
	}
}
