package world

import "moonpost/engine/sandbox/answer"

var licenceFunctions = map[string]handler{
	"GetLicenseInformation": getLicenseInformation,
}

// maxNamedUsers is how many users are licensed.
func (w *World) maxNamedUsers() int { return max(100, 2*w.opts.Users) }

func getLicenseInformation(c *Call) (any, error) {
	return answer.Obj("namedUsers", len(c.archive.Users), "maxNamedUsers", c.maxNamedUsers()), nil
}

// licensed refuses one more user where the licence is enforced and used up.
func (c *Call) licensed() error {
	if c.opts.Behaviour.EnforceLicence && len(c.archive.Users) >= c.maxNamedUsers() {
		return problem("The license allows %d named users.", "Die Lizenz erlaubt %d benannte Benutzer.", c.maxNamedUsers())
	}
	return nil
}
