package command

import (
	"bytes"
	"encoding/json"
	"fmt"

	"moonpost/engine/event"
)

// result returns what is printed: the results of the rows that have one, with
// their numbers, or a summary where changing calls have none.
func (l *leftover) result(list []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var results []json.RawMessage
	if json.Unmarshal(list, &results) == nil {
		var b bytes.Buffer
		for i, result := range results {
			if string(result) != "null" {
				b.WriteString(separator(b.Len() == 0))
				fmt.Fprintf(&b, `{"row":%d,%s}`, i+1, fieldsOf(result))
			}
		}
		switch {
		case b.Len() > 0:
			return append(b.Bytes(), ']')
		case !l.changing:
			return []byte("[]")
		}
	}
	counts := map[string]int{}
	for _, f := range l.fates {
		counts[f.outcome]++
	}
	return fmt.Appendf(nil, `{"rows":%d,"ok":%d,"failed":%d,"unknown":%d}`, len(l.fates),
		counts[event.OutcomeOK], counts[event.OutcomeFailed], counts[event.OutcomeUnknown])
}

func separator(first bool) string {
	if first {
		return "["
	}
	return ","
}

// fieldsOf returns the fields of an object, or any other value as the field
// result.
func fieldsOf(result json.RawMessage) []byte {
	if text := bytes.TrimSpace(result); len(text) > 2 && text[0] == '{' {
		return text[1 : len(text)-1]
	}
	return append([]byte(`"result":`), result...)
}
