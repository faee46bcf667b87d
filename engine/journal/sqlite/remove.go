package sqlite

import (
	"context"

	"moonpost/engine/journal"
)

// Remove forgets runs and gives their room back.
func (s *Store) Remove(ctx context.Context, ids []string) (int, error) {
	removed := 0
	err := s.transaction(ctx, func() error {
		last, err := s.newest(ctx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			st, err := s.statement(ctx, "DELETE FROM run WHERE id = ? AND state <> 'running'") // its rows go with it
			if err != nil {
				return err
			}
			result, err := st.ExecContext(ctx, id)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			removed++
			last = last.Remove(s.signer, id)
			if err := s.link(ctx, last); err != nil {
				return err
			}
		}
		return s.cut(ctx)
	})
	if err != nil {
		return 0, err
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, s.shrink(ctx)
}

// cut takes the links before the first one of a run that is there off the chain,
// and signs where it begins then.
func (s *Store) cut(ctx context.Context) error {
	var l linkRow
	found, err := s.one(ctx, l.into(), "SELECT "+linkColumns+` FROM link
		WHERE seq < coalesce((SELECT min(seq) FROM link WHERE run IN (SELECT id FROM run)), 1 << 62) ORDER BY seq DESC LIMIT 1`)
	if err != nil || !found {
		return err
	}
	at := l.link()
	proof := at.Anchor(s.signer)
	if err := s.exec(ctx, "UPDATE anchor SET seq = ?, sum = ?, proof = ?", at.Seq, at.Sum[:], proof[:]); err != nil {
		return err
	}
	return s.exec(ctx, "DELETE FROM link WHERE seq <= ?", at.Seq)
}

// shrink gives free pages back to the system, and then the log.
func (s *Store) shrink(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return journal.ErrClosed
	}
	for _, pragma := range []string{"PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		// Their rows are to be read to the end: each frees a page.
		rows, err := s.conn.QueryContext(ctx, pragma)
		if err != nil {
			return s.unusable("shrink", err)
		}
		for rows.Next() {
		}
		if err := rows.Err(); err != nil {
			return s.unusable("shrink", err)
		}
	}
	return nil
}

// Size returns the bytes in use.
func (s *Store) Size(ctx context.Context) (int64, error) {
	return first(rows(ctx, s, `SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`, nil, func() ([]any, func() int64) {
		var size int64
		return []any{&size}, func() int64 { return size }
	}))
}
