package journaltest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"moonpost/engine/journal"
)

// crashed is the run that Child writes.
const crashed = "r1"

// Child takes or begins a run and records calls without end, one line with the
// number of the step for each intent that is acknowledged, as a process that
// Crash kills. It returns only with an error.
func Child(ctx context.Context, open OpenFunc, acknowledged io.Writer) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	w := journal.NewWriter(s, nil)
	var h *journal.Hold
	if run, err := s.Run(ctx, crashed); err == nil {
		h, err = journal.Take(ctx, w, Clear{}, dead{}, run, time.Now)
		if err != nil {
			return err
		}
	} else if h, err = journal.Begin(ctx, w, Clear{}, Sample(crashed), journal.Source{}, time.Now); err != nil {
		return err
	}
	var mu sync.Mutex
	failed := make(chan error)
	for task := range 8 {
		go func() {
			for i := 0; ; i++ {
				f := h.Top().Enter(fmt.Sprint(h.Run().Epoch, " ", task, " ", i))
				f.Keep(journal.Question{Fn: "GetUsers"}, []byte("[]"))
				step, err := f.Intend(ctx, journal.Intent{Identity: journal.Identity{Fn: "CreateUser", Key: fmt.Sprint(h.Run().Epoch, " ", task, " ", i)}})
				if err == nil {
					mu.Lock()
					_, err = fmt.Fprintln(acknowledged, step.Seq)
					mu.Unlock()
				}
				if err == nil {
					_, err = h.Finish(step, journal.Outcome{State: journal.Done, By: journal.ByReply})
				}
				if err == nil && i%2 == 0 {
					err = f.Leave(journal.ScopeSucceeded, true, []byte("1"))
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// dead is an owner among the dead.
type dead struct{}

func (dead) Self() string               { return "o2" }
func (dead) Alive(string) (bool, error) { return false, nil }
func (dead) Close() error               { return nil }

// Crash starts child, a process that calls Child on the journal that open opens,
// kills it at a random moment, and looks whether all that was acknowledged is
// there and nothing is there by half; times times, on one journal.
func Crash(t *testing.T, open OpenFunc, child func() *exec.Cmd, times int) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	acknowledged := map[uint64]bool{}
	for round := range times {
		if !kill(t, child(), random, acknowledged) {
			t.Fatalf("round %d: the child recorded nothing", round)
		}
		s, err := open(t.Context())
		must(t, "open after a kill", err)
		whole(t, s, acknowledged)
		must(t, "Close", s.Close())
	}
	t.Logf("%d kills, %d intents acknowledged", times, len(acknowledged))
}

// kill lets a child record for a while, and notes what it says. It reports
// whether it said anything.
func kill(t *testing.T, child *exec.Cmd, random *rand.Rand, acknowledged map[uint64]bool) bool {
	t.Helper()
	out, err := child.StdoutPipe()
	must(t, "pipe", err)
	must(t, "start", child.Start())
	lines := bufio.NewScanner(out)
	after := 1 + random.IntN(120) // lines: time would say nothing on a slow machine
	said := 0
	for lines.Scan() {
		seq, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil { // the last line may be cut
			break
		}
		acknowledged[seq] = true
		if said++; said == after {
			if delay := random.IntN(4); delay > 0 {
				time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond) // somewhere in the next commit
			}
			must(t, "kill", child.Process.Kill())
		}
	}
	_ = child.Wait()
	return said >= after
}

// whole looks at a journal after a kill.
func whole(t *testing.T, s journal.Store, acknowledged map[uint64]bool) {
	t.Helper()
	ctx := t.Context()
	scopes := map[uint64]journal.Scope{}
	for _, scope := range all(t, s.Scopes(ctx, crashed)) {
		scopes[scope.ID] = scope
	}
	run, err := s.Run(ctx, crashed)
	must(t, "Run", err)
	there := map[uint64]bool{}
	for _, step := range all(t, s.Steps(ctx, journal.StepFilter{Run: crashed})) {
		there[step.Seq] = true
		scope, ok := scopes[step.Scope]
		if !ok || step.Fn == "" || step.Key == "" {
			t.Fatalf("step %d is there by half: %+v", step.Seq, step)
		}
		if step.Epoch != run.Epoch {
			continue // looked at after its own kill
		}
		if reads := all(t, s.Reads(ctx, crashed, step.Scope)); (len(reads) == 0) != (scope.State == journal.ScopeSucceeded) {
			t.Fatalf("scope %d is %s and has %d recorded reads", scope.ID, scope.State, len(reads))
		}
	}
	for seq := range acknowledged {
		if !there[seq] {
			t.Fatalf("step %d was acknowledged and is not there", seq)
		}
	}
	intact(t, s)
}
