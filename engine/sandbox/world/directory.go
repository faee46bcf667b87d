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
	name, fullName string
	addresses      []string
}

func (d directoryUser) dn() string {
	return fmt.Sprintf("CN=%s,OU=Staff,DC=example,DC=com", d.fullName)
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
		c.Effect()
	}
	stages := []Stage{
		{Log: "Reading users from the directory service..."},
		{Takes: 3 * time.Second, Percent: 10, Log: fmt.Sprintf("%d users found.", len(c.archive.directory))},
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
	for _, d := range a.directory {
		known[fold(d.name)] = true
		if a.users[fold(d.name)] != nil {
			continue
		}
		changes = append(changes, syncChange{"added", d.name, func() {
			u := &user{
				name: d.name, fullName: d.fullName, dn: d.dn(), directory: true,
				addresses: d.addresses, pop3: []string{}, privileges: []string{"login"},
			}
			u.logins = c.allLogins(u)
			a.users[fold(d.name)] = u
		}})
	}
	config, _ := a.settings["GetDirectoryServicesConfiguration"].(answer.Object)
	if config.Get("deleteUsers") != true {
		return changes
	}
	for _, u := range a.sorted() {
		if u.directory && !known[fold(u.name)] {
			changes = append(changes, syncChange{"deleted", u.name, func() { delete(a.users, fold(u.name)) }})
		}
	}
	return changes
}
