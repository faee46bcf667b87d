package value

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"pgregory.net/rapid"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

func TestTheTableInsideIsWhatRowsExpect(t *testing.T) {
	if !copies() {
		t.Error("lua.LTable has other fields: rows are slow until table says what they are")
	}
}

// contents is a table as Lua sees it.
func contents(t *lua.LTable) []string {
	all := []string{fmt.Sprint(t.Len())}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		all = append(all, fmt.Sprintf("%s=%s/%s", k, v, t.RawGet(k)))
	}
	return all
}

// TestRowsAreOrdinaryTables does the same to rows and to tables made field by
// field, and to several rows of one kind, which must not see each other.
func TestRowsAreOrdinaryTables(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "long text with ä"})
	key := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) lua.LValue { return lua.LString(text.Draw(t, "name")) }),
		rapid.Custom(func(t *rapid.T) lua.LValue { return lua.LNumber(rapid.IntRange(-1, 5).Draw(t, "index")) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		e := &Env{}
		names := rapid.SliceOfNDistinct(text, 0, 11, func(s string) string { return s }).Draw(t, "names")
		if rapid.Bool().Draw(t, "list") {
			names = nil
		}
		shared := &decl.Row{Names: names}
		var rows, plain []*lua.LTable
		var short []bool
		for range 3 {
			most := len(names)
			if names == nil {
				most = 11
			}
			shared.Values = rapid.SliceOfN(text, 0, most).Draw(t, "values")
			rows = append(rows, e.row(shared))
			plain = append(plain, e.rowByField(&decl.Row{Names: names, Values: slices.Clone(shared.Values)}))
			short = append(short, len(shared.Values) < len(names))
		}
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			at, k := rapid.IntRange(0, 2).Draw(t, "row"), key.Draw(t, "key")
			var v lua.LValue = lua.LNumber(1)
			if rapid.Bool().Draw(t, "delete") {
				v = lua.LNil
			}
			rows[at].RawSet(k, v)
			plain[at].RawSet(k, v)
		}
		for i := range rows {
			got, want := contents(rows[i]), contents(plain[i])
			if short[i] {
				// A field that the row lacked keeps its place for later.
				slices.Sort(got)
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				t.Errorf("row %d of %q = %s, want %s", i, names, got, want)
			}
		}
	})
}

func TestRowsOfAShapeKnowTheirFields(t *testing.T) {
	shape := &decl.Shape{Missing: func(key string) error {
		return &fault.Error{Kind: fault.Invalid, Op: "rows", Message: "no " + key}
	}}
	row := &decl.Row{Names: []string{"a", "b"}, Values: []string{"1"}, Shape: shape}
	L := lua.NewState()
	defer L.Close()
	L.SetGlobal("row", (&Env{}).row(row))
	if err := L.DoString(`assert(row.a == "1")`); err != nil {
		t.Error(err)
	}
	raised, ok := L.DoString(`return row.b`).(*lua.ApiError)
	if !ok {
		t.Fatal("row.b raised nothing")
	}
	if err := FromLua(L, raised.Object); !strings.Contains(err.Error(), "no b") {
		t.Errorf("row.b = %v, want the error of the shape", err)
	}
}

func BenchmarkRow(b *testing.B) {
	values := []string{"user0000001", "First1 Last1", "user0000001@mail.example.com", "Department 1", "12", "true"}
	row := &decl.Row{Names: []string{"userName", "fullName", "email", "department", "quota", "active"}, Values: values}
	e := &Env{}
	b.Run("copied", func(b *testing.B) {
		for b.Loop() {
			e.row(row)
		}
	})
	b.Run("by field", func(b *testing.B) {
		for b.Loop() {
			e.rowByField(row)
		}
	})
}
