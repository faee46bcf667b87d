package world

import (
	"crypto/rand"
	"maps"
	"net/url"
	"slices"
	"strings"
)

var accessFunctions = map[string]handler{
	"GetArchiveAdminEnabled":                getArchiveAdminEnabled,
	"SetArchiveAdminEnabled":                setArchiveAdminEnabled,
	"CreateClientOneTimeUrlForArchiveAdmin": createClientOneTimeURL,
}

// enter refuses a call that the instance does not take as it is: stopped,
// frozen, or without service provider access.
func (c *Call) enter() error {
	i := c.archive.Instance
	switch {
	case c.fn.name == "GetInstanceConfiguration": // the management server knows it
		return nil
	case i.Process == nil:
		return notRunning(c.archive)
	case i.Frozen && !c.fn.reads:
		return isFrozen(c.archive)
	case i.NoAccess && !c.fn.needsNoAccess():
		return problem("Service provider access to the instance '%s' is disabled.",
			"Der Zugriff des Dienstanbieters auf die Instanz '%s' ist deaktiviert.", c.archive.InstanceID)
	}
	i.Process.Calls++
	return nil
}

// needsNoAccess reports whether a function works on an instance without service
// provider access: those on archive stores and search indexes (vendor's help),
// and the switch itself.
func (f *function) needsNoAccess() bool {
	switch f.name {
	case "GetArchiveAdminEnabled", "SetArchiveAdminEnabled", "RecreateRecoveryRecords", "MaintainFileSystemDatabases":
		return true
	}
	return strings.Contains(f.name, "Store") || strings.Contains(f.name, "Index")
}

func getArchiveAdminEnabled(c *Call) (any, error) { return !c.archive.Instance.NoAccess, nil }

func setArchiveAdminEnabled(c *Call) (any, error) {
	c.archive.Instance.NoAccess = !c.Flag("enabled")
	c.Effect()
	return nil, nil
}

// createClientOneTimeURL answers an address that logs $archiveadmin in once,
// below that of a client access server unless instanceUrl says otherwise. The
// form of the real one is not known.
func createClientOneTimeURL(c *Call) (any, error) {
	base, key := c.Text("instanceUrl"), []string{}
	if c.Has("instanceUrl") {
		key = append(key, base)
		if u, err := url.Parse(base); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return nil, problem("'%s' is not a valid URL.", "'%s' ist keine gültige URL.", base)
		}
	} else {
		servers := slices.Sorted(maps.Keys(c.Environment.AccessServers))
		if len(servers) == 0 {
			return nil, problem("There is no client access server.", "Es gibt keinen Client Access Server.")
		}
		base = "https://" + servers[0] + "/" + c.archive.InstanceID
	}
	c.Effect(key...)
	return strings.TrimRight(base, "/") + "/?otp=" + rand.Text(), nil
}
