package world

import (
	"slices"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

var credentialFunctions = map[string]handler{
	"GetCredentials":        getCredentials,
	"CreateCredential":      createCredential,
	"DeleteCredential":      deleteCredential,
	"GetCredentialSettings": getCredentialSettings,
	"SetCredentialSettings": setCredentialSettings,
}

// credential is what archiving and directory sync log in to a cloud with.
type credential struct {
	ID          int64
	Type        string
	Description string
	Settings    answer.Object
}

// seedCredential makes the one that every archive has, its certificate valid
// for 40 days more.
func (w *World) seedCredential(a *archive) {
	expires := time.Now().UTC().AddDate(0, 0, 40).Truncate(24 * time.Hour)
	a.Credentials = []credential{{
		ID: a.nextID("credential"), Type: "Office365_Modern", Description: "Microsoft 365 of Example",
		Settings: answer.Obj(
			"ApplicationId", "5f0c1e1e-7f3b-4c52-9d55-0a6d1f3c2b10",
			"TenantId", "0b9d6a54-2c0e-4a3f-8f6e-6d9f8f7f1a22",
			"CertificateThumbprint", strings.Repeat("89ABCDEF01", 4),
			"CertificateExpirationDate", date(expires)+"Z",
		),
	}}
}

// getCredentials writes its keys with capitals, unlike every other function
// (seen on SPE 25.3).
func getCredentials(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.Credentials))
	for _, x := range c.archive.Credentials {
		list = append(list, answer.Obj("ID", x.ID, "Type", x.Type, "Description", x.Description, "Settings", withoutSecrets(x.Settings)))
	}
	return list, nil
}

// credential returns the place of the credential that id names.
func (c *Call) credential() (int, error) {
	if !c.Has("id") {
		return 0, Missing("id") // optional in the catalogue only because it is a guess
	}
	i := slices.IndexFunc(c.archive.Credentials, func(x credential) bool { return x.ID == c.Number("id") })
	if i < 0 {
		return 0, noCredential(c.Number("id"))
	}
	return i, nil
}

func noCredential(id any) *Problem {
	return problem("The credential %v does not exist.", "Die Anmeldeinformation %v ist nicht vorhanden.", id)
}

// credentialSettings reads the settings of an argument.
func (c *Call) credentialSettings() (answer.Object, error) {
	if !c.Has("settings") {
		return nil, Missing("settings")
	}
	settings, ok := c.JSON("settings").(answer.Object)
	if !ok {
		return nil, wrongShape("settings")
	}
	return settings, nil
}

// createCredential answers the new ID; the real result is not known.
func createCredential(c *Call) (any, error) {
	for _, arg := range []string{"type", "description"} {
		if c.Text(arg) == "" {
			return nil, Missing(arg)
		}
	}
	settings, err := c.credentialSettings()
	if err != nil {
		return nil, err
	}
	x := credential{ID: c.archive.nextID("credential"), Type: c.Text("type"), Description: c.Text("description"), Settings: settings}
	c.archive.Credentials = append(slices.Clone(c.archive.Credentials), x)
	c.Effect()
	return x.ID, nil
}

func deleteCredential(c *Call) (any, error) {
	i, err := c.credential()
	if err != nil {
		return nil, err
	}
	c.archive.Credentials = slices.Delete(slices.Clone(c.archive.Credentials), i, i+1)
	c.Effect()
	return nil, nil
}

func getCredentialSettings(c *Call) (any, error) {
	i, err := c.credential()
	if err != nil {
		return nil, err
	}
	return withoutSecrets(c.archive.Credentials[i].Settings), nil
}

func setCredentialSettings(c *Call) (any, error) {
	i, err := c.credential()
	if err != nil {
		return nil, err
	}
	settings, err := c.credentialSettings()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(c.archive.Credentials)
	list[i].Settings = firstHalf(c, settings)
	c.archive.Credentials = list
	c.Effect()
	return nil, nil
}
