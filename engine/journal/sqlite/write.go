package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"moonpost/engine/fault"
	"moonpost/engine/journal"
)

// transaction runs do in one transaction, and returns when it is on disk.
func (s *Store) transaction(ctx context.Context, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return journal.ErrClosed
	}
	if s.signer == nil {
		return &fault.Error{
			Kind: fault.State, Op: "write " + s.name, Err: journal.ErrKey, Message: "without the state key the journal can be listed only",
			Hint: "restore the state key",
		}
	}
	if err := s.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return s.unusable("write", err)
	}
	err := do()
	if err == nil {
		err = s.exec(ctx, "COMMIT")
	}
	if err == nil {
		return nil
	}
	_ = s.exec(context.Background(), "ROLLBACK") // fails where SQLite did it already
	if errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrNotFound) {
		return err
	}
	return s.unusable("write", err)
}

// statement prepares a statement of the write connection once.
func (s *Store) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := s.statements[query]; st != nil {
		return st, nil
	}
	st, err := s.conn.PrepareContext(ctx, query)
	if err == nil {
		s.statements[query] = st
	}
	return st, err
}

func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	st, err := s.statement(ctx, query)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

// one reads one row; found is false where there is none.
func (s *Store) one(ctx context.Context, into []any, query string, args ...any) (found bool, err error) {
	st, err := s.statement(ctx, query)
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Begin adds a run.
func (s *Store) Begin(ctx context.Context, run journal.Run, source journal.Source) error {
	data, err := json.Marshal(source)
	if err != nil {
		return s.unusable("write", err)
	}
	return s.transaction(ctx, func() error {
		var n int
		if found, err := s.one(ctx, []any{&n}, "SELECT 1 FROM run WHERE id = ?", run.ID); err != nil || found {
			return errors.Join(err, conflictIf(found))
		}
		err := s.exec(ctx, `INSERT INTO run (id, state, epoch, owner, playbook, target, instance, started, code, metadata)
			VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)`,
			run.ID, string(journal.Running), run.Owner, run.Playbook, run.Target, run.Instance, micro(run.Started), run.Code, run.Metadata)
		if err != nil {
			return err
		}
		return s.exec(ctx, "INSERT INTO source (run, data) SELECT num, ? FROM run WHERE id = ?", data, run.ID)
	})
}

func conflictIf(conflict bool) error {
	if conflict {
		return journal.ErrConflict
	}
	return nil
}

// Move takes a run from one state to another.
func (s *Store) Move(ctx context.Context, m journal.Move) (journal.Run, error) {
	var moved journal.Run
	err := s.transaction(ctx, func() error {
		st, err := s.statement(ctx, `UPDATE run SET
			state = ?1, epoch = epoch + (?1 = 'running'), owner = CASE WHEN ?1 = 'running' THEN ?2 ELSE '' END
			WHERE id = ?3 AND state = ?4 AND epoch = ?5`)
		if err != nil {
			return err
		}
		result, err := st.ExecContext(ctx, string(m.To), m.Owner, m.ID, string(m.From), m.Epoch)
		if err != nil {
			return err
		}
		if rows, err := result.RowsAffected(); err != nil || rows != 1 {
			_, missing := s.runOn(ctx, m.ID)
			return errors.Join(err, missing, conflictIf(missing == nil))
		}
		if m.End != nil {
			e := m.End
			err := s.exec(ctx, "UPDATE run SET ended = ?, outcome = ?, exit = ?, counts = ?, error = ? WHERE id = ?",
				micro(e.At), e.Outcome, e.Exit, []byte(e.Counts), []byte(e.Error), m.ID)
			if err != nil {
				return err
			}
		}
		moved, err = s.runOn(ctx, m.ID)
		return err
	})
	if err != nil {
		return journal.Run{}, err
	}
	return moved, nil
}

// runOn reads a run with the write connection.
func (s *Store) runOn(ctx context.Context, id string) (journal.Run, error) {
	var row runRow
	found, err := s.one(ctx, row.into(), "SELECT "+runColumns+" FROM run WHERE id = ?", id)
	if err == nil && !found {
		err = journal.ErrNotFound
	}
	return row.run(), err
}

// Write puts changes on disk with one commit.
func (s *Store) Write(ctx context.Context, changes []journal.Change) []error {
	errs := make([]error, len(changes))
	err := s.transaction(ctx, func() error {
		b := batch{Store: s, held: map[holder]int64{}}
		for i := range changes {
			num, err := b.number(ctx, &changes[i])
			if err != nil {
				return err
			}
			if num == 0 {
				errs[i] = journal.ErrLost
				continue
			}
			if err := b.write(ctx, num, &changes[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
	}
	return errs
}

// batch is one transaction of changes.
type batch struct {
	*Store
	held   map[holder]int64
	last   journal.Link
	linked bool // last is known
}

type holder struct {
	run   string
	epoch uint64
}

// number returns the number of the run, 0 when the change's epoch does not hold
// it. Within the transaction nobody can take it away.
func (b *batch) number(ctx context.Context, c *journal.Change) (int64, error) {
	at := holder{c.Run, c.Epoch}
	if num, known := b.held[at]; known {
		return num, nil
	}
	var num int64
	_, err := b.one(ctx, []any{&num}, "SELECT num FROM run WHERE id = ? AND epoch = ? AND state = 'running'", c.Run, c.Epoch)
	b.held[at] = num
	return num, err
}

func (b *batch) write(ctx context.Context, num int64, c *journal.Change) error {
	for i := range c.Scopes {
		v := &c.Scopes[i]
		err := b.exec(ctx, "INSERT OR REPLACE INTO scope (run, id, parent, key, nth, state, plain, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			num, v.ID, v.Parent, v.Key, v.Nth, string(v.State), v.Plain, v.Value)
		if err != nil {
			return err
		}
	}
	for i := range c.Reads {
		v := &c.Reads[i]
		err := b.exec(ctx, "INSERT OR REPLACE INTO read (run, scope, seq, target, fn, args, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
			num, v.Scope, v.Seq, v.Target, v.Fn, v.Args[:], v.Answer)
		if err != nil {
			return err
		}
	}
	for i := range c.Steps {
		if err := b.step(ctx, num, &c.Steps[i]); err != nil {
			return err
		}
	}
	for i := range c.Jobs {
		v := &c.Jobs[i]
		err := b.exec(ctx, `INSERT OR REPLACE INTO job (run, seq, step, target, fn, label, token, version, status, started, ended)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			num, v.Seq, v.Step, v.Target, v.Fn, v.Label, v.Token, v.Version, v.Status, micro(v.Started), micro(v.Ended))
		if err != nil {
			return err
		}
	}
	for _, scope := range c.Forget {
		if err := b.exec(ctx, "DELETE FROM read WHERE run = ? AND scope = ?", num, scope); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) step(ctx context.Context, num int64, v *journal.Step) error {
	// Replacing would take the row out and put it in again, with its index.
	err := b.exec(ctx, `INSERT INTO step (run, seq, scope, target, fn, key, args, nth, names, objects, before, epoch, attempt, intended,
			state, ended, proof, evidence, result, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET objects = excluded.objects, before = excluded.before, epoch = excluded.epoch,
			attempt = excluded.attempt, intended = excluded.intended, state = excluded.state, ended = excluded.ended,
			proof = excluded.proof, evidence = excluded.evidence, result = excluded.result, error = excluded.error`,
		num, v.Seq, v.Scope, v.Target, v.Fn, v.Key, v.Args[:], v.Nth, list(v.Names), list(v.Objects), v.Before, v.Epoch, v.Attempt,
		micro(v.Intended), string(v.State), micro(v.Ended), string(v.By), v.Evidence, v.Result, v.Error)
	if err != nil {
		return err
	}
	if !b.linked {
		if b.last, err = b.newest(ctx); err != nil {
			return err
		}
		b.linked = true
	}
	b.last = b.last.Follow(b.signer, v)
	return b.link(ctx, b.last)
}

// newest returns the last link, read with the write connection.
func (s *Store) newest(ctx context.Context) (journal.Link, error) {
	var l linkRow
	found, err := s.one(ctx, l.into(), "SELECT "+linkColumns+" FROM link ORDER BY seq DESC LIMIT 1")
	if err != nil || found {
		return l.link(), err
	}
	_, err = s.one(ctx, l.into(), anchorAsLink)
	return l.link(), err
}

func (s *Store) link(ctx context.Context, l journal.Link) error {
	return s.exec(ctx, "INSERT INTO link (seq, run, step, state, digest, sum) VALUES (?, ?, ?, ?, ?, ?)",
		l.Seq, l.Run, l.Step, string(l.State), l.Digest[:], l.Sum[:])
}
