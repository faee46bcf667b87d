package journaltest

import (
	"cmp"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"moonpost/engine/journal"
)

// world is what a store must hold, as simple maps.
type world struct {
	runs  []journal.Run // in the order in which they were begun
	steps map[string]map[uint64]journal.Step
	scope map[string]map[uint64]journal.Scope
	reads map[string]map[uint64]map[uint64]journal.Read
	jobs  map[string]map[uint64]journal.Job
	begun int
}

// model does random things to a store and to maps, and compares.
func model(r *rapid.T, open OpenFunc) {
	var opened []journal.Store
	defer func() {
		for _, s := range opened {
			must(r, "Close", s.Close())
		}
	}()
	ctx := r.Context()
	again := func() journal.Store {
		s, err := open(ctx)
		must(r, "open", err)
		opened = append(opened, s)
		return s
	}
	s := again()
	w := &world{
		steps: map[string]map[uint64]journal.Step{}, scope: map[string]map[uint64]journal.Scope{},
		reads: map[string]map[uint64]map[uint64]journal.Read{}, jobs: map[string]map[uint64]journal.Job{},
	}
	number := rapid.Uint64Range(1, 4)
	bytes := rapid.SliceOfN(rapid.Byte(), 1, 20)
	r.Repeat(map[string]func(*rapid.T){
		"begin": func(r *rapid.T) {
			w.begun++
			run := Sample(fmt.Sprint("r", w.begun))
			run.Owner = rapid.StringMatching(`[a-z]{0,3}`).Draw(r, "owner")
			must(r, "Begin", s.Begin(ctx, run, journal.Source{}))
			w.runs = append(w.runs, run)
		},
		"move": func(r *rapid.T) {
			i := w.any(r)
			run := &w.runs[i]
			m := journal.Move{
				ID: run.ID, From: rapid.SampledFrom(states).Draw(r, "from"), Epoch: rapid.Uint64Range(1, 3).Draw(r, "epoch"),
				To: rapid.SampledFrom(states).Draw(r, "to"), Owner: "x",
			}
			fits := run.State == m.From && run.Epoch == m.Epoch
			if fits {
				if run.State, run.Owner = m.To, ""; m.To == journal.Running {
					run.Owner, run.Epoch = m.Owner, run.Epoch+1
				}
			}
			got, err := s.Move(ctx, m)
			if !fits {
				wants(r, "Move", err, journal.ErrConflict)
				return
			}
			must(r, "Move", err)
			same(r, "Move", got, *run)
		},
		"write": func(r *rapid.T) {
			var changes []journal.Change
			for range rapid.IntRange(1, 3).Draw(r, "changes") {
				run := w.runs[w.any(r)]
				c := journal.Change{Run: run.ID, Epoch: rapid.Uint64Range(1, 2).Draw(r, "epoch")}
				for range rapid.IntRange(0, 2).Draw(r, "steps") {
					step := sampleStep(run.ID, number.Draw(r, "seq"), "ada")
					step.State = rapid.SampledFrom([]journal.StepState{journal.Intended, journal.Done, journal.Unknown}).Draw(r, "state")
					step.Result = bytes.Draw(r, "result")
					c.Steps = append(c.Steps, step)
				}
				if rapid.Bool().Draw(r, "more") {
					id := number.Draw(r, "scope")
					c.Scopes = append(c.Scopes, journal.Scope{Run: run.ID, ID: id, Key: "k", Nth: int(id), State: journal.ScopeOpen, Value: bytes.Draw(r, "value")})
					c.Reads = append(c.Reads, journal.Read{Run: run.ID, Scope: id, Seq: number.Draw(r, "read"), Fn: "Ping", Answer: bytes.Draw(r, "answer")})
					c.Jobs = append(c.Jobs, journal.Job{Run: run.ID, Seq: number.Draw(r, "job"), Fn: "VerifyStore", Token: "t", Started: begin})
				}
				if rapid.Bool().Draw(r, "forget") {
					c.Forget = []uint64{number.Draw(r, "forgotten")}
				}
				changes = append(changes, c)
			}
			for i, err := range s.Write(ctx, changes) {
				if w.write(changes[i]) {
					must(r, "Write", err)
				} else {
					wants(r, "Write", err, journal.ErrLost)
				}
			}
		},
		"remove": func(r *rapid.T) {
			i := w.any(r)
			run := w.runs[i]
			n, err := s.Remove(ctx, []string{run.ID})
			must(r, "Remove", err)
			if (n == 1) != (run.State != journal.Running) {
				r.Fatalf("Remove of a run that is %s = %d", run.State, n)
			}
			if n == 1 {
				w.runs = slices.Delete(w.runs, i, i+1)
				for _, forget := range []func(){
					func() { delete(w.steps, run.ID) }, func() { delete(w.scope, run.ID) },
					func() { delete(w.reads, run.ID) }, func() { delete(w.jobs, run.ID) },
				} {
					forget()
				}
			}
		},
		"reopen": func(r *rapid.T) {
			must(r, "Close", s.Close())
			s = again()
		},
		"": func(r *rapid.T) {
			newest := slices.Clone(w.runs)
			slices.Reverse(newest)
			same(r, "Runs", all(r, s.Runs(ctx, journal.RunFilter{})), newest)
			for _, run := range w.runs {
				same(r, "Steps", all(r, s.Steps(ctx, journal.StepFilter{Run: run.ID})), sorted(w.steps[run.ID]))
				same(r, "Scopes", all(r, s.Scopes(ctx, run.ID)), sorted(w.scope[run.ID]))
				same(r, "Jobs", all(r, s.Jobs(ctx, journal.JobFilter{Run: run.ID})), sorted(w.jobs[run.ID]))
				for scope := uint64(1); scope <= 4; scope++ {
					same(r, "Reads", all(r, s.Reads(ctx, run.ID, scope)), sorted(w.reads[run.ID][scope]))
				}
			}
			intact(r, s)
		},
	})
}

var states = []journal.State{journal.Running, journal.Interrupted, journal.Ended, journal.Closed}

// any draws a run; without one the action is not done.
func (w *world) any(r *rapid.T) int {
	if len(w.runs) == 0 {
		r.Skip("no run")
	}
	return rapid.IntRange(0, len(w.runs)-1).Draw(r, "run")
}

// write does a change to the maps, and reports whether its run may be written.
func (w *world) write(c journal.Change) bool {
	i := slices.IndexFunc(w.runs, func(run journal.Run) bool { return run.ID == c.Run })
	if w.runs[i].State != journal.Running || w.runs[i].Epoch != c.Epoch {
		return false
	}
	if w.steps[c.Run] == nil {
		w.steps[c.Run], w.scope[c.Run] = map[uint64]journal.Step{}, map[uint64]journal.Scope{}
		w.reads[c.Run], w.jobs[c.Run] = map[uint64]map[uint64]journal.Read{}, map[uint64]journal.Job{}
	}
	for _, v := range c.Scopes {
		w.scope[c.Run][v.ID] = v
	}
	for _, v := range c.Reads {
		if w.reads[c.Run][v.Scope] == nil {
			w.reads[c.Run][v.Scope] = map[uint64]journal.Read{}
		}
		w.reads[c.Run][v.Scope][v.Seq] = v
	}
	for _, v := range c.Steps {
		w.steps[c.Run][v.Seq] = v
	}
	for _, v := range c.Jobs {
		w.jobs[c.Run][v.Seq] = v
	}
	for _, scope := range c.Forget {
		delete(w.reads[c.Run], scope)
	}
	return true
}

func sorted[T any](rows map[uint64]T) []T {
	var keys []uint64
	for key := range rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, cmp.Compare)
	var list []T
	for _, key := range keys {
		list = append(list, rows[key])
	}
	return list
}
