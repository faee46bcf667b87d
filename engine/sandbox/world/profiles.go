package world

import (
	"fmt"
	"slices"
	"strconv"

	"moonpost/engine/sandbox/answer"
)

var profileFunctions = map[string]handler{
	"GetProfiles":                   getProfiles,
	"CreateProfile":                 createProfile,
	"DeleteProfile":                 deleteProfile,
	"SetProfileServerSideExecution": setProfileServerSideExecution,
	"RunProfile":                    runProfile,
	"RunTemporaryProfile":           runTemporaryProfile,
}

// profile is an archiving or export profile.
type profile struct {
	ID         int64
	Version    int64
	Properties answer.Object // as it was created, without id, version and serverSideExecution
	Automatic  bool
	Pause      int64 // seconds between two automatic runs
}

func (p *profile) name() string  { return p.Properties.Text("name") }
func (p *profile) owner() string { return p.Properties.Text("owner") }

func (p *profile) details() answer.Object {
	details, _ := p.Properties.Get("details").(answer.Object)
	return details
}

func (c *Call) profile() (*profile, error) {
	id := c.Number("id")
	i := slices.IndexFunc(c.archive.Profiles, func(p *profile) bool { return p.ID == id })
	if i < 0 {
		return nil, problem("The profile %d does not exist.", "Das Profil %d ist nicht vorhanden.", id)
	}
	return c.archive.Profiles[i], nil
}

// raw must be true (seen on SPE 25.3, where false fails).
func (c *Call) raw() error {
	if c.Flag("raw") {
		return nil
	}
	return problem("Only raw profiles are supported.", "Es werden nur Profile im Rohformat unterstützt.")
}

func getProfiles(c *Call) (any, error) {
	if err := c.raw(); err != nil {
		return nil, err
	}
	list := make(answer.List, 0, len(c.archive.Profiles))
	for _, p := range c.archive.Profiles {
		o := append(answer.Obj("id", p.ID, "version", p.Version), withoutSecrets(p.Properties)...)
		list = append(list, o.Add("serverSideExecution",
			answer.Obj("automatic", p.Automatic, "automaticPauseBetweenExecutions", p.Pause)))
	}
	return list, nil
}

// newProfile reads the profile of an argument.
func (c *Call) newProfile() (*profile, error) {
	if err := c.raw(); err != nil {
		return nil, err
	}
	properties, ok := c.JSON("properties").(answer.Object)
	if !ok {
		return nil, problem("The profile is no JSON object.", "Das Profil ist kein JSON-Objekt.")
	}
	if err := sameKinds(likeProfile, properties, "properties."); err != nil {
		return nil, err
	}
	for _, key := range []string{"name", "owner", "connector"} {
		if properties.Text(key) == "" {
			return nil, problem("The profile has no %s.", "Dem Profil fehlt %s.", key)
		}
	}
	if owner := properties.Text("owner"); c.archive.Users[fold(owner)] == nil {
		return nil, noUser(owner)
	}
	p := &profile{Version: 1, Properties: properties.Without("id", "version", "serverSideExecution")}
	execution, _ := properties.Get("serverSideExecution").(answer.Object)
	p.Automatic = execution.Get("automatic") == true
	if pause := execution.Get("automaticPauseBetweenExecutions"); pause != nil {
		var err error
		if p.Pause, err = strconv.ParseInt(fmt.Sprint(pause), 10, 64); err != nil || p.Pause < 0 {
			return nil, OutOfRange()
		}
	}
	return p, nil
}

// likeProfile gives the kinds of the keys of a profile.
var likeProfile = answer.Obj("name", "", "owner", "", "type", "", "connector", "", "details", answer.Object{},
	"serverSideExecution", answer.Obj("automatic", false, "automaticPauseBetweenExecutions", 0))

// createProfile does not look for one of the same name: names are not unique
// in practice. Its result is probably the new id.
func createProfile(c *Call) (any, error) {
	p, err := c.newProfile()
	if err != nil {
		return nil, err
	}
	p.ID = c.archive.nextID("profile")
	c.archive.Profiles = append(c.archive.Profiles, p)
	c.Effect(p.name(), p.owner(), p.details().Text("emailAddress"))
	return p.ID, nil
}

func deleteProfile(c *Call) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	c.archive.Profiles = slices.DeleteFunc(c.archive.Profiles, func(x *profile) bool { return x == p })
	c.Effect(strconv.FormatInt(p.ID, 10))
	return nil, nil
}

func setProfileServerSideExecution(c *Call) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	if c.Number("automaticPauseBetweenExecutions") < 0 {
		return nil, OutOfRange()
	}
	p.Automatic = c.Flag("automatic")
	if c.Has("automaticPauseBetweenExecutions") && !c.half {
		p.Pause = c.Number("automaticPauseBetweenExecutions")
	}
	p.Version++
	c.Effect(strconv.FormatInt(p.ID, 10))
	return nil, nil
}

func runProfile(c *Call) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	c.Effect(strconv.FormatInt(p.ID, 10))
	return c.runOf(p), nil
}

func runTemporaryProfile(c *Call) (any, error) {
	p, err := c.newProfile()
	if err != nil {
		return nil, err
	}
	c.Effect(p.name(), p.details().Text("emailAddress"))
	return c.runOf(p), nil
}
