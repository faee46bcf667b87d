// Package event is the closed set of things that a run reports while it goes
// on, and their JSON form. Whoever runs something emits; the terminal, the
// event stream and, later, the journal and the daemon listen. Adding a kind of
// event means adding a type here and a row to Descriptions; its JSON name is its type in
// snake case and never changes once released.
package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one of the types of this package.
type Event interface {
	// Type returns the name in the JSON form.
	Type() string
	sealed()
}

// Sink takes events. Emit is safe for concurrent use, keeps the order of each
// caller, and never waits for a person.
type Sink interface {
	Emit(Event)
}

// Discard is a Sink that keeps nothing.
var Discard Sink = discard{}

type discard struct{}

func (discard) Emit(Event) {}

// Level is the weight of a log line.
type Level string

// The levels.
const (
	Debug Level = "debug" // shown with --verbose only
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// The outcomes of calls and items.
const (
	OutcomeOK        = "ok"
	OutcomeFailed    = "failed"
	OutcomeUnknown   = "unknown"   // a changing call was sent and nobody knows whether it took effect
	OutcomeCancelled = "cancelled" // items only: stopped before their end
)

// RunStarted is the first event of a run.
type RunStarted struct {
	Run      string `json:"run" doc:"its id"`
	Playbook string `json:"playbook" doc:"file of the playbook"`
	Target   string `json:"target,omitempty" doc:"where its calls go; left out when no target was named"`
}

// RunEnded is the last event of a run.
type RunEnded struct {
	Run     string          `json:"run" doc:"its id"`
	State   string          `json:"state" doc:"ok, failed, items_failed, findings, unknown or interrupted"`
	Code    int             `json:"code" doc:"exit code"`
	Counts  Counts          `json:"counts" doc:"what was done"`
	Elapsed float64         `json:"elapsed" doc:"seconds"`
	Error   json.RawMessage `json:"error,omitempty" doc:"what ended it"`
}

// Counts sums up a run.
type Counts struct {
	Calls    int64 `json:"calls" doc:"calls of server functions that ended"`
	Changes  int64 `json:"changes" doc:"of these, changing ones that succeeded"`
	Items    int64 `json:"items" doc:"items of task.map and task.each that ended"`
	Failed   int64 `json:"failed" doc:"of these, failed ones that count (on_error = \"continue\")"`
	Unknown  int64 `json:"unknown" doc:"calls whose outcome is not known"`
	Warnings int64 `json:"warnings" doc:"warnings given"`
}

// CallStarted is the begin of one call.
type CallStarted struct {
	Call uint64 `json:"call" doc:"number of the call in this run, from 1"`
	Fn   string `json:"fn" doc:"the function"`
	Item int    `json:"item,omitempty" doc:"place in its task.map, from 1"`
}

// CallEnded is the end of one call.
type CallEnded struct {
	Call     uint64          `json:"call" doc:"as in call_started"`
	Fn       string          `json:"fn" doc:"the function"`
	Item     int             `json:"item,omitempty" doc:"as in call_started"`
	Outcome  string          `json:"outcome" doc:"ok, failed or unknown"`
	Changing bool            `json:"changing,omitempty" doc:"it may change the server"`
	Attempts int             `json:"attempts" doc:"requests sent for it"`
	Elapsed  float64         `json:"elapsed" doc:"seconds"`
	Error    json.RawMessage `json:"error,omitempty" doc:"why it failed"`
}

// JobProgress is one status of a long-running call.
type JobProgress struct {
	Call    uint64   `json:"call" doc:"as in call_started"`
	Fn      string   `json:"fn" doc:"the function"`
	Label   string   `json:"label,omitempty" doc:"what the call is about: its first key argument"`
	Version int64    `json:"version" doc:"number of the status; it only grows"`
	Status  string   `json:"status" doc:"running, succeeded, failed, cancelled, or what else the server says"`
	Percent *float64 `json:"percent,omitempty" doc:"0 to 100; left out when the server gives none"`
	Text    string   `json:"text,omitempty" doc:"what the job is doing"`
	Log     string   `json:"log,omitempty" doc:"the new lines of its log"`
	Elapsed float64  `json:"elapsed" doc:"seconds since the call began"`
}

// CallWaiting is a wait before a call is sent, or sent again.
type CallWaiting struct {
	Fn     string  `json:"fn" doc:"the function"`
	Reason string  `json:"reason" doc:"why: \"429 Retry-After\", \"connection refused, attempt 2\""`
	Delay  float64 `json:"delay" doc:"seconds"`
}

// MapStarted is the begin of a task.map or task.each.
type MapStarted struct {
	Map   uint64 `json:"map" doc:"number of the map in this run, from 1"`
	Label string `json:"label" doc:"what its items are"`
	Total int    `json:"total" doc:"number of items; left out while it is not known"` // then -1
}

// MarshalJSON leaves a total out that is not known.
func (e MapStarted) MarshalJSON() ([]byte, error) {
	type fields MapStarted
	return json.Marshal(struct {
		fields
		Total *int `json:"total,omitempty"`
	}{fields(e), known(e.Total)})
}

// ItemEnded is the end of one item.
type ItemEnded struct {
	Map     uint64          `json:"map" doc:"as in map_started"`
	Index   int             `json:"index" doc:"place of the item, from 1"`
	Key     string          `json:"key,omitempty" doc:"what the item is about"`
	Outcome string          `json:"outcome" doc:"ok, failed, unknown or cancelled"`
	Counted bool            `json:"counted,omitempty" doc:"a failure that counts for the run (on_error = \"continue\")"`
	Error   json.RawMessage `json:"error,omitempty" doc:"why it failed"`
}

// MapEnded is the end of a task.map or task.each.
type MapEnded struct {
	Map       uint64 `json:"map" doc:"as in map_started"`
	Label     string `json:"label" doc:"as in map_started"`
	OK        int    `json:"ok" doc:"items that succeeded"`
	Failed    int    `json:"failed" doc:"items that failed"`
	Unknown   int    `json:"unknown,omitempty" doc:"items whose outcome is not known"`
	Cancelled int    `json:"cancelled,omitempty" doc:"items that were stopped before their end"`
	Begun     int    `json:"begun" doc:"items begun: the sum of the four before"`
	Total     int    `json:"total" doc:"number of items; left out for an iterator that was not asked to its end"` // then -1
}

// MarshalJSON leaves a total out that is not known.
func (e MapEnded) MarshalJSON() ([]byte, error) {
	type fields MapEnded
	return json.Marshal(struct {
		fields
		Total *int `json:"total,omitempty"`
	}{fields(e), known(e.Total)})
}

// known returns a total, nil for one that is not known.
func known(total int) *int {
	if total < 0 {
		return nil
	}
	return &total
}

// Log is a line of the log.
type Log struct {
	Level   Level  `json:"level" doc:"debug, info, warn or error"`
	Message string `json:"message" doc:"the line"`
	Where   string `json:"where,omitempty" doc:"place in the playbook: file:line"`
}

// Printed is what print wrote.
type Printed struct {
	Text string `json:"text" doc:"with its line end"`
}

func (RunStarted) Type() string  { return "run_started" }
func (RunEnded) Type() string    { return "run_ended" }
func (CallStarted) Type() string { return "call_started" }
func (CallEnded) Type() string   { return "call_ended" }
func (JobProgress) Type() string { return "job_progress" }
func (CallWaiting) Type() string { return "call_waiting" }
func (MapStarted) Type() string  { return "map_started" }
func (ItemEnded) Type() string   { return "item_ended" }
func (MapEnded) Type() string    { return "map_ended" }
func (Log) Type() string         { return "log" }
func (Printed) Type() string     { return "printed" }

func (RunStarted) sealed()  {}
func (RunEnded) sealed()    {}
func (CallStarted) sealed() {}
func (CallEnded) sealed()   {}
func (JobProgress) sealed() {}
func (CallWaiting) sealed() {}
func (MapStarted) sealed()  {}
func (ItemEnded) sealed()   {}
func (MapEnded) sealed()    {}
func (Log) sealed()         {}
func (Printed) sealed()     {}

// JSON returns e as one JSON object on one line without line end: its type, the
// time at, then its fields.
func JSON(e Event, at time.Time) ([]byte, error) {
	fields, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.Type(), err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":%q,"at":%q`, e.Type(), at.UTC().Format(time.RFC3339Nano))
	if len(fields) > 2 {
		b.WriteByte(',')
		b.Write(fields[1 : len(fields)-1])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
