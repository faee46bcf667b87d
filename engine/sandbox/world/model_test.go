package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// TestTheWorldFollowsASmallModel makes random calls, right and wrong ones, in
// any order, and holds what the server says of users, rights and stores to a
// model that is small enough to be seen to be right. Between them it calls
// every other function of the catalogue: none of these may change what the
// model knows.
func TestTheWorldFollowsASmallModel(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		t.Run(string(edition), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := newModel(edition)
				actions := map[string]func(*rapid.T){
					"":             m.compare,
					"user":         m.user,
					"rename":       m.renameUser,
					"delete":       m.deleteUser,
					"text":         m.setText,
					"list":         m.setList,
					"privileges":   m.setPrivileges,
					"folder":       m.setFolder,
					"clear":        m.clearFolders,
					"create store": m.createStore,
					"state":        m.setState,
					"rename store": m.renameStore,
					"detach":       m.detachStore,
					"attach":       m.attachStore,
					"other":        m.other,
				}
				t.Repeat(actions)
			})
		})
	}
}

// model is what the server should say.
type model struct {
	w        *World
	edition  catalogue.Edition
	archives map[string]*modelArchive // by instance, "" on a Server
}

type modelArchive struct {
	users    map[string]*modelUser // by folded name
	stores   []modelStore
	detached []modelStore
	lastID   int64
}

type modelUser struct {
	UserName            string
	FullName            *string
	DistinguishedName   *string
	Authentication      string
	EmailAddresses      []string
	Pop3UserNames       []string
	Privileges          []string
	LoginPrivileges     []string
	PrivilegesOnFolders []modelRights
}

type modelRights struct {
	Folder     string
	Privileges []string
}

type modelStore struct {
	ID             int64
	Name           string
	Type           string
	RequestedState string
	DatabasePath   string
}

func newModel(edition catalogue.Edition) *model {
	m := &model{
		w:       New(Options{Edition: edition, Users: -1, Stores: -1, History: -1}),
		edition: edition, archives: map[string]*modelArchive{},
	}
	instances := []string{""}
	if edition == catalogue.SPE {
		instances = []string{"alpha", "bravo"}
	}
	for _, id := range instances {
		a := &modelArchive{users: map[string]*modelUser{}}
		for _, u := range m.readUsers(id) {
			a.users[fold(u.UserName)] = u // the administrator
		}
		a.stores = m.readStores(id)
		m.archives[id] = a
	}
	return m
}

// invoke runs a call to its end and returns its status.
func (m *model) invoke(fn string, form []Arg) answer.Status {
	s := m.w.Invoke(fn, form, Straight)
	if s.Code == answer.Running {
		m.w.Advance(24 * time.Hour)
		token := s.Token
		s, _ = m.w.Status(context.Background(), token, 0, 0)
	}
	return s
}

// send makes a call that goes well exactly when right says so.
func (m *model) send(t *rapid.T, id, fn string, right bool, form ...string) {
	list := args(form...)
	if id != "" {
		list = append(list, Arg{"instanceID", id})
	}
	s := m.invoke(fn, list)
	if right != (s.Code == answer.Succeeded) {
		t.Fatalf("%s(%v) in %q = %s %+v, want success: %v", fn, form, id, s.Code, s.Error, right)
	}
}

// read makes a call that has to go well and decodes its result.
func (m *model) read(fn, id string, into any, form ...string) {
	list := args(form...)
	if id != "" {
		list = append(list, Arg{"instanceID", id})
	}
	s := m.invoke(fn, list)
	text := bytes.TrimPrefix(answer.Text(s.Result), []byte(answer.BOM))
	if err := json.Unmarshal(text, into); err != nil || s.Error != nil {
		panic(fmt.Sprintf("%s in %q = %+v %v", fn, id, s.Error, err))
	}
}

func (m *model) readUsers(id string) []*modelUser {
	var names []struct{ UserName string }
	m.read("GetUsers", id, &names)
	users := []*modelUser{}
	for _, n := range names {
		u := &modelUser{}
		m.read("GetUserInfo", id, u, "userName="+n.UserName)
		users = append(users, u)
	}
	return users
}

func (m *model) readStores(id string) []modelStore {
	stores := []modelStore{}
	m.read("GetStores", id, &stores)
	return stores
}

// compare holds the server to the model after every action.
func (m *model) compare(t *rapid.T) {
	for id, a := range m.archives {
		got := map[string]*modelUser{}
		for _, u := range m.readUsers(id) {
			got[fold(u.UserName)] = u
		}
		if !reflect.DeepEqual(got, a.users) {
			t.Fatalf("users of %q are\n%s\nwant\n%s", id, told(got), told(a.users))
		}
		if stores := m.readStores(id); !slices.Equal(stores, a.stores) {
			t.Fatalf("stores of %q are\n%s\nwant\n%s", id, told(stores), told(a.stores))
		}
	}
}

func told(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// place draws an archive.
func (m *model) place(t *rapid.T) (string, *modelArchive) {
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.archives))).Draw(t, "instance")
	return id, m.archives[id]
}

// modelled are the functions whose effects the model knows, and those that may
// change users or stores in ways that it does not.
var modelled = []string{
	"CreateUser", "RenameUser", "DeleteUser", "SetUserFullName", "SetUserDistinguishedName", "SetUserEmailAddresses",
	"SetUserPop3UserNames", "SetUserPrivileges", "SetUserLoginPrivileges", "SetUserPrivilegesOnFolder",
	"ClearUserPrivilegesOnFolders", "CreateStore", "SetStoreRequestedState", "RenameStore", "DetachStore", "AttachStore",

	"SyncUsersWithDirectoryServices", "SetUserAuthentication", "SetUserPrivilegesOnAllFolders",
	"SetStorePath", "SetStoreProperties", "TransferStores",
}

// other calls any other function with arguments that it may take or refuse.
func (m *model) other(t *rapid.T) {
	id, a := m.place(t)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(m.w.functions)), func(fn string) bool { return slices.Contains(modelled, fn) })
	fn := m.w.functions[rapid.SampledFrom(names).Draw(t, "function")]
	form := []Arg{}
	for _, arg := range fn.args {
		if arg.Optional && rapid.Bool().Draw(t, "left out") {
			continue
		}
		value := sample(arg)
		switch {
		case arg.Name == "instanceID":
			value = id
		case arg.Name == "instanceFilter":
			value = "charlie" // those of the model keep running
		case arg.Name == "userName" || arg.Name == "owner":
			value, _ = m.existing(t, a)
		case arg.Type == "number":
			value = fmt.Sprint(rapid.IntRange(0, 4).Draw(t, arg.Name))
		case arg.Type == "json":
			value = rapid.SampledFrom([]string{"{}", "[]", `{"name":"x","enabled":true}`, `{"instanceID":"delta"}`, "null"}).Draw(t, arg.Name)
		case arg.Type == "bool":
			value = fmt.Sprint(rapid.Bool().Draw(t, arg.Name))
		}
		form = append(form, Arg{arg.Name, value})
	}
	if fn.name == "SetArchiveAdminEnabled" && id != "" {
		return // it would close the instance to the calls of the model
	}
	if s := m.invoke(fn.name, form); s.Code == answer.Running {
		t.Fatalf("%s(%v) never ends", fn.name, form)
	}
}
