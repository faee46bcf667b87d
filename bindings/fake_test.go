package bindings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// fake is a server with a few functions, each there to show one thing.
type fake struct {
	mu       sync.Mutex
	requests []call.Request
	flying   atomic.Int64
	most     atomic.Int64 // requests in flight at a time
	asked    atomic.Int64 // how often the functions were asked for
	edition  string
	instance string // echoed where a call gives none, as the client fills it in
}

func (s *fake) About(context.Context) (call.About, error) {
	return call.About{Target: "fake:8463", Edition: s.edition, Version: "25.3.1"}, nil
}

func (s *fake) Functions(context.Context) ([]call.Function, error) {
	s.asked.Add(1)
	text := func(name string) luavm.Param { return luavm.Param{Name: name, Type: luavm.String, Doc: name} }
	optional := func(p luavm.Param) luavm.Param { p.Optional = true; return p }
	make := func(name string, changing bool, params ...luavm.Param) call.Function {
		f := call.Function{Func: luavm.Func{Name: name, Doc: name + ".", Params: params, Effect: luavm.Reads}, Changing: changing, LongRunning: "no", Source: "both"}
		if changing {
			f.Effect = luavm.Writes
		}
		return f
	}
	all := []call.Function{
		make("BadResult", false),
		make("CreateUser", true, text("userName"), optional(text("privileges"))),
		make("ChangedCertificate", false),
		make("DenyLogin", false),
		make("Echo", false, text("a")),
		make("FailCall", true),
		make("GetServerInfo", false),
		make("GetUsers", false),
		make("GetWorkerResults", false, text("fromIncluding"), text("toExcluding"), text("timeZoneID")),
		make("LoseAnswer", true, text("id")),
		make("ServerGone", false),
		make("SlowCall", false, text("seconds")),
		make("VerifyStore", false, text("id")),
		make("VerifyTimeout", false, text("id")),
	}
	if s.edition == "spe" {
		for i := range all {
			all[i].Params = append(all[i].Params, optional(text("instanceID")))
		}
	}
	if s.edition == "spe" {
		all = append(all, make("GetInstances", false, text("instanceFilter")))
	}
	i := slices.IndexFunc(all, func(f call.Function) bool { return f.Name == "GetWorkerResults" })
	all[i].Window = &call.Window{From: "fromIncluding", To: "toExcluding", Zone: "timeZoneID"}
	return all, nil
}

func (s *fake) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	for now := s.flying.Add(1); ; {
		if most := s.most.Load(); now <= most || s.most.CompareAndSwap(most, now) {
			break
		}
	}
	defer s.flying.Add(-1)
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.mu.Unlock()
	if req.Attach != nil {
		return s.job(ctx, req, status)
	}
	failed := func(kind fault.Kind, message string) (call.Answer, error) {
		return call.Answer{Attempts: 1}, &fault.Error{Kind: kind, Op: "api.invoke " + req.Fn, Message: message, Fn: req.Fn, Target: "fake:8463"}
	}
	switch req.Fn {
	case "CreateUser", "Echo", "GetWorkerResults":
		return call.Answer{Result: s.echo(req), Attempts: 1}, nil
	case "GetServerInfo":
		return call.Answer{Result: []byte(`{"version":"25.3.1","machineName":null}`), Attempts: 1}, nil
	case "GetInstances":
		return call.Answer{Attempts: 1, Result: []byte(map[any]string{
			"*":       `[{"instanceID":"acme","status":"running","displayName":"Acme"},{"instanceID":"blue","status":"stopped"},{"instanceID":"core","status":"Running"}]`,
			"blue":    `[{"instanceID":"blue","status":"stopped"}]`,
			"nobody":  `[]`,
			"null":    `null`,
			"strange": `[{"instanceID":"acme"},{}]`,
		}[req.Args[0].Value])}, nil
	case "BadResult":
		return call.Answer{Result: []byte(`{"id":1e999}`), Attempts: 1}, nil
	case "GetUsers":
		return call.Answer{Result: []byte(`[{"userName":"admin"},{"userName":"ada"}]`), Attempts: 1}, nil
	case "DenyLogin":
		return failed(fault.Denied, "the login was refused")
	case "ChangedCertificate":
		return failed(fault.Certificate, "the certificate is another one")
	case "FailCall":
		return failed(fault.Server, "the server said no")
	case "LoseAnswer":
		return failed(fault.Unknown, "nobody knows")
	case "ServerGone":
		return failed(fault.Unreachable, "no connection")
	case "SlowCall":
		seconds, _ := time.ParseDuration(req.Args[0].Value.(string))
		select {
		case <-time.After(seconds):
			return call.Answer{Attempts: 1}, nil
		case <-ctx.Done():
			return failed(fault.Cancelled, "stopped")
		}
	case "VerifyStore":
		return s.job(ctx, req, status)
	case "VerifyTimeout":
		left := &call.LeftError{Job: call.Job{Fn: req.Fn, Token: "t0", Version: 3, Status: "running"}, Err: errors.New("time is over")}
		return call.Answer{Attempts: 1}, &fault.Error{Kind: fault.Timeout, Op: "api.invoke " + req.Fn, Fn: req.Fn, Err: left}
	}
	return failed(fault.Invalid, "the server has no function "+req.Fn)
}

// job runs a job of four statuses, one each millisecond.
func (s *fake) job(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	job := call.Job{Fn: req.Fn, Token: "t1"}
	percent := func(f float64) *float64 { return &f }
	for i, st := range []call.Status{
		{Version: 3, Code: "running", Percent: percent(0), Log: "Verifying...\n"},
		{Version: 9, Code: "running", Percent: percent(50), Text: "half way"},
		{Version: 12, Code: "running", Log: " 400 messages verified\n", Gap: req.Attach != nil},
		{Version: 13, Code: "succeeded"},
	} {
		if i > 0 {
			select {
			case <-time.After(time.Millisecond):
			case <-ctx.Done():
			}
		}
		cause := context.Cause(ctx)
		if errors.Is(cause, call.ErrCancelJob) {
			st.Code = "cancelled"
		} else if cause != nil {
			return call.Answer{}, &fault.Error{Kind: fault.Cancelled, Message: "stopped", Err: &call.LeftError{Job: job, Err: cause}}
		}
		st.Elapsed = time.Duration(i) * time.Second
		job.Version, job.Status, job.Elapsed = st.Version, st.Code, st.Elapsed
		job.Log += st.Log
		if status != nil {
			status(st)
		}
		if st.Code == "cancelled" {
			return call.Answer{}, &fault.Error{Kind: fault.Server, Op: "api.invoke " + req.Fn, Message: "the job was cancelled"}
		}
	}
	return call.Answer{Job: &job, Attempts: 1}, nil
}

// echo gives the arguments back as the server received them.
func (s *fake) echo(req call.Request) []byte {
	got := map[string]any{}
	if s.instance != "" {
		got[call.InstanceArg] = s.instance
	}
	for _, a := range req.Args {
		switch v := a.Value.(type) {
		case call.Null:
			got[a.Name] = "(null)"
		case call.JSON:
			got[a.Name] = fmt.Sprintf("(json secret=%v) %s", v.Secret, v.Text)
		case secret.Secret:
			got[a.Name] = "(secret) " + v.Reveal()
		default:
			got[a.Name] = v
		}
	}
	got["item"], got["key"] = req.Item, req.Key
	text, err := json.Marshal(got)
	if err != nil {
		panic(err)
	}
	return text
}

// recorder is a Sink that keeps the events as text, in order.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Emit(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case event.MapStarted:
		r.add("map %d %s started total=%d", e.Map, e.Label, e.Total)
	case event.ItemEnded:
		r.add("item %d/%d %s %s counted=%v", e.Map, e.Index, e.Key, e.Outcome, e.Counted)
	case event.MapEnded:
		r.add("map %d %s ok=%d failed=%d unknown=%d cancelled=%d of %d/%d", e.Map, e.Label, e.OK, e.Failed, e.Unknown, e.Cancelled, e.Begun, e.Total)
	case event.Log:
		r.add("%s %s (%s)", e.Level, e.Message, e.Where)
	default:
		r.add("%s", e.Type())
	}
}

func (r *recorder) add(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}
