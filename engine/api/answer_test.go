package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"moonpost/engine/fault"
)

// Each answer that is not what a MailStore says is an error of its own: kind
// server for a read, unknown for a changing call, and never a success.
func TestBadAnswers(t *testing.T) {
	ok := done(`{"userName":"ada"}`)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, ok)
	_ = z.Close()
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"web page", answerText("<!DOCTYPE html><html><title>It works</title></html>"), "web page"},
		{"web page after a byte order mark and blanks", answerText("\xef\xbb\xbf\r\n  <html>"), "web page"},
		{"XML", answerText(`<?xml version="1.0"?><error/>`), "web page"},
		{"nothing", answerText(""), "empty"},
		{"byte order mark alone", answerText("\xef\xbb\xbf"), "empty"},
		{"blanks", answerText(" \r\n\t"), "empty"},
		{"HTTP 204", status(204, ""), "HTTP 204"},
		{"HTTP 201", status(201, ok), "HTTP 201"},
		{"plain text", answerText("Service is starting"), "not JSON"},
		{"half an envelope", answerText(ok[:len(ok)/2]), "ends in the middle"},
		{"envelope without its last brace", answerText(strings.TrimSuffix(ok, "}")), "ends in the middle"},
		{"envelope and more", answerText(ok + `{"x":1}`), "text after the end"},
		{"two envelopes", answerText(ok + ok), "not JSON"},
		{"compressed", answerText(zipped.String()), "not JSON"},
		{"UTF-16", answerText("\xff\xfe{\x00}\x00"), "not JSON"},
		{"invalid UTF-8", answerText(`{"statusCode":"succeeded","result":"` + "\xff" + `"}`), "not JSON"},
		{"comment in JSON", answerText(`{"statusCode":"succeeded" /* fine */}`), "not JSON"},
		{"single quotes", answerText(`{'statusCode':'succeeded'}`), "not JSON"},
		{"comma at the end", answerText(`{"statusCode":"succeeded",}`), "not JSON"},
		{"NaN", answerText(`{"statusCode":"succeeded","result":NaN}`), "not JSON"},
		{"infinite number", answerText(`{"statusCode":"succeeded","result":Infinity}`), "not JSON"},
		{"control character in a text", answerText("{\"statusCode\":\"succeeded\",\"result\":\"a\nb\"}"), "not JSON"},
		{"key of the envelope twice", answerText(`{"statusCode":"failed","statusCode":"succeeded","result":null}`), "a name twice"},
		{"key of the result twice", answerText(`{"statusCode":"succeeded","result":{"a":1,"a":2}}`), "a name twice"},
		{"key twice deep in the result", answerText(`{"statusCode":"succeeded","result":[{"b":{"a":1,"a":2}}]}`), "a name twice"},
		{"null", answerText("null"), "null instead"},
		{"list", answerText("[]"), "a list instead"},
		{"text", answerText(`"succeeded"`), "a text instead"},
		{"number", answerText("42"), "a number instead"},
		{"empty object", answerText("{}"), "without statusCode"},
		{"other object", answerText(`{"message":"Not Found","code":404}`), "without statusCode"},
		{"status code null", answerText(`{"statusCode":null,"result":null}`), "without statusCode"},
		{"status code empty", answerText(`{"statusCode":"","result":null}`), "without statusCode"},
		{"status code a number", answerText(`{"statusCode":0}`), "statusCode is a number"},
		{"token a list", answerText(`{"statusCode":"running","token":[]}`), "token is a list"},
		{"status version a text", answerText(`{"statusCode":"running","statusVersion":"three"}`), "statusVersion is a text"},
		{"running without token", answerText(envelopeText("null", "", 3, "running", "0", "", "null", "")), "no token"},
		{"too deep", answerText(`{"statusCode":"succeeded","result":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`), "not JSON"},
		{"longer than the cap by its own word", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10737418240")
			_, _ = io.WriteString(w, "{")
		}, "larger than 64 MiB"},
		{"longer than the cap in fact", func(w http.ResponseWriter, _ *http.Request) {
			part := bytes.Repeat([]byte(" "), 1<<20)
			for range 4 {
				if _, err := w.Write(part); err != nil {
					return
				}
			}
		}, "larger than 2 MiB"},
		{"cut off before the length it announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, ok)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "cut off"},
		{"cut off in a chunk", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, ok)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "cut off"},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Second):
			}
		}, "no answer within 200ms"},
		{"HTTP 500", status(500, "System.NullReferenceException"), "HTTP 500 Internal Server Error"},
		{"HTTP 502", status(502, "<html>bad gateway</html>"), "HTTP 502"},
		{"HTTP 599", status(599, ""), "HTTP 599"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.on("GetUserInfo", tc.answer)
			s.on("SetUserPrivileges", tc.answer)
			c := s.client(t)
			c.backoff = func(int) time.Duration { return time.Millisecond }
			if tc.name == "no answer" {
				c.cfg.CallTimeout = 200 * time.Millisecond
			}
			if tc.want == "larger than 2 MiB" {
				c.most = 2 << 20
			}
			answer, err := invoke(c, "GetUserInfo", "userName", "ada")
			wantKind(t, "GetUserInfo", err, fault.Server, tc.want)
			if answer.Result != nil {
				t.Errorf("GetUserInfo gave a result with its error: %s", answer.Result)
			}
			_, err = invoke(c, "SetUserPrivileges", "userName", "ada", "privileges", "login")
			wantKind(t, "SetUserPrivileges", err, fault.Unknown, tc.want)
			if n := s.sent("SetUserPrivileges"); n != 1 {
				t.Errorf("SetUserPrivileges arrived %d times, want 1", n)
			}
		})
	}
}

// A status of the 400s says that the server did nothing.
func TestRefusalsByStatus(t *testing.T) {
	for _, tc := range []struct {
		status int
		kind   fault.Kind
		want   string
	}{
		{400, fault.Server, "HTTP 400"},
		{403, fault.Denied, "refuses this to admin"},
		{404, fault.Server, "does not know CreateUser"},
		{411, fault.Server, "drops Content-Length"},
		{413, fault.Server, "HTTP 413"},
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			s := newServer(t)
			s.on("CreateUser", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tc.status) })
			s.on("GetUsers", answer("[]"))
			c := s.client(t)
			_, err := invoke(c, "CreateUser", createUser("ada")...)
			e := wantKind(t, "CreateUser", err, tc.kind, tc.want)
			if e.Status != tc.status || e.Fn != "CreateUser" || e.Target != c.target || e.Attempt != 1 {
				t.Errorf("error = %+v, want its status, function, target and attempt", e)
			}
			if _, err := invoke(c, "GetUsers"); err != nil {
				t.Errorf("GetUsers after it = %v, want success", err)
			}
		})
	}
}

func TestRefusedCallIsServer(t *testing.T) {
	s := newServer(t)
	s.on("CompactStore", answerText(refused("Der Speicher ist gesperrt.")))
	_, err := invoke(s.client(t), "CompactStore", "id", 3.0)
	e := wantKind(t, "CompactStore", err, fault.Server, "Der Speicher ist gesperrt.")
	if want := "System.Exception: Der Speicher ist gesperrt.\n   at MailStore.Api()\n"; e.Details != want {
		t.Errorf("details = %q, want %q", e.Details, want)
	}
}

// Every final status but succeeded is a failure, with or without an error.
func TestFinalStatusOtherThanSucceededFails(t *testing.T) {
	for _, code := range []string{"failed", "cancelled", "canceled", "Succeeded", "done", "unknown"} {
		s := newServer(t)
		s.on("GetUsers", answerText(envelopeText("null", "", 2, code, "null", "", "[]", "")))
		_, err := invoke(s.client(t), "GetUsers")
		wantKind(t, "GetUsers with status "+code, err, fault.Server, "ended as "+code)
	}
}

func TestSucceededWithAnErrorFails(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answerText(envelopeText(`{"message":"half done","details":null}`, "", 2, "succeeded", "null", "", "[]", "")))
	_, err := invoke(s.client(t), "GetUsers")
	wantKind(t, "GetUsers", err, fault.Server, "half done")
}

func TestAnswersThatAreFine(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"as MailStore writes it", done(`{"a": 1}`), `{"a": 1}`},
		{"without byte order mark", strings.TrimPrefix(done(`[]`), "\xef\xbb\xbf"), `[]`},
		{"null is no result", done("null"), ""},
		{"on one line, other order", `{"result":[1,2],"statusCode":"succeeded","error":null}`, `[1,2]`},
		{"keys that nobody knows", `{"new":{"a":[]},"statusCode":"succeeded","result":true,"antiXsrfToken":"x"}`, `true`},
		{"large ids stay exact", done("[9007199254740993]"), "[9007199254740993]"},
		{"escapes stay as they are", done(`"a\u00e4\/b"`), `"a\u00e4\/b"`},
		{"odd percent is ignored", `{"statusCode":"succeeded","percentProgress":"half","result":1}`, "1"},
		{"blanks around the result", "{\"statusCode\":\"succeeded\",\"result\":\r\n   \"x\"  \r\n}", `"x"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on("GetUsers", answerText(tc.body))
			got, err := invoke(s.client(t), "GetUsers")
			if err != nil || string(got.Result) != tc.want {
				t.Errorf("GetUsers = %s, %v, want %s", got.Result, err, tc.want)
			}
			if want := strings.TrimPrefix(tc.body, "\xef\xbb\xbf"); string(got.Envelope) != want {
				t.Errorf("envelope = %q, want %q", got.Envelope, want)
			}
		})
	}
}
