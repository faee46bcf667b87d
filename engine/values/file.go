package values

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"moonpost/engine/atomicfile"
	"moonpost/engine/fault"
)

// Store keeps the values of one owner in a file of the state folder, which only
// the user can read. It is safe for concurrent use, also by other processes: a
// lock beside the file is held while it is read or written, and a write
// replaces the file at once.
//
// Its errors are of kind state when the folder or the file cannot be used.
type Store struct {
	folder func() (string, error)
	owner  Owner
}

// New returns the values of an owner. folder names the state folder, which may
// not exist yet; it is asked when a value is.
func New(folder func() (string, error), owner Owner) *Store {
	return &Store{folder: folder, owner: owner}
}

// file is the form on disk. The owner is there for people.
type file struct {
	Owner
	Values table `json:"values"`
}

// Get returns the JSON of a value, nil when there is none.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	name, err := s.name()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nothing was ever kept, and a look leaves no folder behind
	}
	var value []byte
	err = locked(ctx, name, func() error {
		kept, err := read(name)
		value = kept[key]
		return err
	})
	return value, err
}

// Set keeps a value; nil removes it.
func (s *Store) Set(ctx context.Context, key string, value []byte) error {
	name, err := s.name()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return unusable(err, "")
	}
	return locked(ctx, name, func() error {
		kept, err := read(name)
		if err != nil {
			return err
		}
		if err := kept.put(key, value); err != nil {
			return err
		}
		return s.write(name, kept)
	})
}

// name returns the file of the owner: its playbook's name for people, and a
// digest that tells owners apart.
func (s *Store) name() (string, error) {
	folder, err := s.folder()
	if err != nil {
		return "", unusable(err, "")
	}
	id, err := json.Marshal(s.owner)
	if err != nil {
		return "", unusable(err, "")
	}
	sum := sha256.Sum256(id)
	base := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, strings.TrimSuffix(filepath.Base(s.owner.Playbook), ".lua"))
	return filepath.Join(folder, "values", base[:min(len(base), 40)]+"-"+hex.EncodeToString(sum[:8])+".json"), nil
}

// locked runs do while no other process works on the file.
func locked(ctx context.Context, name string, do func() error) error {
	lock := flock.New(strings.TrimSuffix(name, ".json")+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return unusable(err, "")
	}
	defer lock.Close()
	return do()
}

// read returns the values of a file, none where there is no file.
func read(name string) (table, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return table{}, nil
	}
	if err != nil {
		return nil, unusable(err, "")
	}
	defer f.Close()
	const most = 4 * MaxAll // of JSON that escapes and indents
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, unusable(err, "")
	}
	kept := file{}
	if err := json.Unmarshal(text, &kept); err != nil || len(text) > most {
		return nil, unusable(fmt.Errorf("%s does not hold the values of a playbook", name), "remove the file; what it kept is lost")
	}
	if kept.Values == nil {
		kept.Values = table{}
	}
	return kept.Values, nil
}

// write replaces the file by one with these values. The caller holds its lock.
func (s *Store) write(name string, kept table) error {
	atomicfile.Sweep(name)
	err := atomicfile.Write(name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(file{s.owner, kept})
	})
	if err != nil {
		return unusable(err, "")
	}
	return nil
}

func unusable(err error, hint string) error {
	return &fault.Error{Kind: fault.State, Message: "the state cannot be used", Hint: hint, Err: err}
}
