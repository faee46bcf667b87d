// Package values keeps small values of a playbook from one run to the next:
// what state.get and state.set work on. Start at New, or at Memory for a run
// whose values end with it. It knows JSON texts only, and opens nothing before
// it is asked.
package values

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"

	"moonpost/engine/fault"
)

// The limits, in bytes.
const (
	MaxKey   = 200
	MaxValue = 64 << 10 // JSON
	MaxAll   = 1 << 20  // all values of one owner
)

// Owner is whose values they are: the same playbook has others for another
// target or instance.
type Owner struct {
	Playbook string `json:"playbook"` // path of its file, or name of a shipped one
	Target   string `json:"target"`
	Instance string `json:"instance"`
}

// table is values by key.
type table map[string]json.RawMessage

// put sets a value, or removes it where there is none. It refuses what is too
// large, with an error of kind invalid.
func (t table) put(key string, value []byte) error {
	if value == nil {
		delete(t, key)
		return nil
	}
	if len(value) > MaxValue {
		return tooLarge("the value is %d bytes of JSON, want %d at most", len(value), MaxValue)
	}
	t[key] = append(json.RawMessage(nil), value...)
	size := 0
	for k, v := range t {
		size += len(k) + len(v)
	}
	if size > MaxAll {
		return tooLarge("all values together are %d bytes, want %d at most", size, MaxAll)
	}
	return nil
}

func tooLarge(format string, args ...any) error {
	return &fault.Error{
		Kind: fault.Invalid, Message: fmt.Sprintf(format, args...),
		Hint: "state is for small values; write the rest to a file",
	}
}

// CheckKey refuses what is no key, with an error of kind invalid.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey || !utf8.ValidString(key) {
		return &fault.Error{Kind: fault.Invalid, Message: fmt.Sprintf("a key has 1 to %d bytes of UTF-8", MaxKey)}
	}
	return nil
}

// Transient keeps values as long as it lives. It is safe for concurrent use.
type Transient struct {
	mu   sync.Mutex
	kept table
}

// Memory returns a store without values.
func Memory() *Transient { return &Transient{kept: table{}} }

// Get returns the JSON of a value, nil when there is none.
func (m *Transient) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[key], nil
}

// Set keeps a value; nil removes it.
func (m *Transient) Set(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, had := m.kept[key]
	err := m.kept.put(key, value)
	if err != nil {
		delete(m.kept, key)
		if had {
			m.kept[key] = before
		}
	}
	return err
}
