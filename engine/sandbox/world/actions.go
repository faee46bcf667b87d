package world

import (
	"slices"
	"strings"

	"moonpost/engine/catalogue"
)

// action is what a server job does: a call of one function. It is written as in
// the vendor's Management Shell (help on jobs): the name of the function, then
// --name=value for each argument, in quotes where there are blanks.
type action struct {
	fn   *function
	args []Arg
}

// action reads the text of an action. The function has to be one of the
// edition; what it makes of its arguments shows when the job runs.
func (c *Call) action(text string) (action, error) {
	words, ok := shellWords(text)
	if !ok || len(words) == 0 {
		return action{}, problem("'%s' is not a valid action.", "'%s' ist keine gültige Aktion.", text)
	}
	a := action{fn: c.functions[words[0]]}
	if a.fn == nil {
		return action{}, NoFunction(words[0])
	}
	if a.fn.name == "RunJobAsync" || a.fn.name == "CancelJobAsync" { // two jobs could start each other for ever
		return action{}, problem("The function %s cannot be run by a job.", "Die Funktion %s kann nicht von einem Job ausgeführt werden.", a.fn.name)
	}
	for _, word := range words[1:] {
		name, value, assigned := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		if !strings.HasPrefix(word, "--") || !assigned {
			return action{}, problem("'%s' is not a valid argument of an action.", "'%s' ist kein gültiges Argument einer Aktion.", word)
		}
		a.args = append(a.args, Arg{name, value})
	}
	return a, nil
}

// shellWords cuts a line at blanks that are not in quotes; ok is false when a
// quote is not closed.
func shellWords(line string) (words []string, ok bool) {
	word, begun, quoted := []byte{}, false, false
	for i := range len(line) {
		switch b := line[i]; {
		case b == '"':
			quoted, begun = !quoted, true
		case b == ' ' && !quoted:
			if begun {
				words, word, begun = append(words, string(word)), word[:0], false
			}
		default:
			word, begun = append(word, b), true
		}
	}
	if begun {
		words = append(words, string(word))
	}
	return words, !quoted
}

// perform runs the action of a job as its owner. It counts no effect of its
// own: no client called it. What it needs and is not told it takes from the
// catalogue, as includeIndexes of VerifyStores.
func (c *Call) perform(j *serverJob) (any, error) {
	do, err := c.action(j.Action)
	if err != nil {
		return nil, err
	}
	inner := &Call{World: c.World, caller: j.Owner, archive: c.archive, fn: do.fn, args: do.args, quiet: true}
	for name, value := range catalogue.BehaviourOf(do.fn.name).Defaults {
		if do.fn.index(name) >= 0 && !inner.Has(name) {
			inner.args = append(slices.Clone(inner.args), Arg{name, value})
		}
	}
	if do.fn.index("instanceID") >= 0 && !inner.Has("instanceID") {
		inner.args = append(slices.Clone(inner.args), Arg{"instanceID", c.archive.InstanceID})
	}
	if err := inner.open(); err != nil {
		return nil, err
	}
	if inner.archive != c.archive {
		return nil, problem("A job works in its own instance only.", "Ein Job arbeitet nur in seiner eigenen Instanz.")
	}
	return inner.run()
}
