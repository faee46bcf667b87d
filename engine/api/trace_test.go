package api

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	"moonpost/engine/secret"
)

func TestTraceShowsWhatGoesOverTheWire(t *testing.T) {
	s := newServer(t)
	s.on("SetUserFullName", answer("null"))
	var out bytes.Buffer
	c := s.client(t, func(c *Config) { c.Trace = &out })
	if _, err := invoke(c, "SetUserFullName", "userName", "ada", "fullName", "Ada & Löve\nlace"); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, want := range []string{
		"POST " + s.URL + "/api/get-metadata", "POST " + s.URL + "/api/invoke/SetUserFullName\n    userName = ada\n    fullName = Ada & Löve\n    lace\n",
		"< SetUserFullName after ", "HTTP 200, ", `"statusCode": "succeeded"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("trace = %s, want it to show %q", got, want)
		}
	}
	if strings.ContainsAny(got, "\r\ufeff") {
		t.Error("trace has carriage returns or a byte order mark")
	}
}

func TestTraceHidesSecrets(t *testing.T) {
	s := newEdition(t, "spe")
	s.on("SetUserPassword", answer("null"))
	s.on("CreateProfile", answer("1"))
	s.on("SetSmtpSettings", answer("null"))
	s.on("SetUserFullName", answerText(refused("the value hush-hush is bad")))
	s.on("CreateSystemAdministratorAPIPassword", answer(`"new-api-password"`))
	var out bytes.Buffer
	c := s.client(t, func(c *Config) {
		c.Trace, c.Secrets, c.Instance = &out, secret.NewRedactor(), "acme"
	})
	for _, one := range []struct {
		fn   string
		args []any
	}{
		{"SetUserPassword", []any{"userName", "ada", "password", "pw&1x"}}, // too short to be redacted
		{"CreateProfile", []any{"properties", table(`{"name":"visible","details":{"password":"pw2"}}`), "raw", true}},
		{"SetSmtpSettings", []any{"settings", `{"host":"visible-too","password":"pw3"}`}},
		{"SetUserFullName", []any{"userName", "ada", "fullName", secret.New("hush-hush")}},
		{"CreateSystemAdministratorAPIPassword", []any{"userName", "ada"}},
	} {
		_, _ = invoke(c, one.fn, one.args...)
	}
	got := out.String()
	for _, hidden := range []string{testPassword, "pw&1x", "pw2", "pw3", "hush-hush", "new-api-password", "Basic ", "Authorization"} {
		if strings.Contains(got, hidden) {
			t.Errorf("trace shows %q", hidden)
		}
	}
	for _, shown := range []string{"password = ***", "visible", "visible-too", "fullName = ***"} {
		if !strings.Contains(got, shown) {
			t.Errorf("trace = %s, want it to show %q", got, shown)
		}
	}
}

func TestTraceSaysWhatFailed(t *testing.T) {
	s := newServer(t)
	s.on("CreateUser", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	var out bytes.Buffer
	c := s.client(t, func(c *Config) { c.Trace = &out })
	_, _ = invoke(c, "CreateUser", createUser("ada")...)
	if want := "the connection broke before the answer came: unexpected EOF (it was sent)"; !strings.Contains(out.String(), want) {
		t.Errorf("trace = %s, want it to say %q", out.String(), want)
	}
}

// lineWriter notes writes that are no whole blocks.
type lineWriter struct {
	mu     sync.Mutex
	blocks []string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blocks = append(w.blocks, string(p))
	return len(p), nil
}

func TestTraceBlocksAreWhole(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	w := &lineWriter{}
	c := s.client(t, func(c *Config) { c.Trace = w })
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				_, _ = invoke(c, "GetUsers")
			}
		})
	}
	all.Wait()
	for _, b := range w.blocks {
		if !strings.HasPrefix(b, "#") || !strings.HasSuffix(b, "\n") {
			t.Fatalf("block %q is not whole", b)
		}
	}
}
