package survey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/secret"
)

func testMask() *mask {
	return newMask(Config{URL: "https://mail.Contoso.com:8463", User: "frodo", Password: secret.New("Mordor-1"), Instance: "shire"})
}

func TestKeysThatMayBeValuesAreNotShown(t *testing.T) {
	m := testMask()
	m.meet("sam")
	m.meet("bilbo.baggins@hobbiton.example")
	for _, tc := range []struct{ name, result, want string }{
		{"keys of the catalogue", `{"userName":"x"}`, "userName"},
		{"new keys beside known ones", `{"userName":"x","newKey":1}`, "newKey userName"},
		{"but not one that was met as a value", `{"userName":"x","sam":1,"Sam":2}`, "* userName"},
		{"nor a part of one", `{"userName":"x","bilbo":1,"Baggins":2,"hobbiton":3}`, "* userName"},
		{"nor in several records", `[{"bilbo":1,"baggins":2},{"bilbo":3,"baggins":4}]`, "[] [].*"},
		{"a table by user name", `{"merry":["read"],"pippin":["write"]}`, "* *[]"},
		{"the login, the host, the instance", `{"userName":1,"frodo":1,"contoso":1,"shire":1}`, "* userName"},
		{"a key that is no name", `{"userName":"x","merry@shire.example":1,"a b":2}`, "* userName"},
		{"several records with the same new keys", `[{"x1":1,"x2":2},{"x1":1,"x2":2}]`, "[] [].x1 [].x2"},
		{"one object with new keys alone", `[{"merry":1}]`, "[] [].*"},
		{"a tree has one shape", `[{"name":1,"sub":[{"name":1,"sub":[{"name":1,"sub":[]}]}]}]`, "[] [].name [].sub [].sub[] [].sub[].name"},
	} {
		var paths []string
		for _, s := range shapeOf(m, []byte(tc.result)) {
			if s.Path != "" {
				paths = append(paths, s.Path)
			}
		}
		if got := strings.Join(paths, " "); got != tc.want {
			t.Errorf("%s: shapeOf(%s) = %q, want %q", tc.name, tc.result, got, tc.want)
		}
	}
}

func TestShapesAreTypesAndClasses(t *testing.T) {
	got := shapeOf(testMask(), []byte(`[{"id":1,"name":"x"},{"id":2.5,"name":null},{"id":3}]`))
	want := []Shape{
		{Path: "", Types: []string{"list"}, Length: []string{"2-9 elements"}},
		{Path: "[]", Types: []string{"object"}},
		{Path: "[].id", Types: []string{"decimal", "integer"}},
		{Path: "[].name", Types: []string{"null", "text"}, Length: []string{"1-8 characters"}, Absent: true},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("shapeOf = %+v, want %+v", got, want)
	}
	if got := shapeOf(testMask(), nil); len(got) != 1 || !slices.Equal(got[0].Types, []string{"null"}) {
		t.Errorf("shapeOf(nothing) = %+v, want null", got)
	}
}

func TestFormsOfText(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-02T03:04:05": "date", "2026-01-02T03:04:05Z": "date with Z", "2026-01-02T03:04:05.678": "date with fraction",
		"2026-01-02T03:04:05+01:00": "date with offset", "/Date(123)/": "date of .NET", "03:04:05": "time of day",
		"0f8fad5b-d9cb-469f-a165-70867728950e": "guid", strings.Repeat("Ab", 20): "hex of 40 digits", "123": "digits", "ada": "text", "": "text",
	} {
		if got := textForm(text); got != want {
			t.Errorf("textForm(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestWordsOfTheServerAreMasked(t *testing.T) {
	m := testMask()
	for _, tc := range []struct{ what, got, want string }{
		{"realm", m.maskRealm("MailStore Server"), "MailStore Server"},
		{"realm with a host", m.maskRealm("MailStore on MAIL01.contoso.com"), "MailStore … …"},
		{"no realm", m.maskRealm(""), "empty"},
		{"product", maskProduct("Microsoft-HTTPAPI/2.0"), "Microsoft-HTTPAPI/2.0"},
		{"a proxy with its host", maskProduct("nginx/1.25.1 (mail01.contoso.com)"), "nginx/1.25.1 (9-32 characters)"},
		{"a product with a build of its own", maskProduct("nginx/contoso"), "nginx"},
		{"no product", maskProduct(""), "none"},
		{"text of the vendor", maskText("Missing API argument userName."), `"Missing API argument"…`},
		{"another text", maskText("User frodo not found"), "another text, 9-32 characters"},
		{"version", maskVersion("25.3.1.23062"), "25.3.1.23062"},
		{"no version", maskVersion("25.3 contoso"), ""},
		{"code", m.maskCode("succeeded"), "succeeded"},
		{"code that is a text", m.maskCode("frodo failed"), "a text of 9-32 characters"},
		{"code that is a value", m.maskCode("frodo"), "a text of 1-8 characters"},
		{"name of a new function", m.name("GetMagic"), "GetMagic"},
		{"name that is a value", m.name("Frodo"), "(a text of 1-8 characters)"},
		{"name that is none", m.name("a b"), "(a text of 1-8 characters)"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s = %q, want %q", tc.what, tc.got, tc.want)
		}
	}
}

func TestHeadersOfACompanyAreNotShown(t *testing.T) {
	m := testMask()
	m.meet("Windows Server at contoso, Type 2")
	for name, want := range map[string]bool{
		"Content-Type": true, "Server": true, "X-Powered-By": true, "X-Contoso-Proxy": false, "X Odd": false, "Frodo": false,
	} {
		if got := m.header(name); got != want {
			t.Errorf("header(%s) = %v, want %v", name, got, want)
		}
	}
}

func TestDifferencesFromADescription(t *testing.T) {
	for _, tc := range []struct{ described, result, want string }{
		{`{"a":string,"b":number|null}`, `{"a":"x","b":null}`, ""},
		{`{"a":string}`, `{"a":1,"name":"x"}`, "a: integer, the catalogue says text; name: the catalogue does not have it"},
		{`{"a":string,...}`, `{"a":"x","name":{"id":1}}`, ""},
		{`{"type":"x"|"y"|...,...fields by type...}`, `{"type":"z","id":1}`, ""},
		{`[{"a":[string],"c":date}]`, `[{"a":[]}]`, "[].c: absent"},
		{`[{"a":string}]`, `[]`, ""},
		{`bool`, `"yes"`, ": text, the catalogue says boolean"},
		{`null (findings are in logOutput)`, `null`, ""},
		{`unknown: array of folders`, `[{"id":1}]`, ""},
	} {
		m := testMask()
		for _, known := range []string{"a", "b", "c"} {
			m.known[known] = true
		}
		if got := strings.Join(differences(tc.described, shapeOf(m, []byte(tc.result))), "; "); got != tc.want {
			t.Errorf("%s against %s: %q, want %q", tc.result, tc.described, got, tc.want)
		}
	}
}

// Every description of the catalogue that does not say that it is unknown can
// be read.
func TestDescriptionsFollowTheNotation(t *testing.T) {
	for _, f := range catalogue.All() {
		if !f.ReadOnly || strings.HasPrefix(f.Result, "unknown") {
			continue
		}
		if _, ok := parseNotation(f.Result); !ok {
			t.Errorf("%s: %s does not follow the notation", f.Name, f.Result)
		}
	}
}

func FuzzShape(f *testing.F) {
	for _, text := range []string{`[{"id":1,"x":[null]}]`, `{"frodo":{"frodo":1}}`, `"x"`, `{`, `{"a":{"":1}}`, `[{"name[]":1}]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := testMask()
		leaves(decode([]byte(text)), m.meet)
		got, err := json.Marshal(shapeOf(m, []byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(got)), "frodo") {
			t.Fatalf("shapeOf(%q) = %s, which shows a value", text, got)
		}
	})
}
