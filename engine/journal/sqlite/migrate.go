package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"

	"moonpost/engine/fault"
	"moonpost/engine/journal"
)

// migrations are numbered from 1; the file says how many it has in user_version.
//
//go:embed migrations/*.sql
var migrations embed.FS

// application marks the file as a journal: "mpst".
const application = 0x6d707374

// oldest is the first SQLite without a race in the log that could damage a
// file under several connections (3.7.0 to 3.51.2).
const oldest = "3.51.3"

// newest is the number of migrations.
func newest() int {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err) // embedded
	}
	return len(entries)
}

// migrate brings the file to the form of this version, or refuses it.
func (s *Store) migrate(ctx context.Context) error {
	version, err := s.version(ctx, s.write)
	if err != nil || version == newest() {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return s.unusable("migrate", err)
	}
	defer func() { _ = tx.Rollback() }()
	version, err = s.version(ctx, tx) // another process may have been faster
	if err != nil {
		return err
	}
	for version < newest() {
		version++
		text, err := migrations.ReadFile(fmt.Sprintf("migrations/%04d.sql", version))
		if err != nil {
			panic(err) // embedded
		}
		for _, statement := range []string{
			string(text), fmt.Sprintf("PRAGMA user_version = %d", version), fmt.Sprintf("PRAGMA application_id = %d", application),
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return s.unusable("migrate", err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		return s.unusable("migrate", err)
	}
	return nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version returns how many migrations the file has. It refuses what is no
// journal of this version or an older one.
func (s *Store) version(ctx context.Context, q querier) (int, error) {
	var library string
	var version, id, tables int
	err := q.QueryRowContext(ctx, `SELECT sqlite_version(), user_version, application_id, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_user_version, pragma_application_id`).Scan(&library, &version, &id, &tables)
	op := "open " + s.name
	switch {
	case err != nil:
		return 0, s.unusable("open", err)
	case !atLeast(library, oldest):
		return 0, &fault.Error{
			Kind: fault.State, Op: op,
			Message: fmt.Sprintf("the program was built with SQLite %s, which may damage files; it needs %s", library, oldest),
		}
	case id != application && (version != 0 || tables != 0):
		return 0, &fault.Error{
			Kind: fault.State, Op: op, Message: "this file belongs to another program",
			Hint: "choose another folder with --state",
		}
	case version > newest():
		return 0, &fault.Error{
			Kind: fault.State, Op: op, Err: journal.ErrNewer,
			Message: fmt.Sprintf("the file has form %d, and this version knows %d", version, newest()),
			Hint:    "use the newer moonpost, or choose another folder with --state",
		}
	}
	return version, nil
}

// atLeast compares versions of three numbers.
func atLeast(version, want string) bool {
	var v, w [3]int
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &v[0], &v[1], &v[2])
	_, _ = fmt.Sscanf(want, "%d.%d.%d", &w[0], &w[1], &w[2])
	for i := range v {
		if v[i] != w[i] {
			return v[i] > w[i]
		}
	}
	return true
}
