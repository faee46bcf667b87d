package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"moonpost/engine/journal"
)

// micro is a time as it is stored, nil for none.
func micro(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// when is a stored time.
type when struct{ sql.NullInt64 }

func (w when) time() time.Time {
	if !w.Valid {
		return time.Time{}
	}
	return time.UnixMicro(w.Int64).UTC()
}

// list is texts as they are stored, nil for none.
func list(texts []string) any {
	if len(texts) == 0 {
		return nil
	}
	data, err := json.Marshal(texts)
	if err != nil {
		panic(err) // texts are always JSON
	}
	return string(data)
}

type listColumn struct{ texts []string }

// Scan reads a stored list.
func (l *listColumn) Scan(from any) error {
	switch from := from.(type) {
	case string:
		return json.Unmarshal([]byte(from), &l.texts)
	case []byte:
		return json.Unmarshal(from, &l.texts)
	}
	l.texts = nil
	return nil
}

// digest reads a stored hash of the right size; another size is a damaged file,
// and gives the zero hash, which belongs to nothing.
type digest []byte

func (d digest) digest() journal.Digest {
	if len(d) != len(journal.Digest{}) {
		return journal.Digest{}
	}
	return journal.Digest(d)
}

const runColumns = "id, state, epoch, owner, playbook, target, instance, started, code, metadata, ended, outcome, exit, counts, error"

type runRow struct {
	journal.Run
	started, ended when
	counts, error  []byte
}

func (r *runRow) into() []any {
	return []any{
		&r.ID, (*string)(&r.State), &r.Epoch, &r.Owner, &r.Playbook, &r.Target, &r.Instance, &r.started, &r.Code, &r.Metadata,
		&r.ended, &r.End.Outcome, &r.End.Exit, &r.counts, &r.error,
	}
}

func (r *runRow) run() journal.Run {
	r.Started, r.End.At, r.End.Counts, r.End.Error = r.started.time(), r.ended.time(), r.counts, r.error
	return r.Run
}

// The columns of a step, and those of a brief one.
const (
	stepColumns = `run.id, seq, scope, step.target, fn, key, args, nth, names, objects, step.epoch, attempt, intended,
		step.state, step.ended, proof, evidence, step.error, before, result`
	briefColumns = `run.id, seq, scope, step.target, fn, key, args, nth, NULL, NULL, step.epoch, attempt, NULL,
		step.state, NULL, '', '', NULL, NULL, NULL`
)

type stepRow struct {
	journal.Step
	args            digest
	names, objects  listColumn
	intended, ended when
}

func (r *stepRow) into() []any {
	return []any{
		&r.Run, &r.Seq, &r.Scope, &r.Target, &r.Fn, &r.Key, &r.args, &r.Nth, &r.names, &r.objects, &r.Epoch, &r.Attempt, &r.intended,
		(*string)(&r.State), &r.ended, (*string)(&r.By), &r.Evidence, &r.Error, &r.Before, &r.Result,
	}
}

func (r *stepRow) step(same texts) journal.Step {
	r.Args, r.Names, r.Objects = r.args.digest(), r.names.texts, r.objects.texts
	r.Intended, r.Ended = r.intended.time(), r.ended.time()
	for _, text := range []*string{&r.Run, &r.Target, &r.Fn, &r.Evidence, (*string)(&r.State), (*string)(&r.By)} {
		*text = same.text(*text)
	}
	for i := range r.Names {
		r.Names[i] = same.text(r.Names[i])
	}
	return r.Step
}

// texts keeps one copy of texts that stand in many rows.
type texts map[string]string

func (t texts) text(s string) string {
	if known, ok := t[s]; ok {
		return known
	}
	if len(t) < 1000 {
		t[s] = s
	}
	return s
}

const (
	linkColumns  = "seq, run, step, state, digest, sum"
	anchorAsLink = "SELECT seq, '', 0, '', x'', sum FROM anchor"
)

type linkRow struct {
	journal.Link
	digest, sum digest
}

func (r *linkRow) into() []any {
	return []any{&r.Seq, &r.Run, &r.Step, (*string)(&r.State), &r.digest, &r.sum}
}

func (r *linkRow) link() journal.Link {
	r.Digest, r.Sum = r.digest.digest(), r.sum.digest()
	return r.Link
}

// anchored is where the chain begins.
type anchored struct {
	link  journal.Link
	proof journal.Digest
}

// anchor reads where the chain begins and which key signed it.
func (s *Store) anchor(ctx context.Context, q querier, signer *string) (anchored, error) {
	var a anchored
	var sum, proof digest
	err := q.QueryRowContext(ctx, "SELECT signer, seq, sum, proof FROM anchor").Scan(signer, &a.link.Seq, &sum, &proof)
	a.link.Sum, a.proof = sum.digest(), proof.digest()
	return a, err
}
