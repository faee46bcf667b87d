package world

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

var directoryFunctions = map[string]handler{
	"SyncUsersWithDirectoryServices": syncUsersWithDirectoryServices,
}

// directoryUser is an account of the built-in directory service.
type directoryUser struct {
	Name, FullName string
	Addresses      []string
	Groups         []string
	Disabled       bool
}

func (d directoryUser) dn() string {
	return fmt.Sprintf("CN=%s,OU=Staff,DC=example,DC=com", d.FullName)
}

// directoryConfig is what a sync reads of SetDirectoryServicesConfiguration.
type directoryConfig struct {
	groups  []string // folded; none: everybody
	enabled bool     // leave out accounts that are disabled
	long    bool     // user names with their domain
	delete  bool     // delete users who are not there any more
}

// directoryConfig reads the configuration and looks for the directory service.
// Of the formats of user names only samAccountName was seen.
func (c *Call) directoryConfig() (directoryConfig, error) {
	config, _ := c.archive.Settings["GetDirectoryServicesConfiguration"].(answer.Object)
	if kind := config.Text("type"); kind == "" || kind == "none" {
		return directoryConfig{}, problem("Directory services are not configured.", "Die Verzeichnisdienste sind nicht konfiguriert.")
	}
	if host := config.Text("serverName"); host != "" {
		if err := reach(host); err != nil {
			return directoryConfig{}, err
		}
	}
	if id := config.Get("credentialId"); id != nil &&
		!slices.ContainsFunc(c.archive.Credentials, func(x credential) bool { return fmt.Sprint(x.ID) == fmt.Sprint(id) }) {
		return directoryConfig{}, noCredential(id)
	}
	read := directoryConfig{enabled: config.Get("enabledUsersOnly") == true, delete: config.Get("deleteUsers") == true}
	switch format := config.Text("userNameFormat"); format {
	case "", "samAccountName":
	case "userPrincipalName":
		read.long = true
	default:
		return directoryConfig{}, problem("The user name format '%s' is not known.", "Das Benutzernamenformat '%s' ist nicht bekannt.", format)
	}
	groups, _ := config.Get("groups").(answer.List)
	for _, g := range groups {
		read.groups = append(read.groups, fold(fmt.Sprint(g)))
	}
	return read, nil
}

// chooses reports whether a sync is about an account.
func (d directoryConfig) chooses(u directoryUser) bool {
	if d.enabled && u.Disabled {
		return false
	}
	return len(d.groups) == 0 || slices.ContainsFunc(u.Groups, func(g string) bool { return slices.Contains(d.groups, fold(g)) })
}

func (d directoryConfig) nameOf(u directoryUser) string {
	if d.long {
		return u.Name + "@example.com"
	}
	return u.Name
}

// syncChange is one thing that a directory sync does. The real result is not known.
type syncChange struct {
	kind, name string
	user       *user // who is there; nil: nobody yet
	do         func() error
}

// stands reports whether the user is still there, or still is not: somebody may
// have renamed, deleted or made him since the call began.
func (s syncChange) stands(a *archive) bool { return a.Users[fold(s.name)] == s.user }

// syncUsersWithDirectoryServices adds the users that only the directory has,
// gives those that came from there the name and the addresses they have there
// and, if the configuration says deleteUsers, deletes those whom it does not
// have any more. With dryRun it only tells.
func syncUsersWithDirectoryServices(c *Call) (any, error) {
	config, err := c.directoryConfig()
	if err != nil {
		return nil, err
	}
	changes := c.syncChanges(config)
	dry := c.Flag("dryRun")
	if !dry {
		c.Effect(c.Text("dryRun"))
	}
	stages := []Stage{
		{Log: "Reading users from the directory service..."},
		{Takes: 3 * time.Second, Percent: 10, Log: fmt.Sprintf("%d users found.", len(c.archive.Directory))},
	}
	list := answer.List{}
	for i, change := range changes {
		stages = append(stages, Stage{
			Takes:   200 * time.Millisecond,
			Percent: 10 + 90*float64(i+1)/float64(len(changes)),
			Log:     change.kind + " user " + change.name,
			Do: func() error {
				if !change.stands(c.archive) {
					return nil
				}
				if !dry {
					if err := change.do(); err != nil {
						return err
					}
					c.logins.Add(1)
				}
				list = append(list, answer.Obj("userName", change.name, "change", change.kind))
				return nil
			},
		})
	}
	return &Work{Stages: stages, Done: func() (any, error) { return list, nil }}, nil
}

func (c *Call) syncChanges(config directoryConfig) []syncChange {
	a := c.archive
	var changes []syncChange
	known := map[string]bool{}
	for _, d := range a.Directory {
		name := config.nameOf(d)
		if !config.chooses(d) {
			continue
		}
		known[fold(name)] = true
		switch u := a.Users[fold(name)]; {
		case u == nil:
			changes = append(changes, syncChange{"added", name, nil, func() error { return c.addFrom(d, name) }})
		case u.Directory && !d.agrees(u):
			changes = append(changes, syncChange{"updated", u.Name, u, func() error { d.update(u); return nil }})
		}
	}
	if !config.delete {
		return changes
	}
	for _, u := range a.sorted() {
		if u.Directory && !known[fold(u.Name)] {
			changes = append(changes, syncChange{"deleted", u.Name, u, func() error { delete(a.Users, fold(u.Name)); return nil }})
		}
	}
	return changes
}

// addFrom makes the user of an account.
func (c *Call) addFrom(d directoryUser, name string) error {
	if err := c.licensed(); err != nil {
		return err
	}
	u := &user{Name: name, Directory: true, Pop3: []string{}, Privileges: []string{"login"}}
	u.Logins = c.allLogins(u)
	d.update(u)
	c.archive.Users[fold(name)] = u
	return nil
}

// agrees reports whether a user has what the directory says.
func (d directoryUser) agrees(u *user) bool {
	return u.FullName == d.FullName && u.DN == d.dn() && slices.EqualFunc(u.Addresses, d.Addresses, strings.EqualFold)
}

func (d directoryUser) update(u *user) {
	u.FullName, u.DN, u.Addresses = d.FullName, d.dn(), slices.Clone(d.Addresses)
}
