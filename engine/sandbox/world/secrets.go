package world

import (
	"strings"

	"moonpost/engine/sandbox/answer"
)

// withoutSecrets returns a copy of the object with null for its passwords, at
// any depth: the server keeps what it was given and answers none of it.
func withoutSecrets(o answer.Object) answer.Object {
	out := make(answer.Object, 0, len(o))
	for _, f := range o {
		if isSecret(f) {
			f.Value = nil
		}
		out = append(out, answer.Field{Key: f.Key, Value: withoutSecretsIn(f.Value)})
	}
	return out
}

func withoutSecretsIn(v any) any {
	switch v := v.(type) {
	case answer.Object:
		return withoutSecrets(v)
	case answer.List:
		out := make(answer.List, len(v))
		for i, item := range v {
			out[i] = withoutSecretsIn(item)
		}
		return out
	}
	return v
}

// isSecret reports whether a key says so. One that is true or false is a choice
// about passwords, as passwordRequired would be.
func isSecret(f answer.Field) bool {
	_, choice := f.Value.(bool)
	key := fold(f.Key)
	return !choice && (strings.Contains(key, "password") || strings.Contains(key, "secret"))
}
