// Package event is the closed set of things that a run reports while it goes
// on, and their JSON form. Whoever runs something emits; the terminal, the
// event stream and, later, the journal and the daemon listen. Adding a kind of
// event means adding a type here; its JSON name is its type in snake case and
// never changes once released.
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
	Run      string `json:"run"`
	Playbook string `json:"playbook"`
	Target   string `json:"target,omitempty"`
}

// RunEnded is the last event of a run.
type RunEnded struct {
	Run     string          `json:"run"`
	State   string          `json:"state"` // ok, failed, items_failed, unknown, interrupted
	Code    int             `json:"code"`  // exit code
	Counts  Counts          `json:"counts"`
	Elapsed float64         `json:"elapsed"` // seconds
	Error   json.RawMessage `json:"error,omitempty"`
}

// Counts sums up a run.
type Counts struct {
	Calls    int64 `json:"calls"`    // calls of server functions that ended
	Changes  int64 `json:"changes"`  // of these, changing ones that succeeded
	Items    int64 `json:"items"`    // items of task.map and task.each that ended
	Failed   int64 `json:"failed"`   // of these, failed ones that count (on_error = "continue")
	Unknown  int64 `json:"unknown"`  // calls whose outcome is not known
	Warnings int64 `json:"warnings"` // warnings given
}

// CallStarted says that a call of a server function begins.
type CallStarted struct {
	Call uint64 `json:"call"` // number of the call in this run, from 1
	Fn   string `json:"fn"`
	Item int    `json:"item,omitempty"`
}

// CallEnded says how a call ended.
type CallEnded struct {
	Call     uint64          `json:"call"`
	Fn       string          `json:"fn"`
	Item     int             `json:"item,omitempty"`
	Outcome  string          `json:"outcome"` // ok, failed, unknown
	Changing bool            `json:"changing,omitempty"`
	Attempts int             `json:"attempts"`
	Elapsed  float64         `json:"elapsed"` // seconds
	Error    json.RawMessage `json:"error,omitempty"`
}

// JobProgress is one status of a long-running call.
type JobProgress struct {
	Call    uint64   `json:"call"`
	Fn      string   `json:"fn"`
	Label   string   `json:"label,omitempty"` // what the call is about: its first key argument
	Version int64    `json:"version"`
	Status  string   `json:"status"`
	Percent *float64 `json:"percent,omitempty"`
	Text    string   `json:"text,omitempty"`
	Log     string   `json:"log,omitempty"`
	Elapsed float64  `json:"elapsed"`
}

// CallWaiting says that a call waits before it is sent (again), and why.
type CallWaiting struct {
	Fn     string  `json:"fn"`
	Reason string  `json:"reason"` // "429 Retry-After", "connection refused, attempt 2"
	Delay  float64 `json:"delay"`  // seconds
}

// MapStarted says that a task.map or task.each begins.
type MapStarted struct {
	Map   uint64 `json:"map"` // number of the map in this run, from 1
	Label string `json:"label"`
	Total int    `json:"total"` // -1 when it is not known yet; then it is left out of the JSON
}

// MarshalJSON leaves a total out that is not known.
func (e MapStarted) MarshalJSON() ([]byte, error) {
	type fields MapStarted
	return json.Marshal(struct {
		fields
		Total *int `json:"total,omitempty"`
	}{fields(e), known(e.Total)})
}

// ItemEnded says how one item ended.
type ItemEnded struct {
	Map     uint64          `json:"map"`
	Index   int             `json:"index"` // from 1
	Key     string          `json:"key,omitempty"`
	Outcome string          `json:"outcome"`           // ok, failed, unknown, cancelled
	Counted bool            `json:"counted,omitempty"` // a failure that counts for the run (on_error = "continue")
	Error   json.RawMessage `json:"error,omitempty"`
}

// MapEnded says that a task.map or task.each is over. Every item that was begun
// is one of OK, Failed, Unknown and Cancelled; a map that ended early has more
// items than it began.
type MapEnded struct {
	Map       uint64 `json:"map"`
	Label     string `json:"label"`
	OK        int    `json:"ok"`
	Failed    int    `json:"failed"`
	Unknown   int    `json:"unknown,omitempty"`
	Cancelled int    `json:"cancelled,omitempty"`
	Begun     int    `json:"begun"`
	Total     int    `json:"total"` // -1 for an iterator that was not asked to its end; then it is left out of the JSON
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

// Log is one line of the playbook's log, or of moonpost's own.
type Log struct {
	Level   Level  `json:"level"`
	Message string `json:"message"`
	Where   string `json:"where,omitempty"` // file:line
}

// Printed is what print wrote: results of the playbook, for standard output.
type Printed struct {
	Text string `json:"text"` // with its line end
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
