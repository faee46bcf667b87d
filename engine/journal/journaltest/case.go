package journaltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"moonpost/engine/journal"
)

func begun(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	source := journal.Source{
		Files: []journal.File{{Name: "users.lua", Text: "api.Ping()\n"}, {Name: "names.lua", Text: "return {}"}},
		Args:  []string{"a", ""}, Inputs: []journal.Input{
			{Name: "role", Value: json.RawMessage(`"login"`)}, {Name: "password", From: "prompt"}, {Name: "users", From: "u.csv", Digest: []byte{9}},
		},
	}
	must(t, "Begin", s.Begin(ctx, Sample("r1"), source))
	wants(t, "Begin of a run that is there", s.Begin(ctx, Sample("r1"), source), journal.ErrConflict)
	for _, s := range []journal.Store{s, open(t)} {
		run, err := s.Run(ctx, "r1")
		must(t, "Run", err)
		same(t, "Run", run, Sample("r1"))
		got, err := s.Source(ctx, "r1")
		must(t, "Source", err)
		same(t, "Source", got, source)
	}
	_, err := s.Run(ctx, "r2")
	wants(t, "Run of none", err, journal.ErrNotFound)
	_, err = s.Source(ctx, "r2")
	wants(t, "Source of none", err, journal.ErrNotFound)
}

func moved(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	must(t, "Begin", s.Begin(ctx, Sample("r1"), journal.Source{}))
	end := journal.End{At: begin.Add(time.Hour), Outcome: "failed", Exit: 3, Counts: json.RawMessage(`{"calls":1}`), Error: json.RawMessage(`{}`)}
	for _, m := range []journal.Move{
		{ID: "r1", From: journal.Interrupted, Epoch: 1, To: journal.Running},
		{ID: "r1", From: journal.Running, Epoch: 2, To: journal.Ended},
		{ID: "r1", From: journal.Running, Epoch: 0, To: journal.Ended},
	} {
		_, err := s.Move(ctx, m)
		wants(t, fmt.Sprintf("Move %+v", m), err, journal.ErrConflict)
	}
	_, err := s.Move(ctx, journal.Move{ID: "r9", From: journal.Running, Epoch: 1, To: journal.Ended})
	wants(t, "Move of none", err, journal.ErrNotFound)

	want := Sample("r1")
	want.State, want.Owner, want.End = journal.Ended, "", end
	run, err := s.Move(ctx, journal.Move{ID: "r1", From: journal.Running, Epoch: 1, To: journal.Ended, End: &end})
	must(t, "Move to ended", err)
	same(t, "the ended run", run, want)
	want.State, want.Owner, want.Epoch = journal.Running, "o2", 2
	run, err = s.Move(ctx, journal.Move{ID: "r1", From: journal.Ended, Epoch: 1, To: journal.Running, Owner: "o2"})
	must(t, "Move to running", err)
	same(t, "the run that was taken", run, want)
	run, err = open(t).Run(ctx, "r1")
	must(t, "Run", err)
	same(t, "the run on disk", run, want)
}

func taken(t *testing.T, open opening) {
	ctx := t.Context()
	first := open(t)
	must(t, "Begin", first.Begin(ctx, Sample("r1"), journal.Source{}))
	var winners atomic.Int32
	var group sync.WaitGroup
	for i := range 8 {
		s := first
		if i%2 == 0 {
			s = open(t)
		}
		group.Go(func() {
			_, err := s.Move(ctx, journal.Move{ID: "r1", From: journal.Running, Epoch: 1, To: journal.Running, Owner: fmt.Sprint("o", i)})
			switch {
			case err == nil:
				winners.Add(1)
			case !errors.Is(err, journal.ErrConflict):
				t.Errorf("Move: error %v, want %v", err, journal.ErrConflict)
			}
		})
	}
	group.Wait()
	if winners.Load() != 1 {
		t.Errorf("%d of 8 took the run, want 1", winners.Load())
	}
}

func held(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	for _, id := range []string{"r1", "r2", "r3"} {
		must(t, "Begin", s.Begin(ctx, Sample(id), journal.Source{}))
	}
	_, err := s.Move(ctx, journal.Move{ID: "r2", From: journal.Running, Epoch: 1, To: journal.Running, Owner: "o2"})
	must(t, "Move", err)
	_, err = s.Move(ctx, journal.Move{ID: "r3", From: journal.Running, Epoch: 1, To: journal.Ended})
	must(t, "Move", err)
	change := func(run string) journal.Change {
		return journal.Change{Run: run, Epoch: 1, Steps: []journal.Step{sampleStep(run, 1, "ada")}}
	}
	errs := s.Write(ctx, []journal.Change{change("r1"), change("r2"), change("r3"), change("r4")})
	must(t, "Write of the holder", errs[0])
	for i, what := range []string{"a run that was taken", "a run that has ended", "a run that is not there"} {
		wants(t, "Write of "+what, errs[i+1], journal.ErrLost)
	}
	same(t, "the steps", all(t, s.Steps(ctx, journal.StepFilter{})), []journal.Step{sampleStep("r1", 1, "ada")})
	intact(t, s)
}

func written(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	must(t, "Begin", s.Begin(ctx, Sample("r1"), journal.Source{}))
	step := sampleStep("r1", 1, "ada")
	many := sampleStep("r1", 2, "")
	many.Objects, many.Names, many.Before = []string{"a", `b"`}, nil, nil
	scopes := []journal.Scope{
		{Run: "r1", ID: 1, Key: "ada", Nth: 1, State: journal.ScopeOpen},
		{Run: "r1", ID: 2, Parent: 1, Key: "x", Nth: 2, State: journal.ScopeOpen},
	}
	reads := []journal.Read{
		{Run: "r1", Scope: 2, Seq: 1, Target: "mail:8463", Fn: "GetUsers", Args: step.Args, Answer: []byte("[]")},
		{Run: "r1", Scope: 2, Seq: 2, Target: "mail:8463", Fn: "Ping"},
	}
	job := journal.Job{
		Run: "r1", Seq: 1, Step: 1, Target: "mail:8463", Fn: "VerifyStore", Label: "7", Token: "t", Version: 3, Status: "running", Started: begin,
	}
	write(t, s, journal.Change{
		Run: "r1", Epoch: 1, Scopes: scopes, Reads: reads, Steps: []journal.Step{step, many}, Jobs: []journal.Job{job},
	})
	check := func() {
		t.Helper()
		for _, s := range []journal.Store{s, open(t)} {
			same(t, "Steps", all(t, s.Steps(ctx, journal.StepFilter{Run: "r1"})), []journal.Step{step, many})
			same(t, "Scopes", all(t, s.Scopes(ctx, "r1")), scopes)
			same(t, "Reads", all(t, s.Reads(ctx, "r1", 2)), reads)
			same(t, "Reads of another scope", all(t, s.Reads(ctx, "r1", 1)), []journal.Read(nil))
			same(t, "Jobs", all(t, s.Jobs(ctx, journal.JobFilter{})), []journal.Job{job})
		}
	}
	check()
	step.State, step.Ended, step.By, step.Evidence = journal.Done, begin.Add(time.Second), journal.ByRead, "GetUsers names it"
	step.Result, step.Error, step.Attempt, step.Epoch = []byte("sealed"), []byte("{}"), 2, 1
	scopes[1].State, scopes[1].Plain, scopes[1].Value = journal.ScopeSucceeded, true, []byte("7")
	job.Version, job.Status, job.Ended = 9, "succeeded", begin.Add(time.Minute)
	reads = nil
	write(t, s, journal.Change{
		Run: "r1", Epoch: 1, Scopes: scopes[1:], Steps: []journal.Step{step}, Jobs: []journal.Job{job}, Forget: []uint64{2},
	})
	check()
	same(t, "open jobs", all(t, s.Jobs(ctx, journal.JobFilter{Open: true})), []journal.Job(nil))
	brief := journal.Step{
		Run: "r1", Seq: 1, Scope: 2, Identity: step.Identity, Nth: 1, Epoch: 1, Attempt: 2, State: journal.Done,
	}
	same(t, "a brief step", all(t, s.Steps(ctx, journal.StepFilter{Run: "r1", Seq: 1, Brief: true})), []journal.Step{brief})
	if v := intact(t, s); v.Links != 3 || v.Steps != 2 {
		t.Errorf("Verify looked at %d links and %d steps, want 3 and 2", v.Links, v.Steps)
	}
}

func found(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	for i, id := range []string{"r1", "r2", "r3"} {
		run := Sample(id)
		run.Started = begin.Add(time.Duration(i) * time.Hour)
		if id == "r2" {
			run.Playbook, run.Target = "stores.lua", "other:8474"
		}
		must(t, "Begin", s.Begin(ctx, run, journal.Source{}))
	}
	_, err := s.Move(ctx, journal.Move{ID: "r3", From: journal.Running, Epoch: 1, To: journal.Interrupted})
	must(t, "Move", err)
	stop := sampleStep("r2", 1, "")
	stop.Fn, stop.Objects, stop.State = "StopInstances", []string{"ada", "bob"}, journal.Unknown
	write(t, s, journal.Change{Run: "r1", Epoch: 1, Steps: []journal.Step{sampleStep("r1", 1, "ada"), sampleStep("r1", 2, "carl")}},
		journal.Change{Run: "r2", Epoch: 1, Steps: []journal.Step{stop}})
	for _, c := range []struct {
		filter journal.RunFilter
		want   string
	}{
		{journal.RunFilter{}, "[r3 r2 r1]"},
		{journal.RunFilter{Limit: 2}, "[r3 r2]"},
		{journal.RunFilter{States: []journal.State{journal.Interrupted, journal.Ended}}, "[r3]"},
		{journal.RunFilter{Playbook: "stores.lua"}, "[r2]"},
		{journal.RunFilter{Target: "mail:8463", Limit: 5}, "[r3 r1]"},
		{journal.RunFilter{Object: "ada"}, "[r2 r1]"},
		{journal.RunFilter{Object: "ad"}, "[]"},
		{journal.RunFilter{Before: begin.Add(time.Hour)}, "[r1]"},
	} {
		got := []string{}
		for _, run := range all(t, s.Runs(ctx, c.filter)) {
			got = append(got, run.ID)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("Runs(%+v) = %v, want %s", c.filter, got, c.want)
		}
	}
	for _, c := range []struct {
		filter journal.StepFilter
		want   string
	}{
		{journal.StepFilter{}, "[r2 1 r1 1 r1 2]"},
		{journal.StepFilter{Object: "ada"}, "[r2 1 r1 1]"},
		{journal.StepFilter{Object: "ada", Fn: "CreateUser"}, "[r1 1]"},
		{journal.StepFilter{States: []journal.StepState{journal.Unknown}}, "[r2 1]"},
		{journal.StepFilter{Run: "r1", Limit: 1}, "[r1 1]"},
		{journal.StepFilter{Run: "r9"}, "[]"},
	} {
		got := []any{}
		for _, step := range all(t, s.Steps(ctx, c.filter)) {
			got = append(got, step.Run, step.Seq)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("Steps(%+v) = %v, want %s", c.filter, got, c.want)
		}
	}
}

func removed(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	empty, err := s.Size(ctx)
	must(t, "Size", err)
	for _, id := range []string{"r1", "r2", "r3"} {
		must(t, "Begin", s.Begin(ctx, Sample(id), journal.Source{}))
		c := journal.Change{Run: id, Epoch: 1}
		for i := range uint64(400) {
			step := sampleStep(id, i+1, fmt.Sprint("user", i))
			step.Result = make([]byte, 500)
			c.Steps = append(c.Steps, step)
		}
		write(t, s, c)
		if id != "r3" {
			_, err := s.Move(ctx, journal.Move{ID: id, From: journal.Running, Epoch: 1, To: journal.Ended})
			must(t, "Move", err)
		}
	}
	full, err := s.Size(ctx)
	must(t, "Size", err)
	n, err := s.Remove(ctx, []string{"r2", "r3", "r9"})
	must(t, "Remove", err)
	if n != 1 {
		t.Errorf("Remove of an ended, a running and no run = %d, want 1", n)
	}
	if v := intact(t, s); v.Links != 1201 { // those of r2 lie between others
		t.Errorf("Verify looked at %d links, want 1201", v.Links)
	}
	n, err = s.Remove(ctx, []string{"r1"})
	must(t, "Remove", err)
	if v := intact(t, s); n != 1 || v.Links != 402 {
		t.Errorf("Remove of the oldest = %d, and Verify looked at %d links; want 1 and 402", n, v.Links)
	}
	less, err := s.Size(ctx)
	must(t, "Size", err)
	if left := float64(less-empty) / float64(full-empty); left > 0.5 {
		t.Errorf("two of three runs removed, and %.0f %% of the bytes are there", 100*left)
	}
	same(t, "steps of a removed run", all(t, s.Steps(ctx, journal.StepFilter{Run: "r2"})), []journal.Step(nil))
}

func closed(t *testing.T, open opening) {
	s, ctx := open(t), t.Context()
	must(t, "Close", s.Close())
	must(t, "a second Close", s.Close())
	wants(t, "Begin", s.Begin(ctx, Sample("r1"), journal.Source{}), journal.ErrClosed)
	wants(t, "Write", s.Write(ctx, []journal.Change{{Run: "r1", Epoch: 1}})[0], journal.ErrClosed)
	_, err := s.Run(ctx, "r1")
	wants(t, "Run", err, journal.ErrClosed)
}

// crowded has 32 tasks write one run through a Hold, while another store on the
// same journal writes another.
func crowded(t *testing.T, open opening) {
	ctx := t.Context()
	const tasks, calls = 32, 20
	var group sync.WaitGroup
	for _, id := range []string{"r1", "r2"} {
		w := journal.NewWriter(open(t), nil)
		t.Cleanup(func() { must(t, "Close", w.Close()) })
		h, err := journal.Begin(ctx, w, Clear{}, Sample(id), journal.Source{}, time.Now)
		must(t, "Begin", err)
		for task := range tasks {
			group.Go(func() {
				f := h.Top().Enter(fmt.Sprint("user", task))
				for i := range calls {
					step, err := f.Intend(ctx, journal.Intent{Identity: journal.Identity{Target: "mail", Fn: "SetUser", Key: fmt.Sprint(task, " ", i)}})
					if err == nil {
						_, err = h.Finish(step, journal.Outcome{State: journal.Done, By: journal.ByReply, Result: []byte("{}")})
					}
					if err != nil {
						t.Errorf("step %d of task %d: %v", i, task, err)
					}
				}
				if err := f.Leave(journal.ScopeSucceeded, true, []byte("1")); err != nil {
					t.Errorf("Leave: %v", err)
				}
			})
		}
		group.Go(func() {
			if err := h.Flush(); err != nil {
				t.Errorf("Flush: %v", err)
			}
		})
		defer func() {
			must(t, "End", h.End(ctx, journal.End{At: begin, Outcome: "ok"}, false))
			s := open(t)
			if n := len(all(t, s.Steps(ctx, journal.StepFilter{Run: id, States: []journal.StepState{journal.Done}}))); n != tasks*calls {
				t.Errorf("run %s has %d finished steps, want %d", id, n, tasks*calls)
			}
			if n := len(all(t, s.Scopes(ctx, id))); n != tasks {
				t.Errorf("run %s has %d scopes, want %d", id, n, tasks)
			}
			intact(t, s)
		}()
	}
	group.Wait()
}
