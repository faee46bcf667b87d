package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"

	"moonpost/engine/atomicfile"
	"moonpost/engine/fault"
)

// stateKey is the name of the state key in the state folder; runKeys is the
// folder of the wrapped keys.
const (
	stateKey = "state.key"
	runKeys  = "keys"
)

// header begins the file of a state key, so that no other file is taken for one.
const header = "moonpost state key 1\n"

// Open returns the keys of a state folder. file is where the state key is, ""
// for its place in the folder. create makes a new one where there is none, and
// is for a folder without a journal: with one, a missing state key is ErrLost in
// an error of kind state. So is a file that holds no key, and one that others
// can read.
func Open(folder, file string, create bool) (*Keys, error) {
	if file == "" {
		file = filepath.Join(folder, stateKey)
	}
	key, err := readKey(file)
	if errors.Is(err, fs.ErrNotExist) && create {
		key, err = makeKey(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &fault.Error{
			Kind: fault.State, Op: "read " + file, Err: ErrLost,
			Message: "the state key is not there, and the journal was made with one",
			Hint:    "restore the file; without it no run goes on, and moonpost runs lists what is open",
		}
	}
	if err != nil {
		return nil, err
	}
	return New(key, Folder(filepath.Join(folder, runKeys)))
}

// readKey returns the key in a file; the error is fs.ErrNotExist itself where
// there is none.
func readKey(file string) ([]byte, error) {
	op := "read " + file
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, unusable(op, "", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, unusable(op, "chmod 600 "+file, fmt.Errorf("others may use the state key: its mode is %04o", info.Mode().Perm()))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, unusable(op, "", err)
	}
	digits, ok := bytes.CutPrefix(text, []byte(header))
	key, err := hex.DecodeString(string(bytes.TrimSpace(digits)))
	if !ok || err != nil || len(key) != keySize {
		return nil, &fault.Error{
			Kind: fault.State, Op: op, Message: "this file holds no state key", Err: ErrLost, Hint: "restore it from a backup",
		}
	}
	return key, nil
}

// makeKey makes a new state key, unless another process was faster.
func makeKey(file string) ([]byte, error) {
	op := "make " + file
	const hint = "look at the room and the rights of the folder"
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, unusable(op, hint, err)
	}
	lock := flock.New(file+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, unusable(op, hint, err)
	}
	defer lock.Close()
	if key, err := readKey(file); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process instead
	atomicfile.Sweep(file)
	err := atomicfile.Write(file, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s%x\n", header, key)
		return err
	})
	if err != nil {
		return nil, unusable(op, hint, err)
	}
	return key, nil
}

// Folder is a Shelf of one file for each run.
type Folder string

func (f Folder) file(run string) string {
	return filepath.Join(string(f), hex.EncodeToString([]byte(run))+".key")
}

// Put keeps the key of a run.
func (f Folder) Put(run string, wrapped []byte) error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(f.file(run), func(w io.Writer) error { _, err := w.Write(wrapped); return err })
}

// Get returns the key of a run.
func (f Folder) Get(run string) ([]byte, error) { return os.ReadFile(f.file(run)) }

// Remove writes over the key of a run before the file goes, so that it does not
// lie in free blocks of a disk that writes in place.
func (f Folder) Remove(run string) error {
	file, err := os.OpenFile(f.file(run), os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, info.Size()))
	}
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Remove(f.file(run))
}
