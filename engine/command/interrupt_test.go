package command

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

// slowServer answers a call after a time. A job says that it runs first, and
// ends as the context's cause asks.
type slowServer struct {
	call.Server
	answersAfter time.Duration
	job          bool
	deaf         bool // does not even end with its context
	begun        atomic.Int64
}

func (*slowServer) Functions(context.Context) ([]call.Function, error) {
	return []call.Function{{Func: decl.Func{Name: "VerifyStore", Params: []decl.Param{{Name: "id", Type: decl.Number}}}}}, nil
}

func (s *slowServer) Call(ctx context.Context, _ call.Request, status func(call.Status)) (call.Answer, error) {
	s.begun.Add(1)
	if s.job {
		status(call.Status{Code: call.Running})
	}
	done := ctx.Done()
	if s.deaf {
		done = nil
	}
	select {
	case <-time.After(s.answersAfter):
		return call.Answer{}, nil
	case <-done:
		return call.Answer{}, context.Cause(ctx)
	}
}

// logged is a Sink that keeps the log lines.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if line, ok := e.(event.Log); ok {
		l.text.WriteString(line.Message + "\n")
	}
}

func TestSignalsEndWorkInOrder(t *testing.T) {
	for _, test := range []struct {
		name    string
		server  *slowServer
		calls   int           // calls that the work makes, one after the other
		signals []os.Signal   // one a second, the first after a second
		typed   *string       // answered half a second after the question; nil: there is no terminal
		took    time.Duration // until the work is over or given up
		begun   int           // calls that reached the server
		left    bool
		err     error // in the chain of the work's error
		cancels bool  // the job is to be cancelled
		says    string
	}{
		{
			name: "without a signal the work just ends", server: &slowServer{answersAfter: 10 * time.Second}, calls: 2,
			took: 20 * time.Second, begun: 2,
		},
		{
			name: "a call in flight gets its answer and none follows", server: &slowServer{answersAfter: 2 * time.Second}, calls: 5,
			signals: []os.Signal{os.Interrupt}, took: 2*time.Second + 10*time.Millisecond, begun: 1,
			err: fault.Of(fault.Cancelled), says: "no further calls are started",
		},
		{
			name: "a call without an answer is given up after its grace", server: &slowServer{answersAfter: time.Hour}, calls: 1,
			signals: []os.Signal{os.Interrupt}, took: time.Second + graceForCalls, begun: 1, err: fault.Of(fault.Cancelled),
		},
		{
			name: "a job is cancelled when asked to", server: &slowServer{answersAfter: time.Hour, job: true}, calls: 1,
			signals: []os.Signal{os.Interrupt}, typed: new("c"), took: 1500 * time.Millisecond, begun: 1,
			err: call.ErrCancelJob, cancels: true, says: "VerifyStore 0 is still running: type c and Enter within 5 seconds",
		},
		{
			name: "a job is left on any other answer", server: &slowServer{answersAfter: time.Hour, job: true}, calls: 1,
			signals: []os.Signal{os.Interrupt}, typed: new("no"), took: 1500 * time.Millisecond, begun: 1,
			err: fault.Of(fault.Cancelled),
		},
		{
			name: "a job is left without an answer", server: &slowServer{answersAfter: time.Hour, job: true}, calls: 1,
			signals: []os.Signal{os.Interrupt}, typed: new(""), took: time.Second + timeToAnswer, begun: 1,
			err: fault.Of(fault.Cancelled),
		},
		{
			name: "without a terminal a job is left at once", server: &slowServer{answersAfter: time.Hour, job: true}, calls: 1,
			signals: []os.Signal{os.Interrupt}, took: time.Second, begun: 1, err: fault.Of(fault.Cancelled),
		},
		{
			name: "the system's own signals ask nothing", server: &slowServer{answersAfter: time.Hour, job: true}, calls: 1,
			signals: []os.Signal{syscall.SIGTERM}, typed: new("c"), took: time.Second, begun: 1, err: fault.Of(fault.Cancelled),
		},
		{
			name: "a second signal ends it at once", server: &slowServer{answersAfter: time.Hour}, calls: 1,
			signals: []os.Signal{os.Interrupt, os.Interrupt}, took: 2 * time.Second, begun: 1, left: true,
		},
		{
			name: "a second signal does not wait for the answer", server: &slowServer{answersAfter: time.Hour, job: true}, calls: 1,
			signals: []os.Signal{os.Interrupt, syscall.SIGTERM}, typed: new(""), took: 2 * time.Second, begun: 1, left: true,
		},
		{
			name: "work that does not end is abandoned", server: &slowServer{answersAfter: time.Hour, deaf: true}, calls: 1,
			signals: []os.Signal{os.Interrupt}, took: time.Second + graceForCalls + timeToWindUp, begun: 1, left: true,
			says: "abandoned",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, said := newBrake(), &logged{}
				signals := make(chan os.Signal)
				in := interruption{
					notify: func() (<-chan os.Signal, func()) { return signals, func() {} },
					brake:  b, sink: said,
				}
				if test.typed != nil {
					in.answer = func() <-chan string {
						answer := make(chan string, 1)
						if *test.typed != "" {
							time.AfterFunc(500*time.Millisecond, func() { answer <- *test.typed })
						}
						return answer
					}
				}
				go func() {
					for _, s := range test.signals {
						time.Sleep(time.Second)
						signals <- s
					}
				}()
				server := b.fit(test.server)
				started := time.Now()
				o := supervise(t.Context(), in, func(ctx context.Context) (int, error) {
					for i := range test.calls {
						if _, err := server.Call(ctx, call.Request{Fn: "VerifyStore", Args: []call.Arg{{Name: "id", Value: float64(i)}}}, nil); err != nil {
							return i, err
						}
					}
					return test.calls, nil
				})
				// The wait for the last call is noticed within a tick.
				if took := time.Since(started); took < test.took-10*time.Millisecond || took > test.took+10*time.Millisecond {
					t.Errorf("took %v, want %v", took, test.took)
				}
				if got := test.server.begun.Load(); got != int64(test.begun) {
					t.Errorf("%d calls reached the server, want %d", got, test.begun)
				}
				if o.left != test.left {
					t.Errorf("left = %v, want %v", o.left, test.left)
				}
				if !errors.Is(o.err, test.err) {
					t.Errorf("err = %v, want %v", o.err, test.err)
				}
				if got := errors.Is(o.err, call.ErrCancelJob); got != test.cancels {
					t.Errorf("cancels the job: %v, want %v", got, test.cancels)
				}
				if !strings.Contains(said.text.String(), test.says) {
					t.Errorf("said %q, want %q in it", said.text.String(), test.says)
				}
				if got := o.signal != nil; got != (len(test.signals) > 0) {
					t.Errorf("signal = %v after %v", o.signal, test.signals)
				}
				time.Sleep(2 * time.Hour) // what was abandoned ends some day
			})
		})
	}
}

func TestTheQuestionNamesTheJobs(t *testing.T) {
	for _, test := range []struct {
		jobs []string
		want string
	}{
		{[]string{"VerifyStore 1"},
			"VerifyStore 1 is still running: type c and Enter within 5 seconds to cancel it at the server; else moonpost ends and it goes on there"},
		{[]string{"A 1", "A 2", "A 3"},
			"A 1, A 2, A 3 are still running: type c and Enter within 5 seconds to cancel them at the server; else moonpost ends and they go on there"},
		{[]string{"A 1", "A 2", "A 3", "A 4", "A 5"},
			"A 1, A 2, A 3 and 2 more are still running: type c and Enter within 5 seconds to cancel them at the server; else moonpost ends and they go on there"},
	} {
		if got := question(test.jobs); got != test.want {
			t.Errorf("question(%q) = %q, want %q", test.jobs, got, test.want)
		}
	}
}

func TestPanicOfWorkIsInternal(t *testing.T) {
	in := interruption{
		notify: func() (<-chan os.Signal, func()) { return nil, func() {} },
		brake:  newBrake(), sink: event.Discard,
	}
	o := supervise(t.Context(), in, func(context.Context) (int, error) { panic("oh") })
	if fault.KindOf(o.err) != fault.Internal || !strings.Contains(o.err.Error(), "panic: oh") {
		t.Errorf("err = %v, want kind internal with the panic's text", o.err)
	}
}

func TestTypedTakesOneLine(t *testing.T) {
	r := strings.NewReader("c\nrest")
	lines := 0
	if got := <-typed(r, func() { lines++ }); got != "c" || lines != 1 {
		t.Errorf("typed = %q after %d lines, want %q after 1", got, lines, "c")
	}
	if r.Len() != len("rest") {
		t.Errorf("%d bytes are left, want %d", r.Len(), len("rest"))
	}
}

func TestExitCodeOfSignals(t *testing.T) {
	for s, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143} {
		if got := signalCode(s); got != want {
			t.Errorf("signalCode(%v) = %d, want %d", s, got, want)
		}
	}
}
