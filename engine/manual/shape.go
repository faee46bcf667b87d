package manual

import "strings"

// result lays out what a function returns. shape is the notation of the
// catalogue, [{"id":number,"state":"a"|"b"}]; what is not in it is shown as it
// is.
func result(shape string) Param {
	p := Param{Name: "result"}
	r := shapeReader{text: shape}
	if r.value(&p) && r.at == len(r.text) {
		return p
	}
	return Param{Name: "result", Type: "any", About: shape}
}

// shapeReader reads a shape.
type shapeReader struct {
	text string
	at   int
}

func (r *shapeReader) take(token string) bool {
	if strings.HasPrefix(r.text[r.at:], token) {
		r.at += len(token)
		return true
	}
	return false
}

// value reads one shape, or several with | between them, into p.
func (r *shapeReader) value(p *Param) bool {
	var types []string
	for {
		kind, ok := r.one(p)
		if !ok {
			return false
		}
		if kind != "" {
			types = append(types, kind)
		}
		if !r.take("|") {
			break
		}
		if r.take("...") {
			p.About = "there may be other values"
			break
		}
	}
	if len(types) == 0 {
		types = []string{"string"}
		if len(p.Values) == 1 && p.About == "" { // no choice, but how it is written
			p.About, p.Values = p.Values[0], nil
		}
	}
	p.Type = strings.Join(types, " or ")
	return true
}

// one reads a shape and returns its type, "" for a text in quotes, which is one
// of the values of p.
func (r *shapeReader) one(p *Param) (string, bool) {
	switch {
	case r.take("{...}"):
		return "table", true
	case r.take("{"):
		return "table", r.fields(p)
	case r.take("["):
		var element Param
		if !r.value(&element) || !r.take("]") {
			return "", false
		}
		p.Fields, p.Values = element.Fields, element.Values
		return "list of " + element.Type, true
	case r.take(`"`):
		end := strings.IndexByte(r.text[r.at:], '"')
		if end < 0 {
			return "", false
		}
		p.Values = append(p.Values, r.text[r.at:r.at+end])
		r.at += end + 1
		return "", true
	}
	from := r.at
	for r.at < len(r.text) && (r.text[r.at] >= 'a' && r.text[r.at] <= 'z') {
		r.at++
	}
	word := r.text[from:r.at]
	switch word {
	case "string", "number", "date", "guid", "null", "any":
		return word, true
	case "bool":
		return "boolean", true
	}
	return "", false
}

// fields reads the fields of a table up to its end.
func (r *shapeReader) fields(p *Param) bool {
	for {
		if r.take("...") { // and perhaps which
			about, _, _ := strings.Cut(r.text[r.at:], "}")
			if about, _, _ = strings.Cut(about, ","); about != "" {
				r.at += len(about)
			}
			about = strings.TrimSuffix(about, "...")
			if about == "" {
				about = "other fields"
			}
			p.Fields = append(p.Fields, Param{Name: "…", Type: "any", About: about})
		} else {
			var f Param
			if !r.take(`"`) {
				return false
			}
			name, _, ok := strings.Cut(r.text[r.at:], `":`)
			if !ok {
				return false
			}
			f.Name = name
			r.at += len(name) + len(`":`)
			if !r.value(&f) {
				return false
			}
			p.Fields = append(p.Fields, f)
		}
		if r.take("}") {
			return true
		}
		if !r.take(",") {
			return false
		}
	}
}
