package scripts_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"moonpost/bindings"
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

// filling is a server whose stores hold what the test says.
type filling struct {
	call.Server
	stores map[string]int // messages
}

func (f filling) Call(ctx context.Context, req call.Request, status func(call.Status)) (call.Answer, error) {
	if req.Fn != "GetStores" {
		return f.Server.Call(ctx, req, status)
	}
	type store struct {
		ID       int    `json:"id"`
		Name     string `json:"name"`
		Messages int    `json:"statisticsCount"`
	}
	var list []store
	for id, name := range []string{"old", "current", "next"} {
		if n, ok := f.stores[name]; ok {
			list = append(list, store{id, name, n})
		}
	}
	text, err := json.Marshal(list)
	return call.Answer{Result: text}, err
}

// TestStoreReportMeasuresGrowthOverATime runs the playbook every few hours, as a
// monitoring system does, and asks for growth by day.
func TestStoreReportMeasuresGrowthOverATime(t *testing.T) {
	server := start(t, sandbox.Options{Stores: 1}, catalogue.Server)
	client := connect(t, server, "")
	script, _ := scripts.Find("store-report")
	kept := values.Memory()
	began := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, run := range []struct {
		hour   int
		stores map[string]int
		state  monitor.State
		more   float64 // messages; 0 also where there is nothing to compare with
	}{
		{0, map[string]int{"old": 100, "current": 10}, monitor.OK, 0},
		{1, map[string]int{"old": 100, "current": 10}, monitor.OK, 0},
		{25, map[string]int{"old": 100, "current": 15}, monitor.OK, 5},
		{26, map[string]int{"old": 100, "current": 15}, monitor.OK, 5}, // new figures were kept an hour ago
		{30, map[string]int{"old": 100, "current": 18}, monitor.OK, 8},
		{49, map[string]int{"old": 90, "current": 19}, monitor.OK, -6}, // messages went away, others came
		{73, map[string]int{"old": 90, "current": 19}, monitor.Warning, 0},
		{74, map[string]int{"old": 90, "current": 19}, monitor.Warning, 0},
		{98, map[string]int{"old": 90, "current": 19, "next": 4}, monitor.OK, 4}, // a new store took over
	} {
		report := engine.Run(t.Context(), engine.Config{
			File: script.Name, Source: script.Source, Dir: t.TempDir(), Target: "test",
			Inputs: []bindings.Given{{Name: "every", Value: "24h"}, {Name: "growth", Value: "true"}},
			Open:   func(context.Context) (call.Server, error) { return filling{client, run.stores}, nil },
			Sink:   event.Discard, Secrets: secret.NewRedactor(), Values: kept,
			Now: func() time.Time { return began.Add(time.Duration(run.hour) * time.Hour) },
			Log: func(text string) { t.Error(text) },
		})
		if report.Err != nil || report.Verdict == nil {
			t.Fatalf("hour %d: error %v, verdict %v", run.hour, report.Err, report.Verdict)
		}
		more := 0.0
		if i := slices.IndexFunc(report.Verdict.Metrics, func(m monitor.Metric) bool { return m.Name == "new messages" }); i >= 0 {
			more = report.Verdict.Metrics[i].Value
		}
		if slices.ContainsFunc(report.Verdict.Metrics, func(m monitor.Metric) bool { return m.Name == "size" || m.Name == "new bytes" }) {
			t.Errorf("hour %d: metrics %v, want none about sizes, which nobody knows", run.hour, report.Verdict.Metrics)
		}
		if report.Verdict.State != run.state || more != run.more {
			t.Errorf("hour %d: %s, %v new messages (%s), want %s, %v", run.hour, report.Verdict.State, more, report.Verdict.Text, run.state, run.more)
		}
	}
}
