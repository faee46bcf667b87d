package engine_test

import (
	"testing"

	"moonpost/engine"
	"moonpost/engine/fault"
	"moonpost/engine/monitor"
	"moonpost/engine/sandbox"
)

func TestTheVerdictOfAPlaybook(t *testing.T) {
	tests := []struct {
		name, text string
		verdict    monitor.State // "" for none
		result     string
		state      engine.State
		code       int
	}{
		{"one that is ok changes nothing", `run.finish { state = "ok", text = "a" }`, monitor.OK, `{"state":"ok","text":"a"}`, engine.OK, 0},
		{"what the chunk returns is the result", `run.finish { state = "ok", text = "a" } return 1`, monitor.OK, `1`, engine.OK, 0},
		{"any other is a finding", `run.finish { state = "warning", text = "a" } return 1`, monitor.Warning, `1`, engine.Findings, fault.ExitScript},
		{"failed items are no excuse", `task.map({ 1 }, error, { on_error = "continue" }) run.finish { state = "unknown", text = "a" }`,
			monitor.Unknown, `{"state":"unknown","text":"a"}`, engine.Findings, fault.ExitScript},
		{"an error weighs more", `run.finish { state = "ok", text = "a" } error("b")`, monitor.OK, "", engine.Failed, fault.ExitScript},
		{"there need not be one", `return 2`, "", `2`, engine.OK, 0},
	}
	h := newHouse(t, sandbox.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report := h.runText(t.Context(), "check.lua", tt.text)
			var verdict monitor.State
			if report.Verdict != nil {
				verdict = report.Verdict.State
			}
			if verdict != tt.verdict || string(report.Result) != tt.result || report.State != tt.state || report.Code != tt.code {
				t.Errorf("%s: verdict %q, result %s, state %s, code %d, want %q, %s, %s, %d",
					tt.text, verdict, report.Result, report.State, report.Code, tt.verdict, tt.result, tt.state, tt.code)
			}
		})
	}
}
