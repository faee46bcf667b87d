// Package secret keeps values that must not be shown. Secret is the value:
// whatever prints, logs or encodes it gives "***". Redactor is the last line: a
// filter for every stream that leaves the process, which finds a registered
// secret in the encodings it usually escapes in.
package secret

import (
	"fmt"
	"log/slog"
)

// Mask is what stands where a secret would.
const Mask = "***"

// Secret is a text that only Reveal gives back. The zero Secret is empty.
// Copies share the text.
type Secret struct {
	// A closure, so that fmt verbs, reflection-based encoders and debuggers
	// that walk values meet a code pointer and no text.
	reveal func() string
}

// New returns text as a secret.
func New(text string) Secret {
	return Secret{reveal: func() string { return text }}
}

// Reveal returns the text. Call it only where the text leaves for its one
// purpose: the request that needs it.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String returns the mask.
func (s Secret) String() string { return Mask }

// GoString returns the mask.
func (s Secret) GoString() string { return Mask }

// Format writes the mask for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Mask)) }

// LogValue returns the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Mask) }

// MarshalText returns the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// MarshalJSON returns the mask as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }
