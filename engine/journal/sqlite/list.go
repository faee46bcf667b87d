package sqlite

import (
	"context"
	"encoding/json"
	"iter"
	"strings"

	"moonpost/engine/journal"
)

// question puts a query together from the conditions that are asked for.
type question struct {
	where []string
	args  []any
}

func (q *question) and(condition string, args ...any) {
	q.where, q.args = append(q.where, condition), append(q.args, args...)
}

func in[T ~string](q *question, column string, values []T) {
	if len(values) == 0 {
		return
	}
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = "?"
		q.args = append(q.args, string(v))
	}
	q.where = append(q.where, column+" IN ("+strings.Join(marks, ", ")+")")
}

func (q *question) text(from, order string, limit int) (string, []any) {
	text := from
	if len(q.where) > 0 {
		text += " WHERE " + strings.Join(q.where, " AND ")
	}
	text += " ORDER BY " + order
	if limit > 0 {
		text += " LIMIT ?"
		q.args = append(q.args, limit)
	}
	return text, q.args
}

// rows reads rows one by one: row gives where a row goes to and what becomes of
// it then.
func rows[T any](ctx context.Context, s *Store, query string, args []any, row func() ([]any, func() T)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if closed {
			yield(none, journal.ErrClosed)
			return
		}
		found, err := s.read.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, s.unusable("read", err))
			return
		}
		defer found.Close()
		for found.Next() {
			into, made := row()
			if err := found.Scan(into...); err != nil {
				yield(none, s.unusable("read", err))
				return
			}
			if !yield(made(), nil) {
				return
			}
		}
		if err := found.Err(); err != nil {
			yield(none, s.unusable("read", err))
		}
	}
}

// first returns the first of a sequence, ErrNotFound where there is none.
func first[T any](all iter.Seq2[T, error]) (T, error) {
	for v, err := range all {
		return v, err
	}
	var none T
	return none, journal.ErrNotFound
}

func runs(ctx context.Context, s *Store, query string, args ...any) iter.Seq2[journal.Run, error] {
	return rows(ctx, s, query, args, func() ([]any, func() journal.Run) {
		r := &runRow{}
		return r.into(), r.run
	})
}

// Run returns one run.
func (s *Store) Run(ctx context.Context, id string) (journal.Run, error) {
	return first(runs(ctx, s, "SELECT "+runColumns+" FROM run WHERE id = ?", id))
}

// Source returns what a run was started with.
func (s *Store) Source(ctx context.Context, id string) (journal.Source, error) {
	data, err := first(rows(ctx, s, "SELECT data FROM source WHERE run = (SELECT num FROM run WHERE id = ?)", []any{id}, func() ([]any, func() []byte) {
		var data []byte
		return []any{&data}, func() []byte { return data }
	}))
	var source journal.Source
	if err == nil {
		if err = json.Unmarshal(data, &source); err != nil {
			err = s.unusable("read", err)
		}
	}
	return source, err
}

// ofObject asks for steps that are about an object.
const ofObject = "(key <> '' AND key = ? OR objects IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(objects) WHERE value = ?))"

// Runs returns runs, newest first.
func (s *Store) Runs(ctx context.Context, f journal.RunFilter) iter.Seq2[journal.Run, error] {
	q := &question{}
	in(q, "state", f.States)
	if f.Playbook != "" {
		q.and("playbook = ?", f.Playbook)
	}
	if f.Target != "" {
		q.and("target = ?", f.Target)
	}
	if f.Object != "" {
		q.and("num IN (SELECT run FROM step WHERE "+ofObject+")", f.Object, f.Object)
	}
	if !f.Before.IsZero() {
		q.and("started < ?", f.Before.UnixMicro())
	}
	query, args := q.text("SELECT "+runColumns+" FROM run", "num DESC", f.Limit)
	return runs(ctx, s, query, args...)
}

// Steps returns steps.
func (s *Store) Steps(ctx context.Context, f journal.StepFilter) iter.Seq2[journal.Step, error] {
	q := &question{}
	if f.Run != "" {
		q.and("step.run = (SELECT num FROM run WHERE id = ?)", f.Run)
	}
	if f.Seq != 0 {
		q.and("seq = ?", f.Seq)
	}
	in(q, "step.state", f.States)
	if f.Fn != "" {
		q.and("fn = ?", f.Fn)
	}
	if f.Object != "" {
		q.and(ofObject, f.Object, f.Object)
	}
	columns := stepColumns
	if f.Brief {
		columns = briefColumns
	}
	query, args := q.text("SELECT "+columns+" FROM step JOIN run ON run.num = step.run", "step.run DESC, seq", f.Limit)
	same := texts{}
	return rows(ctx, s, query, args, func() ([]any, func() journal.Step) {
		r := &stepRow{}
		return r.into(), func() journal.Step { return r.step(same) }
	})
}

// Scopes returns the scopes of a run; an outer one has a lower number.
func (s *Store) Scopes(ctx context.Context, run string) iter.Seq2[journal.Scope, error] {
	const query = "SELECT id, parent, key, nth, state, plain, value FROM scope WHERE run = (SELECT num FROM run WHERE id = ?) ORDER BY id"
	return rows(ctx, s, query, []any{run}, func() ([]any, func() journal.Scope) {
		v := &journal.Scope{Run: run}
		return []any{&v.ID, &v.Parent, &v.Key, &v.Nth, (*string)(&v.State), &v.Plain, &v.Value}, func() journal.Scope { return *v }
	})
}

// Reads returns the recorded reads of a scope.
func (s *Store) Reads(ctx context.Context, run string, scope uint64) iter.Seq2[journal.Read, error] {
	const query = "SELECT seq, target, fn, args, answer FROM read WHERE run = (SELECT num FROM run WHERE id = ?) AND scope = ? ORDER BY seq"
	return rows(ctx, s, query, []any{run, scope}, func() ([]any, func() journal.Read) {
		v, args := &journal.Read{Run: run, Scope: scope}, digest(nil)
		return []any{&v.Seq, &v.Target, &v.Fn, &args, &v.Answer}, func() journal.Read {
			v.Args = args.digest()
			return *v
		}
	})
}

// Jobs returns long-running calls.
func (s *Store) Jobs(ctx context.Context, f journal.JobFilter) iter.Seq2[journal.Job, error] {
	q := &question{}
	if f.Run != "" {
		q.and("job.run = (SELECT num FROM run WHERE id = ?)", f.Run)
	}
	if f.Open {
		q.and("job.ended IS NULL")
	}
	query, args := q.text(`SELECT run.id, seq, step, job.target, fn, label, token, version, status, job.started, job.ended
		FROM job JOIN run ON run.num = job.run`, "job.run DESC, seq", f.Limit)
	return rows(ctx, s, query, args, func() ([]any, func() journal.Job) {
		var started, ended when
		v := &journal.Job{}
		into := []any{&v.Run, &v.Seq, &v.Step, &v.Target, &v.Fn, &v.Label, &v.Token, &v.Version, &v.Status, &started, &ended}
		return into, func() journal.Job {
			v.Started, v.Ended = started.time(), ended.time()
			return *v
		}
	})
}

func links(ctx context.Context, s *Store, query string) iter.Seq2[journal.Link, error] {
	return rows(ctx, s, query, nil, func() ([]any, func() journal.Link) {
		l := &linkRow{}
		return l.into(), l.link
	})
}

// Links returns the audit chain, its anchor first.
func (s *Store) Links(ctx context.Context) iter.Seq2[journal.Link, error] {
	return links(ctx, s, anchorAsLink+" UNION ALL SELECT "+linkColumns+" FROM link ORDER BY seq")
}

// Last returns the newest link.
func (s *Store) Last(ctx context.Context) (journal.Link, error) {
	return first(links(ctx, s, anchorAsLink+" UNION ALL SELECT * FROM (SELECT "+linkColumns+" FROM link ORDER BY seq DESC LIMIT 1) ORDER BY seq DESC"))
}
