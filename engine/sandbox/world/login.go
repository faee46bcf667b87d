package world

import (
	"maps"
	"slices"
)

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
	return w.login(w.accounts()[fold(name)], password)
}

// accounts returns those who may have a login to the API.
func (w *World) accounts() map[string]*user {
	if w.Environment != nil {
		return w.Environment.Administrators
	}
	return w.Archives[""].Users
}

func (w *World) login(u *user, password string) Login {
	switch {
	case u == nil, u.Directory, !u.knows(password):
		return Unknown
	case w.Environment != nil:
		return Granted
	case !u.admin():
		return NotAdmin
	case !slices.Contains(u.Logins, "api"):
		return Unknown
	}
	return Granted
}

// administrator returns a name and a password that are good for the API now:
// those that the world was made with, unless that user lost the right; the
// world may have nobody left who has it.
func (w *World) administrator() (name, password string) {
	all := w.accounts()
	names := append([]string{fold(w.opts.User)}, slices.Sorted(maps.Keys(all))...)
	for _, n := range names {
		if all[n] == nil {
			continue
		}
		for _, secret := range append([]string{all[n].Secret}, all[n].AppPasswords...) {
			if w.login(all[n], secret) == Granted {
				return all[n].Name, secret
			}
		}
	}
	return w.opts.User, w.opts.Password
}
