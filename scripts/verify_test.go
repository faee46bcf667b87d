package scripts_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"moonpost/engine"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/event"
	"moonpost/engine/monitor"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
	"moonpost/engine/values"
	"moonpost/scripts"
)

// logged is a server whose verifications log something else.
type logged struct {
	call.Server
	log string
}

func (l logged) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	answer, err := l.Server.Call(ctx, req, status)
	if req.Fn == "VerifyStore" && answer.Job != nil {
		job := *answer.Job
		job.Log = l.log
		answer.Job = &job
	}
	return answer, err
}

// TestVerifyStoresReadsTheLog holds what the playbook takes for a finding: no
// word of it may matter, because nobody knows the words.
func TestVerifyStoresReadsTheLog(t *testing.T) {
	const begin = "Verifying file group #1...\nCreating a list of messages to be verified...\n 400 messages verified...\n"
	tests := []struct {
		name, log string
		findings  []string
	}{
		{"progress is none", begin, nil},
		{"nor is a closing line that counts nothing", begin + "Finished. No errors were found.\n", nil},
		{"nor in another language", begin + "Fertig. Es wurden keine Fehler gefunden.", nil},
		{"nor one that counts to zero", begin + "Errors: 0\n", nil},
		{"a closing line that counts is", begin + "Finished. 3 errors were found.\n", []string{"Finished. 3 errors were found."}},
		{"so is any other line", begin + "Message 1:17 fehlt\n 800 messages verified...\nFinished.\n", []string{"Message 1:17 fehlt"}},
		{"lines may end as on Windows", "a...\r\nmissing file\r\n\r\nFinished.\r\n", []string{"missing file"}},
		{"there need not be any", "", nil},
	}
	server := start(t, sandbox.Options{Stores: 1}, catalogue.Server)
	client := connect(t, server, "")
	script, _ := scripts.Find("verify-stores")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report := engine.Run(t.Context(), engine.Config{
				File: script.Name, Source: script.Source, Dir: t.TempDir(),
				Open: func(context.Context) (call.Server, error) { return logged{client, tt.log}, nil },
				Sink: event.Discard, Secrets: secret.NewRedactor(), Values: values.Memory(), Now: time.Now,
				Log: func(text string) { t.Error(text) },
			})
			var rows []struct {
				Result   string
				Findings []string
			}
			if err := json.Unmarshal(report.Result, &rows); err != nil || len(rows) != 1 || report.Verdict == nil {
				t.Fatalf("result %s, error %v, verdict %v, want one row and a verdict", report.Result, report.Err, report.Verdict)
			}
			result, state := "ok", monitor.OK
			if len(tt.findings) > 0 {
				result, state = "findings", monitor.Critical
			}
			if rows[0].Result != result || !slices.Equal(rows[0].Findings, tt.findings) || report.Verdict.State != state {
				t.Errorf("%q: %s %q, verdict %s, want %s %q, %s", tt.log, rows[0].Result, rows[0].Findings, report.Verdict.State, result, tt.findings, state)
			}
		})
	}
}
