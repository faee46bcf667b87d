package journal

import "time"

// Digest is a keyed hash.
type Digest [32]byte

// Once is the function of a step that is no call of a server: step.once. Its Key
// is the name that the playbook gives.
const Once = "step.once"

// Identity says which call a step is, wherever it stands in the playbook.
type Identity struct {
	Target string
	Fn     string
	Key    string // natural key of the object, in clear
	Args   Digest // of the arguments, with the run's key
}

// StepState is how far a step came.
type StepState string

// The states of a step. Only an intent is still open.
const (
	Intended StepState = "intent"  // on disk before the call; what became of it is not recorded
	Done     StepState = "done"    // it took effect
	Refused  StepState = "refused" // the server said no
	Unsent   StepState = "unsent"  // nothing of it reached the server
	Unknown  StepState = "unknown" // it may have taken effect, and nobody can tell
)

// Proof is how the outcome of a step became known.
type Proof string

// The proofs.
const (
	ByReply    Proof = "reply" // of the call itself
	ByRead     Proof = "read"
	ByPresence Proof = "already_there"
	ByResult   Proof = "worker_result"
	ByOperator Proof = "operator"
)

// Step is one changing call of a run, or one step.once.
type Step struct {
	Run   string
	Seq   uint64 // number in its run, from 1, in the order of the intents
	Scope uint64 // 0: the top level
	Identity
	Nth     int      // n-th identical call of the run, from 1
	Names   []string // of the arguments
	Objects []string // that it names beyond Key, where a filter was expanded
	Before  []byte   // what was read before the call; sealed

	Epoch    uint64 // of the run when it was last intended
	Attempt  int    // how often it was intended, from 1
	Intended time.Time

	State    StepState
	Ended    time.Time // zero while it is open
	By       Proof
	Evidence string // what showed the outcome, for people
	Result   []byte // of the call, sealed; nil where there is none
	Error    []byte // JSON of the error, without secrets
}

// StepFilter chooses steps; what is zero does not matter.
type StepFilter struct {
	Run    string
	Seq    uint64 // of one step; needs Run
	States []StepState
	Object string // its Key, or one of its Objects
	Fn     string
	Brief  bool // identity, place, state and attempt only
	Limit  int
}

// Outcome is what became of a step.
type Outcome struct {
	State    StepState
	By       Proof
	Evidence string
	Result   []byte // in clear; Hold seals it
	Error    []byte
}

// Intent is a call that is about to be sent.
type Intent struct {
	Identity
	Names   []string
	Objects []string
	Before  []byte // in clear; Hold seals it
}

// Job is a long-running call that the server works on.
type Job struct {
	Run     string
	Seq     uint64 // number in its run, from 1
	Step    uint64 // that started it; 0: it changes nothing
	Target  string
	Fn      string
	Label   string // what it is about, for people
	Token   string
	Version int64  // newest status version seen
	Status  string // newest status code seen
	Started time.Time
	Ended   time.Time // zero: nobody has seen its end
}

// JobFilter chooses jobs; what is zero does not matter.
type JobFilter struct {
	Run   string
	Open  bool // only those whose end nobody has seen
	Limit int
}
