package targets

import (
	"os"
	"path/filepath"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// Lodger is the entry of a sandbox, which is there as long as its process. A
// lock that ends with the process tells whether it lives.
type Lodger struct {
	book      Book
	passwords Passwords
	target    Target
	lock      *lock
	Replaced  bool // an entry was there whose sandbox had died
}

// Lodge enters a sandbox as target t with its password, which goes into a file.
// The name of a real target, or of a sandbox that lives, is refused.
func Lodge(book Book, passwords Passwords, t Target, password secret.Secret) (*Lodger, error) {
	t.Sandbox, t.PasswordIn = true, File
	if err := CheckName(t.Name); err != nil {
		return nil, err
	}
	if _, err := book.All(); err != nil { // before anything is written
		return nil, err
	}
	if passwords.err != nil {
		return nil, passwords.noFolder()
	}
	if err := os.MkdirAll(passwords.dir, 0o700); err != nil {
		return nil, unwritable(passwords.dir, err)
	}
	held, err := acquire(passwords.sandboxLock(t.Name), moment)
	if err != nil {
		return nil, unwritable(passwords.dir, err)
	}
	if held == nil {
		return nil, &fault.Error{
			Kind: fault.Busy, Op: "sandbox", Message: "a sandbox " + t.Name + " is running already",
			Hint: "use it with --target " + t.Name + ", end it, or take another name",
		}
	}
	l := &Lodger{book: book, passwords: passwords, target: t, lock: held}
	if err := l.enter(password); err != nil {
		held.release()
		return nil, err
	}
	return l, nil
}

func (l *Lodger) enter(password secret.Secret) error {
	there, err := l.book.Holder(l.target.Name)
	if err != nil {
		return err
	}
	if there != nil && !there.Sandbox {
		return &fault.Error{
			Kind: fault.Usage, Op: "sandbox", Message: "there is a target " + there.Name + " that is no sandbox",
			Hint: "take another name, or see: moonpost targets list",
		}
	}
	l.Replaced = there != nil
	if err := l.passwords.StoreInFile(l.target, password); err != nil {
		return err
	}
	if err := l.book.Put(l.target); err != nil {
		_ = l.passwords.Remove(l.target)
		return err
	}
	return nil
}

// Leave takes the entry and its password away.
func (l *Lodger) Leave() error {
	defer l.lock.release()
	forgotten := l.passwords.Remove(l.target)
	there, err := l.book.Find(l.target.Name)
	if err != nil || there != l.target {
		return forgotten // somebody has changed or removed it: theirs to keep
	}
	if _, err := l.book.Remove(l.target.Name); err != nil {
		return err
	}
	return forgotten
}

// Alive reports whether the sandbox of that name runs.
func (p Passwords) Alive(name string) bool {
	if p.err != nil {
		return false
	}
	file := p.sandboxLock(name)
	if _, err := os.Stat(file); err != nil {
		return false
	}
	held, err := acquire(file, 0)
	if held != nil {
		held.release()
	}
	return err == nil && held == nil
}

func (p Passwords) sandboxLock(name string) string {
	return filepath.Join(p.dir, "sandbox-"+name+".lock")
}
