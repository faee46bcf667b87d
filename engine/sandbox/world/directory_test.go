package world

import (
	"slices"
	"strings"
	"testing"

	"moonpost/engine/sandbox/answer"
)

func TestDirectorySync(t *testing.T) {
	w := bare()
	call(t, w, "CreateUser", "userName=gone", "privileges=login", "authentication=directoryServices")
	added := `[{"userName":"agnes.szabo","change":"added"},{"userName":"bjoern.dahl","change":"added"},{"userName":"chloe.martin","change":"added"}]`
	if s := finish(t, w, "SyncUsersWithDirectoryServices", "dryRun=true"); compact(t, s.Result) != added {
		t.Errorf("dry run = %s, want %s", compact(t, s.Result), added)
	}
	if n := len(w.Archives[""].Users); n != 2 {
		t.Errorf("after a dry run there are %d users, want 2", n)
	}
	if s := finish(t, w, "SyncUsersWithDirectoryServices"); compact(t, s.Result) != added {
		t.Errorf("sync = %s, want %s", compact(t, s.Result), added)
	}
	if got := call(t, w, "GetUserInfo", "userName=bjoern.dahl"); !strings.Contains(got, `"authentication":"directoryServices"`) ||
		!strings.Contains(got, `"emailAddresses":["bjoern.dahl@example.com","b.dahl@example.com"]`) {
		t.Errorf("GetUserInfo(bjoern.dahl) = %s", got)
	}
	call(t, w, "SetDirectoryServicesConfiguration", `config={"type":"activeDirectory","enabledUsersOnly":true,"deleteUsers":true}`)
	if s := finish(t, w, "SyncUsersWithDirectoryServices"); compact(t, s.Result) != `[{"userName":"gone","change":"deleted"}]` {
		t.Errorf("sync with deleteUsers = %s, want gone deleted", compact(t, s.Result))
	}
	if got, want := refused(t, w, "GetUserInfo", "userName=gone"), "The user 'gone' does not exist."; got != want {
		t.Errorf("GetUserInfo(gone) = %q, want %q", got, want)
	}
}

func TestDirectorySyncFollowsItsConfiguration(t *testing.T) {
	tests := []struct {
		name, config string
		want         []string // changes
	}{
		{"everybody", `{"type":"activeDirectory"}`, []string{"added agnes.szabo", "added bjoern.dahl", "added chloe.martin", "added dirk.aus"}},
		{"accounts that are enabled", `{"type":"activeDirectory","enabledUsersOnly":true}`, []string{"added agnes.szabo", "added bjoern.dahl", "added chloe.martin"}},
		{"a group", `{"type":"activeDirectory","enabledUsersOnly":true,"groups":["support"]}`, []string{"added bjoern.dahl"}},
		{"a group that nobody is in", `{"type":"activeDirectory","groups":["x"]}`, []string{}},
		{"names with their domain", `{"type":"activeDirectory","groups":["Support"],"userNameFormat":"userPrincipalName"}`, []string{"added bjoern.dahl@example.com"}},
		{"with a credential", `{"type":"office365OpenIDConnect","credentialId":1,"groups":["Support"]}`, []string{"added bjoern.dahl"}},
		{"who left the group is deleted", `{"type":"activeDirectory","groups":["Support"],"deleteUsers":true}`, []string{"added bjoern.dahl", "deleted gone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := bare()
			call(t, w, "CreateUser", "userName=gone", "privileges=login", "authentication=directoryServices")
			call(t, w, "SetDirectoryServicesConfiguration", "config="+tt.config)
			got := []string{}
			for _, row := range finish(t, w, "SyncUsersWithDirectoryServices").Result.(answer.List) {
				got = append(got, row.(answer.Object).Text("change")+" "+row.(answer.Object).Text("userName"))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("changes = %q, want %q", got, tt.want)
			}
		})
	}
	w := bare()
	sync := func(config, message string) {
		call(t, w, "SetDirectoryServicesConfiguration", "config="+config)
		if got := refused(t, w, "SyncUsersWithDirectoryServices"); got != message {
			t.Errorf("sync with %s = %q, want %q", config, got, message)
		}
	}
	sync(`{}`, "Directory services are not configured.")
	sync(`{"type":"activeDirectory","serverName":"dc.example.invalid"}`, "The server 'dc.example.invalid' could not be reached: no such host is known.")
	sync(`{"type":"office365OpenIDConnect","credentialId":7}`, "The credential 7 does not exist.")
	sync(`{"type":"activeDirectory","userNameFormat":"runes"}`, "The user name format 'runes' is not known.")
}

func TestDirectorySyncUpdates(t *testing.T) {
	w := bare()
	finish(t, w, "SyncUsersWithDirectoryServices")
	call(t, w, "SetUserFullName", "userName=agnes.szabo", "fullName=Somebody")
	call(t, w, "SetUserEmailAddresses", "userName=bjoern.dahl")
	call(t, w, "SetUserAuthentication", "userName=chloe.martin", "authentication=integrated")
	call(t, w, "SetUserFullName", "userName=chloe.martin", "fullName=Mine") // is not of the directory any more
	want := `[{"userName":"agnes.szabo","change":"updated"},{"userName":"bjoern.dahl","change":"updated"}]`
	if s := finish(t, w, "SyncUsersWithDirectoryServices", "dryRun=false"); compact(t, s.Result) != want {
		t.Errorf("sync = %s, want %s", compact(t, s.Result), want)
	}
	a := w.Archives[""]
	if a.Users["agnes.szabo"].FullName != "Ágnes Szabó" || len(a.Users["bjoern.dahl"].Addresses) != 2 || a.Users["chloe.martin"].FullName != "Mine" {
		t.Errorf("after the sync: %+v, %+v, %+v", a.Users["agnes.szabo"], a.Users["bjoern.dahl"], a.Users["chloe.martin"])
	}
}

func TestDirectorySyncObeysTheLicence(t *testing.T) {
	w := New(Options{Users: 99, Stores: -1, History: -1, Behaviour: Behaviour{EnforceLicence: true}})
	for i := range 98 {
		call(t, w, "CreateUser", "userName=u"+strings.Repeat("i", i+1), "privileges=login")
	}
	if s := finish(t, w, "SyncUsersWithDirectoryServices"); s.Code != answer.Failed || s.Error.Message != "The license allows 198 named users." {
		t.Errorf("sync beyond the licence = %s %+v, want failed", s.Code, s.Error)
	}
}
