package targets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// Passwords keeps the passwords of targets, each bound to the name, the address
// and the user it was stored for.
type Passwords struct {
	dir     string
	err     error
	keyring keyring
}

// OpenPasswords returns the passwords that lie in the system's keychain, and in
// files below a state folder, which need not exist. err, which may be nil, says
// why there is no such folder. attended says that a person can be asked to
// unlock the keychain, and env is the environment.
func OpenPasswords(dir string, err error, attended bool, env func(string) (string, bool)) Passwords {
	return Passwords{dir: filepath.Join(dir, "passwords"), err: err, keyring: newKeyring(attended, env)}
}

// kept is the content of a password's file.
type kept struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// File returns the file that holds the password of a target of that name when
// it is kept in a file: mode 0600, in a folder of mode 0700.
func (p Passwords) File(name string) string { return filepath.Join(p.dir, "target-"+name+".json") }

// StoreInKeychain keeps the password of t. The error says why there is no
// keychain to keep it in.
func (p Passwords) StoreInKeychain(t Target, password secret.Secret) error {
	return p.keyring.set(service(t), account(t), password.Reveal())
}

// StoreInFile keeps the password of t in its file.
func (p Passwords) StoreInFile(t Target, password secret.Secret) error {
	if p.err != nil {
		return p.noFolder()
	}
	text, err := json.MarshalIndent(kept{t.Address(), t.User, password.Reveal()}, "", "  ")
	if err != nil {
		return err
	}
	if err = os.MkdirAll(p.dir, 0o700); err == nil {
		err = replace(p.File(t.Name), append(text, '\n'))
	}
	if err != nil {
		return unwritable(p.dir, err)
	}
	return nil
}

// Get returns the password of t from where t says that it is kept. What is kept
// for another address or user is not given out: that is a usage error, as is
// one that is gone or that others can read.
func (p Passwords) Get(t Target) (secret.Secret, error) {
	switch t.PasswordIn {
	case Keychain:
		text, err := p.keyring.get(service(t), account(t))
		if errors.Is(err, errNoPassword) {
			return secret.Secret{}, refused(t, "the keychain holds no password of "+t.User+" at "+t.Address(), nil)
		}
		if err != nil {
			return secret.Secret{}, refused(t, "the keychain does not give the password", err)
		}
		return secret.New(text), nil
	case File:
		return p.fromFile(t)
	}
	return secret.Secret{}, refused(t, "no password is stored", nil)
}

func refused(t Target, message string, err error) error {
	return &fault.Error{
		Kind: fault.Usage, Op: "target " + t.Name, Message: message, Err: err,
		Hint: "store it: moonpost targets add " + t.Name + " " + t.Address() + " --replace; or set MOONPOST_PASSWORD",
	}
}

func (p Passwords) fromFile(t Target) (secret.Secret, error) {
	if p.err != nil {
		return secret.Secret{}, p.noFolder()
	}
	file := p.File(t.Name)
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return secret.Secret{}, refused(t, "its password is gone from "+file, nil)
	}
	if err != nil {
		return secret.Secret{}, refused(t, "", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return secret.Secret{}, refused(t, "", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return secret.Secret{}, &fault.Error{
			Kind: fault.Usage, Op: "target " + t.Name, Message: fmt.Sprintf("others can read its password (mode %04o)", info.Mode().Perm()),
			Hint: "change it if they did, and then: chmod 600 " + file,
		}
	}
	var k kept
	if err := json.NewDecoder(f).Decode(&k); err != nil {
		return secret.Secret{}, refused(t, file+" is damaged", nil) // the decoder's error may quote it
	}
	if k.URL != t.Address() || k.User != t.User {
		return secret.Secret{}, refused(t, "the stored password is that of "+k.User+" at "+k.URL+", not of "+t.User+" at "+t.Address(), nil)
	}
	return secret.New(k.Password), nil
}

// Moved reports whether the password of before lies in another place than that
// of after, which has the same name.
func (p Passwords) Moved(before, after Target) bool {
	return before.PasswordIn != after.PasswordIn || before.PasswordIn == Keychain && account(before) != account(after)
}

// Remove forgets the password of t. One that is gone already is no error.
func (p Passwords) Remove(t Target) error {
	switch t.PasswordIn {
	case Keychain:
		if err := p.keyring.delete(service(t), account(t)); err != nil && !errors.Is(err, errNoPassword) {
			return &fault.Error{
				Kind: fault.State, Op: "target " + t.Name, Message: "its password is still in the keychain", Err: err,
				Hint: "remove the entry " + service(t) + " with the system's own program",
			}
		}
	case File:
		if p.err != nil {
			return p.noFolder()
		}
		if err := os.Remove(p.File(t.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &fault.Error{Kind: fault.State, Op: "target " + t.Name, Message: "its password is still there", Err: err}
		}
	}
	return nil
}

func (p Passwords) noFolder() error {
	return &fault.Error{
		Kind: fault.Usage, Op: "targets", Message: "this system names no folder for what moonpost keeps", Err: p.err,
		Hint: "set HOME or XDG_STATE_HOME; or give the password with MOONPOST_PASSWORD or --password-file",
	}
}

// An entry of the keychain is found by both: another address or user finds
// nothing.
func service(t Target) string { return "moonpost target " + t.Name }
func account(t Target) string { return t.User + " at " + t.Address() }
