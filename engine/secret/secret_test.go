package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"moonpost/engine/secret"
)

// holder is how a secret travels: in fields of other types.
type holder struct {
	Name     string
	Password secret.Secret
	hidden   secret.Secret
}

func TestNothingShowsASecret(t *testing.T) {
	const text = "hunter22"
	s := secret.New(text)
	h := holder{"ada", s, s}

	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%10.3s"} {
		shown["Sprintf "+verb] = fmt.Sprintf(verb, s)
		shown["Sprintf "+verb+" of a pointer"] = fmt.Sprintf(verb, &s)
		shown["Sprintf "+verb+" of a struct"] = fmt.Sprintf(verb, h)
		shown["Sprintf "+verb+" of a pointer to a struct"] = fmt.Sprintf(verb, &h)
		shown["Sprintf "+verb+" of a list"] = fmt.Sprintf(verb, []secret.Secret{s})
		shown["Sprintf "+verb+" of a map"] = fmt.Sprintf(verb, map[string]any{"password": s})
	}
	shown["Sprint"] = fmt.Sprint(s, h)
	shown["Errorf"] = fmt.Errorf("login with %v: %w", s, errors.New("denied")).Error()
	shown["String"] = s.String()
	shown["GoString"] = s.GoString()
	for name, value := range map[string]any{"secret": s, "pointer": &s, "struct": h, "list": []secret.Secret{s}, "map": map[string]any{"p": s}} {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Errorf("json of a %s: %v", name, err)
		}
		shown["json of a "+name] = string(encoded)
	}
	encoded, err := xml.Marshal(holder{Password: s})
	if err != nil {
		t.Errorf("xml: %v", err)
	}
	shown["xml"] = string(encoded)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("login", "password", s, "all", h)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("login", "password", s, "all", h)
	shown["slog"] = log.String()

	for name, got := range shown {
		if strings.Contains(got, text) {
			t.Errorf("%s = %q, want no %q in it", name, got, text)
		}
	}
	if got, want := shown["json of a struct"], `{"Name":"ada","Password":"***"}`; got != want {
		t.Errorf("json of a struct = %s, want %s", got, want)
	}
}

func TestReveal(t *testing.T) {
	for _, text := range []string{"", "x", "hunter22"} {
		s := secret.New(text)
		if got := s.Reveal(); got != text {
			t.Errorf("New(%q).Reveal() = %q, want the same", text, got)
		}
		if got := s.Empty(); got != (text == "") {
			t.Errorf("New(%q).Empty() = %v, want %v", text, got, text == "")
		}
	}
	var zero secret.Secret
	if zero.Reveal() != "" || !zero.Empty() || zero.String() != secret.Mask {
		t.Errorf("zero Secret reveals %q and prints %q, want nothing and a mask", zero.Reveal(), zero)
	}
}
