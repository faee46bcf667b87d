package world

import (
	"slices"
	"testing"
)

func TestUsers(t *testing.T) {
	w := bare()
	run(t, w, []step{
		do("CreateUser", "null", "userName=Ada", "privileges=login", "fullName=Ada L.", "password=secret", "loginPrivileges=web,imap"),
		do("GetUserInfo", `{"userName":"Ada","fullName":"Ada L.","distinguishedName":null,"authentication":"integrated",`+
			`"mfaStatus":"Disabled","emailAddresses":[],"pop3UserNames":[],"privileges":["login"],"loginPrivileges":["web","imap"]}`, "userName=ADA"),
		do("GetUsers", `[{"userName":"Ada","fullName":"Ada L.","distinguishedName":null,"mfaStatus":"Disabled"},`+
			`{"userName":"admin","fullName":"Administrator","distinguishedName":null,"mfaStatus":"Disabled"}]`),
		fails("CreateUser", "A user with the name 'ada' already exists.", "userName=ada", "privileges=none"),
		fails("CreateUser", "'a/b' is not a valid user name.", "userName=a/b", "privileges=none"),
		fails("CreateUser", "'' is not a valid user name.", "userName=", "privileges=none"),
		fails("GetUserInfo", "The user 'bob' does not exist.", "userName=bob"),

		do("SetUserEmailAddresses", "null", "userName=ada", "emailAddresses=ada@example.com, a.l@example.com"),
		fails("SetUserEmailAddresses", "'ada' is not a valid e-mail address.", "userName=ada", "emailAddresses=ada"),
		fails("SetUserEmailAddresses", "The e-mail address 'A@x.y' is listed twice.", "userName=ada", "emailAddresses=a@x.y,A@x.y"),
		do("SetUserPop3UserNames", "null", "userName=ada", "pop3UserNames=ada1"),
		do("SetUserDistinguishedName", "null", "userName=ada", "distinguishedName=CN=Ada"),
		do("SetUserAuthentication", "null", "userName=ada", "authentication=directoryServices"),
		fails("SetUserPassword", "The password of the user 'Ada' is managed by the directory service.", "userName=ada", "password=x"),
		do("GetUserInfo", `{"userName":"Ada","fullName":"Ada L.","distinguishedName":"CN=Ada","authentication":"directoryServices",`+
			`"mfaStatus":"Disabled","emailAddresses":["ada@example.com","a.l@example.com"],"pop3UserNames":["ada1"],`+
			`"privileges":["login"],"loginPrivileges":["web","imap"]}`, "userName=ada"),

		do("SetUserEmailAddresses", "null", "userName=ada"), // left out: cleared
		do("SetUserPop3UserNames", "null", "userName=ada"),
		do("SetUserDistinguishedName", "null", "userName=ada"),
		do("SetUserFullName", "null", "userName=ada"),
		do("RenameUser", "null", "oldUserName=ada", "newUserName=ADA"), // the same name in another spelling
		fails("RenameUser", "A user with the name 'admin' already exists.", "oldUserName=ada", "newUserName=admin"),
		do("RenameUser", "null", "oldUserName=ada", "newUserName=countess"),
		do("GetUserInfo", `{"userName":"countess","fullName":null,"distinguishedName":null,"authentication":"directoryServices",`+
			`"mfaStatus":"Disabled","emailAddresses":[],"pop3UserNames":[],"privileges":["login"],"loginPrivileges":["web","imap"]}`, "userName=countess"),
		do("DeleteUser", "null", "userName=countess"),
		fails("DeleteUser", "The user 'countess' does not exist.", "userName=countess"),
	})
	want := []string{
		"CreateUser Ada", "SetUserEmailAddresses Ada", "SetUserPop3UserNames Ada", "SetUserDistinguishedName Ada",
		"SetUserAuthentication Ada", "SetUserEmailAddresses Ada", "SetUserPop3UserNames Ada", "SetUserDistinguishedName Ada",
		"SetUserFullName Ada", "RenameUser Ada", "RenameUser ADA", "DeleteUser countess",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestEffectsAreCountedByArguments(t *testing.T) {
	w := bare()
	call(t, w, "SetUserFullName", "userName=admin", "fullName=A")
	call(t, w, "SetUserFullName", "fullName=A", "userName=admin") // the order does not matter
	call(t, w, "SetUserFullName", "userName=admin", "fullName=B")
	want := []string{"SetUserFullName admin again", "SetUserFullName admin"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
	all := w.Effects()
	if all[0].Args == all[1].Args || len(all[0].Args) != 16 {
		t.Errorf("digests are %q and %q, want two of 16 digits", all[0].Args, all[1].Args)
	}
}

func TestRights(t *testing.T) {
	info := func(rest string) string {
		return `{"userName":"ada","fullName":null,"distinguishedName":null,"authentication":"integrated",` +
			`"mfaStatus":"Disabled","emailAddresses":[],"pop3UserNames":[],` + rest + `}`
	}
	w := bare()
	run(t, w, []step{
		do("CreateUser", "null", "userName=ada", "privileges=admin"),
		do("GetUserInfo", info(`"privileges":["admin"],"loginPrivileges":["windows","web","outlook","windowsCmd","imap","api"]`), "userName=ada"),
		do("SetUserPrivileges", "null", "userName=ada", "privileges=login,archive"), // takes api away
		do("GetUserInfo", info(`"privileges":["login","archive"],"loginPrivileges":["windows","web","outlook","windowsCmd","imap"]`), "userName=ada"),
		fails("SetUserLoginPrivileges", "The login privilege api requires an administrator.", "userName=ada", "loginPrivileges=web,api"),
		do("SetUserLoginPrivileges", "null", "userName=ada", "loginPrivileges=web"),

		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=ada", "privileges=read"),
		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=bob", "privileges=read, write"),
		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=Ada", "privileges=read,delete"),
		fails("SetUserPrivilegesOnFolder", "Privileges can be set on top-level folders only: 'ada/Inbox'.",
			"userName=ada", "folder=ada/Inbox", "privileges=read"),
		do("GetUserInfo", info(`"privileges":["login","archive"],"loginPrivileges":["web"],"privilegesOnFolders":[`+
			`{"folder":"bob","privileges":["read","write"]},{"folder":"Ada","privileges":["read","delete"]}]`), "userName=ada"),
		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=bob", "privileges=none"),
		do("ClearUserPrivilegesOnFolders", "null", "userName=ada"),
		do("GetUserInfo", info(`"privileges":["login","archive"],"loginPrivileges":["web"]`), "userName=ada"),
	})
}

func TestRightsOnAllFolders(t *testing.T) {
	w := spe()
	call(t, w, "CreateUser", "instanceID=alpha", "userName=ada", "privileges=none")
	call(t, w, "SetUserPrivilegesOnAllFolders", "instanceID=alpha", "userName=ada", "privileges=read")
	if got := len(w.Archives["alpha"].Users["ada"].Folders); got != 2 {
		t.Errorf("ada has rights on %d folders, want 2", got)
	}
}

func TestLogin(t *testing.T) {
	w := bare()
	before := w.Logins()
	call(t, w, "CreateUser", "userName=ada", "privileges=admin", "password=löve")
	call(t, w, "CreateUser", "userName=bob", "privileges=login", "password=b")
	call(t, w, "CreateUser", "userName=eve", "privileges=admin") // no password
	if w.Logins() == before {
		t.Error("a new user does not count as a change of logins")
	}
	tests := []struct {
		name, user, password string
		want                 Login
	}{
		{"the administrator", "admin", "Passw0rd", Granted},
		{"names do not tell case apart", "ADMIN", "Passw0rd", Granted},
		{"a wrong password", "admin", "passw0rd", Unknown},
		{"another administrator", "ada", "löve", Granted},
		{"a user without admin", "bob", "b", NotAdmin},
		{"an unknown user", "zoe", "", Unknown},
		{"a user without a password", "eve", "", Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := w.Login(tt.user, tt.password); got != tt.want {
				t.Errorf("Login(%s, %s) = %d, want %d", tt.user, tt.password, got, tt.want)
			}
		})
	}
	call(t, w, "SetUserLoginPrivileges", "userName=ada", "loginPrivileges=web")
	if got := w.Login("ada", "löve"); got != Unknown {
		t.Errorf("Login of an administrator without api = %d, want %d", got, Unknown)
	}
	call(t, w, "SetUserPassword", "userName=admin", "password=new")
	if got := w.Login("admin", "new"); got != Granted {
		t.Errorf("Login with the new password = %d, want %d", got, Granted)
	}
}

func TestHalfOfAnEffect(t *testing.T) {
	w := bare()
	half := func(fn string, form ...string) {
		t.Helper()
		if s := w.Invoke(fn, args(form...), Half); s.Error == nil || s.Error.Message != "The operation could not be completed." {
			t.Errorf("%s(%v) by half = %+v, want an error", fn, form, s.Error)
		}
	}
	half("CreateUser", "userName=ada", "privileges=login", "fullName=Ada", "password=x")
	half("SetUserEmailAddresses", "userName=ada", "emailAddresses=a@x.y,b@x.y")
	half("SetUserDistinguishedName", "userName=ada", "distinguishedName=CN=Ada") // has no halves: all of it
	run(t, w, []step{
		do("GetUserInfo", `{"userName":"ada","fullName":null,"distinguishedName":"CN=Ada","authentication":"integrated",`+
			`"mfaStatus":"Disabled","emailAddresses":["a@x.y"],"pop3UserNames":[],"privileges":["login"],`+
			`"loginPrivileges":["windows","web","outlook","windowsCmd","imap"]}`, "userName=ada"),
	})
	if got, want := effects(w), []string{"CreateUser ada", "SetUserEmailAddresses ada", "SetUserDistinguishedName ada"}; !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestAnInjectedErrorHasNoEffect(t *testing.T) {
	w := bare()
	if s := w.Invoke("DeleteUser", args("userName=admin"), Refused); s.Error == nil {
		t.Error("DeleteUser refused = no error")
	}
	if got := effects(w); len(got) != 0 {
		t.Errorf("effects = %q, want none", got)
	}
	if got := w.Login("admin", "Passw0rd"); got != Granted {
		t.Errorf("Login = %d, want %d", got, Granted)
	}
}
