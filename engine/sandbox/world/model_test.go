package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
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

var (
	someName  = rapid.SampledFrom([]string{"ada", "Ada", "bob", "Ünal", "ünal", "o'neil", "admin"})
	badName   = rapid.SampledFrom([]string{"", " ada", "a/b", `a\b`, "a:b"})
	someText  = rapid.SampledFrom([]string{"", "Ada Lovelace", "a=b&c", "ä€😀", `"quoted" \`, "<b>"})
	allRights = []string{"login", "changePassword", "archive", "modifyArchiveProfiles", "export", "modifyExportProfiles", "delete"}
	allLogins = []string{"windows", "web", "outlook", "windowsCmd", "imap"}
)

// subset draws some words in their order, at least one.
func subset(words []string) *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		chosen := rapid.SliceOfN(rapid.Bool(), len(words), len(words)).Draw(t, "chosen")
		list := []string{}
		for i, w := range words {
			if chosen[i] {
				list = append(list, w)
			}
		}
		if len(list) == 0 {
			return words[:1]
		}
		return list
	})
}

// privileges draws rights, as they are sent and as they are kept; wrong ones
// are nil.
func privileges(t *rapid.T) (sent string, kept []string) {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return "admin", []string{"admin"}
	case 1:
		return "none", []string{"none"}
	case 2:
		return rapid.SampledFrom([]string{"admin,login", "login,none", "fly", "", "Login"}).Draw(t, "wrong"), nil
	}
	kept = subset(allRights).Draw(t, "rights")
	return strings.Join(kept, rapid.SampledFrom([]string{",", ", "}).Draw(t, "comma")), kept
}

func (m *model) logins(privileges []string) []string {
	all := slices.Clone(allLogins)
	if slices.Contains(privileges, "admin") || m.edition == catalogue.SPE {
		all = append(all, "api")
	}
	return all
}

func pointer(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (m *model) user(t *rapid.T) {
	id, a := m.place(t)
	name := rapid.OneOf(someName, someName, badName).Draw(t, "name")
	sent, kept := privileges(t)
	form := []string{"userName=" + name, "privileges=" + sent}
	u := &modelUser{
		UserName: name, Authentication: "integrated", EmailAddresses: []string{}, Pop3UserNames: []string{},
		Privileges: kept, LoginPrivileges: m.logins(kept),
	}
	if rapid.Bool().Draw(t, "has full name") {
		text := someText.Draw(t, "full name")
		form, u.FullName = append(form, "fullName="+text), pointer(text)
	}
	if rapid.Bool().Draw(t, "from the directory") {
		form, u.Authentication = append(form, "authentication=directoryServices"), "directoryServices"
	}
	right := kept != nil && valid(name) && a.users[fold(name)] == nil
	m.send(t, id, "CreateUser", right, form...)
	if right {
		a.users[fold(name)] = u
	}
}

func valid(name string) bool { return name != "" && !strings.ContainsAny(name, ` /\:`) }

// existing draws a name, mostly that of a user who is there.
func (m *model) existing(t *rapid.T, a *modelArchive) (string, *modelUser) {
	name := someName.Draw(t, "user")
	if len(a.users) > 0 && rapid.IntRange(0, 3).Draw(t, "who") > 0 {
		name = a.users[rapid.SampledFrom(slices.Sorted(maps.Keys(a.users))).Draw(t, "known")].UserName
	}
	return name, a.users[fold(name)]
}

func (m *model) renameUser(t *rapid.T) {
	id, a := m.place(t)
	old, u := m.existing(t, a)
	name := rapid.OneOf(someName, badName).Draw(t, "new name")
	other := a.users[fold(name)]
	right := u != nil && valid(name) && (other == nil || other == u)
	m.send(t, id, "RenameUser", right, "oldUserName="+old, "newUserName="+name)
	if right {
		delete(a.users, fold(old))
		u.UserName = name
		a.users[fold(name)] = u
	}
}

func (m *model) deleteUser(t *rapid.T) {
	id, a := m.place(t)
	name, u := m.existing(t, a)
	m.send(t, id, "DeleteUser", u != nil, "userName="+name)
	delete(a.users, fold(name))
}

// setText sets or clears a text of a user: leaving the value out clears it.
func (m *model) setText(t *rapid.T) {
	id, a := m.place(t)
	name, u := m.existing(t, a)
	form := []string{"userName=" + name}
	text := someText.Draw(t, "text")
	clear := rapid.Bool().Draw(t, "clear")
	if clear {
		text = ""
	}
	fn, arg := "SetUserFullName", "fullName"
	dn := rapid.Bool().Draw(t, "distinguished name")
	if dn {
		fn, arg = "SetUserDistinguishedName", "distinguishedName"
	}
	if !clear {
		form = append(form, arg+"="+text)
	}
	m.send(t, id, fn, u != nil, form...)
	switch {
	case u == nil:
	case dn:
		u.DistinguishedName = pointer(text)
	default:
		u.FullName = pointer(text)
	}
}

func (m *model) setList(t *rapid.T) {
	id, a := m.place(t)
	name, u := m.existing(t, a)
	addresses := subset([]string{"ada@example.com", "b.ü@example.com", "c@x"}).Draw(t, "addresses")
	if rapid.Bool().Draw(t, "pop3") {
		m.send(t, id, "SetUserPop3UserNames", u != nil, "userName="+name, "pop3UserNames="+strings.Join(addresses, ","))
		if u != nil {
			u.Pop3UserNames = addresses
		}
		return
	}
	wrong := rapid.Bool().Draw(t, "wrong")
	sent := addresses
	if wrong {
		sent = append(slices.Clone(addresses), rapid.SampledFrom([]string{"no address", "ADA@example.com", "@x", "a@"}).Draw(t, "wrong address"))
		wrong = sent[len(sent)-1] != "ADA@example.com" || slices.Contains(addresses, "ada@example.com")
	}
	m.send(t, id, "SetUserEmailAddresses", u != nil && !wrong, "userName="+name, "emailAddresses="+strings.Join(sent, ","))
	if u != nil && !wrong {
		u.EmailAddresses = sent
	}
}

func (m *model) setPrivileges(t *rapid.T) {
	id, a := m.place(t)
	name, u := m.existing(t, a)
	if rapid.Bool().Draw(t, "login") {
		logins := subset(append(slices.Clone(allLogins), "api")).Draw(t, "logins")
		right := u != nil && (m.edition == catalogue.SPE || !slices.Contains(logins, "api") || slices.Contains(u.Privileges, "admin"))
		m.send(t, id, "SetUserLoginPrivileges", right, "userName="+name, "loginPrivileges="+strings.Join(logins, ","))
		if right {
			u.LoginPrivileges = logins
		}
		return
	}
	sent, kept := privileges(t)
	m.send(t, id, "SetUserPrivileges", u != nil && kept != nil, "userName="+name, "privileges="+sent)
	if u == nil || kept == nil {
		return
	}
	u.Privileges = kept
	if m.edition == catalogue.Server && !slices.Contains(kept, "admin") {
		u.LoginPrivileges = slices.DeleteFunc(slices.Clone(u.LoginPrivileges), func(l string) bool { return l == "api" })
	}
}

func (m *model) setFolder(t *rapid.T) {
	id, a := m.place(t)
	name, u := m.existing(t, a)
	folder := rapid.SampledFrom([]string{"ada", "Ada", "bob", "ünal", "", "ada/Inbox"}).Draw(t, "folder")
	rights := subset([]string{"read", "write", "delete"}).Draw(t, "rights")
	if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
		rights = []string{"none"}
	}
	right := u != nil && folder != "" && !strings.Contains(folder, "/")
	m.send(t, id, "SetUserPrivilegesOnFolder", right, "userName="+name, "folder="+folder, "privileges="+strings.Join(rights, ","))
	if !right {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(u.PrivilegesOnFolders), func(r modelRights) bool { return fold(r.Folder) == fold(folder) })
	if rights[0] != "none" {
		kept = append(kept, modelRights{folder, rights})
	}
	if u.PrivilegesOnFolders = kept; len(kept) == 0 {
		u.PrivilegesOnFolders = nil
	}
}

func (m *model) clearFolders(t *rapid.T) {
	id, a := m.place(t)
	name, u := m.existing(t, a)
	m.send(t, id, "ClearUserPrivilegesOnFolders", u != nil, "userName="+name)
	if u != nil {
		u.PrivilegesOnFolders = nil
	}
}

var someStore = rapid.SampledFrom([]string{"2026-01", "2026-02", "Ärger", ""})

func (m *model) createStore(t *rapid.T) {
	id, a := m.place(t)
	name, path := someStore.Draw(t, "name"), `D:\Archive\`+someStore.Draw(t, "path")
	state := rapid.SampledFrom([]string{"current", "normal", "writeProtected", "disabled"}).Draw(t, "state")
	taken := slices.ContainsFunc(append(slices.Clone(a.stores), a.detached...), func(s modelStore) bool { return fold(s.DatabasePath) == fold(path) })
	right := name != "" && !taken
	m.send(t, id, "CreateStore", right, "name="+name, "databasePath="+path, "requestedState="+state)
	if right {
		m.add(a, modelStore{Name: name, RequestedState: state, DatabasePath: path})
	}
}

func (m *model) add(a *modelArchive, s modelStore) {
	if m.edition == catalogue.Server {
		s.Type = fileSystem
	}
	for _, old := range append(slices.Clone(a.stores), a.detached...) {
		a.lastID = max(a.lastID, old.ID)
	}
	a.lastID++
	s.ID = a.lastID
	a.stores = append(a.stores, s)
	a.setState(len(a.stores)-1, s.RequestedState)
}

// setState keeps one current store at most.
func (a *modelArchive) setState(at int, state string) {
	a.stores = slices.Clone(a.stores)
	for i := range a.stores {
		if state == "current" && a.stores[i].RequestedState == "current" {
			a.stores[i].RequestedState = "normal"
		}
	}
	a.stores[at].RequestedState = state
}

// pick draws a store's number, sometimes of one that is not there.
func (m *model) pick(t *rapid.T, a *modelArchive) (string, int) {
	at := rapid.IntRange(-1, len(a.stores)-1).Draw(t, "store")
	if at < 0 {
		return "999", -1
	}
	return fmt.Sprint(a.stores[at].ID), at
}

func (m *model) setState(t *rapid.T) {
	id, a := m.place(t)
	number, at := m.pick(t, a)
	state := rapid.SampledFrom([]string{"current", "normal", "writeProtected", "disabled"}).Draw(t, "state")
	m.send(t, id, "SetStoreRequestedState", at >= 0, "id="+number, "requestedState="+state)
	if at >= 0 {
		a.setState(at, state)
	}
}

func (m *model) renameStore(t *rapid.T) {
	id, a := m.place(t)
	number, at := m.pick(t, a)
	name := someStore.Draw(t, "name")
	m.send(t, id, "RenameStore", at >= 0 && name != "", "id="+number, "name="+name)
	if at >= 0 && name != "" {
		a.stores = slices.Clone(a.stores)
		a.stores[at].Name = name
	}
}

func (m *model) detachStore(t *rapid.T) {
	id, a := m.place(t)
	number, at := m.pick(t, a)
	m.send(t, id, "DetachStore", at >= 0, "id="+number)
	if at >= 0 {
		a.detached = append(a.detached, a.stores[at])
		a.lastID = max(a.lastID, a.stores[at].ID)
		a.stores = slices.Delete(slices.Clone(a.stores), at, at+1)
	}
}

func (m *model) attachStore(t *rapid.T) {
	id, a := m.place(t)
	path := `D:\Archive\` + someStore.Draw(t, "path")
	at := slices.IndexFunc(a.detached, func(s modelStore) bool { return fold(s.DatabasePath) == fold(path) })
	form := []string{"name=back", "databasePath=" + path}
	if m.edition == catalogue.Server {
		form = append(form, "type="+fileSystem)
	}
	m.send(t, id, "AttachStore", at >= 0, form...)
	if at >= 0 {
		a.detached = slices.Delete(slices.Clone(a.detached), at, at+1)
		m.add(a, modelStore{Name: "back", RequestedState: "normal", DatabasePath: path})
	}
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
