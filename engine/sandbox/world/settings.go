package world

import (
	"slices"

	"moonpost/engine/sandbox/answer"
)

// setting is a configuration object that one function reads and another one
// replaces as a whole.
type setting struct {
	get, set string // functions
	arg      string // of set
	initial  any
}

// settingChecks refuse what a function cannot be given; without one any object
// or list will do.
var settingChecks = map[string]func(value any) error{
	"SetRetentionPolicies": checkPolicies,
}

func settings() []setting {
	return []setting{
		{"GetComplianceConfiguration", "SetComplianceConfiguration", "config", answer.Obj(
			"legalHoldEnabled", false,
			"logSuccessfulUserActivities", []string{"SessionLogin", "UserAdd", "UserDelete", "UserSetFolderAccess"},
		)},
		{"GetDirectoryServicesConfiguration", "SetDirectoryServicesConfiguration", "config", answer.Obj(
			"type", "activeDirectory",
			"serverName", "dc1.example.com",
			"protocol", "LDAP",
			"authenticationType", "standardAuthentication",
			"userName", `EXAMPLE\mailstore`,
			"password", "directory secret",
			"baseDN", "DC=example,DC=com",
			"microsoftExchangeUsersOnly", false,
			"enabledUsersOnly", true,
			"usersVisibleInAddressListsOnly", false,
			"groups", answer.List{},
			"userNameFormat", "samAccountName",
			"deleteUsers", false,
		)},
		{"GetSmtpSettings", "SetSmtpSettings", "settings", smtpSettings()},
		{"GetStoreAutoCreateConfiguration", "SetStoreAutoCreateConfiguration", "config", answer.Obj("enabled", false)},
		{"GetRetentionPolicies", "SetRetentionPolicies", "config", answer.List{}},
		{"GetIndexConfiguration", "SetIndexConfiguration", "config", answer.Obj(
			"attachmentExtensions", nil,
			"includeAttachmentsOfPDFs", false,
		)},
	}
}

// systemSettings are those of a whole SPE.
func systemSettings() []setting {
	return []setting{{"GetSystemSmtpConfiguration", "SetSystemSmtpConfiguration", "config", smtpSettings()}}
}

// settings returns the settings that the call works on.
func (c *Call) settings() answer.Map {
	if c.archive == nil {
		return c.Environment.Settings
	}
	return c.archive.Settings
}

func smtpSettings() answer.Object {
	return answer.Obj("hostname", "mail.example.com", "port", 587, "protocol", "SMTP-TLS",
		"userName", "mailstore", "password", "smtp secret", "fromEmailAddress", "mailstore@example.com")
}

// settingFunctions makes the two functions of every setting.
func settingFunctions() map[string]handler {
	all := map[string]handler{}
	for _, s := range slices.Concat(settings(), systemSettings()) {
		all[s.get] = func(c *Call) (any, error) {
			value := c.settings()[s.get]
			if o, ok := value.(answer.Object); ok {
				return withoutSecrets(o), nil // a password is never returned
			}
			return value, nil
		}
		all[s.set] = func(c *Call) (any, error) {
			value := c.JSON(s.arg)
			_, wantList := s.initial.(answer.List)
			_, isList := value.(answer.List)
			_, isObject := value.(answer.Object)
			if wantList != isList || !wantList && !isObject {
				return nil, wrongShape(s.arg)
			}
			if like, ok := s.initial.(answer.Object); ok {
				if err := sameKinds(like, value.(answer.Object), ""); err != nil {
					return nil, err
				}
			}
			if check := settingChecks[s.set]; check != nil {
				if err := check(value); err != nil {
					return nil, err
				}
			}
			if list, ok := value.(answer.List); ok {
				value = firstHalf(c, list)
			}
			c.settings()[s.get] = value
			c.Effect()
			return nil, nil
		}
	}
	return all
}

// sameKinds refuses an object in which a key of like has a value of another
// kind. Keys may be missing, null, or others than those of like: what all of
// them are is not known.
func sameKinds(like, sent answer.Object, path string) error {
	for _, f := range sent {
		want, path := like.Get(f.Key), path+f.Key
		if want == nil || f.Value == nil {
			continue
		}
		if kindOf(want) != kindOf(f.Value) {
			return wrongShape(path)
		}
		if below, ok := want.(answer.Object); ok {
			if err := sameKinds(below, f.Value.(answer.Object), path+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// kindOf returns what JSON calls a value.
func kindOf(v any) string {
	switch v.(type) {
	case answer.Object:
		return "object"
	case answer.List, []string:
		return "list"
	case string:
		return "string"
	case bool:
		return "bool"
	}
	return "number"
}

func wrongShape(arg string) *Problem {
	return problem("The API argument %s has the wrong shape.", "Das API-Argument %s hat die falsche Form.", arg)
}
