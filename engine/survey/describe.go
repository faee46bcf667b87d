package survey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// describe says what an answer is.
func (p *prober) describe(q question, resp *http.Response, body []byte) []string {
	var says []string
	if challenge := resp.Header.Get("WWW-Authenticate"); challenge != "" {
		says = append(says, p.challenge(challenge))
	}
	if mime, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); slices.Contains([]string{"application/json", "text/html", "text/plain", "application/problem+json"}, mime) {
		says = append(says, "Content-Type "+mime)
	} else {
		says = append(says, "Content-Type "+map[bool]string{true: "none", false: "another"}[mime == ""])
	}
	if q.compress {
		says = append(says, "Content-Encoding "+map[bool]string{true: "gzip", false: "none"}[resp.Header.Get("Content-Encoding") == "gzip"])
		return says
	}
	text, marked := bytes.CutPrefix(body, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimSpace(text)
	switch {
	case len(trimmed) == 0:
		return append(says, "no body")
	case trimmed[0] == '<':
		return append(says, "a web page")
	}
	var envelope map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case json.Unmarshal(text, &list) == nil:
		says = append(says, "a list of "+countOf(len(list)))
		if q.id == "metadata" || p.metadata == nil {
			p.metadata = body
		}
	case json.Unmarshal(text, &envelope) != nil:
		return append(says, "a text that is no JSON")
	default:
		says = append(says, p.envelope(envelope)...)
	}
	if q.id == "envelope" || len(list) > 0 {
		says = append(says, "byte order mark: "+yes(marked), "indent: "+indent(text), "line ends: "+lineEnds(text))
	}
	if q.id == "envelope" {
		says = append(says, "keys in order: "+strings.Join(p.order(text), " "), "length announced: "+yes(resp.ContentLength >= 0))
	}
	return says
}

// envelope says what the fields of an answer are.
func (p *prober) envelope(e map[string]json.RawMessage) []string {
	var code string
	if json.Unmarshal(e["statusCode"], &code) != nil {
		return []string{"an object without statusCode"}
	}
	says := []string{"statusCode " + p.mask.maskCode(code), "statusVersion " + numberOr(e["statusVersion"])}
	var refusal struct {
		Message *string `json:"message"`
		Details *string `json:"details"`
	}
	switch err := json.Unmarshal(e["error"], &refusal); {
	case e["error"] == nil:
		says = append(says, "no key error")
	case string(e["error"]) == "null":
		says = append(says, "error null")
	case err != nil:
		says = append(says, "error is no object")
	default:
		for name, text := range map[string]*string{"message": refusal.Message, "details": refusal.Details} {
			if text != nil {
				says = append(says, "error."+name+": "+maskText(*text))
			}
		}
		slices.Sort(says[2:])
	}
	return says
}

// challenge says how a 401 asks for the login.
func (p *prober) challenge(header string) string {
	scheme, rest, _ := strings.Cut(header, " ")
	if !slices.Contains([]string{"basic", "negotiate", "ntlm", "digest", "bearer"}, strings.ToLower(scheme)) {
		return "a challenge of an unknown scheme"
	}
	_, realm, ok := strings.Cut(rest, `realm="`)
	if !ok {
		return "challenge " + scheme + " without realm"
	}
	realm, _, _ = strings.Cut(realm, `"`)
	return "challenge " + scheme + ", realm: " + p.mask.maskRealm(realm)
}

// order returns the keys of an object in the order in which they stand.
func (p *prober) order(text []byte) []string {
	d := json.NewDecoder(bytes.NewReader(text))
	var keys []string
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var skipped json.RawMessage
		if err != nil || !ok || d.Decode(&skipped) != nil {
			return keys
		}
		keys = append(keys, p.mask.name(name))
	}
	return keys
}

func numberOr(raw json.RawMessage) string {
	var n json.Number
	if json.Unmarshal(raw, &n) != nil || len(n) > 4 {
		return "of another form"
	}
	return n.String()
}

func yes(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }

// indent says how far the first line below the first bracket is set in.
func indent(text []byte) string {
	_, second, ok := bytes.Cut(text, []byte("\n"))
	if !ok {
		return "one line"
	}
	blank := len(second) - len(bytes.TrimLeft(second, " "))
	return fmt.Sprintf("%d blanks", min(blank, 9))
}

func lineEnds(text []byte) string {
	all, crlf := bytes.Count(text, []byte("\n")), bytes.Count(text, []byte("\r\n"))
	switch {
	case all == 0:
		return "none"
	case crlf == all:
		return "CRLF"
	case crlf == 0:
		return "LF"
	}
	return "mixed"
}
