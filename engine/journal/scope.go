package journal

// ScopeState is how far a scope came.
type ScopeState string

// The states of a scope.
const (
	ScopeOpen      ScopeState = "open"
	ScopeSucceeded ScopeState = "succeeded" // it is not run again
	ScopeFailed    ScopeState = "failed"    // it is run again
)

// Scope is one item of a task.map, or of a map inside it. The top level has
// number 0 and no row.
type Scope struct {
	Run    string
	ID     uint64 // number in its run, from 1; an outer scope has a lower one
	Parent uint64
	Key    string // of the item, else a keyed hash of it
	Nth    int    // n-th scope with this key in its parent, from 1
	State  ScopeState
	Plain  bool   // Value is all that it returned
	Value  []byte // JSON of what it returned, sealed
}

// Read is the recorded answer of a call that changes nothing, made before the
// last recorded step of its scope.
type Read struct {
	Run    string
	Scope  uint64
	Seq    uint64 // the epoch in the upper half, and the number in it and in the scope
	Target string
	Fn     string
	Args   Digest
	Answer []byte // sealed
}

// same reports whether the read answers this call.
func (r *Read) same(q Question) bool {
	return r.Target == q.Target && r.Fn == q.Fn && r.Args == q.Args
}

// Question is a call that changes nothing.
type Question struct {
	Target, Fn string
	Args       Digest
}
