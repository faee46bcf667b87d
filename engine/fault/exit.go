package fault

import "slices"

// Exit codes of the program. They are part of its interface.
const (
	ExitOK          = 0
	ExitScript      = 1  // playbook failed, or findings of check, test or drift
	ExitUsage       = 2  // wrong command line
	ExitItems       = 3  // finished, some items failed
	ExitUnknown     = 4  // unknown outcomes left
	ExitState       = 5  // state unusable
	ExitDenied      = 6  // login or certificate refused
	ExitPermission  = 7  // permission denied
	ExitLimit       = 8  // limit hit
	ExitUnreachable = 9  // server unreachable
	ExitConflict    = 10 // resume refused, or conflicts
	ExitGuard       = 11 // guard rail refused
	ExitInternal    = 70 // our bug
	ExitBusy        = 75 // another runner has it
	ExitInterrupted = 130
	ExitTerminated  = 143
)

// ExitCode returns the exit code that a command ends with for an error of this
// kind that nobody caught.
func (k Kind) ExitCode() int {
	switch k {
	case "":
		return ExitOK
	case Usage:
		return ExitUsage
	case Items:
		return ExitItems
	case Unknown:
		return ExitUnknown
	case State:
		return ExitState
	case Denied, Certificate:
		return ExitDenied
	case Permission:
		return ExitPermission
	case Limit:
		return ExitLimit
	case Unreachable:
		return ExitUnreachable
	case Conflict:
		return ExitConflict
	case Guard:
		return ExitGuard
	case Internal:
		return ExitInternal
	case Busy:
		return ExitBusy
	case Cancelled:
		return ExitInterrupted
	}
	return ExitScript
}

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
