package answer

import "fmt"

// MarshalJSON writes the object with its keys in order, so that a state can be
// saved.
func (o Object) MarshalJSON() ([]byte, error) { return appendValue(nil, o, 0), nil }

// UnmarshalJSON reads what MarshalJSON wrote. Numbers come back as json.Number
// and lists as List, as they do from Parse.
func (o *Object) UnmarshalJSON(text []byte) error {
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	object, ok := v.(Object)
	if !ok && v != nil {
		return fmt.Errorf("want a JSON object, got %.40s", text)
	}
	*o = object
	return nil
}

// Map holds values by name where their order does not matter. Unlike a plain
// map it gives back Objects and Lists when it is read from JSON.
type Map map[string]any

// UnmarshalJSON reads an object.
func (m *Map) UnmarshalJSON(text []byte) error {
	var o Object
	if err := o.UnmarshalJSON(text); err != nil {
		return err
	}
	*m = make(Map, len(o))
	for _, f := range o {
		(*m)[f.Key] = f.Value
	}
	return nil
}
