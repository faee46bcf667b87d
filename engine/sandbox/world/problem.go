package world

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"moonpost/engine/sandbox/answer"
)

// Texts is the language of error messages. What the real server says is mostly
// not known, so nothing may depend on it: tests run all three.
type Texts string

// The languages.
const (
	Vendor Texts = "vendor" // English, in the vendor's words where they are known
	German Texts = "german"
	Random Texts = "random" // words without meaning
)

// Problem is an error of a function: what an administrator reads in
// error.message.
type Problem struct {
	english, german string
	args            []any
}

// problem makes an error from the text in two languages; %s stand for the same
// arguments in both.
func problem(english, german string, args ...any) *Problem {
	return &Problem{english, german, args}
}

// Error returns the English text.
func (p *Problem) Error() string { return fmt.Sprintf(p.english, p.args...) }

func (p *Problem) text(t Texts) string {
	switch t {
	case German:
		return fmt.Sprintf(p.german, p.args...)
	case Random:
		words := []string{"flux", "merino", "latch", "quorum", "ember", "tundra", "violet", "anchor", "sable", "mosaic"}
		rand.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		return strings.Join(words[:4], " ") + "."
	}
	return p.Error()
}

// failure returns the error object: the message, and details that look like a
// .NET stack trace.
func (p *Problem) failure(t Texts, fn string) *answer.Failure {
	message := p.text(t)
	return &answer.Failure{
		Message: message,
		Details: "System.Exception: " + message + "\r\n" +
			"   at MailStore.Management.Api.ApiFunctions." + fn + "(ApiRequest request)\r\n" +
			"   at MailStore.Management.Api.ApiServer.Invoke(ApiRequest request)",
	}
}

// Missing says that an argument is not there, in the server's own words.
func Missing(arg string) *Problem {
	return problem("Missing API argument %s.", "Das API-Argument %s fehlt.", arg)
}

// NotANumber is what .NET says of a number that is none.
func NotANumber() *Problem {
	return problem("Input string was not in a correct format.", "Die Eingabezeichenfolge hat das falsche Format.")
}

// OutOfRange is what .NET says of a number that is too large or too small.
func OutOfRange() *Problem {
	return problem("Specified argument was out of the range of valid values.",
		"Das angegebene Argument liegt außerhalb des gültigen Wertebereichs.")
}

// NoValue is what .NET says when an empty optional value is read.
func NoValue() *Problem {
	return problem("Nullable object must have a value.", "Das Objekt mit Nullwert muss einen Wert haben.")
}

// notFound is what .NET says of a value that its enumeration does not have.
func notFound(value string) *Problem {
	return problem("Requested value '%s' was not found.", "Der angeforderte Wert '%s' konnte nicht gefunden werden.", value)
}

// Given says that an argument was given twice.
func Given(arg string) *Problem {
	return problem("The API argument %s was given more than once.",
		"Das API-Argument %s wurde mehrfach angegeben.", arg)
}

// NoFunction says that there is no such function.
func NoFunction(name string) *Problem {
	return problem("The API function %s does not exist.", "Die API-Funktion %s ist nicht vorhanden.", name)
}

// LoginRefused says that user or password are wrong.
func LoginRefused() *Problem {
	return problem("The user name or the password is wrong.", "Der Benutzername oder das Kennwort ist falsch.")
}

// Injected is the error that a test asked for.
func Injected() *Problem {
	return problem("The operation could not be completed.", "Der Vorgang konnte nicht abgeschlossen werden.")
}
