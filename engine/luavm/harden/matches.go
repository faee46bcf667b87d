package harden

import "errors"

var errTooManySteps = errors.New("the pattern takes too many steps on this text")

// Matches reports whether a Lua pattern matches somewhere in text. The error
// says what is wrong with the pattern, or that it takes too many steps.
func Matches(text, pattern string) (bool, error) {
	p, err := compile(pattern)
	if err != nil {
		return false, err
	}
	var m matcher
	m.begin(nil, p, text)
	_, end := m.find(0)
	if m.halted != goesOn {
		return false, errTooManySteps
	}
	return end >= 0, nil
}
