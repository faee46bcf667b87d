// Package targets keeps servers by name: the file targets.toml in the user's
// configuration folder says where they are and how they are trusted, and their
// passwords lie in the keychain of the system or in files of their own. It asks
// nobody and prints nothing. Start at Book and Passwords.
//
// It promises that no password stands in targets.toml, that a stored password is
// given out for the address and the user it was stored for and for no others,
// and that what a person wrote into the file stays as it is, apart from the
// values and sections that change.
package targets

import (
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// Target is a server with a name.
type Target struct {
	Name string

	URL         string // https://host or https://host:port
	User        string // who logs in; "" when it is asked for
	Instance    string // instance of a Service Provider Edition
	Fingerprint string // SHA-256 of the one certificate to trust; "": see CA
	CA          string // file of the authorities to trust; "": those of the system
	Edition     catalogue.Edition
	Comment     string
	PasswordIn  Place
	Sandbox     bool // a sandbox that is there as long as its process
}

// Place is where the password of a target is kept.
type Place string

// The places.
const (
	Nowhere  Place = ""
	Keychain Place = "keychain" // of the system
	File     Place = "file"     // of its own, see Passwords.File
)

// Address returns the URL of the target in its one spelling: lower case, with
// its port.
func (t Target) Address() string {
	u, err := url.Parse(t.URL)
	if err != nil || u.Hostname() == "" {
		return t.URL
	}
	port := u.Port()
	if port == "" {
		edition := t.Edition
		if t.Instance != "" {
			edition = catalogue.SPE
		}
		port = strconv.Itoa(edition.Port())
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

var namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`) })

// nameRule says what IsName wants.
const nameRule = "a name has letters, digits, - and _ only, begins with a letter or digit and is no longer than 63"

// IsName reports whether text can be the name of a target. What cannot may be
// an address, or one with a password in it: do not show it.
func IsName(text string) bool { return namePattern().MatchString(text) }

// CheckName is a usage error for what cannot be the name of a target.
func CheckName(name string) error {
	if IsName(name) {
		return nil
	}
	return &fault.Error{Kind: fault.Usage, Op: "target", Message: "a target cannot have this name", Hint: nameRule}
}

// authorities returns the file of CA; a relative name begins in dir.
func (t Target) authorities(dir string) string {
	if t.CA == "" || filepath.IsAbs(t.CA) {
		return t.CA
	}
	return filepath.Join(dir, t.CA)
}
