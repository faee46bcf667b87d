package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/fault"
)

// deliver gives a status to whoever follows the call, and keeps its log.
func (t *tracking) deliver(e envelope) {
	text := e.log
	if t.half {
		text, t.half = "\r"+text, false
	}
	if strings.HasSuffix(text, "\r") { // the server cut between CR and LF
		text, t.half = text[:len(text)-1], true
	}
	text = lines(text)
	t.log.WriteString(text)
	gap := t.gap
	t.gap = false
	if t.report != nil {
		t.report(call.Status{
			Version: e.version, Code: e.code, Percent: e.percent, Text: e.status, Log: text,
			Gap: gap, Elapsed: time.Since(t.start),
		})
	}
}

// state returns the job as it is now.
func (t *tracking) state() call.Job {
	job := t.job
	job.Log, job.Elapsed = t.log.String(), time.Since(t.start)
	return job
}

// finish makes the outcome of a final envelope. Success is what says so: every
// other status code is a failure, also without an error (protocol.md 5).
func (t *tracking) finish(e envelope, ran bool) (call.Answer, error) {
	answer := call.Answer{Result: e.result, Envelope: e.text}
	if ran {
		job := t.state()
		answer.Job = &job
	}
	if e.refusal == nil && e.code == call.Succeeded {
		return answer, nil
	}
	f := &failure{kind: fault.Server, status: http.StatusOK, sent: true, attempt: t.attempts()}
	if e.refusal != nil {
		f.message, f.details = lines(e.refusal.message), lines(e.refusal.details)
	}
	if f.message == "" {
		f.message = "ended as " + e.code + ", and the server gives no reason"
		f.details = tail(t.log.String())
	}
	if t.ending != nil && e.code != call.Succeeded {
		f.details = strings.TrimSpace(f.message + "\n" + f.details)
		f.kind, f.message = fault.Cancelled, "the job was cancelled at the server"
		if limit, ok := errors.AsType[*limitError](t.ending); ok {
			f.kind, f.message = fault.Timeout, limit.text+"; the job was cancelled at the server"
		}
	}
	return answer, t.fault(f)
}

// attempts returns how often the call itself was sent.
func (t *tracking) attempts() int {
	if t.operation == nil {
		return 0
	}
	return t.operation.sent
}

// tail returns the last lines of a log.
func tail(log string) string {
	const most = 20
	all := strings.Split(strings.TrimRight(log, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-most):], "\n")
}

func (t *tracking) fault(f *failure) *fault.Error {
	return t.client.fault(t.req.Fn, f, t.changing)
}

// leave is the outcome of a call whose job goes on without it.
func (t *tracking) leave(f *failure) error {
	return &call.LeftError{Job: t.state(), Err: t.fault(f)}
}

// lost is the outcome of a call whose job cannot be followed any more.
func (t *tracking) lost(f *failure) error {
	if f.status == http.StatusNotFound {
		// The token is gone: the server was started anew, or the final status
		// was given to a request whose answer was lost.
		return t.fault(&failure{
			status: f.status, sent: true, message: "the server no longer knows the job",
			hint: "read from the server whether the job did its work; its log is lost",
		})
	}
	if t.changing && (f.kind == fault.Unreachable || f.kind == fault.Server) {
		f.kind = "" // the job may end either way
	}
	f.message = "lost sight of the job: " + f.message
	return t.leave(f)
}
