package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
)

// outcome is what a client sees of an answer, in a few words.
func outcome(t testing.TB, r reply) string {
	t.Helper()
	if r.status != 200 || !strings.Contains(r.body, "statusCode") {
		return fmt.Sprint(r.status)
	}
	e := decode(t, r.body)
	if e.Error != nil {
		return e.Code + ": " + e.Error.Message
	}
	return e.Code
}

// probes look for each behaviour on the wire: what they see with each of its
// values.
var probes = map[string]struct {
	edition catalogue.Edition
	see     func(c *client) string
	want    map[string]string
}{
	"wrong-login": {
		see: func(c *client) string { return outcome(c.t, c.as("admin", "x", "GetServerInfo", "")) },
		want: map[string]string{
			"401": "401", "failed": "failed: The user name or the password is wrong.",
		},
	},
	"unknown-function": {
		see: func(c *client) string {
			r, err := c.post("/api/invoke/Nonsense", "")
			if err != nil {
				return err.Error()
			}
			return outcome(c.t, r)
		},
		want: map[string]string{"404": "404", "failed": "failed: The API function Nonsense does not exist."},
	},
	"non-administrator": {
		see: func(c *client) string {
			c.call("CreateUser", "userName=bob&privileges=login&password=b")
			r := c.as("bob", "b", "GetServerInfo", "")
			return fmt.Sprint(r.status, r.header.Get("WWW-Authenticate") != "")
		},
		want: map[string]string{"403": "403 false", "401": "401 true"},
	},
	"login-charset": {
		see: func(c *client) string {
			c.call("SetUserPassword", "userName=admin&password=Gr%C3%BC%C3%9Fe")
			return fmt.Sprint(c.as("admin", "Grüße", "GetServerInfo", "").status, c.as("admin", "Gr\xFC\xDFe", "GetServerInfo", "").status)
		},
		want: map[string]string{"utf-8": "200 401", "latin-1": "401 200"},
	},
	"metadata-by-get": {
		see: func(c *client) string {
			return fmt.Sprint(c.answer("GET /api/get-metadata HTTP/1.1\r\nHost: x\r\n\r\n").status)
		},
		want: map[string]string{"answered": "200", "refused": "405"},
	},
	"missing-timeout": {
		see: func(c *client) string {
			token := *c.call("VerifyStore", "id=1").Token
			r, err := c.post("/api/get-status", "token="+token+"&lastKnownStatusVersion=3")
			if err != nil {
				return err.Error()
			}
			return outcome(c.t, r)
		},
		want: map[string]string{"failed": "failed: Nullable object must have a value.", "answered": "running"},
	},
	"cancelled": {
		see: func(c *client) string {
			token := *c.call("VerifyStore", "id=1").Token
			if e := c.call(cancelAsync, "token="+token); e.Code != "succeeded" || e.Error != nil {
				c.t.Errorf("cancel-async = %+v, want succeeded", e)
			}
			c.s.Advance(time.Minute)
			return c.call(getStatus, "token="+token+"&lastKnownStatusVersion=3&millisecondsTimeout=0").Code
		},
		want: map[string]string{"cancelled": "cancelled", "canceled": "canceled", "failed": "failed"},
	},
	"repeated-log": {
		see: func(c *client) string {
			token := *c.call("VerifyStore", "id=1").Token
			e := c.call(getStatus, "token="+token+"&lastKnownStatusVersion=3&millisecondsTimeout=0")
			return fmt.Sprint(e.Version, " ", e.Log != nil)
		},
		want: map[string]string{"no": "3 false", "yes": "3 true"},
	},
	"extra-arguments": {
		see: func(c *client) string {
			e := c.call("GetServerInfo", "verbose=true")
			return fmt.Sprint(e.Code)
		},
		want: map[string]string{"refused": "failed", "ignored": "succeeded"},
	},
	"include-indexes": {
		see: func(c *client) string {
			r, err := c.post("/api/get-metadata", "")
			if err != nil {
				return err.Error()
			}
			_, after, _ := strings.Cut(r.body, `"name": "VerifyStore"`)
			after, _, _ = strings.Cut(after, "]")
			_, after, _ = strings.Cut(after, `"includeIndexes"`)
			return fmt.Sprint(c.call("VerifyStore", "id=1").Code, " ", strings.Contains(after, `"nullable": true`))
		},
		want: map[string]string{"optional": "running true", "required": "failed false"},
	},
	"new-instance": {
		edition: catalogue.SPE,
		see: func(c *client) string {
			c.call("CreateInstance", `config={"instanceID":"delta","instanceHost":"MAILSTORE"}`)
			return seenStatus(string(c.call("GetInstances", "instanceFilter=delta").Result))
		},
		want: map[string]string{"stopped": "stopped", "running": "running"},
	},
	"unfinished-runs": {
		see: func(c *client) string {
			c.call("CreateProfile", mailProfile)
			c.call("RunProfile", "id=1")
			got := c.call("GetWorkerResults", "fromIncluding=2000-01-01T00:00:00&toExcluding=2100-01-01T00:00:00&timeZoneID=UTC").Result
			return fmt.Sprint(strings.Count(string(got), `"result": "running"`))
		},
		want: map[string]string{"hidden": "0", "listed": "1"},
	},
	"statistics": {
		see: func(c *client) string {
			before := c.call("GetStores", "").Result
			c.call("CreateProfile", mailProfile)
			c.call("RunProfile", "id=1")
			c.s.Advance(time.Hour)
			return fmt.Sprint(string(before) == string(c.call("GetStores", "").Result))
		},
		want: map[string]string{"live": "false", "refreshed": "true"},
	},
	"existing-backup": {
		see: func(c *client) string {
			c.call("CreateBackup", `path=E:\b`)
			return c.call("CreateBackup", `path=E:\b`).Code
		},
		want: map[string]string{"refused": "failed", "overwritten": "running"},
	},
	"licence": {
		see: func(c *client) string {
			code := ""
			for i := range 100 { // the administrator has the first of 100 licences
				code = c.call("CreateUser", fmt.Sprintf("userName=u%d&privileges=login", i)).Code
			}
			return code
		},
		want: map[string]string{"counted": "succeeded", "enforced": "failed"},
	},
}

// mailProfile is a form of CreateProfile.
const mailProfile = `raw=true&properties={"name":"Box","owner":"admin","connector":"Imap","details":{"host":"h","password":"p"}}`

// seenStatus returns the status that GetInstances gives for one instance.
func seenStatus(result string) string {
	_, after, _ := strings.Cut(result, `"status": "`)
	status, _, _ := strings.Cut(after, `"`)
	return status
}

// TestEveryBehaviourIsSeen has each value of each switch seen by a client.
func TestEveryBehaviourIsSeen(t *testing.T) {
	for _, b := range Behaviours() {
		probe, ok := probes[b.Name]
		if !ok || len(probe.want) != len(b.Values) {
			t.Errorf("behaviour %s has values %q, and its probe expects %v", b.Name, b.Values, probe.want)
			continue
		}
		if !strings.HasSuffix(b.Doc, ".") || len(b.Doc) < 40 {
			t.Errorf("behaviour %s is documented as %q, want its source in it", b.Name, b.Doc)
		}
		for i, value := range b.Values {
			t.Run(b.Name+"="+value, func(t *testing.T) {
				o := Options{Edition: probe.edition, Users: -1, Stores: 1, History: -1, JobSpeed: 0.001}
				if i > 0 { // the first one is the default
					o.Behaviour = []string{b.Name + "=" + value}
				}
				if got := probe.see(dial(t, start(t, o))); got != probe.want[value] {
					t.Errorf("with %s=%s a client sees %q, want %q", b.Name, value, got, probe.want[value])
				}
			})
		}
	}
}
