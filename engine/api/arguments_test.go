package api

import (
	"math"
	"net/url"
	"strings"
	"testing"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// example is a function with an argument of every kind.
const example = `[{"name":"Try","args":[
	{"name":"text","type":"string","nullable":true},
	{"name":"count","type":"number","nullable":true},
	{"name":"flag","type":"bool","nullable":true},
	{"name":"config","type":"json","nullable":true},
	{"name":"odd","type":"datetime","nullable":true}]},
	{"name":"Need","args":[{"name":"userName","type":"String","nullable":false},{"name":"id","type":"NUMBER","nullable":false}]}]`

func functionOf(t *testing.T, metadata, name, instance string) *function {
	t.Helper()
	all, err := decodeMetadata([]byte(metadata))
	if err != nil {
		t.Fatal(err)
	}
	fn, f := newOffer(all, instance).find(name)
	if f != nil {
		t.Fatal(f.message)
	}
	return fn
}

func table(text string) call.JSON { return call.JSON{Text: []byte(text)} }

func TestArgumentsBecomeForms(t *testing.T) {
	server, spe := metadataOf(catalogue.Server), metadataOf(catalogue.SPE)
	for _, tc := range []struct {
		name     string
		metadata string
		fn       string
		instance string
		args     []any
		want     string
	}{
		{"empty text is sent", example, "Try", "", []any{"text", ""}, "text="},
		{"false and 0 are sent", example, "Try", "", []any{"flag", false, "count", 0.0}, "count=0&flag=false"},
		{"order is that of the server", example, "Try", "", []any{"flag", true, "text", "a"}, "text=a&flag=true"},
		{"null is left out", example, "Try", "", []any{"text", call.Null{}, "count", 1.0}, "count=1"},
		{"whole numbers have no exponent", example, "Try", "", []any{"count", 9007199254740991.0}, "count=9007199254740991"},
		{"negative numbers and fractions", example, "Try", "", []any{"count", -1.5}, "count=-1.5"},
		{"digits as text are a number", example, "Try", "", []any{"count", "9007199254740993"}, "count=9007199254740993"},
		{"true as text is a boolean", example, "Try", "", []any{"flag", "true"}, "flag=true"},
		{"table is JSON", example, "Try", "", []any{"config", table(`{"a":[1]}`)}, "config=%7B%22a%22%3A%5B1%5D%7D"},
		{"JSON text is JSON", example, "Try", "", []any{"config", ` [1] `}, "config=%20%5B1%5D%20"},
		{"type that nobody knows takes text", example, "Try", "", []any{"odd", "2025-01-01"}, "odd=2025-01-01"},
		{"secret is sent in clear", example, "Try", "", []any{"text", secret.New("s3cret&")}, "text=s3cret%26"},
		{"UTF-8 and signs", example, "Try", "", []any{"text", "Ä €/+~"}, "text=%C3%84%20%E2%82%AC%2F%2B~"},
		{"list of texts", server, "CreateUser", "", []any{"userName", "ada", "privileges", table(`["login","archive"]`)}, "userName=ada&privileges=login,archive"},
		{"text with commas and blanks", server, "CreateUser", "", []any{"userName", "ada", "privileges", "login, archive"}, "userName=ada&privileges=login,archive"},
		{"empty list where leaving out clears", server, "SetUserEmailAddresses", "", []any{"userName", "ada", "emailAddresses", table(`[]`)}, "userName=ada"},
		{"empty table where leaving out clears", server, "SetUserEmailAddresses", "", []any{"userName", "ada", "emailAddresses", table(`{}`)}, "userName=ada"},
		{"null where leaving out clears", server, "SetUserFullName", "", []any{"userName", "ada", "fullName", call.Null{}}, "userName=ada"},
		{"empty text where leaving out clears", server, "SetUserFullName", "", []any{"userName", "ada", "fullName", ""}, "userName=ada&fullName="},
		{"default of the catalogue where the server requires it", server, "VerifyStores", "", nil, "includeIndexes=false"},
		{"no default where it does not", server, "VerifyStore", "", []any{"id", 1.0}, "id=1"},
		{"value before the default", server, "VerifyStores", "", []any{"includeIndexes", true}, "includeIndexes=true"},
		{"instance is filled in", spe, "GetUsers", "acme", nil, "instanceID=acme"},
		{"instance of the call goes first", spe, "GetUsers", "acme", []any{"instanceID", "globex"}, "instanceID=globex"},
		{"instance only where it is taken", spe, "GetEnvironmentInfo", "acme", nil, ""},
		{"date of a window", server, "GetJobResults", "", []any{"fromIncluding", "2025-01-01T00:00:00", "toExcluding", "2025-01-02", "timeZoneId", "$Local"},
			"fromIncluding=2025-01-01T00%3A00%3A00&toExcluding=2025-01-02&timeZoneId=%24Local"},
		{"number out of a list of numbers", server, "SetJobSchedule", "", []any{"id", 1.0, "timeZoneId", "UTC", "interval", 15.0}, "id=1&timeZoneId=UTC&interval=15"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, f := functionOf(t, tc.metadata, tc.fn, tc.instance).encode(request_(tc.fn, tc.args...).Args)
			if f != nil {
				t.Fatalf("%s: %s, want the form %s", tc.fn, f.message, tc.want)
			}
			// The comma of a list is escaped like everything else.
			if form := strings.ReplaceAll(string(got.form), "%2C", ","); form != tc.want {
				t.Errorf("%s: form %s, want %s", tc.fn, form, tc.want)
			}
			if _, err := url.ParseQuery(string(got.form)); err != nil {
				t.Errorf("%s: form %s does not parse: %v", tc.fn, got.form, err)
			}
		})
	}
}

func TestArgumentsThatAreWrong(t *testing.T) {
	server := metadataOf(catalogue.Server)
	worker := []any{"fromIncluding", "2025-01-01T00:00:00", "toExcluding", "2025-01-02T00:00:00"}
	for _, tc := range []struct {
		name     string
		metadata string
		fn       string
		args     []any
		want     []string // in message or hint
	}{
		{"missing", example, "Need", nil, []string{"missing argument userName; missing argument id", "Need takes userName, id"}},
		{"null for a required one", example, "Need", []any{"userName", call.Null{}, "id", 1.0}, []string{"userName: required"}},
		{"misspelled", server, "CreateUser", []any{"username_", "ada", "userName", "ada", "privileges", "login"}, []string{"unknown argument username_, did you mean userName?", "CreateUser takes userName"}},
		{"other case", server, "GetJobResults", append([]any{"timeZoneID", "UTC", "timeZoneId", "UTC"}, worker...), []string{"GetJobResults spells it timeZoneId"}},
		{"all at once", server, "CreateUser", []any{"usrName", "ada", "privileges", 5.0}, []string{"unknown argument usrName, did you mean userName?", "missing argument userName", "privileges: want a list of texts, got number 5"}},
		{"argument for a function without", server, "GetServerInfo", []any{"x", 1.0}, []string{"unknown argument x", "takes no arguments"}},
		{"number for a text", example, "Try", []any{"text", 5.0}, []string{"text: want text, got number 5", `text = "5" in a playbook, text=5 on the command line`}},
		{"boolean for a text", example, "Try", []any{"text", true}, []string{`text = "true" in a playbook, text=true on the command line`}},
		{"table for a text", example, "Try", []any{"text", table(`{}`)}, []string{"want text, got a table", "only arguments of type json take a table", "text = json.encode(value) in a playbook, text='{…}' on"}},
		{"text for a number", example, "Try", []any{"count", "five"}, []string{`count: want a number, got the text "five"`}},
		{"empty text for a number", example, "Try", []any{"count", ""}, []string{"want a number"}},
		{"exponent for a number", example, "Try", []any{"count", "1e3"}, []string{"want a number"}},
		{"blank in a number", example, "Try", []any{"count", " 1"}, []string{"want a number"}},
		{"number with a point at its end", example, "Try", []any{"count", "1."}, []string{"want a number"}},
		{"2^53", example, "Try", []any{"count", 9007199254740992.0}, []string{"9007199254740992 is too large", "write it as text", `count = "9007199254740993" in a playbook, count=9007199254740993 on`}},
		{"NaN", example, "Try", []any{"count", math.NaN()}, []string{"want a number, got NaN"}},
		{"infinity", example, "Try", []any{"count", math.Inf(-1)}, []string{"want a number, got -Inf"}},
		{"boolean for a number", example, "Try", []any{"count", true}, []string{"want a number, got boolean true"}},
		{"number for a boolean", example, "Try", []any{"flag", 1.0}, []string{"want true or false, got number 1"}},
		{"other word for a boolean", example, "Try", []any{"flag", "True"}, []string{`want true or false, got the text "True"`}},
		{"number for JSON", example, "Try", []any{"config", 1.0}, []string{"want a table or JSON text, got number 1"}},
		{"text that is no JSON", example, "Try", []any{"config", "{a:1}"}, []string{"config: the text is not JSON", `config = { name = "value" } in a playbook, config:='{"name":"value"}' on the command line`}},
		{"JSON with a name twice", example, "Try", []any{"config", `{"a":1,"a":2}`}, []string{"not JSON"}},
		{"text that is no UTF-8", example, "Try", []any{"text", "M\xfcller"}, []string{"text: the text is not UTF-8"}},
		{"value that is not allowed", server, "SetUserAuthentication", []any{"userName", "ada", "authentication", "Integrated"}, []string{`authentication: "Integrated" is not allowed, did you mean integrated?`, "one of integrated, directoryServices"}},
		{"element that is not allowed", server, "CreateUser", []any{"userName", "ada", "privileges", table(`["login","admn"]`)}, []string{`"admn" is not allowed, did you mean admin?`}},
		{"element with a comma", server, "SetUserEmailAddresses", []any{"userName", "ada", "emailAddresses", table(`["a@x,b@y"]`)}, []string{`the element "a@x,b@y" holds a comma`}},
		{"element that is empty", server, "SetUserEmailAddresses", []any{"userName", "ada", "emailAddresses", table(`["a@x",""]`)}, []string{"an element is empty"}},
		{"element that is a number", server, "SetUserEmailAddresses", []any{"userName", "ada", "emailAddresses", table(`[1]`)}, []string{"want a list of texts, got a list of something else"}},
		{"fields instead of elements", server, "SetUserEmailAddresses", []any{"userName", "ada", "emailAddresses", table(`{"a":"b"}`)}, []string{"got a table with named fields", `emailAddresses = { "one", "two" } in a playbook, emailAddresses=one,two on the command line`}},
		{"empty list", server, "CreateUser", []any{"userName", "ada", "privileges", table(`[]`)}, []string{"privileges: the list is empty", `privileges = { "none" } in a playbook, privileges=none on the command line`}},
		{"omission that would clear", server, "SetUserFullName", []any{"userName", "ada"}, []string{"leaving it out clears the value", "fullName = json.null in a playbook, fullName:=null on the command line"}},
		{"number out of a list", server, "SetJobSchedule", []any{"id", 1.0, "timeZoneId", "UTC", "interval", 7.0}, []string{`"7" is not allowed`}},
		{"date with Z", server, "GetWorkerResults", []any{"fromIncluding", "2025-01-01T00:00:00Z", "toExcluding", "2025-01-02T00:00:00", "timeZoneID", "UTC"}, []string{"fromIncluding", "yyyy-MM-ddTHH:mm:ss"}},
		{"date with fraction", server, "GetWorkerResults", []any{"fromIncluding", "2025-01-01T00:00:00.5", "toExcluding", "2025-01-02T00:00:00", "timeZoneID", "UTC"}, []string{"is no date as the server reads it"}},
		{"date with offset", server, "GetWorkerResults", []any{"fromIncluding", "2025-01-01T00:00:00+01:00", "toExcluding", "2025-01-02T00:00:00", "timeZoneID", "UTC"}, []string{"is no date as the server reads it"}},
		{"password as a number is not shown", server, "SetUserPassword", []any{"userName", "ada", "password", 12345678.0}, []string{"password: want text in quotes"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, f := functionOf(t, tc.metadata, tc.fn, "").encode(request_(tc.fn, tc.args...).Args)
			if f == nil {
				t.Fatalf("%s: form %s, want it refused", tc.fn, got.form)
			}
			if f.kind != fault.Invalid || got.form != nil {
				t.Errorf("%s: kind %s, form %s, want kind invalid and no form", tc.fn, f.kind, got.form)
			}
			for _, part := range tc.want {
				if !strings.Contains(f.message+"\n"+f.hint, part) {
					t.Errorf("%s: %s (hint: %s), want it to say %q", tc.fn, f.message, f.hint, part)
				}
			}
			if strings.Contains(f.message+f.hint, "12345678") {
				t.Errorf("%s: %s shows the password", tc.fn, f.message)
			}
		})
	}
}

func TestWrongCallIsNotSent(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	for _, tc := range []struct {
		fn   string
		args []any
		want string
	}{
		{"CreatUser", nil, `no function "CreatUser", did you mean CreateUser?`},
		{"createuser", nil, "did you mean CreateUser?"},
		{"GetInstances", nil, "exists in the other edition"},
		{"Frobnicate", nil, "moonpost functions"},
		{"CreateUser", nil, "missing argument userName"},
	} {
		_, err := invoke(c, tc.fn, tc.args...)
		e := wantKind(t, tc.fn, err, fault.Invalid, tc.want)
		if e.Fn != tc.fn {
			t.Errorf("%s: Fn = %q, want the function of the call", tc.fn, e.Fn)
		}
		if n := s.sent(tc.fn); n != 0 {
			t.Errorf("%s arrived %d times, want 0", tc.fn, n)
		}
	}
}

func TestSecretsOfACallAreRegistered(t *testing.T) {
	s := newServer(t)
	s.on("SetUserPassword", answer("null"))
	s.on("SetSmtpSettings", answer("null"))
	s.on("CreateProfile", answer("1"))
	s.on("SetUserFullName", answer("null"))
	redactor := secret.NewRedactor()
	c := s.client(t, func(c *Config) { c.Secrets = redactor })
	for _, one := range []struct {
		fn   string
		args []any
	}{
		{"SetUserPassword", []any{"userName", "ada", "password", "plain-password"}},
		{"SetSmtpSettings", []any{"settings", table(`{"host":"mail","password":"smtp-password"}`)}},
		{"CreateProfile", []any{"properties", table(`{"name":"x","details":{"password":"deep-password"}}`), "raw", true}},
		{"SetUserFullName", []any{"userName", "ada", "fullName", secret.New("secret-name")}},
	} {
		if _, err := invoke(c, one.fn, one.args...); err != nil {
			t.Fatalf("%s = %v", one.fn, err)
		}
	}
	for _, text := range []string{testPassword, "plain-password", "smtp-password", "deep-password", "secret-name"} {
		if got := redactor.Redact("<" + text + ">"); got != "<***>" {
			t.Errorf("Redact(<%s>) = %s, want <***>", text, got)
		}
	}
}
