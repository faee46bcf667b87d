package api

import (
	"bytes"
	"encoding/json"
	"net/url"
	"reflect"
	"testing"
)

func TestDecodeEnvelope(t *testing.T) {
	text := envelopeText("null", "b3af0ebae4dd755d1a54b9756817baee", 9, "running", "150.5", "half way", "null", " 400 messages\r\n")
	got, err := decodeEnvelope(bytes.TrimPrefix([]byte(text), bom))
	if err != nil {
		t.Fatal(err)
	}
	if got.token != "b3af0ebae4dd755d1a54b9756817baee" || got.version != 9 || got.code != "running" || got.status != "half way" || got.log != " 400 messages\r\n" {
		t.Errorf("decodeEnvelope = %+v, want the fields of the text", got)
	}
	if got.percent == nil || *got.percent != 100 {
		t.Errorf("percent = %v, want 150.5 kept to 100", got.percent)
	}
	if got.result != nil || got.refusal != nil {
		t.Errorf("result %s, refusal %v, want nil", got.result, got.refusal)
	}
}

func TestDecodeKeepsNothingOfTheLastAnswer(t *testing.T) {
	long := []byte(done(`"` + string(bytes.Repeat([]byte("secret"), 1000)) + `"`))
	if _, err := decodeEnvelope(bytes.TrimPrefix(long, bom)); err != nil {
		t.Fatal(err)
	}
	got, err := decodeEnvelope([]byte(`{"statusCode":"succeeded"}`))
	if err != nil || got.result != nil || got.token != "" {
		t.Errorf("decodeEnvelope = %+v, %v, want nothing but the status", got, err)
	}
}

func FuzzDecodeEnvelope(f *testing.F) {
	for _, body := range []string{
		done(`{"a":[1,2,{"b":null}]}`), refused("no"), envelopeText("null", "t", 3, "running", "0", "", "null", "a\r\n"),
		`{"statusCode":"succeeded","result":{"a":1,"a":2}}`, `{}`, `[]`, `{"statusCode":1e999}`, "<html>", "", `{"statusVersion":1.5e300,"statusCode":"x"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		text := bytes.TrimPrefix(body, bom)
		e, err := decodeEnvelope(text)
		if !bytes.Equal(body, before) {
			t.Fatal("decodeEnvelope changed its input")
		}
		if err != nil {
			return
		}
		// encoding/json is the second opinion.
		var want struct {
			StatusCode string          `json:"statusCode"`
			Result     json.RawMessage `json:"result"`
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil {
			t.Fatalf("decodeEnvelope accepts %q, which is no JSON object: %v", text, err)
		}
		want.Result = object["result"]
		_ = json.Unmarshal(object["statusCode"], &want.StatusCode)
		if e.code != want.StatusCode || e.code == "" {
			t.Errorf("code = %q, want %q", e.code, want.StatusCode)
		}
		if string(want.Result) == "null" {
			want.Result = nil
		}
		if !bytes.Equal(e.result, want.Result) {
			t.Errorf("result = %q, want %q", e.result, want.Result)
		}
	})
}

func FuzzDecodeMetadata(f *testing.F) {
	for _, body := range []string{
		metadataOf("server"), `[{"name":"A","args":[{"name":"x","type":"STRING","nullable":false}]}]`, `[]`, `{}`, `[{"args":null}]`, `[null]`,
		`[{"name":"A"},{"name":"A"}]`, `[{"name":"A","args":[{"name":"x"},{"name":"x"}]}]`, `[1]`, `[{"name":1}]`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := decodeMetadata(body)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, fn := range newOffer(all, "acme").functions {
			if fn.Name == "" || seen[fn.Name] {
				t.Errorf("function %q has no name, or stands twice", fn.Name)
			}
			seen[fn.Name] = true
			args := map[string]bool{}
			for _, p := range fn.Params {
				if p.Name == "" || args[p.Name] {
					t.Errorf("argument %q of %s has no name, or stands twice", p.Name, fn.Name)
				}
				args[p.Name] = true
			}
		}
		again, err := decodeMetadata(body)
		if err != nil || !reflect.DeepEqual(all, again) {
			t.Errorf("decodeMetadata gives another list the second time")
		}
	})
}

func FuzzForm(f *testing.F) {
	f.Add("userName", "Ä & b=c+d%20\x00")
	f.Fuzz(func(t *testing.T, name, value string) {
		var e encoded
		e.text("first", "1")
		e.text(name, value)
		got, err := url.ParseQuery(string(e.form))
		if err != nil || len(got[name]) == 0 || got[name][len(got[name])-1] != value {
			t.Errorf("text(%q, %q) = %s, which reads as %q, %v", name, value, e.form, got, err)
		}
	})
}
