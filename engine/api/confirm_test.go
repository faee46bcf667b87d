package api

import (
	"net/http"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// The server's text says nothing, whatever its language: a read does.
func TestRefusalIsExplainedByARead(t *testing.T) {
	const users = `[{"userName":"ada","fullName":null},{"userName":"Grace Hopper"}]`
	const stores = `[{"id":3,"name":"2024"},{"id":14,"name":"2025"}]`
	for _, tc := range []struct {
		name string
		fn   string
		args []any
		list string
		body string
		kind fault.Kind
		want string
	}{
		{"reading a user that is not there", "GetUserInfo", []any{"userName", "bob"}, "GetUsers", users, fault.NotFound, "there is no user bob (the server said: no reason at all)"},
		{"reading a user that is there", "GetUserInfo", []any{"userName", "ada"}, "GetUsers", users, fault.Server, "no reason at all"},
		{"changing a user that is not there", "SetUserFullName", []any{"userName", "bob", "fullName", "Bob"}, "GetUsers", users, fault.NotFound, "there is no user bob"},
		{"case of a user name does not count", "DeleteUser", []any{"userName", "GRACE hopper"}, "GetUsers", users, fault.Server, "no reason at all"},
		{"creating a user that is there", "CreateUser", []any{"userName", "ADA", "privileges", "login"}, "GetUsers", users, fault.Exists, "there is a user ADA already (the server said: no reason at all)"},
		{"creating a user that is not there", "CreateUser", []any{"userName", "bob", "privileges", "login"}, "GetUsers", users, fault.Server, "no reason at all"},
		{"renaming a user that is not there", "RenameUser", []any{"oldUserName", "bob", "newUserName", "rob"}, "GetUsers", users, fault.NotFound, "there is no user bob"},
		{"renaming to a user that is there", "RenameUser", []any{"oldUserName", "ada", "newUserName", "grace hopper"}, "GetUsers", users, fault.Exists, "there is a user grace hopper already"},
		{"store that is not there", "DetachStore", []any{"id", 4.0}, "GetStores", stores, fault.NotFound, "there is no store 4"},
		{"store that is there", "DetachStore", []any{"id", 14.0}, "GetStores", stores, fault.Server, "no reason at all"},
		{"store by digits", "CompactStore", []any{"id", "4"}, "GetStores", stores, fault.NotFound, "there is no store 4"},
		{"store by a fraction", "VerifyStore", []any{"id", 1.5}, "GetStores", stores, fault.Server, "no reason at all"},
		{"store by a number that is written oddly", "DetachStore", []any{"id", "014"}, "GetStores", stores, fault.Server, "no reason at all"},
		{"store by a number that is too large", "DetachStore", []any{"id", "99999999999999999999"}, "GetStores", stores, fault.Server, "no reason at all"},
		{"user without a name", "DeleteUser", []any{"userName", " "}, "GetUsers", users, fault.Server, "no reason at all"},
		{"second store of a merge", "MergeStore", []any{"id", 3.0, "sourceId", 9.0}, "GetStores", stores, fault.NotFound, "there is no store 9"},
		{"profile that is not there", "DeleteProfile", []any{"id", 1.0}, "GetProfiles", `[]`, fault.NotFound, "there is no profile 1"},
		{"job that is not there", "RunJobAsync", []any{"id", 1.0}, "GetJobs", `[{"id":11}]`, fault.NotFound, "there is no job 1"},
		{"list that cannot be read explains nothing", "GetUserInfo", []any{"userName", "bob"}, "GetUsers", `{"users":[]}`, fault.Server, "no reason at all"},
		{"functions without an object of their own", "SetSmtpSettings", []any{"settings", "{}"}, "GetUsers", users, fault.Server, "no reason at all"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on(tc.fn, answerText(refused("no reason at all")))
			s.on(tc.list, answer(tc.body))
			if tc.fn != "GetUserInfo" {
				s.on("GetUserInfo", func(w http.ResponseWriter, r *http.Request) {
					if there, _ := has([]byte(tc.body), "userName", s.last("GetUserInfo").args.Get("userName")); there {
						answer("{}")(w, r)
						return
					}
					answerText(refused("nobody"))(w, r)
				})
			}
			_, err := invoke(s.client(t), tc.fn, tc.args...)
			e := wantKind(t, tc.fn, err, tc.kind, tc.want, "no reason at all")
			if e.Fn != tc.fn || e.Status != 200 {
				t.Errorf("error = %+v, want function and status of the refused call", e)
			}
			if n := s.sent(tc.fn); n != 1 {
				t.Errorf("%s arrived %d times, want 1", tc.fn, n)
			}
		})
	}
}

func TestRefusalWithoutWordsIsNotQuoted(t *testing.T) {
	s := newServer(t)
	s.on("GetUserInfo", answerText(envelopeText(`{"message":"","details":""}`, "", 2, "failed", "null", "", "null", "")))
	s.on("GetUsers", answer("[]"))
	_, err := invoke(s.client(t), "GetUserInfo", "userName", "bob")
	if e := wantKind(t, "GetUserInfo", err, fault.NotFound); e.Message != "there is no user bob" {
		t.Errorf("GetUserInfo = %q, want no words of the server", e.Message)
	}
}

// A bulk import that runs twice must not read all users for every row.
func TestExistingUserIsFoundWithoutTheList(t *testing.T) {
	s := newServer(t)
	s.on("CreateUser", answerText(refused("no")))
	s.on("GetUserInfo", answer(`{"userName":"ada"}`))
	_, err := invoke(s.client(t), "CreateUser", createUser("ada")...)
	wantKind(t, "CreateUser", err, fault.Exists)
	if n := s.sent("GetUsers"); n != 0 {
		t.Errorf("GetUsers was asked %d times, want 0", n)
	}
}

func TestExplanationThatFailsChangesNothing(t *testing.T) {
	s := newServer(t)
	s.on("GetUserInfo", answerText(refused("no reason at all")))
	s.on("GetUsers", answerText(refused("not now")))
	_, err := invoke(s.client(t), "GetUserInfo", "userName", "bob")
	wantKind(t, "GetUserInfo", err, fault.Server, "no reason at all")
}

func TestExplanationAsksTheSameInstance(t *testing.T) {
	for _, given := range []bool{true, false} {
		s := newEdition(t, catalogue.SPE)
		s.on("GetUserInfo", answerText(refused("x")))
		s.on("GetUsers", answer("[]"))
		c := s.client(t, func(c *Config) { c.Instance = "acme" })
		args, want := []any{"userName", "bob"}, "acme"
		if given {
			args, want = append(args, "instanceID", "globex"), "globex"
		}
		_, err := invoke(c, "GetUserInfo", args...)
		wantKind(t, "GetUserInfo", err, fault.NotFound)
		if got := s.last("GetUsers").args.Get("instanceID"); got != want {
			t.Errorf("GetUsers asked instance %q, want %q", got, want)
		}
	}
}

func TestLookupsNameWhatExists(t *testing.T) {
	for fn, all := range lookups {
		f, ok := catalogue.Find(fn)
		if !ok {
			t.Errorf("lookups: no function %s", fn)
			continue
		}
		for _, l := range all {
			list, ok := catalogue.Find(l.object.list)
			if !ok || !list.ReadOnly {
				t.Errorf("lookups[%s]: %s is no read", fn, l.object.list)
			}
			found := false
			for _, a := range f.Args {
				found = found || a.Name == l.arg
			}
			if !found {
				t.Errorf("lookups[%s]: no argument %s", fn, l.arg)
			}
		}
	}
}
