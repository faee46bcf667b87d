package world

import (
	"maps"
	"slices"
	"strings"

	"moonpost/engine/sandbox/answer"
)

var administratorFunctions = map[string]handler{
	"GetSystemAdministrators":              getSystemAdministrators,
	"CreateSystemAdministrator":            createSystemAdministrator,
	"SetSystemAdministratorConfiguration":  setSystemAdministratorConfiguration,
	"SetSystemAdministratorPassword":       setSystemAdministratorPassword,
	"DeleteSystemAdministrator":            deleteSystemAdministrator,
	"CreateSystemAdministratorAPIPassword": createSystemAdministratorAPIPassword,
	"InitializeSystemAdministratorMFA":     initializeSystemAdministratorMFA,
	"DeactivateSystemAdministratorMFA":     deactivateSystemAdministratorMFA,
}

// getSystemAdministrators does not tell who has multi-factor login; whether the
// real one does is not known.
func getSystemAdministrators(c *Call) (any, error) {
	list := answer.List{}
	for _, key := range slices.Sorted(maps.Keys(c.Environment.Administrators)) {
		a := c.Environment.Administrators[key]
		list = append(list, answer.Obj("userName", a.Name, "fullName", a.FullName, "emailAddress", strings.Join(a.Addresses, ",")))
	}
	return list, nil
}

// administratorConfig reads the argument config.
func (c *Call) administratorConfig() (*user, error) {
	config, err := c.config(answer.Obj("userName", "", "fullName", "", "emailAddress", ""))
	if err != nil {
		return nil, err
	}
	name, err := named(config, "userName")
	if err != nil {
		return nil, err
	}
	a := &user{Name: name, FullName: config.Text("fullName"), Addresses: []string{}, Pop3: []string{}, Privileges: []string{"admin"}}
	if address := config.Text("emailAddress"); address != "" {
		a.Addresses = []string{address}
	}
	return a, checkAddresses(a.Addresses)
}

func createSystemAdministrator(c *Call) (any, error) {
	a, err := c.administratorConfig()
	if err != nil {
		return nil, err
	}
	if _, err := validName(a.Name); err != nil {
		return nil, err
	}
	if c.Environment.Administrators[fold(a.Name)] != nil {
		return nil, nameTaken(a.Name)
	}
	if a.Secret = c.Text("password"); a.Secret == "" {
		return nil, emptyPassword()
	}
	a.Logins = c.allLogins(a)
	if c.half {
		a.FullName, a.Addresses = "", []string{}
	}
	c.Environment.Administrators[fold(a.Name)] = a
	c.logins.Add(1)
	c.Effect(a.Name)
	return nil, nil
}

func setSystemAdministratorConfiguration(c *Call) (any, error) {
	config, err := c.administratorConfig()
	if err != nil {
		return nil, err
	}
	a := c.Environment.Administrators[fold(config.Name)]
	if a == nil {
		return nil, noUser(config.Name)
	}
	a.FullName = config.FullName
	if !c.half {
		a.Addresses = config.Addresses
	}
	c.Effect(a.Name)
	return nil, nil
}

// changeAdministrator runs f on the administrator that userName names and
// counts it as the effect.
func changeAdministrator(f func(c *Call, a *user) (any, error)) handler {
	return func(c *Call) (any, error) {
		a := c.Environment.Administrators[fold(c.Text("userName"))]
		if a == nil {
			return nil, noUser(c.Text("userName"))
		}
		result, err := f(c, a)
		if err != nil {
			return nil, err
		}
		c.logins.Add(1)
		c.Effect(a.Name)
		return result, nil
	}
}

var setSystemAdministratorPassword = changeAdministrator(func(c *Call, a *user) (any, error) {
	if c.Text("password") == "" {
		return nil, emptyPassword()
	}
	a.Secret = c.Text("password")
	return nil, nil
})

// deleteSystemAdministrator lets an administrator delete its own account, but
// never the last one: nobody could log in any more.
var deleteSystemAdministrator = changeAdministrator(func(c *Call, a *user) (any, error) {
	if len(c.Environment.Administrators) == 1 {
		return nil, problem("The last system administrator cannot be deleted.", "Der letzte Systemadministrator kann nicht gelöscht werden.")
	}
	delete(c.Environment.Administrators, fold(a.Name))
	return nil, nil
})

// createSystemAdministratorAPIPassword answers the password, which nothing else
// gives away, and voids the one before. Its arguments and its result are not
// known for sure, nor whether it takes administrators without multi-factor
// login.
var createSystemAdministratorAPIPassword = changeAdministrator(func(c *Call, a *user) (any, error) {
	a.AppPasswords = []string{c.randomText(32)}
	return a.AppPasswords[0], nil
})

// initializeSystemAdministratorMFA takes effect at once: whether the real one
// waits for a first code is not known, and its result is that of a user.
var initializeSystemAdministratorMFA = changeAdministrator(func(c *Call, a *user) (any, error) {
	c.startMFA(a)
	return mfaResult(a), nil
})

var deactivateSystemAdministratorMFA = changeAdministrator(func(_ *Call, a *user) (any, error) {
	a.MFASecret = ""
	return nil, nil
})
