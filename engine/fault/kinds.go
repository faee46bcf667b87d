package fault

import "slices"

// KindInfo says what a kind of error means.
type KindInfo struct {
	Kind     Kind
	Exit     int    // code that a command ends with for an error that nobody caught
	Meaning  string // a sentence
	Advice   string // what to do, a sentence or more
	Playbook bool   // a playbook can meet it
	Fatal    bool   // it ends a run whatever its playbook does: it cannot be caught
}

var kinds = []KindInfo{
	{Usage, ExitUsage, "The command line or the declaration of the playbook is wrong.",
		"Mend what the hint names; nothing was sent.", true, false},
	{Script, ExitScript, "The playbook raised an error of its own, or made a mistake that Lua reports.",
		"Look at the file and line in the message; --verbose shows more.", true, false},
	{Invalid, ExitScript, "An argument or a value is wrong; nothing was sent.",
		"The message names the argument; moonpost doc FUNCTION shows what it takes.", true, false},
	{NotFound, ExitScript, "The object that the call is about does not exist, and a read confirmed it.",
		"Create it first, or go on where its absence is as good.", true, false},
	{Exists, ExitScript, "The object exists already, and a read confirmed it.",
		"Compare it with what was wanted and change what differs.", true, false},
	{Denied, ExitDenied, "The login was refused, or the account lacks the right.",
		"Check user and password. The run ends at once, before a wrong password can lock the account.", true, true},
	{Certificate, ExitDenied, "The certificate of the server was refused; no login was sent.",
		"Compare the fingerprint with that of the server, then trust it with --fingerprint, or its authority with --ca.", true, true},
	{Unreachable, ExitUnreachable, "No request reached the server, so nothing was changed.",
		"Check address, port and firewall, and that the API is switched on: it is off by default.", true, false},
	{Server, ExitScript, "The server answered with an error, or not as a MailStore does.",
		"Read its message; err.details has all that it said.", true, false},
	{Unknown, ExitUnknown, "A changing call was sent, its answer was lost, and whether it took effect is not known.",
		"Look at the server before the call is made again. Catching the error does not mend it: the run still ends with 4.", true, false},
	{Timeout, ExitScript, "A limit in time passed. A job that was left goes on at the server.",
		"err.job, where there is one, can be waited on or cancelled; a longer timeout can be given.", true, false},
	{Cancelled, ExitInterrupted, "The user, a signal, or a failed sibling of the same task.map stopped it.",
		"Clean up and let it pass; after Ctrl-C it cannot be caught.", true, false},
	{Limit, ExitLimit, "A limit of the interpreter was hit: time, memory, or the size of a value.",
		"Work on less at a time, for example on one row instead of the whole file.", true, true},
	{Permission, ExitPermission, "What the playbook wanted is not allowed here, such as a change under --read-only or a file outside its folder.",
		"Allow it on the command line if it is right.", true, false},
	{Internal, ExitInternal, "A bug in moonpost.",
		"Run it again with --verbose and report what it shows.", true, true},
	{State, ExitState, "A folder or file that moonpost itself needs is unusable.",
		"Make room or mend the rights; the message names the place.", false, true},
	{Conflict, ExitConflict, "A resume was refused, or one of its steps conflicts with what was done before.",
		"See what changed in between, then accept it or start anew.", false, false},
	{Guard, ExitGuard, "A guard rail refused a dangerous call.",
		"If it is meant, say so with the flag that the hint names.", false, false},
	{Busy, ExitBusy, "Another moonpost is working on the same thing.",
		"Wait for it to end.", false, false},
	{Items, ExitItems, "The run came to its end, and some of its items failed.",
		"The summary names them; run again for those.", false, false},
	{Findings, ExitScript, "A check or a test found something.",
		"Mend what it lists.", false, false},
}

// Kinds returns all kinds: first those that playbooks meet.
func Kinds() []KindInfo { return slices.Clone(kinds) }

// Info returns what the kind means.
func (k Kind) Info() KindInfo {
	for _, info := range kinds {
		if info.Kind == k {
			return info
		}
	}
	return KindInfo{Kind: k, Exit: ExitScript}
}

// ExitCode returns the exit code that a command ends with for an error of this
// kind that nobody caught.
func (k Kind) ExitCode() int {
	if k == "" {
		return ExitOK
	}
	return k.Info().Exit
}

// Fatal reports whether an error of this kind ends a run whatever its playbook
// does: it cannot be caught.
func (k Kind) Fatal() bool { return k.Info().Fatal }
