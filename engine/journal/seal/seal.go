// Package seal holds the keys of a journal. Start at Open. A state key, in a
// file that only its user can read, wraps one key for each run and signs the
// audit chain; the key of a run seals what the journal must not show, and hashes
// arguments so that nobody can guess them. Erasing the key of a run makes all
// of that unreadable for good. It promises that no key is written in clear but
// the state key, and that a lost key is said, never replaced.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"

	"moonpost/engine/fault"
	"moonpost/engine/journal"
)

// ErrLost says that a key is not there any more: the state key, or that of a
// run. What it sealed cannot be read.
var ErrLost = errors.New("the key is lost")

const keySize = 32

// Keys are the keys of one journal. It is safe for concurrent use.
type Keys struct {
	state []byte
	shelf Shelf
}

// Shelf keeps the wrapped keys of runs beside the journal. Get returns an error
// that is fs.ErrNotExist where there is none; Remove of none is no error. All
// of it is on disk when it returns.
type Shelf interface {
	Put(run string, wrapped []byte) error
	Get(run string) ([]byte, error)
	Remove(run string) error
}

// New returns the keys that a state key opens.
func New(state []byte, shelf Shelf) (*Keys, error) {
	if len(state) != keySize {
		return nil, unusable("read the state key", "", errors.New("a state key has 32 bytes"))
	}
	return &Keys{state, shelf}, nil
}

// ID names the state key without giving it away.
func (k *Keys) ID() string {
	d := k.Sign("id", nil)
	return hex.EncodeToString(d[:8])
}

// Sign returns a hash keyed with the state key.
func (k *Keys) Sign(domain string, data []byte) journal.Digest {
	return keyedHash(derive(k.state, "sign"), domain, data)
}

// NewRun makes the key of a run and keeps it wrapped.
func (k *Keys) NewRun(run string) (*RunKey, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process instead
	if err := k.shelf.Put(run, aead(derive(k.state, "wrap")).Seal(nil, nil, key, []byte(run))); err != nil {
		return nil, unusable("keep the key of run "+run, "look at the room and the rights of the state folder", err)
	}
	return newRunKey(key), nil
}

// Run returns the key of a run. ErrLost, in an error of kind state: it was
// erased, or another state key wrapped it.
func (k *Keys) Run(run string) (*RunKey, error) {
	op := "open run " + run
	wrapped, err := k.shelf.Get(run)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, lost(op, "it was erased when the run was closed, or its file was removed")
	}
	if err != nil {
		return nil, unusable(op, "", err)
	}
	key, err := aead(derive(k.state, "wrap")).Open(nil, nil, wrapped, []byte(run))
	if err != nil || len(key) != keySize {
		return nil, lost(op, "its file is damaged, or the state key is not the one it was made with")
	}
	return newRunKey(key), nil
}

// Erase removes the key of a run for good. Without one it does nothing.
func (k *Keys) Erase(run string) error {
	if err := k.shelf.Remove(run); err != nil {
		return unusable("erase the key of run "+run, "", err)
	}
	return nil
}

// RunKey is the key of one run. It is safe for concurrent use.
type RunKey struct {
	sealing cipher.AEAD
	hashing []byte
	making  []byte
}

func newRunKey(key []byte) *RunKey {
	return &RunKey{sealing: aead(derive(key, "seal")), hashing: derive(key, "hash"), making: derive(key, "make")}
}

// Seal encrypts clear for one place of the journal.
func (r *RunKey) Seal(place string, clear []byte) []byte {
	return r.sealing.Seal(nil, nil, clear, []byte(place))
}

// Open returns what was sealed for a place. ErrLost, in an error of kind state:
// it was sealed with another key or for another place, or was changed since.
func (r *RunKey) Open(place string, sealed []byte) ([]byte, error) {
	clear, err := r.sealing.Open([]byte{}, nil, sealed, []byte(place))
	if err != nil {
		return nil, lost("open "+place, "it was changed since it was sealed, or was sealed with another key")
	}
	return clear, nil
}

// Hash returns a hash that nobody without the key can compare guesses with.
func (r *RunKey) Hash(domain string, data []byte) journal.Digest {
	return keyedHash(r.hashing, domain, data)
}

// Derive returns size bytes that are the same for the same name as long as the
// key is there, and tell nothing about each other: what run.random and
// password.generate are made of. size is 8,160 at most.
func (r *RunKey) Derive(name string, size int) []byte {
	bytes, err := hkdf.Expand(sha256.New, r.making, name, size)
	if err != nil {
		panic(err) // of a size that no caller asks for
	}
	return bytes
}

func keyedHash(key []byte, domain string, data []byte) journal.Digest {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(append([]byte(domain), 0)) // no domain holds a zero
	_, _ = h.Write(data)
	return journal.Digest(h.Sum(nil))
}

func derive(key []byte, use string) []byte {
	derived, err := hkdf.Key(sha256.New, key, nil, "moonpost journal 1 "+use, keySize)
	if err != nil {
		panic(err) // the sizes are constants
	}
	return derived
}

// aead seals with a random nonce, which is safe for 2^32 texts of one key.
func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the sizes are constants
	}
	sealing, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return sealing
}

func lost(op, why string) error {
	return &fault.Error{Kind: fault.State, Op: op, Message: why, Err: ErrLost, Hint: "what the run did can still be listed: moonpost runs"}
}

func unusable(op, hint string, err error) error {
	return &fault.Error{Kind: fault.State, Op: op, Err: err, Hint: hint}
}
