package world

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// canary is every password that the calls below set; none may come back.
const canary = "canary-4711"

// oddValues go into any argument now and then.
var oddValues = []string{
	"", " ", "none", "0", "-1", "9223372036854775807", "99999999999999999999", "1e9", "NaN", "true", "null", "{}", "[]", `"x"`,
	"*", "a,b,,c", "../..", `..\..`, "a//b", "/", `C:\`, "' OR 1=1; --", "<script>", "%s%d", "\x00", "a\r\nb", "\x1b[2J", "ä€😀",
	"\u202e", strings.Repeat("x", 300), strings.Repeat("[", 70), "alpha", "ADMIN", "1:1", "2026-02-30T00:00:00", " current", "current ",
}

// likelyValues are those that the arguments of a name take mostly.
var likelyValues = map[string][]string{
	"instanceID":     {"alpha", "bravo", "Charlie", "delta"},
	"instanceFilter": {"alpha", "bravo", "charlie", "delta", "*", "a*,bravo"},
	"userName":       {"ada", "bob", "Ada", "ünal", "agnes.szabo", "bjoern.dahl"},
	"oldUserName":    {"ada", "bob", "ünal"},
	"newUserName":    {"ada", "bob", "ünal", "BOB"},
	"folder":         {"ada", "bob", "ada/Exchange ada", "bob/Exchange bob/Inbox", "mail/Inbox", "former.employee", "moved"},
	"fromFolder":     {"ada", "bob", "mail", "mail/Inbox", "moved", "former.employee"},
	"toFolder":       {"ada", "moved", "MAIL", "moved/below", "bob"},
	"id":             {"1", "2", "3", "4", "5"},
	"sourceId":       {"1", "2", "3"},
	"jobId":          {"1", "2"},
	"profileID":      {"1", "2"},
	"name":           {"one", "two", "Ärger"},
	"databasePath":   {LockedDirectory, `D:\one`, `D:\two`, `E:\`},
	"path":           {LockedDirectory, `D:\one`, `E:\new`, `D:\`, `E:`},
	"passphrase":     {LockedPassphrase},
	"encryptionKey":  {LockedPassphrase},
	"password":       {canary},
	"action":         {"VerifyStores", "RunProfile --id=1", "DeleteEmptyFolders", "CompactStore --id=1", `RenameStore --id=2 --name="a b"`, "StopInstances --instanceFilter=*"},
	"owner":          {"ada", "admin"},
	"serverName":     {"MAILSTORE", "other"},
	"port":           {"443", "8472"},
	"thumbprint":     {strings.Repeat("0123456789", 4)},
	"fromIncluding":  {"2020-01-01T00:00:00"},
	"toExcluding":    {"2100-01-01T00:00:00"},
	"timeZoneId":     {"UTC", "$Local", "W. Europe Standard Time"},
	"timeZoneID":     {"UTC", "$Local"},
	"time":           {"02:00", "23:59:59"},
	"date":           {"2099-01-01T00:00:00"},
	"dayOfMonth":     {"1", "31", "Last", "05"},
	"recipients":     {"a@example.com"},
	"emailAddresses": {"a@example.com,b@example.com", "c@example.com"},
	"reason":         {"because"},
	"raw":            {"true"},
	"properties": {
		`{"name":"p","owner":"ada","connector":"Imap","details":{"emailAddress":"a@example.com","password":"` + canary + `","targetUserFolder":"bob"}}`,
		`{"name":"q","owner":"bob","connector":"Imap","password":"` + canary + `","details":{"options":[{"Password":"` + canary + `"}],"password":"` + canary + `","targetUserFolder":"a//b/"}}`,
		`{"name":"r","owner":"ada","type":"E","connector":"Imap","details":[],"serverSideExecution":{"automatic":true,"automaticPauseBetweenExecutions":60}}`,
	},
	"settings": {
		`{"hostname":"mail.example.com","password":"` + canary + `"}`, `{"hostname":7}`, `{"ClientSecret":"` + canary + `"}`, `{"port":"x","password":["` + canary + `"]}`,
	},
	"config": {
		`{}`, `[]`, `[{"name":"p","enabled":true,"delete":true,"period":1,"periodInterval":"day"}]`,
		`[{"enabled":true,"delete":true,"period":9000000000000000000,"periodInterval":"year"}]`, `[{"enabled":"true","searchCriteria":7}]`,
		`{"type":"activeDirectory","serverName":"dc","deleteUsers":true,"password":"` + canary + `"}`, `{"type":"activeDirectory","groups":"Sales"}`,
		`{"legalHoldEnabled":false}`, `{"enabled":true}`,
		`{"instanceID":"delta","instanceHost":"MAILSTORE"}`, `{"instanceID":"alpha","instanceHost":"other","alias":"A"}`,
		`{"serverName":"other","port":1,"serverCertificate":{"thumbprint":"` + strings.Repeat("0123456789", 4) + `"},"baseDirectory":"D:\\B"}`,
		`{"userName":"eve","fullName":"E"}`, `{"userName":"admin"}`,
	},
}

// caller makes random calls.
type caller struct {
	w      *World
	rng    *rand.Rand
	names  []string
	tokens []string
}

func (c *caller) draw(from []string) string { return from[c.rng.IntN(len(from))] }

func (c *caller) value(a catalogue.Arg) string {
	if c.rng.IntN(8) == 0 {
		return c.draw(oddValues)
	}
	switch likely := likelyValues[a.Name]; {
	case len(a.Values) > 0:
		return c.draw(a.Values)
	case likely != nil:
		return c.draw(likely)
	case a.Type == "bool":
		return c.draw([]string{"true", "false"})
	}
	return sample(a)
}

// call makes one call, or something else that a client or a test can do. It
// returns the call for people, and what is wrong with its answer.
func (c *caller) call() (told, wrong string) {
	switch c.rng.IntN(40) {
	case 0:
		c.w.Advance(time.Duration(c.rng.IntN(400)) * time.Second)
		_, _ = c.w.Effects(), c.w.Save(io.Discard)
		return "time passes", ""
	case 1, 2:
		if len(c.tokens) > 0 {
			_ = c.w.Cancel(c.draw(c.tokens))
		}
		return "", ""
	case 3, 4, 5:
		if len(c.tokens) == 0 {
			return "", ""
		}
		s, err := c.w.Status(context.Background(), c.draw(c.tokens), c.rng.Int64N(40), 0)
		if err != nil {
			return "get-status", ""
		}
		return "get-status", wrongWith(s)
	}
	fn := c.w.functions[c.draw(c.names)]
	form := []Arg{}
	for _, a := range fn.args {
		if a.Optional && c.rng.IntN(2) == 0 || c.rng.IntN(40) == 0 {
			continue
		}
		form = append(form, Arg{a.Name, c.value(a)})
	}
	twist := Straight
	if c.rng.IntN(20) == 0 {
		twist = []Twist{Refused, Half, Forgets}[c.rng.IntN(3)]
	}
	s := c.w.Invoke(fn.name, form, twist)
	if s.Code == answer.Running && twist != Forgets {
		c.tokens = append(c.tokens, s.Token)
	}
	return fmt.Sprintf("%s(%q) %s", fn.name, form, twist), wrongWith(s)
}

// wrongWith says what no status may be; "" for nothing.
func wrongWith(s answer.Status) string {
	text := s.Append(nil)
	var v struct {
		Error  *struct{ Message, Details string }
		Result any
	}
	err := json.Unmarshal(text[len(answer.BOM):], &v)
	switch {
	case err != nil:
		return "no JSON: " + err.Error()
	case strings.Contains(string(text), canary):
		return "it tells a password: " + string(text)
	case (s.Code == answer.Succeeded || s.Code == answer.Running) != (v.Error == nil) && s.Code != answer.Cancelled:
		return fmt.Sprintf("%s with error %v", s.Code, v.Error)
	case (s.Code == answer.Running) != (s.Token != ""):
		return fmt.Sprintf("%s with token %q", s.Code, s.Token)
	case s.Code != answer.Succeeded && v.Result != nil:
		return s.Code + " with a result"
	}
	return ""
}

// TestAnythingInAnyOrder has several clients call all functions at once, with
// good and odd arguments, while time goes on. Nothing may break, no answer may
// be malformed or tell a password, and the state may never contradict itself.
func TestAnythingInAnyOrder(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		t.Run(string(edition), func(t *testing.T) {
			seed := rand.Uint64()
			w := New(Options{Edition: edition, Users: 3, Stores: 3, History: 24 * time.Hour, Behaviour: Behaviour{ListRuns: seed%2 == 0}})
			names := slices.Sorted(maps.Keys(w.functions))
			var wait sync.WaitGroup
			for client := range uint64(4) {
				wait.Go(func() {
					c := &caller{w: w, rng: rand.New(rand.NewPCG(seed, client)), names: names}
					for range 1500 {
						told, wrong := c.call()
						if wrong == "" {
							wrong = strings.Join(w.contradictions(), "; ")
						}
						if wrong != "" {
							t.Errorf("seed %d: after %s: %s", seed, told, wrong)
						}
						if t.Failed() {
							return
						}
					}
				})
			}
			wait.Wait()
			w.endAll(t)
			for id, a := range w.Archives {
				if a.Instance == nil || a.Instance.Process != nil && !a.Instance.NoAccess {
					readsAgree(t, w, id)
				}
			}
		})
	}
}

// endAll lets everything come to its end.
func (w *World) endAll(t *testing.T) {
	w.mu.Lock()
	for _, a := range w.Archives {
		if a.Instance != nil && a.Instance.Frozen {
			_ = thawInstance(w, a)
		}
	}
	w.mu.Unlock()
	w.Advance(1000 * time.Hour)
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.work.running) + len(w.work.held); n > 0 {
		t.Errorf("%d jobs never end", n)
	}
	for id, a := range w.Archives {
		if len(a.Runs) > 0 {
			t.Errorf("%d runs of profiles of %q never end", len(a.Runs), id)
		}
		for _, j := range a.Jobs {
			if j.Running != nil {
				t.Errorf("job %q of %q never ends", j.Name, id)
			}
		}
	}
}
