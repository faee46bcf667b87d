package world

import (
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// goodCall is a call that goes well, and one of the same function that does not.
type goodCall struct {
	fn      string
	form    []string
	wrong   []string // arguments of the right types that are refused; nil: nothing is
	proof   []string // arguments of the read that behaviour.json names; nil: those of proofForms
	first   [][]string
	prepare func(*archive)
}

// proofForms are arguments of reads that need some.
var proofForms = map[string][]string{
	"GetUserInfo":      {"userName=ada"},
	"GetProfiles":      {"raw=true"},
	"GetMessages":      {"folder=mail/Inbox"},
	"GetWorkerResults": {"fromIncluding=2000-01-01T00:00:00", "toExcluding=2100-01-01T00:00:00", "timeZoneID=UTC"},
}

// readingCalls are those of the functions that change nothing.
func readingCalls() []goodCall {
	window := proofForms["GetWorkerResults"][:2:2]
	return []goodCall{
		{fn: "CanRunArchiveProfiles"}, {fn: "GetActiveSessions"}, {fn: "GetArchiveAdminEnabled"},
		{fn: "GetChildFolders", wrong: []string{"folder=zoe"}},
		{fn: "GetClientAccessServers", form: []string{"withServiceStatus=true"}},
		{fn: "GetComplianceConfiguration"},
		{fn: "GetCredentialSettings", form: []string{"id=1"}, wrong: []string{"id=9"}},
		{fn: "GetCredentials"},
		{fn: "GetDirectoriesOnInstanceHost", form: []string{"serverName=MAILSTORE"}, wrong: []string{"serverName=none"}},
		{fn: "GetDirectoryServicesConfiguration"}, {fn: "GetEnvironmentInfo"}, {fn: "GetFolderStatistics"},
		{fn: "GetIndexConfiguration"}, {fn: "GetInstanceConfiguration"}, {fn: "GetInstanceHosts"},
		{fn: "GetInstanceProcessLiveStatistics"}, {fn: "GetInstanceStatistics"},
		{fn: "GetInstances", form: []string{"instanceFilter=*"}},
		{fn: "GetJobResults", form: append(window, "timeZoneId=UTC"), wrong: append(window, "timeZoneId=CET")},
		{fn: "GetJobs"}, {fn: "GetLicenseInformation"},
		{fn: "GetMessages", form: proofForms["GetMessages"], wrong: []string{"folder=zoe"}},
		{fn: "GetProfiles", form: []string{"raw=true"}, wrong: []string{"raw=false"}},
		{fn: "GetRetentionPolicies"}, {fn: "GetServerInfo"}, {fn: "GetServiceConfiguration"}, {fn: "GetServiceStatus"},
		{fn: "GetSmtpSettings"}, {fn: "GetStoreAutoCreateConfiguration"},
		{fn: "GetStoreIndexes", wrong: []string{"id=9"}},
		{fn: "GetStores"}, {fn: "GetSystemAdministrators"}, {fn: "GetSystemSmtpConfiguration"}, {fn: "GetTimeZones"},
		{fn: "GetUserInfo", form: []string{"userName=ada"}, first: [][]string{{"CreateUser", "userName=ada", "privileges=login"}}, wrong: []string{"userName=zoe"}},
		{fn: "GetUsers"},
		{fn: "GetWorkerResultReport", form: []string{"id=1"}, wrong: []string{"id=9"}},
		{fn: "GetWorkerResults", form: append(window, "timeZoneID=UTC"), wrong: append(window, "timeZoneID=UTC", "profileID=0")},
		{fn: "Ping"},
		{fn: "VerifyStore", form: []string{"id=1"}, wrong: []string{"id=9"}},
		{fn: "VerifyStores", form: []string{"includeIndexes=true"}},
	}
}

func goodCalls() []goodCall { return slices.Concat(environmentCalls(), archiveCalls(), readingCalls()) }

// stage is the world in which good calls go well: two stores, the first one
// with three messages in mail/Inbox, one user and a past run of a profile.
func stage(e catalogue.Edition, prepare func(*archive)) *World {
	w := New(Options{Edition: e, Users: 1, Stores: 2, History: -1})
	a := w.Archives[""]
	if e == catalogue.SPE {
		a = w.Archives["alpha"]
	}
	s := a.Stores[0]
	s.Mail, s.LastMessage, s.NeedsRebuild = nil, 0, false
	s.put(portion{Folder: a.makeFolder("mail/Inbox").ID, Count: 3, Origin: a.origin(3), Mean: 1600})
	s.refresh()
	a.addResult(result{User: "gone", Result: answer.Succeeded, Start: time.Now(), Complete: time.Now()})
	if prepare != nil {
		prepare(a)
	}
	return w
}

// formOf leaves out the arguments that the edition does not have and adds the
// instance.
func formOf(w *World, fn string, form []string) []Arg {
	list := slices.DeleteFunc(args(form...), func(a Arg) bool { return w.functions[fn].index(a.Name) < 0 })
	has := slices.ContainsFunc(list, func(a Arg) bool { return a.Name == "instanceID" })
	if w.functions[fn].index("instanceID") >= 0 && !has {
		list = append(list, Arg{"instanceID", "alpha"})
	}
	return list
}

// toEnd runs a call that has to go well to its end, and returns its result.
func toEnd(t *testing.T, w *World, fn string, form []string) string {
	t.Helper()
	s := w.Invoke(fn, formOf(w, fn, form), Straight)
	if s.Code == answer.Running {
		w.Advance(time.Hour)
		s = status(t, w, s.Token, 0, 0)
	}
	if s.Error != nil {
		t.Fatalf("%s(%v) = error %q", fn, form, s.Error.Message)
	}
	return compact(t, s.Result)
}

// proves reads a proof; what is not there is shown by an error.
func proves(t *testing.T, w *World, fn string, form []string) string {
	t.Helper()
	if fn == "GetUserInfo" {
		if s := w.Invoke(fn, formOf(w, fn, form), Straight); s.Error != nil {
			return s.Error.Message
		}
	}
	return toEnd(t, w, fn, form)
}

// naturalKey returns the key of a call as behaviour.json says: values of
// arguments, and of keys in JSON ones. Parts that are not there are skipped.
func naturalKey(fn string, form []Arg) string {
	parts := []string{}
	for _, path := range catalogue.BehaviourOf(fn).Key {
		keys := strings.Split(path, ".")
		i := slices.IndexFunc(form, func(a Arg) bool { return a.Name == keys[0] })
		if i < 0 {
			continue
		}
		value := any(form[i].Value)
		if len(keys) > 1 {
			value, _ = answer.Parse(form[i].Value)
		}
		for _, key := range keys[1:] {
			object, _ := value.(answer.Object)
			value = object.Get(key)
		}
		if text, ok := value.(string); ok {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "|")
}

// TestGoodCallsTakeEffectOnceAndShow makes one good call of every function in
// both editions. A changing one is counted once, under its natural key, and the
// read that behaviour.json names for it answers something else after; any other
// one is not counted.
func TestGoodCallsTakeEffectOnceAndShow(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		for _, good := range goodCalls() {
			f, ok := catalogue.Find(good.fn)
			if !ok {
				t.Errorf("there is no function %s", good.fn)
			}
			if !f.In(edition) {
				continue
			}
			t.Run(string(edition)+"/"+good.fn, func(t *testing.T) {
				w := stage(edition, good.prepare)
				for _, before := range good.first {
					toEnd(t, w, before[0], before[1:])
				}
				proof, before := catalogue.BehaviourOf(good.fn).Proof, ""
				proofForm := good.proof
				if proof != nil {
					if proofForm == nil {
						proofForm = proofForms[proof.Fn]
					}
					before = proves(t, w, proof.Fn, proofForm)
				}
				counted := effects(w)
				toEnd(t, w, good.fn, good.form)
				w.Advance(time.Hour) // what goes on without a token
				after := effects(w)
				want := counted
				if catalogue.Changing(good.fn) {
					line := strings.TrimSpace(good.fn + " " + naturalKey(good.fn, formOf(w, good.fn, good.form)))
					want = append(slices.Clone(counted), line)
				}
				if !slices.Equal(after, want) {
					t.Errorf("effects = %q, want %q", after, want)
				}
				if proof != nil && proves(t, w, proof.Fn, proofForm) == before {
					t.Errorf("%s(%v) answers what it did before: %s", proof.Fn, proofForm, before)
				}
			})
		}
	}
}

// TestEveryFunctionHasAGoodCall holds the table of calls to the catalogue.
func TestEveryFunctionHasAGoodCall(t *testing.T) {
	rows := map[string]int{}
	for _, good := range goodCalls() {
		rows[good.fn]++
	}
	for _, f := range catalogue.All() {
		if rows[f.Name] != 1 {
			t.Errorf("%s has %d rows, want one", f.Name, rows[f.Name])
		}
	}
}

// TestBadCallsAreRefused makes bad calls of every function in both editions:
// with an argument that it does not have, with values that are not of their
// type, and with what its own row says. None takes effect.
func TestBadCallsAreRefused(t *testing.T) {
	bad := map[string]string{"number": "one", "bool": "True", "json": "{"}
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		for _, good := range goodCalls() {
			f, _ := catalogue.Find(good.fn)
			if !f.In(edition) {
				continue
			}
			w := stage(edition, good.prepare)
			for _, before := range good.first {
				toEnd(t, w, before[0], before[1:])
			}
			counted := effects(w)
			refuse := func(form []Arg) {
				t.Helper()
				s := w.Invoke(good.fn, form, Straight)
				if s.Error == nil || s.Code != answer.Failed {
					t.Errorf("%s(%v) on %s = %s, want it refused", good.fn, form, edition, s.Code)
				}
			}
			right := formOf(w, good.fn, good.form)
			refuse(append(slices.Clone(right), Arg{"unknownArgument", "1"}))
			for _, arg := range w.functions[good.fn].args {
				value := bad[arg.Type]
				if len(arg.Values) > 0 {
					value = "none of these"
				}
				if arg.Name == "instanceID" {
					value = "zulu"
				}
				if value != "" {
					others := slices.DeleteFunc(slices.Clone(right), func(a Arg) bool { return a.Name == arg.Name })
					refuse(append(others, Arg{arg.Name, value}))
				}
			}
			if good.wrong != nil {
				refuse(formOf(w, good.fn, good.wrong))
			}
			if after := effects(w); !slices.Equal(after, counted) {
				t.Errorf("refused calls of %s on %s had effects: %q, were %q", good.fn, edition, after, counted)
			}
		}
	}
}

// TestBehavioursAreOfTheCatalogue holds behaviour.json to functions.json.
func TestBehavioursAreOfTheCatalogue(t *testing.T) {
	for _, f := range catalogue.All() {
		b := catalogue.BehaviourOf(f.Name)
		if changing := catalogue.Changing(f.Name); changing == f.ReadOnly {
			t.Errorf("%s is changing: %v, and reads only: %v", f.Name, changing, f.ReadOnly)
		}
		if b.Proof == nil {
			continue
		}
		read, ok := catalogue.Find(b.Proof.Fn)
		if !ok || !read.ReadOnly {
			t.Errorf("the proof of %s is %s, which does not read", f.Name, b.Proof.Fn)
		}
		for _, edition := range f.Editions {
			if ok && !read.In(edition) {
				t.Errorf("the proof of %s is %s, which %s does not have", f.Name, b.Proof.Fn, edition)
			}
		}
	}
}
