package world

import (
	"slices"
	"strings"

	"moonpost/engine/catalogue"
)

var rightsFunctions = map[string]handler{
	"SetUserPrivileges":             setUserPrivileges,
	"SetUserLoginPrivileges":        setUserLoginPrivileges,
	"SetUserPrivilegesOnFolder":     setUserPrivilegesOnFolder,
	"SetUserPrivilegesOnAllFolders": setUserPrivilegesOnAllFolders,
	"ClearUserPrivilegesOnFolders":  clearUserPrivilegesOnFolders,
}

var setUserPrivileges = change(func(c *Call, u *user) error {
	u.Privileges = c.List("privileges")
	if !u.admin() && c.opts.Edition == catalogue.Server {
		u.Logins = slices.DeleteFunc(slices.Clone(u.Logins), func(l string) bool { return l == "api" })
	}
	c.logins.Add(1)
	return nil
})

var setUserLoginPrivileges = change(func(c *Call, u *user) error {
	logins := c.List("loginPrivileges")
	if err := c.checkLogins(u, logins); err != nil {
		return err
	}
	u.Logins = logins
	c.logins.Add(1)
	return nil
})

// checkLogins refuses the API for users who are no administrators; on an SPE
// everybody may have it (seen on SPE 25.3).
func (c *Call) checkLogins(u *user, logins []string) error {
	if slices.Contains(logins, "api") && !u.admin() && c.opts.Edition == catalogue.Server {
		return problem("The login privilege api requires an administrator.",
			"Das Anmelderecht api setzt einen Administrator voraus.")
	}
	return nil
}

// setUserPrivilegesOnFolder also takes a folder that does not exist yet: rights
// are granted right after CreateUser, before anything is archived.
func setUserPrivilegesOnFolder(c *Call) (any, error) {
	u, err := c.user("userName")
	if err != nil {
		return nil, err
	}
	folder := c.Text("folder")
	if folder == "" || strings.Contains(folder, "/") {
		return nil, problem("Privileges can be set on top-level folders only: '%s'.",
			"Rechte können nur für Ordner der obersten Ebene gesetzt werden: '%s'.", folder)
	}
	u.grant(folder, c.List("privileges"))
	c.Effect(u.Name, folder)
	return nil, nil
}

var setUserPrivilegesOnAllFolders = change(func(c *Call, u *user) error {
	rights := c.List("privileges")
	for _, f := range firstHalf(c, c.archive.Folders.Children) {
		u.grant(f.Name, rights)
	}
	return nil
})

var clearUserPrivilegesOnFolders = change(func(c *Call, u *user) error {
	u.Folders = u.Folders[len(firstHalf(c, u.Folders)):]
	return nil
})

// grant sets the rights on one folder; "none" takes the entry away.
func (u *user) grant(folder string, rights []string) {
	kept := make([]folderRights, 0, len(u.Folders)+1)
	for _, f := range u.Folders {
		if fold(f.Folder) != fold(folder) {
			kept = append(kept, f)
		}
	}
	if !slices.Equal(rights, []string{"none"}) {
		kept = append(kept, folderRights{folder, rights})
	}
	u.Folders = kept
}
