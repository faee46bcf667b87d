package world

import (
	"encoding/base32"
	"net/url"
	"slices"

	"moonpost/engine/sandbox/answer"
)

var mfaFunctions = map[string]handler{
	"InitializeMFA":      initializeMFA,
	"DisableMFA":         disableMFA,
	"DeleteAppPasswords": deleteAppPasswords,
}

// mfaStatus returns what GetUsers and GetUserInfo say. Only Disabled was seen.
func (u *user) mfaStatus() string {
	if u.MFASecret == "" {
		return "Disabled"
	}
	return "Enabled"
}

// knows reports whether a password lets the user in where no second factor can
// be asked for: an app password always, the user's own one unless MFA is on.
func (u *user) knows(password string) bool {
	if slices.Contains(u.AppPasswords, password) {
		return true
	}
	return u.MFASecret == "" && u.Secret != "" && u.Secret == password
}

// initializeMFA gives the user a new secret; an older one is void. The shape of
// the real result is not known.
func initializeMFA(c *Call) (any, error) {
	u, err := c.user("userName")
	if err != nil {
		return nil, err
	}
	c.startMFA(u)
	c.Effect(u.Name)
	return mfaResult(u), nil
}

// startMFA switches MFA on with a new secret.
func (w *World) startMFA(u *user) {
	u.MFASecret = w.randomText(32)
	w.logins.Add(1)
}

// mfaResult is what an authenticator app needs.
func mfaResult(u *user) answer.Object {
	uri := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/MailStore:" + u.Name,
		RawQuery: url.Values{"secret": {u.MFASecret}, "issuer": {"MailStore"}}.Encode(),
	}
	return answer.Obj("secret", u.MFASecret, "uri", uri.String())
}

// randomText returns n letters and digits of base 32.
func (w *World) randomText(n int) string {
	raw := make([]byte, (n*5+7)/8)
	for i := range raw {
		raw[i] = byte(w.rng.Uint32())
	}
	return base32.StdEncoding.EncodeToString(raw)[:n]
}

var disableMFA = change(func(c *Call, u *user) error {
	u.MFASecret = ""
	c.logins.Add(1)
	return nil
})

var deleteAppPasswords = change(func(c *Call, u *user) error {
	u.AppPasswords = u.AppPasswords[len(firstHalf(c, u.AppPasswords)):]
	c.logins.Add(1)
	return nil
})
