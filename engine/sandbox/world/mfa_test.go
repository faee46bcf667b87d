package world

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestMFA(t *testing.T) {
	w := bare()
	admin := w.Archives[""].Users["admin"]
	admin.AppPasswords = []string{"one", "two"}
	login := func(password string, want Login) {
		t.Helper()
		if got := w.Login("admin", password); got != want {
			t.Errorf("Login(admin, %s) = %v, want %v", password, got, want)
		}
	}
	login("Passw0rd", Granted)
	login("one", Granted)
	before := w.Logins()

	var result struct{ Secret, URI string }
	if err := json.Unmarshal([]byte(call(t, w, "InitializeMFA", "userName=ADMIN")), &result); err != nil {
		t.Fatal(err)
	}
	if len(result.Secret) != 32 || !strings.HasPrefix(result.URI, "otpauth://totp/MailStore:admin?") || !strings.Contains(result.URI, result.Secret) {
		t.Errorf("InitializeMFA() = %+v", result)
	}
	if w.Logins() == before {
		t.Error("connections that are logged in go on after InitializeMFA")
	}
	login("Passw0rd", Unknown)
	login("", Unknown)
	login("two", Granted)
	if again := call(t, w, "InitializeMFA", "userName=admin"); strings.Contains(again, result.Secret) {
		t.Errorf("InitializeMFA() again = %s, want a new secret", again)
	}
	for _, fn := range []string{"GetUsers", "GetUserInfo"} {
		form := map[string][]string{"GetUserInfo": {"userName=admin"}}[fn]
		if got := call(t, w, fn, form...); !strings.Contains(got, `"mfaStatus":"Enabled"`) || strings.Contains(got, admin.MFASecret) {
			t.Errorf("%s() = %s, want MFA shown and no secret", fn, got)
		}
	}
	run(t, w, []step{
		do("DeleteAppPasswords", "null", "userName=admin"),
		fails("DisableMFA", "The user 'zoe' does not exist.", "userName=zoe"),
		fails("InitializeMFA", "The user 'zoe' does not exist.", "userName=zoe"),
		fails("DeleteAppPasswords", "The user 'zoe' does not exist.", "userName=zoe"),
	})
	login("two", Unknown)
	call(t, w, "DisableMFA", "userName=admin")
	login("Passw0rd", Granted)
	login("one", Unknown)
	// The first two calls spell the name in two ways.
	want := []string{"InitializeMFA admin", "InitializeMFA admin", "DeleteAppPasswords admin", "DisableMFA admin"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestHalfOfTheAppPasswords(t *testing.T) {
	w := bare()
	admin := w.Archives[""].Users["admin"]
	admin.AppPasswords = []string{"a", "b", "c", "d"}
	w.Invoke("DeleteAppPasswords", args("userName=admin"), Half)
	if !slices.Equal(admin.AppPasswords, []string{"c", "d"}) {
		t.Errorf("app passwords = %q, want the second half", admin.AppPasswords)
	}
}
