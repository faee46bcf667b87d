package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
)

// reload saves a world and loads it again, as a server that is quick at what
// takes time.
func reload(t *testing.T, w *World) *World {
	t.Helper()
	var file bytes.Buffer
	if err := w.Save(&file); err != nil {
		t.Fatalf("Save() = %v", err)
	}
	again, err := Load(&file, Options{JobAfter: w.opts.JobAfter})
	if err != nil {
		t.Fatalf("Load() = %v", err)
	}
	return again
}

// reads returns what every reading function that needs no more than an instance
// and a window of time answers.
func reads(t *testing.T, w *World) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, f := range catalogue.All() {
		fn := w.functions[f.Name]
		if fn == nil || !f.ReadOnly {
			continue
		}
		form := []string{}
		for _, a := range fn.args {
			value := map[string]string{
				"instanceID": "alpha", "instanceFilter": "*", "raw": "true", "timeZoneID": "UTC", "timeZoneId": "UTC",
				"fromIncluding": "2000-01-01T00:00:00", "toExcluding": "2100-01-01T00:00:00", "userName": "ada",
			}[a.Name]
			if value != "" && (!a.Optional || a.Name == "instanceID") {
				form = append(form, a.Name+"="+value)
			}
		}
		s := w.Invoke(f.Name, args(form...), Straight)
		all[f.Name] = s.Code + compact(t, s.Result)
	}
	return all
}

func TestASavedWorldGoesOn(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		t.Run(string(edition), func(t *testing.T) {
			w := New(Options{Edition: edition, Users: 4, Stores: 3, Seed: 9, History: 48 * time.Hour, JobAfter: time.Hour})
			instance := []string{}
			if edition == catalogue.SPE {
				instance = append(instance, "instanceID=alpha")
			}
			change := func(fn string, form ...string) { call(t, w, fn, append(form, instance...)...) }
			change("CreateUser", "userName=ada", "privileges=login", "fullName=Ada <Ü> & \"x\"")
			change("SetUserPrivilegesOnFolder", "userName=ada", "folder=ada", "privileges=read,write")
			change("SetUserPrivilegesOnFolder", "userName=ada", "folder=ada", "privileges=read,write")
			change("DeleteUser", "userName="+w.Archives[strings.TrimPrefix(strings.Join(instance, ""), "instanceID=")].sorted()[2].Name)
			change("CreateStore", append([]string{"name=new"}, map[bool][]string{true: {"type=FileSystemInternal"}}[edition == catalogue.Server]...)...)
			change("SetRetentionPolicies", `config=[{"z": [], "a": {"y": 1, "b": null}}]`)
			change("CreateProfile", strings.Replace(mailbox, `"admin"`, `"ada"`, 1), "raw=true")

			before := reads(t, w)
			again := reload(t, w)
			after, then := reads(t, again), reads(t, w)
			for fn, want := range before {
				if after[fn] != want && then[fn] == want { // what tells the time may differ
					t.Errorf("%s after the restart = %s, want %s", fn, after[fn], want)
				}
			}
			if len(before) < 15 {
				t.Errorf("%d reading functions were compared, want most of them", len(before))
			}
			if got, want := again.Effects(), w.Effects(); !reflect.DeepEqual(got, want) {
				t.Errorf("effects after the restart = %v, want %v", got, want)
			}
			if got := again.Login("admin", "Passw0rd"); got != Granted {
				t.Errorf("login after the restart = %v, want granted", got)
			}
			call(t, again, "SetUserPrivilegesOnFolder", append([]string{"userName=ada", "folder=ada", "privileges=read,write"}, instance...)...)
			if got := effects(again)[1]; !strings.HasSuffix(got, "ada|ada again again") {
				t.Errorf("the third time of one call counts as %q, want it counted with the others", got)
			}
			if a, b := w.rng.Uint64(), reload(t, w).rng.Uint64(); a == b {
				t.Error("numbers are drawn again after a restart")
			}
		})
	}
}

func TestWhatRanIsCutOffByARestart(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, History: -1, JobSpeed: 0.001})
	call(t, w, "CreateProfile", mailbox, "raw=true")
	call(t, w, "RunJobAsync", "id=2")
	w.Invoke("RunProfile", args("id=1"), Straight)
	first := w.Invoke("VerifyStore", args("id=1"), Straight).Token
	w.Advance(5 * time.Second)

	w = reload(t, w)
	window := today()
	if got := call(t, w, "GetWorkerResults", window...); strings.Count(got, `"id":`) != 1 || !strings.Contains(got, `"profileName":"Box","result":"cancelled","itemsArchived":`) {
		t.Errorf("runs of profiles after the restart = %s, want one that was cancelled", got)
	}
	window[2] = "timeZoneId=UTC"
	got := call(t, w, "GetJobResults", window...)
	if strings.Count(got, `"jobResultId":`) != 1 || !strings.Contains(got, `"jobId":2,`) || !strings.Contains(got, `"result":"cancelled"`) {
		t.Errorf("runs of jobs after the restart = %s, want one that was cancelled", got)
	}
	if _, err := w.Status(context.Background(), first, 0, 0); !errors.Is(err, ErrToken) {
		t.Errorf("the token of before the restart gives %v, want it unknown", err)
	}
	if token := w.Invoke("VerifyStore", args("id=1"), Straight).Token; token == first || token == "" {
		t.Errorf("the first job after the restart has token %q, want one of its own", token)
	}
	run(t, w, []step{do("RunJobAsync", "null", "id=2")}) // it does not run any more
	if again := reload(t, w); len(again.Archives[""].Results) != 1 || len(again.Archives[""].JobResults) != 2 {
		t.Error("a second restart cuts off what did not run")
	}
}

func TestTheLoginOfASavedWorldIsThePresentOne(t *testing.T) {
	steps := []struct {
		fn             string
		form           []string
		user, password string
	}{
		{"SetUserPassword", []string{"userName=admin", "password=new"}, "admin", "new"},
		{"RenameUser", []string{"oldUserName=admin", "newUserName=Root"}, "Root", "new"},
		{"CreateUser", []string{"userName=bob", "privileges=admin", "password=b"}, "Root", "new"},
		{"DeleteUser", []string{"userName=root"}, "bob", "b"},
		{"SetUserLoginPrivileges", []string{"userName=bob", "loginPrivileges=none"}, "bob", "b"},
	}
	w := bare()
	for _, s := range steps {
		call(t, w, s.fn, s.form...)
		w = reload(t, w)
		if o := w.Options(); o.User != s.user || o.Password != s.password {
			t.Errorf("after %s(%v) the login is %s %s, want %s %s", s.fn, s.form, o.User, o.Password, s.user, s.password)
		}
	}
}

func TestOptionsOfASavedWorld(t *testing.T) {
	was := Options{Edition: catalogue.SPE, Users: 3, Stores: -1, Seed: 5, History: -1, Version: "1.2", JobSpeed: 7}
	var file bytes.Buffer
	if err := New(was).Save(&file); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		asked Options
		want  string // error
	}{
		{"nothing is asked for", Options{}, ""},
		{"the same is asked for", was, ""},
		{"none is none", Options{Stores: -7}, ""},
		{"another edition", Options{Edition: catalogue.Server}, "edition spe, not server"},
		{"more users", Options{Users: 4}, "users 3, not 4"},
		{"stores where there are none", Options{Stores: 4}, "stores 0, not 4"},
		{"another seed", Options{Seed: 1}, "seed 5, not 1"},
		{"another user", Options{User: "root"}, "user admin, not root"},
		{"another password, which is not told", Options{Password: "x"}, "another password"},
		{"another version", Options{Version: "2"}, "version 1.2, not 2"},
		{"another history", Options{History: time.Hour}, "history 0, not 1h0m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.asked.JobSpeed, tt.asked.ErrorTexts = 3, German
			w, err := Load(bytes.NewReader(file.Bytes()), tt.asked)
			if tt.want != "" {
				var e *ContradictionError
				if !errors.As(err, &e) || e.Error() != tt.want {
					t.Errorf("Load(%+v) = %v, want %s", tt.asked, err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatalf("Load(%+v) = %v", tt.asked, err)
			}
			o := w.Options()
			if o.Edition != was.Edition || o.Users != 3 || o.Stores != -1 || o.Seed != 5 || o.Version != "1.2" {
				t.Errorf("Options() = %+v, want what was saved", o)
			}
			if o.JobSpeed != 3 || o.ErrorTexts != German {
				t.Errorf("Options() = %+v, want it to behave as asked now", o)
			}
		})
	}
}

func TestWhatNoWorldWroteIsRefused(t *testing.T) {
	var file bytes.Buffer
	if err := New(Options{Users: 1, Stores: 1}).Save(&file); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	replace := func(old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the saved world lacks %s", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":           {"", "unexpected EOF"},
		"half of it":        {text[:len(text)/2], "unexpected EOF"},
		"two of them":       {text + text, "more text after the end"},
		"other JSON":        {`{"name": "x"}`, `json: unknown field "name"`},
		"an empty object":   {`{}`, `there is no edition ""`},
		"a null store":      {replace(`"Stores":[`, `"Stores":[null,`), "State.Archives[].Stores[0] is null"},
		"a damaged digest":  {replace(`"Rows":null`, `"Rows":[{"fn":"a","args":"xy","count":1}]`), "the digest of effect 0 is damaged"},
		"no random numbers": {replace(`"Random":"`, `"Random":"AAAA`), "invalid PCG encoding"},
		"no archive":        {replace(`"Archives":{"":`, `"Archives":{"x":`), "the archive is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(strings.NewReader(tt.text), Options{}); err == nil || err.Error() != tt.want {
				t.Errorf("Load() = %v, want %s", err, tt.want)
			}
		})
	}
	w, err := Load(strings.NewReader(regexp.MustCompile(`,"LastID":\{[^}]*\}`).ReplaceAllString(text, "")), Options{})
	if err != nil || w.Archives[""].nextID("new") != 1 {
		t.Errorf("a map that an older server did not write: %v, want it empty", err)
	}
}

// FuzzLoad holds that a file is refused, or gives a world that works.
func FuzzLoad(f *testing.F) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		var file bytes.Buffer
		if err := New(Options{Edition: edition, Users: 1, Stores: 1, History: time.Hour}).Save(&file); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := Load(bytes.NewReader(text), Options{})
		if err != nil {
			return
		}
		for name := range w.functions {
			if strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "Set") {
				w.Invoke(name, nil, Straight)
			}
		}
		if text, err := w.encode(); err != nil || !json.Valid(text) {
			t.Errorf("the loaded world cannot be saved: %v", err)
		}
	})
}
