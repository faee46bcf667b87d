package survey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/recorder"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
	"moonpost/engine/survey"
)

// recording is a server that keeps what it answered.
type recording struct {
	call.Server
	mu      sync.Mutex
	results [][]byte
}

func (r *recording) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	a, err := r.Server.Call(ctx, req, status)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, a.Result)
	return a, err
}

// surveyed asks a sandbox and returns the report in both forms.
func surveyed(t *testing.T, s *sandbox.Server, instance string) (report *survey.Report, text string, results [][]byte) {
	t.Helper()
	cfg := api.Config{
		URL: s.URL(), User: s.User(), Password: secret.New(s.Password()), Fingerprint: s.Fingerprint(), Instance: instance,
	}
	client, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	secure, err := api.TLSConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	kept := &recording{Server: recorder.ReadOnly(client)}
	report, err = survey.Run(t.Context(), survey.Config{
		Server: kept, URL: s.URL(), TLS: secure, User: s.User(), Password: cfg.Password, Instance: instance,
		Now: time.Now, Version: "devel", Progress: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Write(&b); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return report, b.String() + string(encoded), kept.results
}

func started(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	o.Seed, o.JobSpeed = 7, 10_000
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var editions = []struct {
	edition  catalogue.Edition
	instance string
}{{catalogue.Server, ""}, {catalogue.SPE, "alpha"}, {catalogue.SPE, ""}}

func TestNoValueOfTheServerIsInTheReport(t *testing.T) {
	for _, e := range editions {
		t.Run(string(e.edition)+e.instance, func(t *testing.T) {
			s := started(t, sandbox.Options{
				Edition: e.edition, User: "zaphod.b", Password: "Betelgeuse-5", MachineName: "HEARTOFGOLD", Users: 40, History: 30 * 24 * time.Hour,
			})
			_, report, results := surveyed(t, s, e.instance)
			values := map[string]bool{"zaphod": true, "Betelgeuse-5": true, "HEARTOFGOLD": true, "127.0.0.1": true, s.Fingerprint(): true, s.URL(): true}
			for _, result := range results {
				collect(t, result, values)
			}
			if len(values) < 30 {
				t.Fatalf("%d values were read, want those of a whole world", len(values))
			}
			vendor := vocabulary(t)
			said := words(report)
			for value := range values {
				switch {
				case versionPattern.MatchString(value), vendor[strings.ToLower(value)], len(value) < 3:
				case !strings.ContainsFunc(value, notWord) && said[strings.ToLower(value)],
					strings.ContainsFunc(value, notWord) && strings.Contains(strings.ToLower(report), strings.ToLower(value)):
					t.Errorf("the report holds %q", value)
				}
			}
		})
	}
}

var versionPattern = regexp.MustCompile(`^\d+(\.\d+)+$`)

func notWord(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_')
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), notWord) {
		set[w] = true
	}
	return set
}

// collect adds the texts and the larger numbers of a result, and keys that no
// description has.
func collect(t *testing.T, result []byte, values map[string]bool) {
	t.Helper()
	if result == nil {
		return
	}
	d := json.NewDecoder(bytes.NewReader(result))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case string:
			values[v] = true
		case json.Number:
			if len(v) > 4 {
				values[v.String()] = true
			}
		case []any:
			for _, element := range v {
				walk(element)
			}
		case map[string]any:
			for _, element := range v {
				walk(element)
			}
		}
	}
	walk(value)
}

// vocabulary is what the vendor's documentation says: names and words that
// values of enumerations share with it, and those of the report itself.
func vocabulary(t *testing.T) map[string]bool {
	t.Helper()
	set := map[string]bool{}
	for _, f := range catalogue.All() {
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(set, words(string(text)))
	}
	for _, w := range []string{"mailstore", "integer", "text"} {
		set[w] = true
	}
	return set
}

func TestOnlyReadsAreSent(t *testing.T) {
	for _, e := range editions {
		s := started(t, sandbox.Options{Edition: e.edition})
		if _, _, results := surveyed(t, s, e.instance); len(results) == 0 {
			t.Errorf("%s: nothing was read", e.edition)
		}
		if effects := s.Effects(); len(effects) > 0 {
			t.Errorf("%s: it had effects: %+v", e.edition, effects)
		}
		for _, r := range s.Requests() {
			known, ok := catalogue.Find(r.Fn)
			harmless := slices.Contains([]string{"get-metadata", "get-status", "getserverinfo", "getenvironmentinfo", "MoonpostAsksForNoFunction"}, r.Fn)
			if !harmless && (!ok || catalogue.Changing(known.Name)) {
				t.Errorf("%s: %s was sent", e.edition, r.Fn)
			}
		}
	}
}

func TestQuestionsAreAnswered(t *testing.T) {
	find := func(r *survey.Report, id string) survey.Finding {
		i := slices.IndexFunc(r.Answers, func(f survey.Finding) bool { return f.ID == id })
		if i < 0 {
			t.Fatalf("nothing is said about %s", id)
		}
		return r.Answers[i]
	}
	for _, tc := range []struct {
		name    string
		options sandbox.Options
		id      string
		status  int
		says    string
	}{
		{"a Server shows its metadata to all", sandbox.Options{}, "metadata_without_login", 200, "a list of 10-99"},
		{"an SPE does not", sandbox.Options{Edition: catalogue.SPE}, "metadata_without_login", 401, "challenge Basic, realm: MailStore"},
		{"a call without login is challenged", sandbox.Options{}, "function_without_login", 401, "challenge Basic"},
		{"an unknown function is not found", sandbox.Options{}, "unknown_function", 404, "a web page"},
		{"or fails", sandbox.Options{Behaviour: []string{"unknown-function=failed"}}, "unknown_function", 200, "statusCode failed"},
		{"an extra argument is refused", sandbox.Options{}, "extra_argument", 200, "statusCode failed"},
		{"or passed over", sandbox.Options{Behaviour: []string{"extra-arguments=ignored"}}, "extra_argument", 200, "statusCode succeeded"},
		{"get-status wants all its fields", sandbox.Options{}, "status_without_wait", 200, `error.message: "Nullable object must have a value"…`},
		{"texts that nobody knows are not shown", sandbox.Options{ErrorTexts: "german"}, "missing_argument", 200, "error.message: another text, 9-32 characters|error.message: another text, 33-128 characters"},
		{"an unknown token is not found", sandbox.Options{}, "unknown_token", 404, "a web page"},
		{"answers begin with a mark", sandbox.Options{}, "envelope", 200, "byte order mark: yes"},
		{"and have their keys in order", sandbox.Options{}, "envelope", 200, "keys in order: error token statusVersion statusCode percentProgress statusText result logOutput"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, _, _ := surveyed(t, started(t, tc.options), "")
			f := find(r, tc.id)
			if !slices.ContainsFunc(strings.Split(tc.says, "|"), func(says string) bool {
				return slices.ContainsFunc(f.Answer, func(a string) bool { return strings.HasPrefix(a, says) })
			}) || f.Status != tc.status {
				t.Errorf("%s = %d %q, want %d and %q", tc.id, f.Status, f.Answer, tc.status, tc.says)
			}
		})
	}
}

func TestWhatTheMetadataSays(t *testing.T) {
	r, _, _ := surveyed(t, started(t, sandbox.Options{}), "")
	if m := r.Metadata; m.Functions != 89 || len(m.NotInCatalogue)+len(m.Missing)+len(m.Arguments) > 0 || !slices.Contains(m.IncludeIndexes, "VerifyStore: optional") {
		t.Errorf("metadata = %+v, want the catalogue's", m)
	}
	r, _, _ = surveyed(t, started(t, sandbox.Options{Behaviour: []string{"include-indexes=required"}}), "")
	if m := r.Metadata; !slices.Contains(m.IncludeIndexes, "VerifyStore: required") || !slices.Contains(m.Arguments, "VerifyStore: includeIndexes is required, the catalogue says optional") {
		t.Errorf("metadata = %+v, want that includeIndexes is required", m)
	}
	if c := r.Connection; c.HTTP != "HTTP/1.1" || c.Server != "Microsoft-HTTPAPI/2.0" || !strings.Contains(c.Certificate, "self-signed") {
		t.Errorf("connection = %+v", c)
	}
}

func TestARefusedLoginEndsItAtOnce(t *testing.T) {
	s := started(t, sandbox.Options{})
	cfg := api.Config{URL: s.URL(), User: "admin", Password: secret.New("wrong-one"), Fingerprint: s.Fingerprint()}
	client, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = survey.Run(t.Context(), survey.Config{Server: client, URL: s.URL(), User: "admin", Password: cfg.Password, Now: time.Now})
	if fault.KindOf(err) != fault.Denied {
		t.Errorf("Run = %v, want kind denied", err)
	}
	logins := 0
	for _, r := range s.Requests() {
		if r.Status == 401 {
			logins++
		}
	}
	if logins != 1 {
		t.Errorf("the wrong password was sent %d times, want once", logins)
	}
}

func TestAServerThatMisbehavesIsSurveyedAllTheSame(t *testing.T) {
	for _, f := range []string{"GetStores:html:1", "GetUsers:bad_json:1", "GetJobs:status_403:1", "GetProfiles:error:1", "GetTimeZones:truncated:1"} {
		r, _, _ := surveyed(t, started(t, sandbox.Options{Faults: []string{f}}), "")
		name, _, _ := strings.Cut(f, ":")
		i := slices.IndexFunc(r.Functions, func(r survey.Reading) bool { return r.Name == name })
		if i < 0 || r.Functions[i].Outcome == "ok" || r.Functions[i].Shape != nil {
			t.Errorf("%s: %s", f, fmt.Sprintf("%+v", r.Functions))
		}
		if len(r.Functions) < 20 {
			t.Errorf("%s: %d functions were read, want the others, too", f, len(r.Functions))
		}
	}
}
