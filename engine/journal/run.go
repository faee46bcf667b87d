package journal

import (
	"encoding/json"
	"time"
)

// State is where a run stands.
type State string

// The states of a run. A running run whose owner is dead counts as interrupted.
const (
	Running     State = "running"
	Interrupted State = "interrupted"
	Ended       State = "ended"
	Closed      State = "closed" // its key is erased: it cannot go on
)

// Run is one run of a playbook, or one changing call of the command line.
type Run struct {
	ID       string
	State    State
	Epoch    uint64 // how often somebody took it
	Owner    string // who holds it while it is running: see Owners
	Playbook string
	Target   string
	Instance string
	Started  time.Time // to the microsecond, like all times here
	Code     []byte    // digest of the instructions: comments and layout do not count
	Metadata []byte    // digest of what the server says of its functions
	End      End       // how it ended last
}

// End says how a run ended.
type End struct {
	At      time.Time // zero: it has not ended yet
	Outcome string    // ok, failed, items_failed, unknown, interrupted …
	Exit    int
	Counts  json.RawMessage // what was done
	Error   json.RawMessage // what ended it, nil for nothing
}

// Source is what a run was started with: all that a resume needs beside the
// steps.
type Source struct {
	Files  []File   `json:"files"` // the playbook first, then its modules
	Args   []string `json:"args,omitempty"`
	Inputs []Input  `json:"inputs,omitempty"`
}

// File is a source text of a run.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Input is one input of a run. Of a secret only From is set.
type Input struct {
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value,omitempty"`
	From   string          `json:"from,omitempty"`   // where it came from: a path, a variable, a prompt
	Digest []byte          `json:"digest,omitempty"` // of the file that it names
}

// RunFilter chooses runs; what is zero does not matter.
type RunFilter struct {
	States   []State
	Playbook string
	Target   string
	Object   string // a natural key that a step of the run is about
	Before   time.Time
	Limit    int
}
