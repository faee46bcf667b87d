package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
)

// as posts a call with the login of a user on the client's connection.
func (c *client) as(user, password, fn, form string) reply {
	c.t.Helper()
	return c.answer(fmt.Sprintf("POST /api/invoke/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nContent-Length: %d\r\n\r\n%s",
		fn, base64.StdEncoding.EncodeToString([]byte(user+":"+password)), len(form), form))
}

func TestChangesOfAnAdministratorHoldFromTheNextRequest(t *testing.T) {
	c := dial(t, start(t, Options{Edition: catalogue.SPE}))
	config := "config=" + url.QueryEscape(`{"userName":"Ada","fullName":"Ada"}`)
	c.call("CreateSystemAdministrator", config+"&password=secret")
	login := func(when, password string, want int) {
		t.Helper()
		r := c.as("ada", password, "GetEnvironmentInfo", "")
		if r.status != want {
			t.Errorf("%s = %d, want %d", when, r.status, want)
		}
		if want == http.StatusOK && !strings.Contains(r.body, `"userName": "Ada"`) {
			t.Errorf("%s = %s, want the caller's name", when, r.body)
		}
	}
	login("a new administrator", "secret", http.StatusOK)
	if r := c.as("ada", "secret", "SetSystemAdministratorPassword", "userName=Ada&password=other"); r.status != http.StatusOK {
		t.Fatalf("SetSystemAdministratorPassword of one's own = %d", r.status)
	}
	login("the old password", "secret", http.StatusUnauthorized)
	login("the new password", "other", http.StatusOK)

	var key string
	if err := json.Unmarshal(c.call("CreateSystemAdministratorAPIPassword", "userName=ada").Result, &key); err != nil {
		t.Fatal(err)
	}
	login("the API password", key, http.StatusOK)
	c.call("InitializeSystemAdministratorMFA", "userName=ada")
	login("the password with multi-factor login", "other", http.StatusUnauthorized)
	login("the API password with multi-factor login", key, http.StatusOK)
	if r := c.as("ada", key, "DeleteSystemAdministrator", "userName=Ada"); r.status != http.StatusOK {
		t.Fatalf("DeleteSystemAdministrator of oneself = %d", r.status)
	}
	login("a deleted administrator", key, http.StatusUnauthorized)
}

func TestTheMetadataOfAnSPENeedsALogin(t *testing.T) {
	s := start(t, Options{Edition: catalogue.SPE})
	for _, method := range []string{"GET", "POST"} {
		open := method + " /api/get-metadata HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
		if r := dial(t, s).answer(open + "\r\n"); r.status != http.StatusUnauthorized || strings.Contains(r.body, "CreateInstance") {
			t.Errorf("%s get-metadata without login = %d, want 401 and nothing told", method, r.status)
		}
		if r := dial(t, s).answer(open + login + "\r\n\r\n"); r.status != http.StatusOK || !strings.Contains(r.body, `"name": "CreateInstance"`) {
			t.Errorf("%s get-metadata with login = %d, want the functions", method, r.status)
		}
	}
}
