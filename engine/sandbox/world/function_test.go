package world

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// TestTheCatalogueAndTheHandlersAgree holds the two lists to each other: a
// function without a handler could not be called.
func TestTheCatalogueAndTheHandlersAgree(t *testing.T) {
	runs := handlers()
	for _, f := range catalogue.All() {
		if runs[f.Name] == nil {
			t.Errorf("%s has no handler", f.Name)
		}
	}
	for name := range runs {
		if _, ok := catalogue.Find(name); !ok {
			t.Errorf("there is a handler for %s, which is not in the catalogue", name)
		}
	}
}

func TestMetadataIsTheCatalogue(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		t.Run(string(edition), func(t *testing.T) {
			var got []struct {
				Name string
				Args []struct {
					Name, Type string
					Nullable   bool
				}
			}
			text := bytes.TrimPrefix(New(Options{Edition: edition}).Metadata(), []byte(answer.BOM))
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("metadata is no JSON: %v", err)
			}
			i := 0
			for _, f := range catalogue.All() {
				if !f.In(edition) {
					continue
				}
				want := f.ArgsIn(edition)
				if got[i].Name != f.Name || len(got[i].Args) != len(want) {
					t.Fatalf("function %d is %s with %d arguments, want %s with %d", i, got[i].Name, len(got[i].Args), f.Name, len(want))
				}
				for j, a := range want {
					if g := got[i].Args[j]; g.Name != a.Name || g.Type != a.Type || g.Nullable != a.Optional {
						t.Errorf("%s: argument %d is %+v, want %+v", f.Name, j, g, a)
					}
				}
				i++
			}
			if i != len(got) {
				t.Errorf("metadata has %d functions, want %d", len(got), i)
			}
		})
	}
}

func TestIncludeIndexesCanBeRequired(t *testing.T) {
	w := New(Options{Behaviour: Behaviour{IncludeIndexesReq: true}})
	if got, want := refused(t, w, "VerifyStore", "id=1"), "Missing API argument includeIndexes."; got != want {
		t.Errorf("VerifyStore(id=1) = %q, want %q", got, want)
	}
}

// TestEveryRequiredArgumentIsMissed calls every function without each of its
// required arguments.
func TestEveryRequiredArgumentIsMissed(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		w := New(Options{Edition: edition, History: -1})
		for _, fn := range w.functions {
			for i, arg := range fn.args {
				if arg.Optional {
					continue
				}
				form := []Arg{}
				for j, a := range fn.args {
					if j != i && !a.Optional {
						form = append(form, Arg{a.Name, sample(a)})
					}
				}
				s := w.Invoke(fn.name, form, Straight)
				if want := "Missing API argument " + arg.Name + "."; s.Error == nil || s.Error.Message != want {
					t.Errorf("%s without %s = %+v, want %q", fn.name, arg.Name, s.Error, want)
				}
			}
		}
		if got := w.Effects(); len(got) != 0 {
			t.Errorf("refused calls had effects: %v", got)
		}
	}
}

// sample returns a value that passes the check of an argument.
func sample(a catalogue.Arg) string {
	switch {
	case len(a.Values) > 0:
		return a.Values[0]
	case a.Name == "instanceID":
		return "alpha"
	case a.Type == "number":
		return "1"
	case a.Type == "bool":
		return "true"
	case a.Type == "json":
		return "{}"
	}
	return "x"
}

func TestArgumentsAreChecked(t *testing.T) {
	w := bare()
	run(t, w, []step{
		do("CreateUser", "null", "userName=ada", "privileges=login, export"),
		fails("CreateUser", "Requested value 'fly' was not found.", "userName=bob", "privileges=login,fly"),
		fails("CreateUser", "Requested value 'Login' was not found.", "userName=bob", "privileges=Login"),
		fails("CreateUser", "Requested value '' was not found.", "userName=bob", "privileges="),
		fails("CreateUser", "The value admin cannot be combined with other values.", "userName=bob", "privileges=admin,login"),
		fails("CreateUser", "The value none cannot be combined with other values.", "userName=bob", "privileges=login,none"),
		fails("CreateUser", "Requested value 'sso' was not found.", "userName=bob", "privileges=login", "authentication=sso"),
		fails("CreateUser", "Unknown API argument username.", "userName=bob", "privileges=login", "username=bob"),
		fails("VerifyStore", "Input string was not in a correct format.", "id=one"),
		fails("VerifyStore", "Input string was not in a correct format.", "id=1.5"),
		fails("VerifyStore", "String was not recognized as a valid Boolean.", "id=1", "includeIndexes=True"),
		fails("VerifyStore", "The archive store 1 does not exist.", "id= 1\r\n"),
		fails("CreateProfile", "The API argument properties is not valid JSON: unexpected EOF.", "properties={", "raw=true"),
	})
	if got, want := effects(w), []string{"CreateUser ada"}; !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestExtraArgumentsCanBeIgnored(t *testing.T) {
	w := New(Options{Behaviour: Behaviour{IgnoreExtraArgs: true}})
	if got := call(t, w, "DeleteUser", "userName=admin", "force=true"); got != "null" {
		t.Errorf("DeleteUser() = %s, want null", got)
	}
}

func TestErrorTexts(t *testing.T) {
	for texts, want := range map[Texts]string{
		Vendor: "Missing API argument userName.",
		German: "Das API-Argument userName fehlt.",
	} {
		e := New(Options{ErrorTexts: texts}).Invoke("GetUserInfo", nil, Straight).Error
		if e.Message != want {
			t.Errorf("%s: message = %q, want %q", texts, e.Message, want)
		}
		if !strings.HasPrefix(e.Details, "System.Exception: "+want+"\r\n   at ") {
			t.Errorf("%s: details = %q, want a stack trace", texts, e.Details)
		}
	}
	e := New(Options{ErrorTexts: Random}).Invoke("GetUserInfo", nil, Straight).Error
	if strings.Contains(e.Message, "userName") || e.Message == "" {
		t.Errorf("random: message = %q, want words without meaning", e.Message)
	}
}

func TestTheSameSeedGivesTheSameWorld(t *testing.T) {
	read := func(seed uint64) string {
		w := New(Options{Seed: seed})
		return call(t, w, "GetUsers") + call(t, w, "GetStores") + call(t, w, "GetProfiles", "raw=true") + call(t, w, "GetChildFolders")
	}
	first := read(7)
	if again := read(7); again != first {
		t.Error("two worlds of seed 7 differ")
	}
	if read(8) == first {
		t.Error("worlds of seeds 7 and 8 are equal")
	}
}

// TestEveryFunctionAnswers calls each function with arguments that pass the
// check, to its end: it may refuse them, but it has an answer.
func TestEveryFunctionAnswers(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		for name := range New(Options{Edition: edition}).functions {
			for _, twist := range []Twist{Straight, Half} {
				w := New(Options{Edition: edition, History: -1})
				fn := w.functions[name]
				form := []Arg{}
				for _, a := range fn.args {
					if !a.Optional {
						form = append(form, Arg{a.Name, sample(a)})
					}
				}
				s := w.Invoke(name, form, twist)
				if s.Code == answer.Running {
					w.Advance(time.Hour)
					s = status(t, w, s.Token, 0, 0)
				}
				if text := s.Append(nil); s.Code == answer.Running || !json.Valid(bytes.TrimPrefix(text, []byte(answer.BOM))) {
					t.Errorf("%s(%v) = %s", name, form, text)
				}
				if twist == Half && s.Error == nil && catalogue.Changing(name) {
					t.Errorf("%s(%v) by half = %s, want an error", name, form, s.Code)
				}
			}
		}
	}
}
