package recorder

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
	"moonpost/engine/secret"
)

// server answers by the function's name.
type server struct{ call.Server }

func (server) Functions(context.Context) ([]call.Function, error) {
	return []call.Function{
		{Func: decl.Func{Name: "CreateUser"}, Changing: true},
		{Func: decl.Func{Name: "VerifyStore", Params: []decl.Param{
			{Name: call.InstanceArg, Type: decl.String}, {Name: "passphrase", Type: decl.Secret}, {Name: "id", Type: decl.Number},
		}}},
	}, nil
}

func (server) Call(_ context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	switch req.Fn {
	case "VerifyStore":
		status(call.Status{Version: 3, Code: call.Running, Log: "begin\n"})
		status(call.Status{Version: 9, Code: call.Running, Log: "middle\n", Gap: true})
		status(call.Status{Version: 12, Code: call.Succeeded})
	case "Immediate":
		status(call.Status{Version: 2, Code: call.Succeeded})
	case "Lost":
		return call.Answer{Attempts: 1}, &fault.Error{Kind: fault.Unknown, Message: "nobody knows"}
	case "Refused":
		return call.Answer{Attempts: 2}, &fault.Error{Kind: fault.Server, Message: "no"}
	case "Left":
		return call.Answer{}, &call.LeftError{Job: call.Job{Fn: "Left", Token: "t1"}, Err: &fault.Error{Kind: fault.Timeout, Message: "too long"}}
	}
	return call.Answer{Attempts: 1}, nil
}

// lines is a sink that writes events down.
type lines []string

func (l *lines) Emit(e event.Event) {
	switch e := e.(type) {
	case event.CallStarted:
		*l = append(*l, fmt.Sprintf("%d %s starts, item %d", e.Call, e.Fn, e.Item))
	case event.CallEnded:
		*l = append(*l, fmt.Sprintf("%d %s %s, item %d, changing %v, attempts %d, error %s", e.Call, e.Fn, e.Outcome, e.Item, e.Changing, e.Attempts, e.Error))
	case event.JobProgress:
		*l = append(*l, fmt.Sprintf("%d %s of %q: %s, version %d, log %q", e.Call, e.Fn, e.Label, e.Status, e.Version, e.Log))
	case event.Log:
		*l = append(*l, fmt.Sprintf("%s: %s", e.Level, e.Message))
	}
}

func TestEveryCallIsReported(t *testing.T) {
	verify := call.Request{Fn: "VerifyStore", Args: []call.Arg{
		{Name: "id", Value: float64(7)}, {Name: call.InstanceArg, Value: "alpha"}, {Name: "passphrase", Value: secret.New("open sesame")},
	}}
	for _, tt := range []struct {
		name string
		req  call.Request
		want []string
	}{
		{"a change", call.Request{Fn: "CreateUser", Item: 4}, []string{
			"1 CreateUser starts, item 4", "1 CreateUser ok, item 4, changing true, attempts 1, error ",
		}},
		{"an immediate answer is no job", call.Request{Fn: "Immediate"}, []string{
			"1 Immediate starts, item 0", "1 Immediate ok, item 0, changing false, attempts 1, error ",
		}},
		{"a job is named by its first argument that is no secret and no instance", verify, []string{
			"1 VerifyStore starts, item 0",
			`1 VerifyStore of "7": running, version 3, log "begin\n"`,
			`1 VerifyStore of "7": running, version 9, log "(log lines may be missing here)\nmiddle\n"`,
			`1 VerifyStore of "7": succeeded, version 12, log ""`,
			"1 VerifyStore ok, item 0, changing false, attempts 1, error ",
		}},
		{"a lost answer is unknown, not failed", call.Request{Fn: "Lost"}, []string{
			"1 Lost starts, item 0",
			`1 Lost unknown, item 0, changing false, attempts 1, error {"kind":"unknown","message":"nobody knows"}`,
		}},
		{"a refused call has failed", call.Request{Fn: "Refused"}, []string{
			"1 Refused starts, item 0",
			`1 Refused failed, item 0, changing false, attempts 2, error {"kind":"server","message":"no"}`,
		}},
		{"a job that is left is named", call.Request{Fn: "Left"}, []string{
			"1 Left starts, item 0",
			`1 Left failed, item 0, changing false, attempts 0, error {"kind":"timeout","message":"too long"}`,
			"warn: Left goes on at the server (token t1)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got lines
			_, _ = New(&got).Before(server{}).Call(t.Context(), tt.req, nil)
			if g, w := strings.Join(got, "\n"), strings.Join(tt.want, "\n"); g != w {
				t.Errorf("Call(%s) reported\n%s\nwant\n%s", tt.req.Fn, g, w)
			}
		})
	}
}

func TestTheGatePassesEverythingOn(t *testing.T) {
	var versions []int64
	gate := New(event.Discard)
	_, err := gate.Before(server{}).Call(t.Context(), call.Request{Fn: "VerifyStore"}, func(s call.Status) { versions = append(versions, s.Version) })
	if got := fmt.Sprint(versions); err != nil || got != "[3 9 12]" {
		t.Errorf("Call passed statuses %s on, error %v; want [3 9 12]", got, err)
	}
	_, err = gate.Before(server{}).Call(t.Context(), call.Request{Fn: "Refused"}, nil)
	if !errors.Is(err, fault.Of(fault.Server)) {
		t.Errorf("Call(Refused) = %v, want the server's error", err)
	}
}

func TestCallsOfAllServersOfARunAreNumbered(t *testing.T) {
	var got lines
	gate := New(&got)
	for range 2 {
		_, _ = gate.Before(server{}).Call(t.Context(), call.Request{Fn: "CreateUser"}, nil)
	}
	if len(got) != 4 || !strings.HasPrefix(got[2], "2 ") {
		t.Errorf("reported %q, want the second call numbered 2", got)
	}
}
