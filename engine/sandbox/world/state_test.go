package world

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// unsaved are the fields that a restart loses, each for its reason.
var unsaved = map[string]string{
	"ledger.index":         "made again of Rows",
	"serverJob.Running":    "a job ends with the process",
	"store.detached":       "the same",
	"Options.ErrorTexts":   "how a server behaves is asked for anew",
	"Options.JobSpeed":     "the same",
	"Options.JobAfter":     "the same",
	"Options.Behaviour":    "the same",
	"Options.Certificates": "those of the network, which saves them",
	"World.opts":           "saved as Options",
	"World.functions":      "made of the options",
	"World.metadata":       "made of the options",
	"World.logins":         "counts for open connections only",
	"World.mu":             "a lock",
	"World.clock":          "the time of jobs, which end with the process",
	"World.work":           "jobs end with the process",
	"World.source":         "saved as Random",
	"World.rng":            "draws from source",
	"World.changes":        "counts since the last save",
	"World.sessions":       "sessions end with the process",
	"World.lastSession":    "the same",
}

// TestEverythingThatIsStateIsSaved fails when a field is added that a restart
// would lose without a word.
func TestEverythingThatIsStateIsSaved(t *testing.T) {
	lost := []string{}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, path string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		if typ == reflect.TypeFor[time.Time]() || typ == reflect.TypeFor[answer.Object]() || typ == reflect.TypeFor[answer.Map]() {
			return
		}
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			walk(typ.Elem(), path)
		case reflect.Map:
			walk(typ.Key(), path)
			walk(typ.Elem(), path)
		case reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				name := typ.Name() + "." + f.Name
				if !f.IsExported() && !f.Anonymous || f.Tag.Get("json") == "-" {
					lost = append(lost, name)
					continue
				}
				walk(f.Type, path+"."+f.Name)
			}
		case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
			t.Errorf("%s is a %s, which does not come back from a file", path, typ)
		}
	}
	walk(reflect.TypeFor[World](), "World")
	walk(reflect.TypeFor[saved](), "saved")
	for _, name := range lost {
		if unsaved[name] == "" {
			t.Errorf("%s is not saved: export it, or say in unsaved why it may be lost", name)
		}
	}
	for name := range unsaved {
		if !slices.Contains(lost, name) {
			t.Errorf("%s stands in unsaved, but there is no such field", name)
		}
	}
}

// TestNothingIsReachedTwice looks for an object that two ways lead to: it would
// come back from a file as two.
func TestNothingIsReachedTwice(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		w := New(Options{Edition: edition, Users: 6})
		places := map[any]string{}
		var walk func(reflect.Value, string)
		walk = func(v reflect.Value, path string) {
			switch v.Kind() {
			case reflect.Pointer:
				if v.IsNil() {
					return
				}
				if first, twice := places[v.Pointer()]; twice {
					t.Errorf("%s and %s are one object", first, path)
				}
				places[v.Pointer()] = path
				walk(v.Elem(), path)
			case reflect.Struct:
				for i := range v.NumField() {
					if f := v.Type().Field(i); f.IsExported() {
						walk(v.Field(i), path+"."+f.Name)
					}
				}
			case reflect.Slice:
				for i := range v.Len() {
					walk(v.Index(i), path+"[]")
				}
			case reflect.Map:
				for _, key := range v.MapKeys() {
					walk(v.MapIndex(key), path+"["+key.String()+"]")
				}
			}
		}
		walk(reflect.ValueOf(&w.state), "state")
		if len(places) < 20 {
			t.Errorf("found %d objects, want those of the whole world", len(places))
		}
	}
}
