package fault

import "slices"

// Exit codes of the program. They are part of its interface; ExitCodes says what
// each means.
const (
	ExitOK          = 0
	ExitScript      = 1
	ExitUsage       = 2
	ExitItems       = 3
	ExitUnknown     = 4
	ExitState       = 5
	ExitDenied      = 6
	ExitPermission  = 7
	ExitLimit       = 8
	ExitUnreachable = 9
	ExitConflict    = 10
	ExitGuard       = 11
	ExitInternal    = 70
	ExitBusy        = 75
	ExitInterrupted = 130
	ExitTerminated  = 143
)

// ExitInfo says what an exit code means.
type ExitInfo struct {
	Code    int
	Meaning string // a sentence
}

// ExitCodes returns all exit codes by number.
func ExitCodes() []ExitInfo {
	return []ExitInfo{
		{ExitOK, "All went well."},
		{ExitScript, "The playbook or the call failed, or a check found something."},
		{ExitUsage, "The command line is wrong; nothing was done."},
		{ExitItems, "The run came to its end, and some items failed."},
		{ExitUnknown, "The outcome of at least one changing call is not known."},
		{ExitState, "A folder or file that moonpost itself needs is unusable, or a result could not be written."},
		{ExitDenied, "The login or the certificate was refused."},
		{ExitPermission, "Something that is not allowed was refused."},
		{ExitLimit, "A limit of the interpreter was hit."},
		{ExitUnreachable, "The server could not be reached; nothing was sent."},
		{ExitConflict, "A resume was refused, or found conflicts."},
		{ExitGuard, "A call was refused because it looks dangerous."},
		{ExitInternal, "A bug in moonpost."},
		{ExitBusy, "Another moonpost is working on it."},
		{ExitInterrupted, "Ctrl-C ended it."},
		{ExitTerminated, "The system ended it: a termination or hang-up signal."},
	}
}

// Precedence returns the codes from the one that wins over all others down, for
// when several apply.
func Precedence() []int { return slices.Clone(precedence) }

// precedence lists the codes from the one that wins over all others down.
var precedence = []int{
	ExitInterrupted, ExitTerminated, ExitInternal, ExitState, ExitDenied, ExitUnreachable, ExitLimit,
	ExitPermission, ExitConflict, ExitUnknown, ExitScript, ExitGuard, ExitItems,
}

// Worst returns the code that a run ends with when all of codes apply.
func Worst(codes ...int) int {
	for _, code := range precedence {
		if slices.Contains(codes, code) {
			return code
		}
	}
	for _, code := range codes {
		if code != ExitOK {
			return code
		}
	}
	return ExitOK
}
