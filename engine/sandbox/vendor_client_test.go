package sandbox_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"moonpost/engine/sandbox"
)

// scenario is what a client does: testdata/vendor.json. A step is left out
// where the server does not have its function.
type scenario struct {
	Values map[string]any // of arguments that are required, by name
	Steps  []vendorStep
}

type vendorStep struct {
	Fn     string
	Args   map[string]any // "{GetStores.0.id}" stands for a part of an earlier result
	Cancel bool           // once it runs
}

func readScenario(t *testing.T, name string) scenario {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var s scenario
	decode(t, text, &s)
	return s
}

// decode keeps numbers as they are written.
func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
}

// report is what a client says of one call.
type report struct {
	Fn       string
	Args     []string
	Code     string // of the last status
	Error    string // its message
	Polls    int
	Log      string
	Problems []string // where the server is not as the protocol describes it
}

// vendor is a client written from the description of the protocol. It shares
// nothing with the client that moonpost uses.
type vendor struct {
	t         *testing.T
	base      string
	user      string
	password  string
	challenge bool // no login until the server asks for it
	http      *http.Client
}

func newVendor(t *testing.T, s *sandbox.Server, mode string) *vendor {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &vendor{
		t: t, base: s.URL(), user: s.User(), password: s.Password(), challenge: mode == "challenge",
		http: &http.Client{Transport: transport, Timeout: time.Minute},
	}
}

// post returns the HTTP status and the body of an answer.
func (v *vendor) post(path string, form url.Values) (int, []byte) {
	v.t.Helper()
	login := !v.challenge
	for {
		req, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
		if err != nil {
			v.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if login {
			req.SetBasicAuth(v.user, v.password)
		}
		res, err := v.http.Do(req)
		if err != nil {
			v.t.Fatalf("%s: %v", path, err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			v.t.Fatalf("%s: %v", path, err)
		}
		asked := strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Basic ")
		if res.StatusCode != http.StatusUnauthorized || login || !asked {
			return res.StatusCode, body
		}
		login = true
	}
}

type argument struct {
	Name     string
	Nullable bool
}

func (v *vendor) metadata() map[string][]argument {
	status, body := v.post("/api/get-metadata", nil)
	text, marked := bytes.CutPrefix(body, []byte("\xEF\xBB\xBF"))
	if status != http.StatusOK || !marked {
		v.t.Fatalf("get-metadata = %d %.80q", status, body)
	}
	var list []struct {
		Name string
		Args []argument
	}
	decode(v.t, text, &list)
	functions := map[string][]argument{}
	for _, f := range list {
		functions[f.Name] = f.Args
	}
	return functions
}

// answer is a status of the server.
type answer struct {
	Error           *struct{ Message, Details string }
	Token           *string
	StatusVersion   int64
	StatusCode      string
	PercentProgress *float64
	StatusText      *string
	Result          any
	LogOutput       *string
}

var keyOrder = []string{"error", "token", "statusVersion", "statusCode", "percentProgress", "statusText", "result", "logOutput"}

// status returns a status, nil when there is none, and notes in the report what
// is not as it should be.
func (v *vendor) status(r *report, path string, form url.Values) *answer {
	v.t.Helper()
	status, body := v.post(path, form)
	wrong := func(format string, args ...any) {
		r.Problems = append(r.Problems, path+": "+fmt.Sprintf(format, args...))
	}
	if status != http.StatusOK {
		wrong("HTTP %d", status)
		return nil
	}
	text, marked := bytes.CutPrefix(body, []byte("\xEF\xBB\xBF"))
	if !marked {
		wrong("no byte order mark")
	}
	var a answer
	decode(v.t, text, &a)
	if keys := topKeys(v.t, text); !slices.Equal(keys, keyOrder) {
		wrong("keys are %q", keys)
	}
	if a.Error != nil && (a.Error.Message == "" || a.Error.Details == "") {
		wrong("the error is %+v", a.Error)
	}
	if a.LogOutput != nil {
		if !strings.HasSuffix(*a.LogOutput, "\r\n") {
			wrong("the log ends with %q", *a.LogOutput)
		}
		r.Log += *a.LogOutput
	}
	return &a
}

// topKeys returns the keys of an object in the order in which they stand.
func topKeys(t *testing.T, text []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, fmt.Sprint(key))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// call makes a call and follows it to its end.
func (v *vendor) call(fn string, form url.Values, cancel bool) (report, any) {
	v.t.Helper()
	r := report{Fn: fn}
	a := v.status(&r, "/api/invoke/"+fn, form)
	if a == nil {
		return r, nil
	}
	if a.StatusCode != "running" {
		if a.StatusVersion != 2 || a.Token != nil {
			r.Problems = append(r.Problems, fmt.Sprintf("an answer at once has version %d, token %v", a.StatusVersion, a.Token))
		}
	} else if a.Token == nil || a.StatusVersion < 3 {
		r.Problems = append(r.Problems, "a running call has no token or a low version")
		return r, nil
	}
	for token := a.Token; a.StatusCode == "running"; {
		if cancel {
			cancel = false
			v.status(&r, "/api/cancel-async", url.Values{"token": {*token}})
		}
		known := a.StatusVersion
		a = v.status(&r, "/api/get-status", url.Values{
			"token": {*token}, "lastKnownStatusVersion": {strconv.FormatInt(known, 10)}, "millisecondsTimeout": {"5000"},
		})
		if a == nil {
			return r, nil
		}
		if r.Polls++; a.StatusVersion < known {
			r.Problems = append(r.Problems, fmt.Sprintf("version %d after %d", a.StatusVersion, known))
		}
	}
	if a.Token != nil || a.PercentProgress != nil {
		r.Problems = append(r.Problems, "the last status has a token or progress")
	}
	if r.Code = a.StatusCode; a.Error != nil {
		r.Error = a.Error.Message
	}
	return r, a.Result
}

// play works off a scenario.
func (v *vendor) play(s scenario) []report {
	metadata, results, reports := v.metadata(), map[string]any{}, []report{}
	for _, step := range s.Steps {
		args, ok := metadata[step.Fn]
		if !ok {
			continue
		}
		form := url.Values{}
		for _, a := range args {
			if given, ok := step.Args[a.Name]; ok {
				form.Set(a.Name, argumentText(v.t, filled(given, results)))
			} else if !a.Nullable {
				form.Set(a.Name, argumentText(v.t, s.Values[a.Name]))
			}
		}
		r, result := v.call(step.Fn, form, step.Cancel)
		r.Args, results[step.Fn] = slices.Sorted(maps.Keys(form)), result
		reports = append(reports, r)
	}
	return reports
}

var reference = regexp.MustCompile(`^\{[A-Za-z]+(\.[\w-]+)*\}$`)

// filled returns a value with references to earlier results filled in.
func filled(value any, results map[string]any) any {
	text, _ := value.(string)
	if !reference.MatchString(text) {
		return value
	}
	path := strings.Split(text[1:len(text)-1], ".")
	value = results[path[0]]
	for _, key := range path[1:] {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if i < 0 {
				i += len(v)
			}
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		}
	}
	return value
}

// argumentText writes an argument as the API wants it: true and false, digits,
// JSON, or the text itself.
func argumentText(t *testing.T, value any) string {
	t.Helper()
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// python has testdata/vendor.py work off a scenario.
func python(t *testing.T, s *sandbox.Server, file, mode string) []report {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: apt-get install python3")
	}
	cmd := exec.Command(program, "testdata/vendor.py", file, mode)
	cmd.Env = append(os.Environ(), "MAILSTORE_URL="+s.URL(), "MAILSTORE_USER="+s.User(), "MAILSTORE_PASSWORD="+s.Password(), "PYTHONIOENCODING=utf-8")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	reports := []report{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var r report
		decode(t, lines.Bytes(), &r)
		reports = append(reports, r)
	}
	return reports
}
