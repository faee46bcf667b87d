package command

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/bindings"
	"moonpost/engine"
	"moonpost/engine/api"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/manual"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
)

// playgroundClient returns a client of a simulated server whose jobs take no
// time.
func playgroundClient(t *testing.T, edition catalogue.Edition) *api.Client {
	t.Helper()
	server, err := sandbox.New(sandbox.Options{Edition: edition, JobSpeed: 1e4})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c := api.Config{URL: server.URL(), User: server.User(), Password: secret.New(server.Password()), Fingerprint: server.Fingerprint()}
	if edition == catalogue.SPE {
		c.Instance = "alpha"
	}
	client, err := api.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// playOn runs a playbook against a server and returns the error that ended it.
func playOn(t *testing.T, server call.Server, text string) error {
	t.Helper()
	return engine.Run(t.Context(), engine.Config{
		File: "sample.lua", Source: []byte(text), Dir: t.TempDir(), CurrentDir: t.TempDir(), Now: time.Now,
		Open: func(context.Context) (call.Server, error) { return server, nil },
		Sink: event.Discard, Secrets: secret.NewRedactor(), Inputs: []bindings.Given{},
	}).Err
}

// TestSamplesOfFunctionsAreWellFormed makes the calls that the manual shows. The
// simulated server may refuse one, for what it is about need not be there; the
// client, which knows names, types and what is required, must not.
func TestSamplesOfFunctionsAreWellFormed(t *testing.T) {
	m, _ := ownManual(t)
	malformed := []fault.Kind{fault.Usage, fault.Script, fault.Invalid, fault.Internal, fault.Limit, fault.Denied}
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		client := playgroundClient(t, edition)
		made := 0
		for _, e := range m.Entries() {
			if e.Kind != manual.ServerFunction || !slices.Contains(e.Editions, string(edition)) {
				continue
			}
			made++
			for _, text := range samplesIn(e, edition) {
				var err error
				if line, ok := strings.CutPrefix(text, "moonpost call "); ok {
					err = makeCall(t, client, line)
				} else {
					text = regexp.MustCompile(`\binputs\.\w+`).ReplaceAllString(text, `"Ab3-secret"`)
					err = playOn(t, client, text)
				}
				if kind := fault.KindOf(err); slices.Contains(malformed, kind) {
					t.Errorf("%s: %s\n%s: %v", edition, text, kind, err)
				}
			}
		}
		if made < 80 {
			t.Errorf("%d functions of %s were called, want all", made, edition)
		}
	}
}

// samplesIn returns the samples that are for the edition.
func samplesIn(e manual.Entry, edition catalogue.Edition) []string {
	var texts []string
	lua := -1
	for _, s := range e.Examples {
		if s.Language == "sh" {
			lines := strings.Split(s.Text, "\n")
			if edition == catalogue.SPE {
				texts = append(texts, lines[len(lines)-1])
			} else {
				texts = append(texts, lines[0])
			}
			continue
		}
		if lua++; lua == 0 || edition == catalogue.SPE {
			if lua > 0 {
				texts = texts[:len(texts)-1] // the one of the other edition
			}
			texts = append(texts, s.Text)
		}
	}
	return texts
}

var word = regexp.MustCompile(`(?:[^\s']|'[^']*')+`)

// makeCall makes the call of a command line as moonpost call does.
func makeCall(t *testing.T, client *api.Client, line string) error {
	t.Helper()
	words := word.FindAllString(strings.TrimSuffix(line, " --instance alpha"), -1)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "'", "")
	}
	_, p := ownManual(t)
	p.Stdin, p.Dir = strings.NewReader("Ab3-secret\n"), t.TempDir()
	for _, name := range regexp.MustCompile(`@(\w+\.json)`).FindAllStringSubmatch(line, -1) {
		if err := os.WriteFile(filepath.Join(p.Dir, name[1]), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	req, err := (&callOptions{program: p}).request(words[0], words[1:])
	if err != nil {
		return err
	}
	_, err = client.Call(t.Context(), req, nil)
	return err
}
