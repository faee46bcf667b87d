package catalogue

import "slices"

// Class groups calls by what may be done when the outcome of one is not known.
type Class string

// The classes. Classes says what each means.
const (
	ClassRead         Class = "R"
	ClassSet          Class = "S"
	ClassSetBlind     Class = "S2"
	ClassCreateKeyed  Class = "K"
	ClassDelete       Class = "D"
	ClassMove         Class = "M"
	ClassCreate       Class = "N"
	ClassJobHarmless  Class = "J1"
	ClassJobConverges Class = "J2"
	ClassJobLasting   Class = "J3"
	ClassUnlisted     Class = "X"
)

// ClassInfo says what a class means.
type ClassInfo struct {
	Class Class
	Does  string // what such a call does, a sentence
	Doubt string // what may be done when its outcome is not known, a sentence or more
}

var classes = []ClassInfo{
	{ClassRead, "Reads and changes nothing.", "It may be sent again at any time."},
	{ClassSet, "Sets something that can be read back.",
		"Read it back: equal to what was sent, it is done; as it was before, it may be sent again; anything else is another person's change."},
	{ClassSetBlind, "Sets something that no read shows.",
		"It may be sent once more with the same value, which leads to the same end."},
	{ClassCreateKeyed, "Creates an object that its key names.",
		"Look the object up by its key: if it was absent before and is there now, it is done; if it is still absent, it may be sent again."},
	{ClassDelete, "Deletes an object, or takes it away.",
		"Look the object up: if it is gone, it is done; if it is still the same one, it may be sent again."},
	{ClassMove, "Renames or moves an object.",
		"Look both names up: the old one gone and the new one there, it is done; the other way round, it may be sent again; anything else is for a person to judge."},
	{ClassCreate, "Creates an object that no key names.",
		"Compare with the list from before the call: exactly one new object like it, it is done. Otherwise it is for a person to judge, because a repeat could make a second one."},
	{ClassJobHarmless, "Runs a job that leaves nothing behind.", "It may simply run again."},
	{ClassJobConverges, "Runs a costly job that leads to the same end each time.",
		"See whether it still runs. It may run again where its cost is accepted."},
	{ClassJobLasting, "Runs a job with a lasting effect.",
		"It must not run again by itself. Its results, where the server keeps any, show whether it ran; else it is for a person to judge."},
	{ClassUnlisted, "It is not known what it does.", "It is for a person to judge."},
}

// Classes returns all classes.
func Classes() []ClassInfo { return slices.Clone(classes) }

// Info returns what the class means; one that is not known counts as
// ClassUnlisted.
func (c Class) Info() ClassInfo {
	i := slices.IndexFunc(classes, func(info ClassInfo) bool { return info.Class == c })
	if i < 0 {
		return ClassUnlisted.Info()
	}
	return classes[i]
}
