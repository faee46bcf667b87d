package world

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

var userFunctions = map[string]handler{
	"GetUsers":                 getUsers,
	"GetUserInfo":              getUserInfo,
	"CreateUser":               createUser,
	"DeleteUser":               deleteUser,
	"RenameUser":               renameUser,
	"SetUserFullName":          setUserFullName,
	"SetUserDistinguishedName": setUserDistinguishedName,
	"SetUserAuthentication":    setUserAuthentication,
	"SetUserEmailAddresses":    setUserEmailAddresses,
	"SetUserPop3UserNames":     setUserPop3UserNames,
	"SetUserPassword":          setUserPassword,
}

// user is an account of an archive, or a system administrator of an SPE.
type user struct {
	Name       string
	FullName   string
	DN         string
	Directory  bool // signs in with the directory service
	Secret     string
	MFASecret  string   // "": MFA is off
	Addresses  []string // the primary one first
	Pop3       []string
	Privileges []string
	Logins     []string
	Folders    []folderRights // in the order in which they were granted

	AppPasswords []string // for programs that cannot ask for a second factor
}

// folderRights are a user's rights on one top-level folder.
type folderRights struct {
	Folder string
	Rights []string
}

func (u *user) authentication() string {
	if u.Directory {
		return "directoryServices"
	}
	return "integrated"
}

func (u *user) admin() bool { return slices.Contains(u.Privileges, "admin") }

// sorted returns the users by name.
func (a *archive) sorted() []*user {
	users := make([]*user, 0, len(a.Users))
	for _, name := range slices.Sorted(maps.Keys(a.Users)) {
		users = append(users, a.Users[name])
	}
	return users
}

// user returns the user named by an argument.
func (c *Call) user(arg string) (*user, error) {
	u := c.archive.Users[fold(c.Text(arg))]
	if u == nil {
		return nil, noUser(c.Text(arg))
	}
	return u, nil
}

func noUser(name string) *Problem {
	return problem("The user '%s' does not exist.", "Der Benutzer '%s' ist nicht vorhanden.", name)
}

// newName returns the user name of an argument if a user can have it.
func (c *Call) newName(arg string) (string, error) { return validName(c.Text(arg)) }

func validName(name string) (string, error) {
	if name == "" || name != strings.TrimSpace(name) || len(name) > 255 || strings.ContainsAny(name, `/\"<>|:*?`) ||
		strings.ContainsFunc(name, unicode.IsControl) {
		return "", problem("'%s' is not a valid user name.", "'%s' ist kein gültiger Benutzername.", name)
	}
	return name, nil
}

func nameTaken(name string) *Problem {
	return problem("A user with the name '%s' already exists.", "Ein Benutzer mit dem Namen '%s' ist bereits vorhanden.", name)
}

func getUsers(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.Users))
	for _, u := range c.archive.sorted() {
		list = append(list, answer.Obj(
			"userName", u.Name,
			"fullName", answer.OrNull(u.FullName),
			"distinguishedName", answer.OrNull(u.DN),
			"mfaStatus", u.mfaStatus(),
		))
	}
	return list, nil
}

func getUserInfo(c *Call) (any, error) {
	u, err := c.user("userName")
	if err != nil {
		return nil, err
	}
	info := answer.Obj(
		"userName", u.Name,
		"fullName", answer.OrNull(u.FullName),
		"distinguishedName", answer.OrNull(u.DN),
		"authentication", u.authentication(),
		"mfaStatus", u.mfaStatus(),
		"emailAddresses", u.Addresses,
		"pop3UserNames", u.Pop3,
		"privileges", u.Privileges,
		"loginPrivileges", u.Logins,
	)
	if len(u.Folders) == 0 {
		return info, nil // the key is left out then (seen on SPE 25.3)
	}
	granted := make(answer.List, 0, len(u.Folders))
	for _, f := range u.Folders {
		granted = append(granted, answer.Obj("folder", f.Folder, "privileges", f.Rights))
	}
	return info.Add("privilegesOnFolders", granted), nil
}

func createUser(c *Call) (any, error) {
	name, err := c.newName("userName")
	if err != nil {
		return nil, err
	}
	if c.archive.Users[fold(name)] != nil {
		return nil, nameTaken(name)
	}
	if err := c.licensed(); err != nil {
		return nil, err
	}
	u := &user{Name: name, Privileges: c.List("privileges"), Addresses: []string{}, Pop3: []string{}}
	u.Logins = c.allLogins(u)
	if c.Has("loginPrivileges") {
		u.Logins = c.List("loginPrivileges")
		if err := c.checkLogins(u, u.Logins); err != nil {
			return nil, err
		}
	}
	c.archive.Users[fold(name)] = u
	c.logins.Add(1)
	c.Effect(name)
	if c.half {
		return nil, Injected()
	}
	u.FullName = c.Text("fullName")
	u.DN = c.Text("distinguishedName")
	u.Directory = c.Text("authentication") == "directoryServices"
	if !u.Directory {
		u.Secret = c.Text("password")
	}
	return nil, nil
}

// deleteUser leaves the archive and its mail as they are.
func deleteUser(c *Call) (any, error) {
	u, err := c.user("userName")
	if err != nil {
		return nil, err
	}
	delete(c.archive.Users, fold(u.Name))
	c.logins.Add(1)
	c.Effect(u.Name)
	return nil, nil
}

// renameUser leaves the archive's name as it is.
func renameUser(c *Call) (any, error) {
	u, err := c.user("oldUserName")
	if err != nil {
		return nil, err
	}
	name, err := c.newName("newUserName")
	if err != nil {
		return nil, err
	}
	if other := c.archive.Users[fold(name)]; other != nil && other != u {
		return nil, nameTaken(name)
	}
	c.Effect(u.Name)
	delete(c.archive.Users, fold(u.Name))
	c.archive.handOver(u.Name, name)
	u.Name = name
	c.archive.Users[fold(name)] = u
	c.logins.Add(1)
	return nil, nil
}

// change runs f on the user that userName names and counts it as the effect.
func change(f func(c *Call, u *user) error) handler {
	return func(c *Call) (any, error) {
		u, err := c.user("userName")
		if err != nil {
			return nil, err
		}
		if err := f(c, u); err != nil {
			return nil, err
		}
		c.Effect(u.Name)
		return nil, nil
	}
}

var setUserFullName = change(func(c *Call, u *user) error {
	u.FullName = c.Text("fullName")
	return nil
})

var setUserDistinguishedName = change(func(c *Call, u *user) error {
	u.DN = c.Text("distinguishedName")
	return nil
})

var setUserAuthentication = change(func(c *Call, u *user) error {
	u.Directory = c.Text("authentication") == "directoryServices"
	c.logins.Add(1)
	return nil
})

var setUserEmailAddresses = change(func(c *Call, u *user) error {
	addresses := c.List("emailAddresses")
	if err := checkAddresses(addresses); err != nil {
		return err
	}
	u.Addresses = firstHalf(c, addresses)
	return nil
})

// checkAddresses refuses what is no e-mail address, and one that is listed
// twice.
func checkAddresses(addresses []string) error {
	for i, address := range addresses {
		local, domain, ok := strings.Cut(address, "@")
		if !ok || local == "" || domain == "" || strings.ContainsAny(address, " \t\r\n") || strings.Contains(domain, "@") {
			return problem("'%s' is not a valid e-mail address.", "'%s' ist keine gültige E-Mail-Adresse.", address)
		}
		if slices.ContainsFunc(addresses[:i], func(a string) bool { return fold(a) == fold(address) }) {
			return problem("The e-mail address '%s' is listed twice.", "Die E-Mail-Adresse '%s' ist doppelt.", address)
		}
	}
	return nil
}

var setUserPop3UserNames = change(func(c *Call, u *user) error {
	u.Pop3 = firstHalf(c, c.List("pop3UserNames"))
	return nil
})

var setUserPassword = change(func(c *Call, u *user) error {
	if u.Directory {
		return problem("The password of the user '%s' is managed by the directory service.",
			"Das Kennwort des Benutzers '%s' wird vom Verzeichnisdienst verwaltet.", u.Name)
	}
	if c.Text("password") == "" {
		return emptyPassword()
	}
	u.Secret = c.Text("password")
	c.logins.Add(1)
	return nil
})

func emptyPassword() *Problem {
	return problem("The password must not be empty.", "Das Kennwort darf nicht leer sein.")
}

// allLogins returns every way to log in that the user may have.
func (c *Call) allLogins(u *user) []string {
	all := []string{"windows", "web", "outlook", "windowsCmd", "imap"}
	if u.admin() || c.opts.Edition == catalogue.SPE { // every user of an SPE 25.3 has api
		all = append(all, "api")
	}
	return all
}
