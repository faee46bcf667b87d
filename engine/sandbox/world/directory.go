package world

import (
	"fmt"
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
}

func (d directoryUser) dn() string {
	return fmt.Sprintf("CN=%s,OU=Staff,DC=example,DC=com", d.FullName)
}

// syncChange is one thing that a directory sync does. The real result is not known.
type syncChange struct {
	kind, name string
	do         func()
}

// syncUsersWithDirectoryServices adds the users that only the directory has
// and, if the configuration says deleteUsers, deletes those directory users
// that it does not have any more. With dryRun it only tells.
func syncUsersWithDirectoryServices(c *Call) (any, error) {
	changes := c.syncChanges()
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
				if !dry {
					change.do()
					c.logins.Add(1)
				}
				list = append(list, answer.Obj("userName", change.name, "change", change.kind))
				return nil
			},
		})
	}
	return &Work{Stages: stages, Done: func() (any, error) { return list, nil }}, nil
}

func (c *Call) syncChanges() []syncChange {
	a := c.archive
	var changes []syncChange
	known := map[string]bool{}
	for _, d := range a.Directory {
		known[fold(d.Name)] = true
		if a.Users[fold(d.Name)] != nil {
			continue
		}
		changes = append(changes, syncChange{"added", d.Name, func() {
			u := &user{
				Name: d.Name, FullName: d.FullName, DN: d.dn(), Directory: true,
				Addresses: d.Addresses, Pop3: []string{}, Privileges: []string{"login"},
			}
			u.Logins = c.allLogins(u)
			a.Users[fold(d.Name)] = u
		}})
	}
	config, _ := a.Settings["GetDirectoryServicesConfiguration"].(answer.Object)
	if config.Get("deleteUsers") != true {
		return changes
	}
	for _, u := range a.sorted() {
		if u.Directory && !known[fold(u.Name)] {
			changes = append(changes, syncChange{"deleted", u.Name, func() { delete(a.Users, fold(u.Name)) }})
		}
	}
	return changes
}
