package fault_test

import (
	"testing"

	"moonpost/engine/fault"
)

// TestFieldsAreDescribed compares the fields of a full error with what is said
// of them.
func TestFieldsAreDescribed(t *testing.T) {
	full := fault.Fields(&fault.Error{
		Kind: fault.Server, Op: "o", Message: "m", Hint: "h", Details: "d", Trace: "t", Fn: "f", Target: "a", Status: 1, Attempt: 2, Index: 3,
	})
	infos := fault.FieldInfos()
	if len(infos) != len(full)+1 || infos[len(full)].Name != "job" {
		t.Fatalf("%d fields are described, want the %d of an error and job", len(infos), len(full))
	}
	for i, f := range full {
		kind := "string"
		if _, ok := f.Value.(int); ok {
			kind = "integer"
		}
		if got := infos[i]; got.Name != f.Name || got.Type != kind || got.Meaning == "" || got.Optional != (i > 1) {
			t.Errorf("field %d is described as %+v, want %s of type %s, optional %v", i, got, f.Name, kind, i > 1)
		}
	}
}
