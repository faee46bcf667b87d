package world

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"moonpost/engine/catalogue"
)

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
