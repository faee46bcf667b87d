// Package sqlite keeps the journal in a file of the state folder. Start at Open.
// It promises that what Write has returned is on disk (WAL, synchronous FULL),
// that several processes may use one folder, and that a file of another program,
// of a newer version or with another state key is left as it is.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver

	"moonpost/engine/fault"
	"moonpost/engine/journal"
)

// File is the name of the journal in its folder.
const File = "journal.db"

// Store is a journal.Store in one SQLite file.
type Store struct {
	name   string
	signer journal.Signer
	write  *sql.DB
	read   *sql.DB // connections that cannot write

	mu         sync.Mutex // held while conn is used
	conn       *sql.Conn  // the one that writes
	statements map[string]*sql.Stmt
	closed     bool
}

// Exists reports whether there is a journal in a folder.
func Exists(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, File))
	return !errors.Is(err, fs.ErrNotExist)
}

// Open opens the journal of a folder, or makes a new one. signer is the state
// key; nil opens one that can be listed, where every change is ErrKey.
//
// Errors are of kind state. With ErrNewer in the chain: a newer version made the
// journal. With ErrKey: another state key did.
func Open(ctx context.Context, folder string, signer journal.Signer) (*Store, error) {
	s := &Store{name: filepath.Join(folder, File), signer: signer, statements: map[string]*sql.Stmt{}}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, s.unusable("open", err)
	}
	if err := s.open(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Pragmas of every connection. Waiting for another process is long, because the
// alternative is to give the run up; a commit takes it milliseconds.
const (
	pragmas      = "_pragma=busy_timeout(20000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)"
	writePragmas = pragmas + "&_txlock=immediate"
	readPragmas  = pragmas + "&_pragma=query_only(ON)"
)

func (s *Store) open(ctx context.Context) error {
	if err := s.create(ctx); err != nil {
		return err
	}
	var err error
	if s.write == nil {
		if s.write, err = s.connect(writePragmas); err != nil {
			return err
		}
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = s.connect(readPragmas); err != nil {
		return err
	}
	s.read.SetMaxIdleConns(2)
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.checkKey(ctx); err != nil {
		return err
	}
	if s.conn, err = s.write.Conn(ctx); err != nil {
		return s.unusable("open", err)
	}
	return nil
}

func (s *Store) connect(pragmas string) (*sql.DB, error) {
	// The path is part of a URI, in which a folder may be called "50%?".
	name := (&url.URL{Path: filepath.ToSlash(s.name)}).EscapedPath()
	if !strings.HasPrefix(name, "/") && filepath.VolumeName(s.name) != "" {
		name = "/" + name
	}
	db, err := sql.Open("sqlite", "file:"+name+"?"+pragmas)
	if err != nil {
		return nil, s.unusable("open", err)
	}
	return db, nil
}

// create makes the file in the form that cannot be changed later: pages that
// are given back, and a log beside it. A lock keeps two processes from doing it
// at once, which SQLite answers with an error and not by waiting.
func (s *Store) create(ctx context.Context) error {
	if info, err := os.Stat(s.name); err == nil && info.Size() > 0 {
		return nil
	}
	lock := flock.New(s.name+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return s.unusable("make", err)
	}
	defer lock.Close()
	// Made here, so that nobody else can read it, nor what SQLite puts beside it.
	file, err := os.OpenFile(s.name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return s.unusable("make", err)
	}
	_ = file.Close()
	if s.write, err = s.connect(writePragmas); err != nil {
		return err
	}
	for _, pragma := range []string{"PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL"} {
		if _, err := s.write.ExecContext(ctx, pragma); err != nil {
			return s.unusable("make", err)
		}
	}
	return s.migrate(ctx)
}

// checkKey compares the state key with the one that the journal was made with.
func (s *Store) checkKey(ctx context.Context) error {
	if s.signer == nil {
		return nil
	}
	var signer string
	a, err := s.anchor(ctx, s.write, &signer)
	if errors.Is(err, sql.ErrNoRows) {
		proof := journal.Link{}.Anchor(s.signer)
		var zero journal.Digest
		_, err = s.write.ExecContext(ctx, "INSERT OR IGNORE INTO anchor VALUES (1, ?, 0, ?, ?)", s.signer.ID(), zero[:], proof[:])
		if err == nil {
			a, err = s.anchor(ctx, s.write, &signer)
		}
	}
	if err != nil {
		return s.unusable("open", err)
	}
	if signer != s.signer.ID() || a.proof != a.link.Anchor(s.signer) {
		return &fault.Error{
			Kind: fault.State, Op: "open " + s.name, Err: journal.ErrKey,
			Hint: "restore the state key that belongs to the journal, or choose another folder with --state",
		}
	}
	return nil
}

// Close lets go of the file.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, statement := range s.statements {
		errs = append(errs, statement.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return s.unusable("close", err)
	}
	return nil
}
