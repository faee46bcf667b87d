package event

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"
)

// TestDescriptionsAreTrue compares what is said of each event with its JSON, with all
// fields set and with none.
func TestDescriptionsAreTrue(t *testing.T) {
	infos := map[string]Description{}
	for _, info := range Descriptions() {
		infos[info.Type] = info
		if info.Meaning == "" {
			t.Errorf("%s has no meaning", info.Type)
		}
	}
	if len(infos) != len(forms) {
		t.Errorf("Descriptions() has %d events, want %d", len(infos), len(forms))
	}
	for i, form := range forms {
		info := infos[form.full.Type()]
		for _, c := range []struct {
			event Event
			full  bool
		}{{form.full, true}, {empty[i], false}} {
			got := map[string]any{}
			text, err := JSON(c.event, time.Time{})
			if err == nil {
				err = json.Unmarshal(text, &got)
			}
			if err != nil {
				t.Fatal(err)
			}
			compare(t, info.Type, slices.Concat(Common(), info.Fields), got, c.full)
		}
	}
}

// compare holds the fields that are described against those that are there;
// optional ones may be missing unless all are set.
func compare(t *testing.T, name string, described []Field, got map[string]any, full bool) {
	t.Helper()
	unnamed := maps.Clone(got)
	for _, f := range described {
		value, there := got[f.Name]
		delete(unnamed, f.Name)
		if f.Meaning == "" {
			t.Errorf("%s.%s has no meaning", name, f.Name)
		}
		if !there {
			// A total that is not known is left out of a full event, too.
			if !f.Optional || full && f.Name != "total" {
				t.Errorf("%s has no field %s, optional %v", name, f.Name, f.Optional)
			}
			continue
		}
		if !hasType(value, f.Type) {
			t.Errorf("%s.%s is %v, want the type %s", name, f.Name, value, f.Type)
		}
		if len(f.Fields) > 0 {
			compare(t, name+"."+f.Name, f.Fields, value.(map[string]any), full)
		}
	}
	if len(unnamed) > 0 {
		t.Errorf("%s has fields that are not described: %v", name, unnamed)
	}
}

func hasType(value any, name string) bool {
	switch value := value.(type) {
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case map[string]any:
		return name == "object"
	case float64:
		return name == "number" || name == "integer" && value == float64(int64(value))
	}
	return false
}
