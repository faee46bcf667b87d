package answer

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestWhatIsStoredComesBack(t *testing.T) {
	type stored struct {
		Object Object
		Map    Map
	}
	first := stored{
		Object: Obj("z", "<ü> & \"x\"\r\n", "a", nil, "list", List{Obj("b", true, "a", json.Number("9007199254740993"))}),
		Map:    Map{"object": Obj("y", List{}, "x", Object{}), "list": List{"a", nil}, "none": nil},
	}
	text, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	var second stored
	if err := json.Unmarshal(text, &second); err != nil {
		t.Fatalf("Unmarshal(%s) = %v", text, err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("read back = %#v, want %#v", second, first)
	}
}

func TestAStoredObjectIsAnObject(t *testing.T) {
	for text, want := range map[string]string{
		`[1]`:           "want a JSON object, got [1]",
		`{"a":1,"a":2}`: `key "a" is given twice`,
	} {
		var o Object
		if err := json.Unmarshal([]byte(text), &o); err == nil || err.Error() != want {
			t.Errorf("Unmarshal(%s) = %v, want %s", text, err, want)
		}
	}
}
