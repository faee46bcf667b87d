package sandbox

import (
	"slices"
	"strings"

	"moonpost/engine/fault"
	"moonpost/engine/sandbox/world"
)

// BehaviourSwitch is a point on which nothing is known for sure about the real
// server, so that it can be set.
type BehaviourSwitch struct {
	Name   string
	Values []string // the first one is the default
	Doc    string   // with the source of what is known
}

// wrongAnswers are the switches that the network layer obeys.
type wrongAnswers struct {
	login200    bool // a wrong login is answered 200 with an error
	function200 bool // so is an unknown function
	notAdmin401 bool // somebody who is no administrator is asked for another login
	noTimeout   bool // get-status without millisecondsTimeout answers at once
	noGet       bool // get-metadata by GET is refused
	latin1      bool // names and passwords of a login are ISO 8859-1
}

// Behaviours returns the switches of Options.Behaviour.
func Behaviours() []BehaviourSwitch {
	return []BehaviourSwitch{
		{"wrong-login", []string{"401", "failed"},
			"Answer to a wrong login: HTTP 401 (vendor's PowerShell library, PRTG sensor) or 200 with an error (vendor's Python wrapper)."},
		{"unknown-function", []string{"404", "failed"},
			"Answer to a function that does not exist: HTTP 404 (PRTG sensor) or 200 with an error."},
		{"non-administrator", []string{"403", "401"},
			"Answer to the right login of a user who is no administrator: HTTP 403 (PRTG sensor, not confirmed) or 401, as for a wrong one."},
		{"login-charset", []string{"utf-8", "latin-1"},
			"Character set of names and passwords in the login. Clients were seen to send UTF-8 and plain ASCII; the server's choice is not known."},
		{"metadata-by-get", []string{"answered", "refused"},
			"get-metadata by GET: a client of SPE 25.3 reads it so; whether a Server takes it is not known."},
		{"missing-timeout", []string{"failed", "answered"},
			"get-status without millisecondsTimeout: an error, by inference from what a client of SPE 25.3 reports, or the status at once."},
		{"cancelled", []string{"cancelled", "canceled", "failed"},
			"Status code of a cancelled job. Worker results spell it cancelled; the envelope was not seen."},
		{"repeated-log", []string{"no", "yes"},
			"Whether a status that is repeated after a time-out repeats its log lines. Not known."},
		{"extra-arguments", []string{"refused", "ignored"},
			"Arguments that a function does not have, and keys that a configuration of the Service Provider Edition does not have. The vendor's PowerShell library refuses them itself; the server's answer is not known."},
		{"include-indexes", []string{"optional", "required"},
			"includeIndexes of VerifyStore: the help's example leaves it out, the reference of 2024 lists it as required."},
		{"new-instance", []string{"stopped", "running"},
			"Whether CreateInstance starts an instance of start mode automatic. Not known."},
		{"unfinished-runs", []string{"hidden", "listed"},
			"Whether GetWorkerResults lists runs of profiles that have not ended (with result running, no id, and completeTime null). Not known."},
		{"statistics", []string{"live", "refreshed"},
			"Whether the counts of GetStores follow every change, or change with RefreshAllStoreStatistics only. Not known."},
		{"existing-backup", []string{"refused", "overwritten"},
			"CreateBackup into a directory that holds a backup already. Not known."},
		{"licence", []string{"counted", "enforced"},
			"Whether users can be created beyond the licence. It is per named user (vendor's blog on licensing, 2016); what the server does is not known."},
	}
}

// parseBehaviour reads NAME=VALUE texts.
func parseBehaviour(texts []string) (world.Behaviour, wrongAnswers, error) {
	chosen := map[string]string{}
	all := Behaviours()
	for _, text := range texts {
		name, value, _ := strings.Cut(text, "=")
		i := slices.IndexFunc(all, func(b BehaviourSwitch) bool { return b.Name == name })
		if i < 0 {
			err := usage("there is no behaviour %q", name)
			names := []string{}
			for _, b := range all {
				names = append(names, b.Name)
			}
			err.Hint = fault.DidYouMean(name, names)
			return world.Behaviour{}, wrongAnswers{}, err
		}
		if !slices.Contains(all[i].Values, value) {
			return world.Behaviour{}, wrongAnswers{},
				usage("behaviour %s is %s, not %q", name, strings.Join(all[i].Values, " or "), value)
		}
		chosen[name] = value
	}
	return world.Behaviour{
			Cancelled:         chosen["cancelled"],
			RepeatLog:         chosen["repeated-log"] == "yes",
			IgnoreExtraArgs:   chosen["extra-arguments"] == "ignored",
			IncludeIndexesReq: chosen["include-indexes"] == "required",
			StartNewInstances: chosen["new-instance"] == "running",
			ListRuns:          chosen["unfinished-runs"] == "listed",
			StaleStatistics:   chosen["statistics"] == "refreshed",
			OverwriteBackup:   chosen["existing-backup"] == "overwritten",
			EnforceLicence:    chosen["licence"] == "enforced",
		}, wrongAnswers{
			login200:    chosen["wrong-login"] == "failed",
			function200: chosen["unknown-function"] == "failed",
			notAdmin401: chosen["non-administrator"] == "401",
			noTimeout:   chosen["missing-timeout"] == "answered",
			noGet:       chosen["metadata-by-get"] == "refused",
			latin1:      chosen["login-charset"] == "latin-1",
		}, nil
}
