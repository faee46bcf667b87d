package event

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Description describes one kind of event.
type Description struct {
	Type    string
	Meaning string // a sentence or more
	Fields  []Field
}

// Field is one field of an event's JSON form.
type Field struct {
	Name     string
	Type     string // string, integer, number, boolean or object
	Meaning  string
	Optional bool    // left out when there is nothing to say
	Fields   []Field // of an object whose fields are fixed
}

// Common are the fields that lead every event.
func Common() []Field {
	return []Field{
		{Name: "type", Type: "string", Meaning: "name of the event"},
		{Name: "at", Type: "string", Meaning: "when it happened: RFC 3339, in UTC"},
	}
}

// Descriptions describes all events, in the order in which a run has them.
func Descriptions() []Description {
	return []Description{
		describe(RunStarted{}, "The first event of a run."),
		describe(CallStarted{}, "A call of a server function begins."),
		describe(CallWaiting{}, "A call waits before it is sent, or sent again."),
		describe(JobProgress{}, "One status of a long-running call."),
		describe(CallEnded{}, "A call has ended."),
		describe(MapStarted{}, "A task.map or task.each begins."),
		describe(ItemEnded{}, "One item of a map has ended."),
		describe(MapEnded{}, "A task.map or task.each is over. One that ended early has more items than it began."),
		describe(Log{}, "One line of the playbook's log, or of moonpost's own."),
		describe(Printed{}, "What print wrote: results of the playbook, for standard output."),
		describe(RunEnded{}, "The last event of a run."),
	}
}

func describe(e Event, meaning string) Description {
	return Description{Type: e.Type(), Meaning: meaning, Fields: fieldsOf(reflect.TypeOf(e))}
}

// fieldsOf reads the tags of a struct.
func fieldsOf(t reflect.Type) []Field {
	var fields []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		meaning := f.Tag.Get("doc")
		field := Field{
			Name: name, Type: typeName(f.Type), Meaning: meaning,
			Optional: rest == "omitempty" || strings.Contains(meaning, "left out"),
		}
		if f.Type.Kind() == reflect.Struct {
			field.Fields = fieldsOf(f.Type)
		}
		fields = append(fields, field)
	}
	return fields
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Float64:
		return "number"
	case reflect.Struct:
		return "object"
	}
	if t == reflect.TypeFor[json.RawMessage]() {
		return "object"
	}
	return "integer"
}
