package world

import (
	"encoding/json"
	"strconv"
	"strings"

	"moonpost/engine/sandbox/answer"
)

// config reads the argument config: an object with some of the keys of like,
// which also gives their types and what a key is that was left out or null. The
// result has all keys of like, in its order. Whether the real server refuses
// keys that it does not know is not known; here they are like arguments that a
// function does not have.
func (c *Call) config(like answer.Object) (answer.Object, error) {
	sent, ok := c.JSON("config").(answer.Object)
	if !ok {
		return nil, wrongShape("config")
	}
	return c.fill(like, sent, "")
}

func (c *Call) fill(like, sent answer.Object, path string) (answer.Object, error) {
	out := append(answer.Object{}, like...)
	for _, f := range sent {
		if !like.Has(f.Key) {
			if c.opts.Behaviour.IgnoreExtraArgs {
				continue
			}
			return nil, problem("Unknown property %s.", "Unbekannte Eigenschaft %s.", path+f.Key)
		}
		value, err := c.fit(like.Get(f.Key), f.Value, path+f.Key)
		if err != nil {
			return nil, err
		}
		out = out.With(f.Key, value)
	}
	return out, nil
}

// fit returns a value if it is of the type of like, which null always is.
func (c *Call) fit(like, value any, path string) (any, error) {
	ok := false
	switch like := like.(type) {
	case string:
		_, ok = value.(string)
	case bool:
		_, ok = value.(bool)
	case int64:
		if number, isNumber := value.(json.Number); isNumber {
			n, err := strconv.ParseInt(string(number), 10, 64)
			value, ok = n, err == nil
		}
	case answer.Object:
		if object, isObject := value.(answer.Object); isObject {
			return c.fill(like, object, path+".")
		}
	}
	if value == nil {
		return like, nil
	}
	if !ok {
		return nil, wrongShape(path)
	}
	return value, nil
}

// named returns the text of a key of a configuration that must not be empty.
func named(config answer.Object, key string) (string, error) {
	name := config.Text(key)
	if strings.TrimSpace(name) == "" {
		return "", problem("The property %s must not be empty.", "Die Eigenschaft %s darf nicht leer sein.", key)
	}
	return name, nil
}
