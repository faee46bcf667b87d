package world

import "slices"

// Login says whether somebody may use the API.
type Login int

// The outcomes of a login.
const (
	Granted  Login = iota
	Unknown        // no such user, a wrong password, or no right to log in to the API
	NotAdmin       // the password is right, but the user is no administrator
)

// Logins counts the changes of who may log in: an answer of Login holds as long
// as it stays the same.
func (w *World) Logins() uint64 { return w.logins.Load() }

// Login checks a name and a password.
func (w *World) Login(name, password string) Login {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.Admins[fold(name)]
	if w.Admins == nil {
		u = w.Archives[""].Users[fold(name)]
	}
	switch {
	case u == nil, u.Directory, !u.knows(password):
		return Unknown
	case w.Admins != nil:
		return Granted
	case !u.admin():
		return NotAdmin
	case !slices.Contains(u.Logins, "api"):
		return Unknown
	}
	return Granted
}
