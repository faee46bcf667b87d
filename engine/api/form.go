package api

import "strconv"

// text appends name=value, percent-encoded. Names are those of the metadata.
func (e *encoded) text(name, value string) {
	if len(e.form) > 0 {
		e.form = append(e.form, '&')
	}
	e.form = escape(e.form, name)
	e.form = append(e.form, '=')
	e.form = escape(e.form, value)
}

// escape appends text with everything but unreserved characters as %XX.
func escape(b []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// pollForm writes the three arguments of get-status; all are required
// (protocol.md 6).
func pollForm(token string, version int64, wait int64) []byte {
	b := make([]byte, 0, 128)
	b = append(b, "token="...)
	b = escape(b, token)
	b = append(b, "&lastKnownStatusVersion="...)
	b = strconv.AppendInt(b, version, 10)
	b = append(b, "&millisecondsTimeout="...)
	return strconv.AppendInt(b, wait, 10)
}
