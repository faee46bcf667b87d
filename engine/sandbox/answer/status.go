package answer

// Codes of a status. The server may spell the last one in another way.
const (
	Running   = "running"
	Succeeded = "succeeded"
	Failed    = "failed"
	Cancelled = "cancelled"
)

// Immediate is the status version of a call that was answered at once.
const Immediate = 2

// Status is the envelope of an answer.
type Status struct {
	Error   *Failure
	Token   string // "": null
	Version int64
	Code    string
	Percent any    // a number, nil: null
	Text    string // "": null
	Result  any    // as the value of a Field
	Log     string // "": null
}

// Failure is the error of a status.
type Failure struct {
	Message string
	Details string
}

// BOM is the UTF-8 byte order mark that every JSON answer starts with.
const BOM = "\xEF\xBB\xBF"

// Append appends the text of the envelope: all eight keys, in the server's
// order.
func (s Status) Append(dst []byte) []byte {
	dst = append(dst, BOM...)
	dst = append(dst, "{\r\n  \"error\": "...)
	if s.Error == nil {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, "{\r\n    \"message\": "...)
		dst = appendString(dst, s.Error.Message)
		dst = append(dst, ",\r\n    \"details\": "...)
		dst = appendString(dst, s.Error.Details)
		dst = append(dst, "\r\n  }"...)
	}
	dst = append(dst, ",\r\n  \"token\": "...)
	dst = appendValue(dst, OrNull(s.Token), 1)
	dst = append(dst, ",\r\n  \"statusVersion\": "...)
	dst = appendValue(dst, s.Version, 1)
	dst = append(dst, ",\r\n  \"statusCode\": "...)
	dst = appendString(dst, s.Code)
	dst = append(dst, ",\r\n  \"percentProgress\": "...)
	dst = appendValue(dst, s.Percent, 1)
	dst = append(dst, ",\r\n  \"statusText\": "...)
	dst = appendValue(dst, OrNull(s.Text), 1)
	dst = append(dst, ",\r\n  \"result\": "...)
	dst = appendValue(dst, s.Result, 1)
	dst = append(dst, ",\r\n  \"logOutput\": "...)
	dst = appendValue(dst, OrNull(s.Log), 1)
	return append(dst, "\r\n}"...)
}

// Text returns the text of a bare value, as get-metadata answers it.
func Text(v any) []byte { return appendValue([]byte(BOM), v, 0) }
